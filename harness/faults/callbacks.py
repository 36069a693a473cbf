"""Faults in the framework's own callbacks."""

from harness.faults import plants
from harness.faults.clauses import fault


def _deaf(site):
    """A scheduler whose rates nobody takes."""
    site.around([site.keras.callbacks.LearningRateScheduler], "on_epoch_begin", lambda real, this, *words, **named: None)


def _patient(real, this, *words, **named):
    """An EarlyStopping that waits for an epoch more than it is told."""
    return real(this, *words, **dict(named, patience=named.get("patience", 0) + 1))


CALLBACKS = (
    fault("deaf_scheduler", "the rates of LearningRateScheduler have no effect", "rate_is_scheduled", _deaf),
    fault(
        "late_stopping",
        "EarlyStopping waits an epoch longer",
        "fit_ends_early",
        plants.inside("callbacks", "EarlyStopping", "__init__", _patient),
    ),
    fault(
        "last_written",
        "ModelCheckpoint writes the last epoch, not the best",
        "best_weights_are_written",
        plants.inside("callbacks", "ModelCheckpoint", "__init__", plants.told(save_best_only=False)),
    ),
)
