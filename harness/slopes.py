"""The clause of the contract on gradients that the reference has none of: of a network both ways over tokens, and of a GRU."""

import numpy as np

from harness import reference
from harness.small import PLAIN, SAMPLES, STEPS, samples, shaken

TOKENS = PLAIN._replace(units=(6,), vocabulary=6, is_both_ways=True)
ASKED = {"": TOKENS, "of a GRU, ": PLAIN._replace(kind="GRU")}
RATE = 2.0**-8  # A power of two, so that a step divided by it is the gradient, up to what writing the weights rounds off.
LOUD = 2.0  # Times its weights every array's gradient is felt in the loss.
# How far an array is moved, in its norm. By four times as much the kinks of a hard sigmoid alone put the slope off by 7e-3; by
# so little neither they nor the rounding of the loss put it off by more than 2e-4 (TensorFlow 2.21 and 1.15, Keras 2.0.8).
REACH = 2.0**-8
# Of the array's whole slope. RATE leaves a ninth of that to the race of TensorFlow 1 (gradients.py; a GRU on Keras 2.2.2).
OFF = 5e-3
# By two, every other row of a gradient could be missing unseen. By six, of all 190 rows and columns on TensorFlow 2.21, only
# those with less than a thirtieth of their array's gradient.
DIRECTIONS = 6


def gradients_are_slopes(networks):
    """A step of plain descent takes from every array of such networks the slope that the loss has as that array is moved."""
    told = {whose: _off_its_slope(networks.backend, design) for whose, design in ASKED.items()}
    return next((whose + words for whose, words in told.items() if words), None)


def _off_its_slope(backend, design):
    network = shaken(backend, design, optimizer=backend.descent(RATE))
    weights, (x, y) = [LOUD * array for array in network.weights()], asked(design)
    network.set_weights(weights)
    network.train_on_batch(x, y)
    gradients = [(was - now).astype("float64") / RATE for was, now in zip(weights, network.weights())]
    for place, gradient in enumerate(gradients):
        if not gradient.any():
            return "no gradient comes to array {} of {}".format(place + 1, len(weights))
        for direction in _directions(gradient, place):
            moved = [_moved(weights, place, sign * REACH * direction) for sign in (1, -1)]
            slope, told = _rise(network, x, y, moved) / (2 * REACH), float((gradient * direction).sum())
            if not abs(slope - told) <= OFF * np.linalg.norm(gradient):
                words = "of array {} of {} the gradient is {:.3g} in a direction in which the loss rises by {:.3g}"
                return words.format(place + 1, len(weights), told, slope)
    return None


def asked(design=TOKENS):
    """Return (x, y): samples, or tokens (rows, steps) some of which are padding, and one-hot targets."""
    if design.vocabulary is None:
        return samples()
    tokens = np.random.RandomState(6).randint(1, design.vocabulary, (SAMPLES, STEPS))
    tokens[::3, STEPS - 1] = 0
    return tokens, samples()[1]


def _directions(gradient, seed):
    """Yield directions of norm 1: the gradient's own, and others, which show what is missing from it."""
    yield gradient / np.linalg.norm(gradient)
    signs = np.random.RandomState(seed).choice((-1.0, 1.0), (DIRECTIONS - 1, *gradient.shape))
    yield from signs / np.sqrt(gradient.size)


def _moved(weights, place, step):
    return [array + step.astype("float32") if number == place else array for number, array in enumerate(weights)]


def _rise(network, x, y, ends):
    """Return how far the loss at the first weights is above that at the second."""
    losses = []
    for weights in ends:
        network.set_weights(weights)
        losses.append(reference.loss(np.asarray(network.predict_on_batch(x), "float64"), y))
    return losses[0] - losses[1]


CLAUSES = (gradients_are_slopes,)
