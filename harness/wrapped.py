"""The clauses of the contract on what a Bidirectional hands on to the layers inside it, and on from them."""

import numpy as np

from harness import reference
from harness.small import EMBEDDED, MORE_LOSS, PLAIN, SAMPLES, STEPS, VOCABULARY, differ, samples, shaken
from harness.walks import BOTH_WAYS

WRAPPED = PLAIN._replace(is_both_ways=True)
FROZEN = EMBEDDED._replace(is_frozen=True)
TOKENS = np.arange(SAMPLES * STEPS).reshape(SAMPLES, STEPS) % VOCABULARY
RATE = 0.25
NORM_OFF = 1e-4  # Of a norm of 1: it is divided by itself and 1e-7. Before the step norms are 0.03 to 1.7.
PENALTY = 0.01  # Of "l2" by its name alone, in every Keras.


def frozen_layers_stay(networks):
    """A bidirectional layer that is frozen (`trainable = False`) keeps its weights through a step; the one behind it learns."""
    network = shaken(networks.backend, WRAPPED, optimizer=networks.backend.descent(RATE))
    network.freeze()
    before = network.weights()
    network.train_on_batch(*samples())
    *inside, dense, bias = [differ(ours, theirs) for ours, theirs in zip(network.weights(), before)]
    if max(inside) > 0:
        return "a step moves {} of {} arrays that are frozen".format(np.count_nonzero(inside), len(inside))
    return None if min(dense, bias) > 0 else "a layer behind one that is frozen does not learn"


def frozen_distributed_layer_stays(networks):
    """A layer in a TimeDistributed that is frozen keeps its weights through a step; the one before it learns."""
    design, (x, y) = PLAIN._replace(every_step=True, is_distributed=True), samples()
    network = shaken(networks.backend, design, optimizer=networks.backend.descent(RATE))
    network.freeze_answer()
    before = network.weights()
    network.train_on_batch(x, np.repeat(y[:, None], STEPS, axis=1))
    *inside, dense, bias = [differ(ours, theirs) for ours, theirs in zip(network.weights(), before)]
    if max(dense, bias) > 0:
        return "a step moves a layer in a TimeDistributed that is frozen"
    return None if min(inside) > 0 else "a layer before one that is frozen does not learn"


def layers_built_frozen_stay(networks):
    """Layers that are frozen when they are made (`trainable=False`) keep their weights through a step; the last one learns."""
    network = shaken(networks.backend, FROZEN, optimizer=networks.backend.descent(RATE))
    before = network.weights()
    network.train_on_batch(TOKENS, samples()[1])
    moved = [array.shape for ours, array in zip(network.weights(), before) if differ(ours, array) > 0]
    learning = [(*FROZEN.units, FROZEN.classes), (FROZEN.classes,)]
    if moved == learning:
        return None
    return "a step moves {} of {} arrays, where {} are not frozen".format(len(moved), len(before), len(learning))


def weights_keep_their_constraints(networks):
    """After a step the weights of both layers in a bidirectional one obey their constraints: a norm of 1 of each column."""
    design = WRAPPED._replace(is_constrained=True)
    network = shaken(networks.backend, design, optimizer=networks.backend.descent(RATE))
    network.train_on_batch(*samples())
    inside = [array for array in network.weights()[:-2] if array.ndim > 1]  # The biases have none.
    off = [float(np.abs(np.linalg.norm(array, axis=0) - 1).max()) for array in inside]
    if max(off) <= NORM_OFF:
        return None
    words = "after a step {} of {} arrays break their constraint: the norm of a column is {:.3g} off 1"
    return words.format(sum(one > NORM_OFF for one in off), len(off), max(off))


def penalties_count_once(networks):
    """The penalties on the weights of both layers in a bidirectional one (`kernel_regularizer`, ...) are in the loss, once."""
    x, y = samples()
    plain = reference.loss(networks.get(BOTH_WAYS).predict(x, SAMPLES), y)
    network = networks.get(WRAPPED._replace(is_penalized=True))
    penalty = PENALTY * sum(float(np.square(array).sum()) for array in network.weights()[:-2])
    found = network.evaluate(x, y, SAMPLES)[0]
    if differ(found, plain + penalty) <= MORE_LOSS:
        return None
    return "evaluate gives a loss of {:.6g}, where {:.6g} and penalties of {:.6g} are right".format(found, plain, penalty)


def penalties_on_answers_count_rows_alike(networks):
    """The penalty on what a layer answers (`activity_regularizer`) counts each row alike, however many are in a batch."""
    x, y = samples()
    plain = networks.get().evaluate(x, y, SAMPLES)[0]
    network = networks.get(PLAIN._replace(is_restrained=True))
    whole, single = (network.evaluate(x, y, size)[0] - plain for size in (SAMPLES, 1))
    if whole <= MORE_LOSS:
        return "a penalty on what a layer answers is not in the loss"
    if differ(whole, single) <= MORE_LOSS:
        return None
    return "a penalty on answers adds {:.3g} to the loss of {} rows at once, and {:.3g} row by row".format(
        whole, SAMPLES, single
    )


CLAUSES = (
    frozen_layers_stay,
    frozen_distributed_layer_stays,
    layers_built_frozen_stay,
    penalties_count_once,
    penalties_on_answers_count_rows_alike,
    weights_keep_their_constraints,
)
