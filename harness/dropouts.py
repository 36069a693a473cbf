"""The clause of the contract on dropout: it acts in training alone, on what comes in or on the state, each by its own rate.

Dropout puts zeros in the place of a share of what it acts on, multiplies the rest by 1 / (1 - rate) (Srivastava et al., JMLR
15, 2014, section 10), and keeps its mask over the steps of a sequence (Gal and Ghahramani, NIPS 2016). So where one number
alone can be dropped, a loss is one of a few that the reference tells exactly.
"""

from functools import partial
from itertools import product

import numpy as np

from harness import reference, settings
from harness.small import CLOSE, MORE_LOSS, PLAIN, SAMPLES, differ, samples

KINDS = ("dropout", "recurrent dropout")
DESIGN = PLAIN._replace(features=1, dropout=(0.5, 0.4))  # Two rates, so that neither can stand in the other's place unseen.
GATES = 4  # Keras 2 drops for each gate by itself, Keras 3 for all alike.
LOUD = 4.0  # Times the weights that can be dropped, so that each mask's loss is one of its own.
LONG = 20  # Steps, of which one at least gets another mask, where a mask is not kept, but once in 25,000 times (0.6 ** 20).
SHORT = 2, 3  # Steps that meet two masks of either kind: no state comes into the first.
DRAWS = 40  # The state is kept, or not, so often in a row once in 400 million times (0.6 ** 39).


def dropout_in_training_alone(networks):
    """Dropout, of what comes in and of the recurrent state, acts in training alone, each by its own rate."""
    network, (x, y) = networks.get(DESIGN), samples(DESIGN)
    _, numerics = settings.odd(network.defaults())
    weights = network.weights()
    exact, wanted = _told(weights, numerics, x, y)
    if max(differ(network.predict(x, SAMPLES), exact) for _ in range(2)) > CLOSE:
        return "dropout changes the answers of predict"
    if abs(network.evaluate(x, y, SAMPLES)[0] - wanted) > MORE_LOSS:
        return "dropout changes the loss of evaluate"
    found = [_misdropped(network, _one_alone(weights, place), numerics, place) for place in range(len(KINDS))]
    return "; ".join("{} {}".format(kind, words) for kind, words in zip(KINDS, found) if words)


def _told(weights, numerics, x, y):
    """Return (answers, loss) of the reference."""
    answers = reference.Network(weights, numerics).forward(x).answers
    return answers, reference.loss(answers, y)


def _one_alone(weights, place):
    """Return the weights with which one input (place 0) or the first unit's state (place 1) is all that can be dropped."""
    kernels = [LOUD * np.array(array) for array in weights[:2]]
    kernels[1 - place][:] = 0.0
    kernels[place][1:] = 0.0
    return kernels + list(weights[2:])


def _misdropped(network, weights, numerics, place):
    """Say what is wrong with the dropout of one kind, by weights with which it can drop a single number."""
    network.set_weights(weights)
    own, other = DESIGN.dropout[place], DESIGN.dropout[1 - place]
    losses, by_masks = _drawn(network, LONG), partial(by_mask, weights, numerics, place)
    if _are_among(losses, by_masks(own, LONG)):
        return None if np.ptp(losses) > MORE_LOSS else "drops the same in every call"
    if _are_among(losses, [_told(weights, numerics, *_sample(LONG))[1]]):
        return "does nothing in training"
    if _are_among(losses, by_masks(other, LONG)):
        return "of {} takes the other's rate".format(own)
    short = SHORT[place]
    if _are_among(_drawn(network, short), by_masks(own, short, is_kept=False)):
        return "of {} takes another mask at each step".format(own)
    return "of {} gives losses that no mask of it gives".format(own)


def _sample(steps):
    """Return (x, y) of one sequence."""
    return samples(DESIGN, steps, count=1)


def _drawn(network, steps):
    """Return the losses of training until two of them differ, because their masks do."""
    losses = []
    while len(losses) < DRAWS and np.ptp(losses or [0.0]) <= MORE_LOSS:
        losses += network.fit(*_sample(steps), batch_size=1, shuffle=False)["loss"]
    return losses


def _are_among(losses, among):
    return np.abs(np.subtract.outer(losses, among)).min(axis=1).max() <= MORE_LOSS


def by_mask(weights, numerics, place, rate, steps, is_kept=True):
    """Return the loss of a sequence under every mask of four gates, kept to the end or with another at the last step.

    A mask is 0 for what is dropped, and 1 / (1 - rate).
    """
    masks = list(product((0.0, 1 / (1 - rate)), repeat=GATES))
    pairs = zip(masks, masks) if is_kept else product(masks, masks)
    return np.array([_masked(weights, numerics, place, [first] * (steps - 1) + [last]) for first, last in pairs])


def _masked(weights, numerics, place, masks):
    """Return the loss of a sequence of which each step has a mask of its own."""
    (x, y), states = _sample(len(masks)), None
    for step, mask in enumerate(masks):
        masked = list(weights)
        masked[place] = weights[place] * np.repeat(mask, DESIGN.units[0])
        one = reference.Network(masked, numerics).forward(x[:, step : step + 1], states)
        states = one.states
    return reference.loss(one.answers, y)


CLAUSES = (dropout_in_training_alone,)
