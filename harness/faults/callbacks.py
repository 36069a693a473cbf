"""Faults in the framework's own callbacks."""

from harness.faults.clauses import fault


def _deaf(site):
    """A scheduler whose rates nobody takes."""
    site.around([site.keras.callbacks.LearningRateScheduler], "on_epoch_begin", lambda real, this, *words, **named: None)


def _patient(real, this, *words, **named):
    """An EarlyStopping that waits for an epoch more than it is told."""
    return real(this, *words, **dict(named, patience=named.get("patience", 0) + 1))


def _writing(real, this, *words, **named):
    """A ModelCheckpoint that writes every epoch, whichever is the best."""
    return real(this, *words, **dict(named, save_best_only=False))


def _built(callback, wrapper):
    return lambda site: site.around([getattr(site.keras.callbacks, callback)], "__init__", wrapper)


CALLBACKS = (
    fault("deaf_scheduler", "the rates of LearningRateScheduler have no effect", "rate_is_scheduled", _deaf),
    fault("late_stopping", "EarlyStopping waits an epoch longer", "fit_ends_early", _built("EarlyStopping", _patient)),
    fault(
        "last_written",
        "ModelCheckpoint writes the last epoch, not the best",
        "best_weights_are_written",
        _built("ModelCheckpoint", _writing),
    ),
)
