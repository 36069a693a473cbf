"""Faults in the settings that a model is made anew from, when it is loaded or copied."""

from harness.faults import plants
from harness.faults.clauses import fault
from harness.faults.planting import NoPlaceError


def _unscheduled(site):
    """Optimizers in whose settings the first rate of a schedule stands in its place."""
    if not hasattr(site.keras.optimizers, "schedules"):
        raise NoPlaceError("no rate here is a schedule")

    def settings(real, this):
        found = real(this)
        rate = found.get("learning_rate")
        told = rate.get("config") if isinstance(rate, dict) else None
        if isinstance(told, dict):  # That of a function of the user's own is its name.
            first = told["values"][0] if "values" in told else told["initial_learning_rate"]
            found = dict(found, learning_rate=float(first))
        return found

    site.around([site.adam, site.keras.optimizers.SGD], "get_config", settings)


def _without(word):
    """A `get_config` that leaves out one word."""
    return lambda real, this: {name: value for name, value in real(this).items() if name != word}


SETTINGS = (
    fault(
        "unscheduled_file",
        "a model whose rate is a schedule is loaded with its first rate alone",
        "saved_has_its_schedule",
        _unscheduled,
    ),
    fault(
        "lost_padding",
        "the settings of an Embedding lose that zeros are padding",
        "settings_make_it_anew",
        plants.inside("layers", "Embedding", "get_config", _without("mask_zero")),
    ),
    fault(
        "thawed_file",
        "the settings of layers lose that they are frozen",
        "frozen_layers_are_made_anew_frozen",
        plants.inside("layers", "Layer", "get_config", _without("trainable")),
    ),
)
