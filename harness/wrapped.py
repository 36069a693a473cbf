"""The clauses of the contract on what a Bidirectional hands on to the layers inside it, and on from them."""

import numpy as np

from harness import clipping, reference
from harness.backend import graphs
from harness.small import CLOSE, EMBEDDED, MORE_LOSS, PLAIN, SAMPLES, SHORT, STEPS, VOCABULARY, alike, differ, samples, shaken
from harness.walks import BOTH_WAYS, HANDING, both

WRAPPED = PLAIN._replace(is_both_ways=True)
FROZEN = EMBEDDED._replace(is_frozen=True)
TOKENS = np.arange(SAMPLES * STEPS).reshape(SAMPLES, STEPS) % VOCABULARY
RATE = 0.25
LARGEST, LOUD = 2.0, 8.0  # The norm of a column, by default; times so much, sixty of 64 columns have more before the step.
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
    design = WRAPPED._replace(constraint="unit_norm")
    network = shaken(networks.backend, design, optimizer=networks.backend.descent(RATE))
    network.train_on_batch(*samples())
    inside = [array for array in network.weights()[:-2] if array.ndim > 1]  # The biases have none.
    off = [float(np.abs(np.linalg.norm(array, axis=0) - 1).max()) for array in inside]
    if max(off) <= NORM_OFF:
        return None
    words = "after a step {} of {} arrays break their constraint: the norm of a column is {:.3g} off 1"
    return words.format(sum(one > NORM_OFF for one in off), len(off), max(off))


def largest_norm_is_kept(networks):
    """After a step no column of a kernel that is told so (`max_norm`) has a norm of more than 2, and some have one of 2."""
    network = shaken(networks.backend, PLAIN._replace(constraint="max_norm"), optimizer=networks.backend.descent(RATE))
    network.set_weights([LOUD * array for array in network.weights()])
    network.train_on_batch(*samples())
    norms = np.concatenate([np.linalg.norm(array, axis=0) for array in network.weights()[:2]])
    if abs(norms.max() - LARGEST) <= NORM_OFF:
        return None
    return "after a step the largest norm of a column is {:.3g}, where {:g} is the most".format(norms.max(), LARGEST)


def penalties_train(networks):
    """A step takes from a weight that has a penalty, beside its gradient, that of the penalty: 0.02 times the weight."""
    plain = clipping.gradient(networks.get())
    network = shaken(networks.backend, PLAIN._replace(is_penalized=True), optimizer=networks.backend.descent(SHORT))
    before = network.weights()
    network.train_on_batch(*samples())
    steps = [(was - now) / SHORT for was, now in zip(before, network.weights())]
    for name, step, gradient, weights in zip(("kernel", "recurrent kernel", "bias"), steps, plain, before):
        wanted = gradient + 2 * PENALTY * weights
        if not alike(step, wanted):
            is_plain = alike(step, gradient)
            words = "a step of a {} that has a penalty is " + ("that of one without" if is_plain else "another than both make")
            return words.format(name)
    return None


def both_ways_begin_apart(networks):
    """The two layers of a bidirectional one begin with weights of their own."""
    *arrays, _, _ = networks.backend.construct(WRAPPED).weights()
    half = len(arrays) // 2
    alike = [name for name, *ways in zip(("kernels", "recurrent kernels"), arrays, arrays[half:]) if differ(*ways) == 0]
    return "both ways begin with the same {}".format(" and ".join(alike)) if alike else None


def both_ways_begin_where_they_are_told(networks):
    """A bidirectional layer that is given states (`initial_state`) begins the way there with the first two of them."""
    (x, _), random = samples(), np.random.RandomState(5)
    states = [random.uniform(-1, 1, (SAMPLES, *HANDING.units)).astype("float32") for _ in "hchc"]
    network = networks.assembled(graphs.both_ways_from_states)
    *arrays, dense, bias = network.weights()
    half, units = len(arrays) // 2, len(dense) // 2
    alone = networks.get(HANDING)
    alone.set_weights([*arrays[:half], dense[:units], bias])
    there = alone.go_on(x, states[:2])[0]
    alone.set_weights([*arrays[half:], dense[units:], 0 * bias])
    back = alone.go_on(x[:, ::-1], states[2:])[0]
    off = differ(network.predict([x, *states], SAMPLES), both(there, back))
    return None if off <= CLOSE else "both ways from given states end {:.3g} away from where these lead each way".format(off)


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
    penalties_train,
    penalties_on_answers_count_rows_alike,
    weights_keep_their_constraints,
    largest_norm_is_kept,
    both_ways_begin_apart,
    both_ways_begin_where_they_are_told,
)
