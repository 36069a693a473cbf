"""The questions of the stages as the reference answers them: each takes a `rounding.Given` and returns {label: array}."""

import numpy as np

from harness import framings, reference

DESIGN = framings.STAGES
BATCH = DESIGN.batch_size
ARRAYS = ("kernel", "recurrent kernel", "bias", "dense kernel", "dense bias")
EPOCH = framings.steps_per_epoch(DESIGN)
CALLS = (1, 1, EPOCH - 2, EPOCH)  # Training steps in each call that the optimizer is watched over: two epochs.
ALONE = 2 * BATCH + 1  # Samples asked of a network that keeps nothing; the last batch is a short one.
STARTS = ("zeros", "a kept state")


def rows(step):
    """Return the places of the samples of one step, 0 being the first; after an epoch they begin again."""
    first = step % EPOCH * BATCH
    return np.arange(first, first + BATCH)


def forward(given):
    """The answers (batch, classes) and both states (batch, units) from zeros, and from the state that the first batch left."""
    found, states, network = {}, None, given.network()
    for step, start in enumerate(STARTS):
        one = network.forward(given.x[rows(step)], states)
        found["the answers from " + start] = one.answers
        found["the hidden state from " + start], found["the cell state from " + start] = one.states
        states = given.carry(one.states)
    return found


def alone(given):
    """The answers of a network that keeps no state, in batches of which the last is short."""
    return {"the answers without a state": given.network().forward(given.x[:ALONE]).answers}


def loss(given):
    """The loss of a training step from zeros: the mean of -log p over the batch."""
    answers = given.network().forward(given.x[rows(0)]).answers
    return {"the loss of a training step": np.array(reference.loss(answers, given.y[rows(0)]))}


def evaluated(given):
    """The loss that `evaluate` gives over batches of which the last is short: the mean over samples, not over batches."""
    answers = given.network().forward(given.x[:ALONE]).answers
    return {"the loss of evaluate": np.array(reference.loss(answers, given.y[:ALONE]))}


def gradients(given):
    """The gradient of each array, from zeros and from the state that the first batch left."""
    found, states, network = {}, None, given.network()
    for step, start in enumerate(STARTS):
        one = network.forward(given.x[rows(step)], states)
        parts = reference.views(
            network.gradients(given.look_back(one), given.y[rows(step)]), [array.shape for array in given.weights]
        )
        found.update((gradient_label(name, start), part) for name, part in zip(ARRAYS, parts))
        states = given.carry(one.states)
    return found


def updates(given):
    """How far each array has moved after each call of CALLS, and both of the optimizer's moments after the last."""
    network, found = given.network(), {}
    for step, _ in _calls(network, given):
        moved = [now - start for now, start in zip(network.arrays, given.weights)]
        found.update((moved_label(name, step), one) for name, one in zip(ARRAYS, moved))
    shapes = [array.shape for array in given.weights]
    for order, moments in zip(("first", "second"), network.moments):
        named = zip(ARRAYS, reference.views(moments, shapes))
        found.update((moment_label(order, name), one) for name, one in named)
    return found


def losses(given):
    """The mean loss of the steps of each call of CALLS: two epochs, and a reset between them."""
    return {loss_label(step): np.array(loss) for step, loss in _calls(given.network(), given)}


def _calls(network, given):
    """Train two epochs and yield (steps so far, mean loss of this call's steps) after each call."""
    step, states = 0, None
    for count in CALLS:
        found = []
        if step == EPOCH:
            states = None
        for place in map(rows, range(step, step + count)):
            one = network.forward(given.x[place], states)
            network.update(network.gradients(given.look_back(one), given.y[place]))
            found.append(reference.loss(one.answers, given.y[place]))
            states = given.carry(one.states)
        step += count
        yield step, np.mean(found)


def gradient_label(name, start):
    """What the gradient of an array is called."""
    return "the gradient of the {} from {}".format(name, start)


def moved_label(name, step):
    """What the change of an array since the start is called."""
    return "the {} after step {}".format(name, step)


def moment_label(order, name):
    """What the optimizer's moments of an array are called."""
    return "the {} moments of the {}".format(order, name)


def loss_label(step):
    """What the loss of the call that ends with this step is called."""
    return "the loss up to step {}".format(step)


def states(given):
    """Both states after a batch through each way of the framework, and after a reset."""
    hidden, cell = given.network().forward(given.x[rows(0)]).states
    found = {}
    for way in ("answering", "training", "evaluate"):
        found["the hidden state after " + way], found["the cell state after " + way] = hidden, cell
    found["the hidden state after a reset"], found["the cell state after a reset"] = 0 * hidden, 0 * cell
    return found


def accuracy(given):
    """The accuracy that `evaluate` gives: the share of samples whose likeliest letter is the right one."""
    answers = given.network().forward(given.x[:ALONE]).answers
    return {"the accuracy of evaluate": np.array(reference.right(answers, given.y[:ALONE]))}
