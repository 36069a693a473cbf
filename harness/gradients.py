"""The gradients that a stack trains by, held against the reference's: two looks of the stages."""

import time
from functools import partial

import numpy as np

from harness import diagnosis, experiments, rounding
from harness.diagnosis import AGREES
from harness.experiments import ARRAYS, rows
from harness.subjects import moments

RATE = 1024.0  # A power of two: a step of plain descent divided by it is the gradient, without another rounding.
# With the reference variables of TensorFlow 1, backpropagation may read a dense kernel that was replaced already. By so small a
# step it is the same kernel; the gradient is read from the momentum then, because weights would round the step away.
SMALL_RATE, MOMENTUM = 2.0**-20, 0.9
# A race shows sometimes: of five runs of ten tries on Keras 2.2.2 two agreed, on Keras 2.0.9 one try in ten does.
FEWEST, REPEATS, MOST, SECONDS = 3, 10, 200, 0.5
WRITTEN = 4  # Times the rounding of a sum that is written down, which is off by one at most.


def descents(backend):
    """Return the optimizers that gradients are read from: of the network that keeps its state, and of the one that does not."""
    return backend.descent(RATE), backend.descent(SMALL_RATE, MOMENTUM)


def implied(told, experiment, given):
    """Return (units, words) of the gradients, of which training told: Adam's moments hold those of every step.

    Where training is the reference's, so are they; where one change of the reference explains all of it, they are what that
    gives, as the experiment of gradients has it. Else nothing is implied: None.
    """
    if told.words == AGREES:
        return told[:2]
    return told.as_if and diagnosis.tell(experiment(told.as_if(given)), experiment, given)


def alone(subjects):
    """Of a network that keeps no state, by steps that no race makes wrong: through `fit`, and through `train_on_batch`.

    A step takes a share of the step before and adds the gradient times the rate (Keras' SGD).
    """
    subject = subjects.descending_alone()
    given = subject.shaken()
    ways = {
        "fit": lambda: subject.ways.train([rows(0)]),
        "train_on_batch": lambda: subject.network.train_on_batch(*given.samples(rows(0))),
    }
    step = [0.0] * len(ARRAYS)
    for way, go in ways.items():
        subject.restart(given)
        go()
        before, step = step, [first for first, _ in moments(subject.network.slots(), given.weights)]
        yield "stateless_gradient", _taken(subject.network.weights(), given.weights, step, way)
        found = {
            experiments.gradient_label(name, way): (MOMENTUM * one - now) / SMALL_RATE
            for name, one, now in zip(ARRAYS, before, step)
        }
        yield "stateless_gradient", diagnosis.tell(found, partial(experiments.gradients_alone, way=way), given)


def _taken(weights, before, step, way):
    """Say whether the weights moved by the step that the optimizer holds, up to what writing them down rounds off."""
    offs = [
        np.max(np.abs(now - was - moved) / np.maximum(rounding.stored(now, WRITTEN), np.finfo(float).tiny))
        for now, was, moved in zip(weights, before, step)
    ]
    units, name = max(zip(offs, ARRAYS))
    words = "{} does not move the {} by the step of its optimizer".format(way, name)
    return float(units), words if units > 1 else AGREES


def kept(subjects):
    """By plain descent, so that every gradient comes through the trainer; of many tries the worst, for some stacks race.

    Few, where operations have one order.
    """
    descending = subjects.descending()
    given = descending.shaken()
    names = [experiments.gradient_label(name, start) for start in experiments.STARTS for name in ARRAYS]
    floors = dict(zip(names, 2 * [rounding.stored(array, 1) / RATE for array in given.weights]))
    wanted = rounding.expected(experiments.gradients, given, floors)
    seconds = SECONDS if subjects.may_race else 0.0
    tries = list(_tries(lambda: dict(zip(names, _steps_down(descending, given))), wanted, seconds))
    units, words = diagnosis.tell(max(tries, key=lambda one: one[0])[1], experiments.gradients, given, floors)
    shown = sum(off > 1 for off, _ in tries)
    yield "gradient", (units, words + _racing(shown, len(tries)))


def _racing(shown, of):
    return ", in {} of {} tries: this stack races".format(shown, of) if 0 < shown < of else ""


def _tries(go, wanted, seconds):
    """Yield (deviation, {label: gradient}) ten times where one differs, else thrice, until time is over or 200 agree."""
    started, is_shown = None, False
    for count in range(MOST):
        if count >= (REPEATS if is_shown else FEWEST) and (is_shown or time.perf_counter() - started > seconds):
            return
        found = go()
        started = started or time.perf_counter()  # After the first, which traces.
        off = rounding.worst(found, wanted)
        is_shown = is_shown or off > 1
        yield off, found


def _steps_down(descending, given):
    """Return what one step takes from each array, from zeros and from the state that the first batch left."""
    found = []
    descending.restart(given)
    for step in range(len(experiments.STARTS)):
        descending.network.set_weights(given.weights)
        descending.ways.train([rows(step)])
        found += [(before - after) / RATE for before, after in zip(given.weights, descending.network.weights())]
    return found
