"""The questions of the stages as the reference answers them: each takes a `rounding.Given` and returns {label: array}."""

import numpy as np

from harness import framings, reference

DESIGN = framings.STAGES
BATCH = DESIGN.batch_size
ARRAYS = ("kernel", "recurrent kernel", "bias", "dense kernel", "dense bias")
EPOCH = framings.steps_per_epoch(DESIGN)
CALLS = (1, 1, EPOCH - 2, EPOCH)  # Training steps in each call that the optimizer is watched over: two epochs.
MORE = 2  # Epochs in one call after these, between which nothing is forgotten.
ALONE = 2 * BATCH + 1  # Samples asked of a network that keeps nothing; the last batch is a short one.
EPOCHS_ALONE = (1, 2)  # Epochs in each call in which that network is trained.
EPOCH_ALONE = -(-ALONE // BATCH)  # Steps in each of them.
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


def at_once(given):
    """The answers to two batches, the second from the state that the first left."""
    start = given.network().forward(given.x[rows(0)])
    then = given.network().forward(given.x[rows(1)], given.carry(start.states))
    return {"the answers to two batches in one call": np.concatenate([start.answers, then.answers])}


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


def gradients_alone(given, way):
    """The gradient of each array over the first batch of a network that keeps no state."""
    network, chosen = given.network(), rows(0)
    gradient = network.gradients(given.look_back(network.forward(given.x[chosen])), given.y[chosen])
    parts = reference.views(gradient, [array.shape for array in given.weights])
    return {gradient_label(name, way): part for name, part in zip(ARRAYS, parts)}


def updates_alone(given):
    """How far each array has moved, and the loss of each epoch, after each call of EPOCHS_ALONE; then a step more.

    Of that how far each has moved, and both moments at the end.
    """
    network, found, epoch = given.network(), {}, 0
    for count in EPOCHS_ALONE:
        for _ in range(count):
            epoch += 1
            found[epoch_label(epoch)] = np.array(_epoch(network, given))
        found.update(_moved(network, given, "epoch {}".format(epoch)))
    _step(network, given, rows(0))
    found.update(_moved(network, given, "train_on_batch"))
    return dict(found, **_moments(network, given))


def _moved(network, given, when):
    moved = [now - start for now, start in zip(network.arrays, given.weights)]
    return {moved_label(name, when): one for name, one in zip(ARRAYS, moved)}


def _step(network, given, place, states=None):
    """Train one step on the samples at `place` from given states, and return its Pass."""
    one = network.forward(given.x[place], states)
    network.update(network.gradients(given.look_back(one), given.y[place]))
    return one


def _epoch(network, given):
    """Train one epoch and return its loss: the mean over samples, not over batches."""
    losses = 0.0
    for first in range(0, ALONE, BATCH):
        place = slice(first, min(first + BATCH, ALONE))
        one = _step(network, given, place)
        losses += reference.loss(one.answers, given.y[place]) * len(one.answers)
    return losses / ALONE


def updates(given):
    """How far each array has moved after each call of CALLS, and both of the optimizer's moments after the last."""
    network, found = given.network(), {}
    for step, _ in _calls(network, given):
        found.update(_moved(network, given, "step {}".format(step)))
    return dict(found, **_moments(network, given))


def _moments(network, given):
    found, shapes = {}, [array.shape for array in given.weights]
    for order, moments in zip(("first", "second"), network.moments):
        named = zip(ARRAYS, reference.views(moments, shapes))
        found.update((moment_label(order, name), one) for name, one in named)
    return found


def losses(given):
    """The mean loss of the steps of each call of CALLS, two epochs and a reset between them, and of each epoch of MORE."""
    return {loss_label(step): np.array(loss) for step, loss in _calls(given.network(), given, (*CALLS, *MORE * (EPOCH,)))}


def _calls(network, given, calls=CALLS):
    """Train so many steps in each call, and yield (steps so far, mean loss of this call's steps) after each."""
    step, states = 0, None
    for count in calls:
        found = []
        if step == EPOCH:
            states = None
        for place in map(rows, range(step, step + count)):
            one = _step(network, given, place, states)
            found.append(reference.loss(one.answers, given.y[place]))
            states = given.carry(one.states)
        step += count
        yield step, np.mean(found)


def gradient_label(name, start):
    """What the gradient of an array is called."""
    return "the gradient of the {} from {}".format(name, start)


def moved_label(name, when):
    """What the change of an array since the start is called."""
    return "the {} after {}".format(name, when)


def moment_label(order, name):
    """What the optimizer's moments of an array are called."""
    return "the {} moments of the {}".format(order, name)


def loss_label(step):
    """What the loss of the call, or the epoch, that ends with this step is called."""
    return "the loss up to step {}".format(step)


def epoch_label(epoch):
    """What the loss of an epoch is called."""
    return "the loss of epoch {}".format(epoch)


def states(given, ways):
    """Both states after two batches through each of these ways, and after a reset; of `evaluate` the second batch's loss."""
    network, (first, then) = given.network(), (rows(step) for step in range(len(STARTS)))
    kept = network.forward(given.x[first]).states
    second = network.forward(given.x[then], given.carry(kept))
    found = labelled("after a reset", [0 * state for state in kept])
    for way in ways:
        for start, states_then in zip(STARTS, (kept, second.states)):
            found.update(labelled("after {} from {}".format(way, start), states_then))
    if "evaluate" in ways:
        found["the loss of evaluate from a kept state"] = np.array(reference.loss(second.answers, given.y[then]))
    return found


def labelled(when, both):
    """Return {label: array} of the hidden and the cell state at that moment."""
    return dict(zip(("the hidden state " + when, "the cell state " + when), both))


def accuracy(given):
    """The accuracy that `evaluate` gives: the share of samples whose likeliest letter is the right one."""
    answers = given.network().forward(given.x[:ALONE]).answers
    return {"the accuracy of evaluate": np.array(reference.right(answers, given.y[:ALONE]))}
