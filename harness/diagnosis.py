"""What a deviation looks like: the first of many small changes to the reference that gives what the framework gave."""

from functools import partial
from typing import Callable, NamedTuple, Optional

import numpy as np

from harness import rounding
from harness.reference import BLOCKS
from harness.rounding import as_it_is

AGREES = "agrees"
EPSILONS = (0.0, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 0.1, 1.0)
RATES = (0.0, 1e-4, 2e-4, 5e-4, 9e-4, 0.0011, 0.002, 0.005, 0.01, 0.1)
BETAS_1 = (0.0, 0.5, 0.8, 0.85, 0.95, 0.99, 0.999)
BETAS_2 = (0.0, 0.9, 0.95, 0.98, 0.99, 0.9999)
NEAR = 100.0  # A hypothesis that misses by more, in tolerances of what is right, is not worth tolerances of its own.
NEAREST = 4  # Of so many at most: with all that were near, a race that none explains took 7 of 15 s on TensorFlow 1.13.
SCALE_STEP = 1e-3  # Scales that differ by less are told as one.


def _with(**changes):
    return lambda given: given._replace(numerics=given.numerics._replace(**changes))


def _looking_back(*kept):
    """Backpropagation that reads the states which the batch left, as if it had begun with them."""

    def look_back(one):
        arrays = {name: np.array(getattr(one, name)) for name in kept}
        for array in arrays.values():
            array[0] = array[-1]
        return one._replace(**arrays)

    return lambda given: given._replace(look_back=look_back)


def _carrying(carry):
    return lambda given: given._replace(carry=carry)


def _reordered(order):
    """The gates' weights in another order of blocks."""

    def change(given):
        def reorder(array):
            blocks = dict(zip(BLOCKS, np.split(array, len(BLOCKS), axis=-1)))
            return np.concatenate([blocks[gate] for gate in order], axis=-1)

        return given._replace(weights=[reorder(array) for array in given.weights[:3]] + given.weights[3:])

    return change


def _more_forget_bias(more):
    def change(given):
        kernel, recurrent, bias, *dense = given.weights
        units = len(recurrent)
        return given._replace(weights=[kernel, recurrent, bias + more * (np.arange(4 * units) // units == 1), *dense])

    return change


# What was said, and how a reference that does so is made; the first that explains the deviation is named.
HYPOTHESES = (
    ("the gates were hard sigmoids", _with(gate="hard_sigmoid")),
    ("the gates were sigmoids", _with(gate="sigmoid")),
    ("backpropagation read the states that the batch left", _looking_back("hidden", "cells")),
    ("backpropagation read the hidden state that the batch left", _looking_back("hidden")),
    ("backpropagation read the cell state that the batch left", _looking_back("cells")),
    ("the state were forgotten between batches", _carrying(lambda states: [0 * state for state in states])),
    ("both states were swapped", _carrying(lambda states: states[::-1])),
    ("only the hidden state were kept", _carrying(lambda states: [states[0], 0 * states[1]])),
    ("only the cell state were kept", _carrying(lambda states: [0 * states[0], states[1]])),
    ("the rows' states were mixed up", _carrying(lambda states: [np.roll(state, 1, axis=0) for state in states])),
    ("the rows' states were mixed up", _carrying(lambda states: [state[::-1] for state in states])),
    ("the forget bias were missing", _more_forget_bias(-1.0)),
    ("the forget bias were added twice", _more_forget_bias(1.0)),
    ("the gates stood in the order i, f, o, c", _reordered("ifoc")),
    ("the gates stood in the order f, i, c, o", _reordered("fico")),
    ("the gates stood in the order i, c, f, o", _reordered("icfo")),
    *[("epsilon were {:g}".format(value), _with(epsilon=value)) for value in EPSILONS],
    *[("the learning rate were {:g}".format(value), _with(learning_rate=value)) for value in RATES],
    *[("beta_1 were {:g}".format(value), _with(beta_1=value)) for value in BETAS_1],
    *[("beta_2 were {:g}".format(value), _with(beta_2=value)) for value in BETAS_2],
)


class Told(NamedTuple):
    """Units of the largest deviation, what it says, and the change to what was given by which the reference does so, if any."""

    units: float
    words: str
    as_if: Optional[Callable]


def tell(found, experiment, given, floors=None, size=0.0):
    """Return (units of the largest deviation, what it says): AGREES, or what differs, how much and as if what."""
    return explain(found, experiment, given, floors, size)[:2]


def explain(found, experiment, given, floors=None, size=0.0):
    """Return Told of what was found.

    found: {label: array} as the framework gave it; experiment, floors, size: as `rounding.expected` takes them.
    """
    expected = partial(rounding.expected, experiment, floors=floors, size=size)
    wanted = expected(given)
    units = rounding.deviations(found, wanted)
    worst = max(units.values())
    if worst <= 1:
        return Told(worst, AGREES, as_it_is)
    differing = [label for label in units if units[label] > 1]
    scale = _scale(found, wanted, differing)
    cause, as_if = (scale, None) if scale else _cause(found, wanted, experiment, expected, given)
    by = "{:.3g} times what rounding explains".format(worst) if np.isfinite(worst) else "in shape, or is not finite"
    return Told(worst, "{}{} differs, {}{}".format(differing[0], _more(len(differing) - 1), by, cause), as_if)


def _more(others):
    return " (and {} more)".format(others) if others else ""


def _cause(found, wanted, experiment, expected, given):
    """Return (": as if ...", its change) of the first hypothesis tried that explains everything found, else ("", None).

    A wrong one may leave float's range on its way, a learning rate of 0.1 above all.
    """
    with np.errstate(all="ignore"):
        for words, change in _tried(found, wanted, experiment, given):
            if rounding.worst(found, expected(change(given))) <= 1:
                return ": as if {}".format(words), change
    return "", None


def _tried(found, wanted, experiment, given):
    """Yield what is worth tolerances of its own: what comes within those of what is right, then the NEAREST others."""
    others = []
    for place, hypothesis in enumerate(HYPOTHESES):
        off = _off(found, wanted, experiment(hypothesis[1](given)))
        if off <= 1:
            yield hypothesis
        elif off <= NEAR:
            others.append((off, place))
    yield from (HYPOTHESES[place] for _, place in sorted(others)[:NEAREST])


def _off(found, wanted, values):
    """Return how far off these values are, in units of the tolerances of what is right."""
    return rounding.worst(found, {label: one._replace(values=values[label]) for label, one in wanted.items()})


def _scale(found, wanted, differing):
    """Return ": it is 0.5 times what it should be" where that is all that is wrong with every label that differs."""
    scales = [_scale_of(np.asarray(found[label]), wanted[label]) for label in differing]
    if None in scales or max(scales) - min(scales) > SCALE_STEP * max(1.0, abs(scales[0])):
        return ""
    if abs(scales[0] - 1) < SCALE_STEP:  # Off by so little that to call it a scale would say nothing.
        return ""
    return ": it is zero" if abs(scales[0]) < SCALE_STEP else ": it is {:.3g} times what it should be".format(scales[0])


def _scale_of(found, wanted):
    values = wanted.values
    if found.shape != values.shape or not values.any():
        return None
    scale = float((found * values).sum() / (values * values).sum())
    fits = np.all(np.abs(found - scale * values) <= wanted.tolerances * max(1.0, abs(scale)))
    return scale if fits else None
