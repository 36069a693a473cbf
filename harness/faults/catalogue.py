"""The faults: each is one sentence that a release note could hold, what it does, and the stages that should name it."""

import numpy as np

from harness.faults import keeping, plants
from harness.faults.planting import Fault

PADDERS = (("utils", "pad_sequences"), ("preprocessing.sequence", "pad_sequences"))
ENCODERS = (("utils", "to_categorical"), ("utils.np_utils", "to_categorical"))
SEEDERS = (("utils", "set_random_seed"),)
SEEDED = ("initial_weights",)
GRADIENT = ("stateless_gradient", "gradient")


def _default(name, says, kind, stages=("defaults",), **changes):
    return Fault(name, "default", says, stages, plants.settings(kind, **changes))


def _draw(name, says, **changes):
    return _default(name, says, "lstm", ("initial_weights",), **changes)


DEFAULTS = (
    _default("hard_sigmoid_gates", "the gates are hard sigmoids", "lstm", recurrent_activation="hard_sigmoid"),
    _default("relu_candidates", "the candidate and the output go through a relu", "lstm", activation="relu"),
    _default("no_forget_bias", "the forget gate's bias starts at 0", "lstm", unit_forget_bias=False),
    _default("no_bias", "the gates have no bias", "lstm", use_bias=False),
    _default("backwards", "sequences are read from their end", "lstm", go_backwards=True),
    _default("dropout_on", "a fifth of what comes in is dropped in training", "lstm", dropout=0.2),
    _default("recurrent_dropout_on", "a fifth of the state is dropped in training", "lstm", recurrent_dropout=0.2),
    _default("fast", "the learning rate is 0.01", "adam", learning_rate=0.01, lr=0.01),
    _default("large_epsilon", "Adam's epsilon is 0.001", "adam", epsilon=1e-3),
    _default("small_beta_1", "Adam's beta_1 is 0.8", "adam", beta_1=0.8),
    _default("small_beta_2", "Adam's beta_2 is 0.99", "adam", beta_2=0.99),
    _default("amsgrad_on", "Adam is AMSGrad", "adam", amsgrad=True),
    _default("decaying", "the weights decay, or the learning rate does", "adam", weight_decay=0.01, decay=0.01),
    _default("clipped_norm", "gradients are clipped to a norm of 0.01", "adam", clipnorm=0.01),
    _draw("normal_kernel", "kernels are drawn from a normal distribution", kernel_initializer="glorot_normal"),
    _draw("he_kernel", "kernels are drawn as He drew them", kernel_initializer="he_uniform"),
    _draw("glorot_recurrent", "the recurrent kernel is not orthogonal", recurrent_initializer="glorot_uniform"),
    _draw("bias_of_ones", "all biases start at 1", bias_initializer="ones"),
)


def _half(real, *words, **named):
    return real(*words, **named).astype("float16")


def _at_least(p, least):
    return (p + least + abs(p - least)) / 2  # Of a tensor of any framework.


def _clipped_cells(old, new):
    return [new[0], np.clip(new[1], -1, 1)]


def _padded_after(real, *words, **named):
    return real(*words, **dict(named, padding="post"))


def _cut_at_end(real, *words, **named):
    return real(*words, **dict(named, truncating="post"))


def _counted(real, labels, *words, **named):
    return real(labels)


def _shifted(real, *words, **named):
    return np.roll(real(*words, **named), 1, axis=-1)


def _numbers(name, says, stage, plant):
    return Fault(name, "numbers", says, (stage,), plant)


NUMBERS = (
    _numbers("louder", "the LSTM gives on a thousandth too much", "forward", plants.call("LSTM", behind=lambda h: h * 1.001)),
    _numbers("louder_inputs", "the LSTM takes in a thousandth too much", "forward", plants.call("LSTM", lambda x: x * 1.001)),
    _numbers("warm_softmax", "the softmax has a temperature of 1.01", "forward", plants.call("Dense", lambda h: h / 1.01)),
    _numbers("half_answers", "answers are rounded to half precision", "forward", plants.method("predict", _half)),
    _numbers("label_smoothing", "targets are smoothed", "loss", plants.loss(lambda y, p: (y * 0.99 + 0.0004, p))),
    _numbers(
        "timid_loss", "the loss sees answers drawn to the middle", "loss", plants.loss(lambda y, p: (y, p * 0.99 + 0.0004))
    ),
    _numbers("clipped_loss", "the loss sees no answer below 0.001", "loss", plants.loss(lambda y, p: (y, _at_least(p, 0.001)))),
    _numbers("clipped_cells", "the cell state is clipped to 1", "forward", keeping.states_after("predict", _clipped_cells)),
)

DATA = (
    Fault("padded_after", "data", "sequences are padded after their end", ("data",), plants.function(PADDERS, _padded_after)),
    Fault("cut_at_end", "data", "sequences that are too long lose their end", ("data",), plants.function(PADDERS, _cut_at_end)),
    Fault("counted_classes", "data", "there are as many classes as labels", ("data",), plants.function(ENCODERS, _counted)),
    Fault("shifted_targets", "data", "one-hot targets are shifted by one", ("data",), plants.function(ENCODERS, _shifted)),
    Fault("deaf_seed", "data", "the seed is ignored", SEEDED, plants.function(SEEDERS, lambda real, seed: None)),
    Fault("one_seed", "data", "every seed is the same", SEEDED, plants.function(SEEDERS, lambda real, seed: real(1))),
)


def _gradient(name, says, change):
    return Fault(name, "gradient", says, GRADIENT, plants.gradients(change))


def _zero(gradient):
    return gradient * np.float32(0)


GRADIENTS = (
    Fault("truncated", "gradient", "backpropagation stops at each step", GRADIENT, plants.truncated),
    _gradient("halved", "gradients are half as long", lambda found: [one * np.float32(0.5) for one in found]),
    _gradient("slightly_long", "gradients are a hundredth too long", lambda found: [one * np.float32(1.01) for one in found]),
    _gradient("fixed_kernel", "the kernel is not trained", plants.at(0, _zero)),
    _gradient("fixed_recurrent_kernel", "the recurrent kernel is not trained", plants.at(1, _zero)),
    _gradient("fixed_bias", "the gates' bias is not trained", plants.at(2, _zero)),
    _gradient("fixed_dense_kernel", "the dense kernel is not trained", plants.at(3, _zero)),
    _gradient("fixed_dense_bias", "the dense bias is not trained", plants.at(4, _zero)),
    _gradient("fixed_forget_gate", "the forget gate's bias is not trained", plants.at(2, plants.gate("f", 0.0))),
    _gradient("fixed_output_gate", "the output gate's recurrent kernel is not trained", plants.at(1, plants.gate("o", 0.0))),
    _gradient("upside_down", "the input gate's gradient has the wrong sign", plants.at(0, plants.gate("i", -1.0))),
    _gradient(
        "short_recurrent",
        "the recurrent kernel's gradient is a tenth too short",
        plants.at(1, lambda one: one * np.float32(0.9)),
    ),
)


def _rolled(states):
    return [np.roll(state, 1, axis=0) for state in states]


def _batch_by_batch(real, this, x, *words, **named):
    """A `predict` that resets a model which keeps its state before each batch but the first."""
    if not getattr(this, "stateful", any(getattr(layer, "stateful", False) for layer in this.layers)):
        return real(this, x, *words, **named)
    found = []
    for first in range(0, len(x), named["batch_size"]):
        if first:
            keeping.reset(this)
        found.append(real(this, x[first : first + named["batch_size"]], *words, **named))
    return np.concatenate(found)


def _epoch_by_epoch(real, this, *words, **named):
    """A `fit` that forgets what is kept between two epochs."""
    if not any(getattr(layer, "stateful", False) for layer in this.layers):
        return real(this, *words, **named)
    epochs = named.pop("epochs", 1)
    history = real(this, *words, epochs=1, **named)
    for done in range(1, epochs):
        keeping.reset(this)
        more = real(this, *words, epochs=done + 1, initial_epoch=done, **named)
        history.history = {name: values + more.history[name] for name, values in history.history.items()}
    return history


def _state(name, says, stages, plant):
    return Fault(name, "state", says, stages, plant)


STATES = (
    _state("no_reset", "a reset does nothing", ("forward", "state"), keeping.no_reset),
    _state("stale_start", "a network that keeps no state does not begin from zeros", ("forward",), keeping.stale_start),
    _state("forgetful_predict", "predict begins from zeros", ("forward",), keeping.states_before("predict", keeping.zeros)),
    _state(
        "forgetful_fit", "fit begins from zeros", ("gradient", "update", "state"), keeping.states_before("fit", keeping.zeros)
    ),
    _state("fresh_epochs", "fit begins each epoch from zeros", ("first_epochs",), plants.method("fit", _epoch_by_epoch)),
    _state("fresh_evaluate", "evaluate begins from zeros", ("state",), keeping.states_before("evaluate", keeping.zeros)),
    _state("fresh_batches", "predict begins each batch from zeros", ("forward",), plants.method("predict", _batch_by_batch)),
    _state(
        "forgetful_evaluate",
        "evaluate leaves zeros",
        ("state",),
        keeping.states_after("evaluate", lambda old, new: keeping.zeros(new)),
    ),
    _state(
        "fit_leaves_zeros",
        "fit leaves zeros",
        ("gradient", "state"),
        keeping.states_after("fit", lambda old, new: keeping.zeros(new)),
    ),
    _state(
        "swapped_states", "both states change places", ("forward",), keeping.states_after("predict", lambda old, new: new[::-1])
    ),
    _state("late_states", "the state is one call late", ("forward",), keeping.states_after("predict", lambda old, new: old)),
    _state(
        "mixed_rows",
        "the rows' states change places",
        ("forward",),
        keeping.states_after("predict", lambda old, new: _rolled(new)),
    ),
    _state(
        "hidden_alone",
        "the cell state is not kept",
        ("forward",),
        keeping.states_after("predict", lambda old, new: [new[0], 0 * new[1]]),
    ),
    _state(
        "fading_state",
        "a thousandth of the state is lost",
        ("forward",),
        keeping.states_after("predict", lambda old, new: [0.999 * one for one in new]),
    ),
)
