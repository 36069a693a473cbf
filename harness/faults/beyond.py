"""Faults in layers, optimizers, targets and words of a model that the listings do not use."""

from harness.backend import networks
from harness.faults import plants
from harness.faults.clauses import fault
from harness.faults.planting import NoPlaceError
from harness.faults.trainers import fed

ARRAYS = 3  # Of an LSTM.


def _cut_off(site):
    """An Embedding to which no gradient comes back."""
    stop = getattr(site.keras, "ops", site.keras.backend).stop_gradient
    around = lambda real, this, *words, **named: stop(real(this, *words, **named))  # noqa: E731
    site.around([site.keras.layers.Embedding], "call", around)


def _alike_in_a_row(real, this, *words, **named):
    """An `evaluate` that takes the mean of a row's weights for each of its steps."""
    weights = named.get("sample_weight")
    if weights is not None and weights.ndim > 1:
        named["sample_weight"] = 0 * weights + weights.mean(axis=1, keepdims=True)
    return real(this, *words, **named)


def _smoothed(site):
    """A loss of two classes that sees targets drawn to the middle."""
    right = site.keras.losses.binary_crossentropy

    def compiled(real, this, *words, **named):
        if named.get("loss") == "binary_crossentropy":
            named["loss"] = lambda y, answers: right(0.98 * y + 0.01, answers)
        return real(this, *words, **named)

    site.around_model("compile", compiled)


def _constant(site):
    """A schedule that gives every step its first rate."""
    kind = networks.schedule(site.keras)
    if kind is None:
        raise NoPlaceError("nothing here schedules rates")
    site.around([kind], "__call__", lambda real, this, step: real(this, 0 * step))


def _without_the_second(real, this, *words, **named):
    """A `save_weights` that writes zeros for the second recurrent layer, above the first or the way back."""
    kept = this.get_weights()
    this.set_weights([array * (place not in range(ARRAYS, len(kept) - 2)) for place, array in enumerate(kept)])
    found = real(this, *words, **named)
    this.set_weights(kept)
    return found


BEYOND = (
    fault(
        "loose_gru",
        "the gates of a GRU are no sigmoids",
        "gru_answers_as_defined",
        plants.inside("layers", "GRU", "__init__", plants.told(recurrent_activation="tanh")),
    ),
    fault(
        "short_memory",
        "RMSprop forgets half of its mean at each step, not a tenth",
        "rmsprop_divides_by_the_root",
        plants.inside("optimizers", "RMSprop", "__init__", plants.told(rho=0.5)),
    ),
    fault(
        "kept_both_ways",
        "a reset leaves a bidirectional layer as it is",
        "both_ways_keeps_and_forgets",
        plants.inside("layers", "Bidirectional", "reset_states", lambda real, this, *words, **named: None),
    ),
    fault("frozen_embedding", "no gradient comes to an embedding", "gradients_are_slopes", _cut_off),
    fault(
        "forgetful_gru",
        "a GRU keeps no state",
        "other_kinds_keep_their_state",
        plants.inside("layers", "GRU", "__init__", plants.told(stateful=False)),
    ),
    fault(
        "alike_in_a_row",
        "evaluate weighs all steps of a row alike",
        "steps_count_by_their_weights",
        plants.method("evaluate", _alike_in_a_row),
    ),
    fault("smoothed_classes", "the loss of two classes is smoothed", "two_classes_are_one_number", _smoothed),
    fault("constant_schedule", "a schedule gives every step its first rate", "scheduled_rate_is_in_effect", _constant),
    fault(
        "no_nesterov",
        "SGD takes no notice of nesterov",
        "nesterov_looks_ahead",
        plants.inside("optimizers", "SGD", "__init__", plants.told(nesterov=False)),
    ),
    fault(
        "unconstrained",
        "a layer drops its constraints",
        "weights_keep_their_constraints",
        plants.overruled("lstm", kernel_constraint=None, recurrent_constraint=None),
    ),
    fault(
        "from_the_first",
        "fit begins with the first epoch, wherever it is told to",
        "fit_goes_on_from_an_epoch",
        fed(lambda x, y, named: (x, y, dict(named, initial_epoch=0))),
    ),
    fault(
        "lost_second_layer",
        "where weights are written alone, a second layer's are zeros",
        "weights_alone_are_read_back",
        plants.method("save_weights", _without_the_second),
    ),
)
