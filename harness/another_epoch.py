"""Does `fit` train as the reference does, at each framing's own shapes? The stages ask of one small network alone.

The reference takes over a trained network's weights and its optimizer's moments and step count, and both go on over the same
rows in their order.
"""

from functools import partial
from typing import NamedTuple

import numpy as np

from harness import diagnosis, reference, rounding, settings
from harness.errors import reason
from harness.experiments import ARRAYS, moved_label
from harness.subjects import moments

STEPS = 26  # At most; a letter each, where a batch is one row.
WHEN = "another epoch"
LOSS = "the loss of another epoch"


class Start(NamedTuple):
    """Adam as it was found: steps taken, and both moments, all arrays in one vector."""

    iterations: int
    moments: tuple

    def network(self, given):
        """Return the reference network that goes on from here."""
        network = given.network()
        network.iterations, network.moments = self.iterations, tuple(one.copy() for one in self.moments)
        return network


def observe(network, framing, x, y, iterations):
    """Return {"says": what differs, or that it agrees, "off": units of the largest deviation}; what is raised says so."""
    try:
        units, words = tell(network, framing, x, y, iterations)
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        return {"says": reason(error)}
    return {"says": words, "off": units}


def tell(network, framing, x, y, iterations):
    """Return (units of the largest deviation, what it says) of one more epoch, of at most STEPS batches, through `fit`.

    iterations: training steps that the network has behind it.
    """
    count = min(len(x), STEPS * framing.batch_size)
    weights, numerics = network.weights(), settings.odd(network.defaults())[1]
    start = Start(iterations, _vectors(moments(network.slots(), weights)))
    given = rounding.Given([array.astype("float64") for array in weights], x[:count], y[:count], numerics)
    if framing.stateful:
        network.reset()
    loss = network.fit(x[:count], y[:count], framing.batch_size, shuffle=False)["loss"][0]
    found, floors, steps = {LOSS: np.array(loss)}, {}, -(-count // framing.batch_size)
    for name, before, now in zip(ARRAYS, given.weights, network.weights()):
        label = moved_label(name, WHEN)
        found[label], floors[label] = now - before, rounding.stored(now, steps)
    return diagnosis.tell(found, partial(_another_epoch, framing, start), given, floors)


def _vectors(pairs):
    """Return the first and the second moments, each as one vector."""
    return tuple(np.concatenate([np.ravel(one) for one in arrays]) for arrays in zip(*pairs))


def _another_epoch(framing, start, given):
    """How far each array moves, and the mean loss over the rows."""
    network, states, losses = start.network(given), None, 0.0
    for first in range(0, len(given.x), framing.batch_size):
        place = slice(first, first + framing.batch_size)
        one = network.forward(given.x[place], states)
        network.update(network.gradients(given.look_back(one), given.y[place]))
        losses += reference.loss(one.answers, given.y[place]) * len(one.answers)
        states = given.carry(one.states) if framing.stateful else None
    moved = [now - before for now, before in zip(network.arrays, given.weights)]
    found = {moved_label(name, WHEN): one for name, one in zip(ARRAYS, moved)}
    return dict(found, **{LOSS: np.array(losses / len(given.x))})
