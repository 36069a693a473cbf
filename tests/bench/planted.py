"""A pytest plugin that makes one way to call the framework dearer: HARNESS_PLANTED names it, one of PLANTS.

Loaded by `tests.bench.slower` beside the harness's own, inside an environment under test.
"""

import os
import time

from harness.backend import networks

SHARE = 0.1
VARIABLE = "HARNESS_PLANTED"


def dearer(real):
    """Return the call with a tenth of its own seconds spent once more."""

    def call(*words, **named):
        started = time.perf_counter()
        given = real(*words, **named)
        _spend(SHARE * (time.perf_counter() - started))
        return given

    return call


def dearer_epochs(real):
    """Return what makes the callbacks of `fit`, with a tenth of each epoch's seconds spent once more before its end is told."""

    def call(this, on_epoch, on_batch):
        began = [time.perf_counter()]

        def ended(epoch):
            _spend(SHARE * (time.perf_counter() - began[0]))
            on_epoch(epoch)
            began[0] = time.perf_counter()

        return real(this, on_epoch and ended, on_batch)

    return call


def _spend(seconds):
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        pass


# By name, the method of a network that is replaced, and by what.
PLANTS = {
    "predict": ("predict", dearer),
    "fit": ("fit", dearer),
    "epoch": ("_callbacks", dearer_epochs),
    "evaluate": ("evaluate", dearer),
}


def pytest_configure():
    """Plant it where one is named."""
    name = os.environ.get(VARIABLE)
    if name:
        method, plant = PLANTS[name]
        setattr(networks.Network, method, plant(getattr(networks.Network, method)))
