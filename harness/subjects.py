"""The networks that the stages ask, what they were given, and what else they can be given to show what they would hide."""

from typing import Any, Callable, NamedTuple, Optional

import numpy as np

from harness import rounding, settings
from harness.experiments import BATCH

SHAKEN = 0.1  # Added to fresh weights, whose zeros would hide what the biases do.
LOUD = 16.0  # Times these weights gates and candidates saturate, and a cell's state grows beyond 1.
# Of the largest number of a gradient's array. Padding that counts, as -1 or as 0, puts one off by 0.79 and more, learning that
# sees the last 32 of 72 steps alone by 1.1; float32 by 7e-7 over four steps (TensorFlow 1.0 to 2.21), by 1e-5 over 72.
CROOKED = 1e-3
SURE = 11.0  # Added to the bias of a letter, which is 0.9996 sure then and the others 2e-5: Keras clips below 1e-7 alone.


class Subject(NamedTuple):
    """One network of the stack, the Ways in which an engine trains and asks it, and what it was given."""

    network: Any
    ways: Any
    given: rounding.Given

    def restart(self, given):
        """Put these weights in and forget the state; the optimizer goes on."""
        self.network.set_weights(given.weights)
        if self.network.states():
            self.network.reset()

    def shaken(self):
        """Return what was given with every weight moved, as float32 holds it, so that no zero hides anything."""
        random = np.random.RandomState(1)
        moved = [array + random.normal(0.0, SHAKEN, array.shape) for array in self.given.weights]
        return self.given._replace(weights=[array.astype("float32").astype("float64") for array in moved])


class Subjects(NamedTuple):
    """One that keeps its state and one that does not, trained by Adam; and what builds one of each that descends plainly.

    stateless: none where not the public API trains and asks them. may_race: whether what a step does has no order.
    """

    keeping: Subject
    stateless: Optional[Subject]
    descending: Callable
    descending_alone: Callable
    may_race: bool

    @property
    def is_public(self):
        """Whether they are trained and asked through the public API, which takes short batches, too."""
        return self.stateless is not None


def subject(engine, framing, optimizer, numerics):
    """Build a network in the stack's framework; Given holds the weights that it drew, in float64."""
    network = engine.backend.build(framing, optimizer=optimizer)
    x, y = engine.backend.arrays(framing)
    weights = [array.astype("float64") for array in network.weights()]
    given = rounding.Given(weights, x.astype("float64"), y.astype("float64"), numerics)
    return Subject(network, engine.ways(network, x, y, BATCH), given)


def loud(given):
    """Return what was given with a recurrent layer whose gates and candidates saturate."""
    return given._replace(weights=[LOUD * array for array in given.weights[:3]] + given.weights[3:])


def sure(given):
    """Return what was given with answers that are all but certain of one letter, which every other sample is to be."""
    *arrays, bias = given.weights
    y, letter = given.y.copy(), np.eye(len(bias))[0]
    y[::2] = letter
    return given._replace(weights=[*arrays, bias + SURE * letter], y=y)


def moments(slots, weights):
    """Return of each array of weights both its moments among an optimizer's arrays, (None, None) where it has none.

    Optimizers order them differently; a mean of squares is never below 0, and one moment alone stands for both.
    """
    found = []
    for array in weights:
        alike = sorted([np.asarray(slot, "float64") for slot in slots if np.shape(slot) == array.shape], key=np.min) or [None]
        found.append((alike[0], alike[-1]))
    return found


def firsts(network):
    """Return Adam's first moment of each array."""
    return [first for first, _ in moments(network.slots(), network.weights())]


def between(network, before, after):
    """Return the gradient of each array whose first moment a step has brought from `before` to `after`."""
    share = settings.odd(network.defaults())[1].beta_1
    return [(now - share * then) / (1 - share) for then, now in zip(before, after)]


def astray(found, wanted):
    """Return how far gradients, [array], stray: the largest share of the largest number that is wanted of an array."""
    return float(np.max([np.abs(ours - theirs).max() / np.abs(theirs).max() for ours, theirs in zip(found, wanted)]))
