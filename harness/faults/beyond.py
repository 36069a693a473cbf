"""Faults in layers and optimizers that the listings do not use."""

from harness.faults import plants
from harness.faults.clauses import fault


def _cut_off(site):
    """An Embedding to which no gradient comes back."""
    stop = getattr(site.keras, "ops", site.keras.backend).stop_gradient
    around = lambda real, this, *words, **named: stop(real(this, *words, **named))  # noqa: E731
    site.around([site.keras.layers.Embedding], "call", around)


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
)
