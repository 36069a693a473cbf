"""Faults that change no number: calls that cost more, ever more, keep memory, or trace anew."""

import time

import numpy as np

from harness.faults import plants
from harness.faults.planting import Fault, NoPlaceError

KEPT = 16384  # Numbers of 8 bytes, all written, so that the 128 kB are resident.


def _burn(seconds):
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def _dearer(share):
    """A method whose calls cost this share more CPU seconds."""

    def method(real, this, *words, **named):
        started = time.process_time()
        found = real(this, *words, **named)
        _burn(share * (time.process_time() - started))
        return found

    return method


def _ever_dearer(real, this, *words, **named):
    """A method each of whose calls costs a tenth of the first one more than the call before, as a graph that grows does."""
    started = time.process_time()
    found = real(this, *words, **named)
    this.calls_so_far = getattr(this, "calls_so_far", 0) + 1
    this.first_seconds = min(getattr(this, "first_seconds", 1.0), time.process_time() - started)
    _burn(0.1 * this.calls_so_far * this.first_seconds)
    return found


def _keeping(real, this, *words, **named):
    this.kept_so_far = [*getattr(this, "kept_so_far", []), np.ones(KEPT)]
    return real(this, *words, **named)


def _kept_models(site):
    """A Keras that keeps every model that was compiled."""
    kept = []

    def compiled(real, this, *words, **named):
        kept.append(this)
        return real(this, *words, **named)

    site.around_model("compile", compiled)


def _traced(name, function):
    """Models that forget, before each call of a method, the function that they traced for it."""

    def plant(site):
        if not hasattr(site.keras.models.Model, "make_" + function):
            raise NoPlaceError("models here trace nothing")

        def method(real, this, *words, **named):
            setattr(this, function, None)
            return real(this, *words, **named)

        site.around_model(name, method)

    return plant


def _cost(name, says, stage, plant):
    return Fault(name, "cost", says, (stage,), plant)


def _method(name, says, stage, method, wrapper):
    return _cost(name, says, stage, plants.method(method, wrapper))


COSTS = (
    _method("dearer_predict", "predict is slower by 30 %", "predict", "predict", _dearer(0.3)),
    _method("dearer_fit", "fit is slower by 30 %", "fit", "fit", _dearer(0.3)),
    _method("growing_predict", "each predict is slower than the one before", "seconds_do_not_grow", "predict", _ever_dearer),
    _method("growing_evaluate", "each evaluate is slower than the one before", "seconds_do_not_grow", "evaluate", _ever_dearer),
    _method("leaking_predict", "each predict keeps 128 kB", "memory_does_not_grow", "predict", _keeping),
    _method("leaking_fit", "each fit keeps 128 kB", "memory_does_not_grow", "fit", _keeping),
    _cost("retraced_predict", "each predict traces anew", "nothing_traced_anew", _traced("predict", "predict_function")),
    _cost(
        "retraced_train_on_batch",
        "each train_on_batch traces anew",
        "nothing_traced_anew",
        _traced("train_on_batch", "train_function"),
    ),
    _cost("kept_models", "every model that was compiled stays in memory", "forgotten_models_are_given_back", _kept_models),
)
