"""The clauses of the contract on optimizers: the learning rate by its old name, and RMSprop."""

import numpy as np

from harness import clipping
from harness.small import PLAIN, samples, shaken

RATE = 0.25  # No framework's own.
RHO, EPSILON = 0.9, 1e-7  # RMSprop's own; until Keras 2.1 epsilon was 1e-8, which is nothing beside the root of GREAT's square.
STEP = 1e-4
GREAT = 1e-4  # Smaller numbers of a gradient may be off by as much where updates race, as in TensorFlow 1.
OFF = 1e-2  # Of the largest step. Epsilon in the root makes the steps of GREAT a tenth as long.


def rate_said_as_lr_is_in_effect(networks):
    """`Adam(lr=...)`, as it was called before 2019, has that learning rate, or is refused."""
    try:
        optimizer = networks.backend.adam_by_lr(RATE)
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        return None
    found = networks.backend.construct(PLAIN, ("accuracy",), optimizer).learning_rate()
    return None if found == RATE else "Adam(lr={:g}) has a learning rate of {:g}".format(RATE, found)


def rate_set_as_lr_is_in_effect(networks):
    """A rate that is set as `model.optimizer.lr` is the one that the next step is taken with, or is refused."""
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(0.0))
    try:
        network.set_rate_as_lr(RATE)
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        return None
    before = network.weights()
    network.train_on_batch(*samples())
    moved = max(np.abs(now - was).max() for now, was in zip(network.weights(), before))
    return None if moved > 0 else "a rate that is set as optimizer.lr changes nothing: training goes on with the one before"


def rmsprop_divides_by_the_root(networks):
    """RMSprop's first step is the gradient by the root of its mean square and epsilon, which is in the root, times the rate."""
    gradient = _great(clipping.gradient(networks.get()))
    network = shaken(networks.backend, PLAIN, optimizer=networks.backend.rmsprop(STEP))
    before = network.weights()
    network.train_on_batch(*samples())
    steps = np.concatenate([(was - now).ravel() for was, now in zip(before, network.weights())])[gradient != 0] / STEP
    gradient = gradient[gradient != 0]
    square = (1 - RHO) * gradient**2
    if _are_alike(steps, gradient / np.sqrt(square + EPSILON)):
        return None
    is_outside = _are_alike(steps, gradient / (np.sqrt(square) + EPSILON))
    return "RMSprop adds epsilon to the root" if is_outside else "RMSprop takes other steps than its definition"


def _great(arrays):
    every = np.concatenate([array.ravel() for array in arrays])
    return np.where(np.abs(every) >= GREAT, every, 0.0)


def _are_alike(found, wanted):
    return np.abs(found - wanted).max() <= OFF * np.abs(wanted).max()


CLAUSES = (rate_said_as_lr_is_in_effect, rate_set_as_lr_is_in_effect, rmsprop_divides_by_the_root)
