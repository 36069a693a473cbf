"""Which settings of a stack are not those that the reference has: what was built, not what documentation says.

Those of Keras itself too, which a file in the user's home may change (keras.json).
"""

from harness import reference
from harness.diagnosis import AGREES

# The settings that the reference has values for, those that must be as they are, and those that must be off.
SETTINGS = {
    "gate": "lstm.recurrent_activation",
    "learning_rate": "adam.learning_rate",
    "beta_1": "adam.beta_1",
    "beta_2": "adam.beta_2",
    "epsilon": "adam.epsilon",
}
ON = {
    "lstm.activation": "tanh",
    "lstm.use_bias": True,
    "lstm.unit_forget_bias": True,
    "keras.floatx": "float32",
    "keras.epsilon": 1e-7,
}
OFF = (
    "lstm.dropout", "lstm.recurrent_dropout", "lstm.go_backwards", "lstm.return_sequences", "lstm.return_state",
    "lstm.kernel_regularizer", "lstm.recurrent_regularizer", "lstm.bias_regularizer", "lstm.activity_regularizer",
    "lstm.kernel_constraint", "lstm.recurrent_constraint", "lstm.bias_constraint",
    "adam.amsgrad", "adam.decay", "adam.weight_decay", "adam.clipnorm", "adam.clipvalue", "adam.global_clipnorm",
    "adam.use_ema",
)  # fmt: skip


def odd(found):
    """Return ((units, words), Numerics) of the settings in effect; where the reference has no such value it keeps its own."""
    newest = reference.NEWEST._replace(dtype="float64")
    wanted = dict({name: getattr(newest, field) for field, name in SETTINGS.items()}, **ON)
    wanted.update((name, False) for name in OFF)
    differing = [
        "{} is {}".format(name, found[name]) for name in sorted(wanted) if found.get(name, wanted[name]) != wanted[name]
    ]
    numerics = {field: found[name] for field, name in SETTINGS.items() if name in found}
    if numerics.get("gate") not in reference.GATES:
        numerics.pop("gate", None)
    # The number first: a deviation that is known by its first words must not hide another setting behind them.
    plural = ("", "s") if len(differing) == 1 else ("s", "")
    words = "{} setting{} differ{}: {}".format(len(differing), *plural, ", ".join(differing))
    return (float("inf"), words) if differing else (0.0, AGREES), newest._replace(**numerics)
