"""How far float32 may stray from the reference, and how far a framework did, in units of that.

A stable float32 program gives the exact answer to a question moved by some roundings of what was given (backward error,
Higham, Accuracy and Stability of Numerical Algorithms, 2nd edition, 2002, sections 1.5 and 3.1: a sum of n products by at
most n of them). So everything given is moved by one rounding, at random, in float64, and each number of the answer may stray
FACTOR times as far as it strays then: the longest sums here, over 8 units, 3 steps and 4 gates, stay below 64 roundings.

What one rounding bounds is allowed once: a weight that is written down, and Adam's correction, sqrt(1 - beta_2 ** t), whose
power in float32 makes all weights move too far or not far enough by one part. By that part alone the moments of 48 runs on
TensorFlow 2.21 were off (an eighth of what it allows, in every array), and came to 0.965 of what was allowed without it.
"""

from typing import Callable, NamedTuple

import numpy as np

from harness import reference

UNIT = 2.0**-24  # float32's unit roundoff, Higham section 2.1.
# The largest of so many draws is below 0.8 of a standard deviation twice in a million times (of eight, once in 80: with 900
# numbers in an experiment, a framework's own rounding then came to 0.85 of the tolerance, and would pass it some day).
SAMPLES = 24
FACTOR = 64
TINY = np.finfo(float).tiny
MOVED = ("learning_rate", "beta_1", "beta_2", "epsilon")  # 1 - 0.999 in float32 is off by 1e-5 of itself.


def as_it_is(found):
    """What the reference does with the states between two batches, and with a forward pass before the way back."""
    return found


class Wanted(NamedTuple):
    """What an experiment must give: values, how far each may stray, and what of that is bounded, as by writing it down."""

    values: np.ndarray
    tolerances: np.ndarray
    floors: np.ndarray


class Given(NamedTuple):
    """What an experiment starts from: weights, samples (samples, steps, features), targets and numerics.

    carry: what becomes of the states [h, c] between two batches; look_back: what of the `reference.Pass` backpropagation sees.
    """

    weights: list
    x: np.ndarray
    y: np.ndarray
    numerics: reference.Numerics
    carry: Callable = as_it_is
    look_back: Callable = as_it_is

    def network(self):
        """Return the reference network over these weights."""
        return reference.Network(self.weights, self.numerics)

    def samples(self, places):
        """Return (x, y) of the samples at these places, in float32."""
        return self.x[places].astype("float32"), self.y[places].astype("float32")


def expected(experiment, given, floors=None, size=0.0):
    """Return {label: Wanted} of an experiment, a function from Given to {label: array}.

    floors: {label: array or number} of what the way in which a framework was read adds to the tolerances; size: of what is
    rounded on the way, where that is more than the numbers themselves.
    """
    values, random = experiment(given), np.random.RandomState(0)
    spread = _farthest([experiment(_moved(given, random)) for _ in range(SAMPLES)], values)
    bounded = _farthest([experiment(one) for one in _corrected(given)], values)
    found = {}
    for label, value in values.items():
        floor = bounded[label] + (floors or {}).get(label, 0.0)
        found[label] = Wanted(value, FACTOR * (spread[label] + UNIT * (np.abs(value) + size)) + floor, floor)
    return found


def _farthest(several, values):
    return {label: np.max([np.abs(one[label] - values[label]) for one in several], axis=0) for label in values}


def stored(array, times):
    """Return how far an array may stray, at its size, by being written down in float32 so often."""
    return times * UNIT * np.abs(array)


def _corrected(given):
    """Yield what is given with Adam's correction off by a rounding of the float32 power in it, either way."""
    numerics = given.numerics
    for off in (-1, 1):
        rate = numerics.learning_rate * (1 + off * UNIT / (1 - numerics.beta_2))
        yield given._replace(numerics=numerics._replace(learning_rate=rate))


def _moved(given, random):
    def move(array):
        return array * (1 + UNIT * random.choice([-1.0, 1.0], size=np.shape(array)))

    numerics = given.numerics._replace(**{name: float(move(getattr(given.numerics, name))) for name in MOVED})
    return given._replace(weights=[move(array) for array in given.weights], x=move(given.x), numerics=numerics)


def deviations(found, wanted):
    """Return {label: largest deviation in units of the tolerance}; infinite where shapes differ or a number is not finite.

    Of what is within its tolerance, the bounded part counts on neither side: it cannot pass it, however near it comes.
    """
    return {label: _deviation(found.get(label), wanted[label]) for label in wanted}


def worst(found, wanted):
    """Return the largest of the deviations, in units of the tolerance."""
    return max(deviations(found, wanted).values())


def _is_finite(*several):
    return all(np.all(np.isfinite(one)) for one in several)


def _deviation(found, wanted):
    if found is None or np.shape(found) != np.shape(wanted.values) or not _is_finite(found, *wanted):
        return float("inf")
    difference = np.abs(found - wanted.values)
    # Nothing may stray where nothing can: what is exactly zero stays so.
    units = difference / np.maximum(wanted.tolerances, TINY)
    unbounded = np.maximum(0.0, difference - wanted.floors) / np.maximum(wanted.tolerances - wanted.floors, TINY)
    units = np.where(units > 1, units, np.minimum(1.0, unbounded))
    return float(np.max(units)) if np.size(units) else 0.0
