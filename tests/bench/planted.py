"""A pytest plugin that makes one way to call the framework dearer: HARNESS_PLANTED names it, `predict` or `fit`.

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
        ended = time.perf_counter()
        while time.perf_counter() < ended + SHARE * (ended - started):
            pass
        return given

    return call


def pytest_configure():
    """Plant it where one is named."""
    name = os.environ.get(VARIABLE)
    if name:
        setattr(networks.Network, name, dearer(getattr(networks.Network, name)))
