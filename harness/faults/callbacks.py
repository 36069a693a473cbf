"""Faults in the framework's own callbacks."""

from harness.faults import plants
from harness.faults.clauses import fault


def _deaf(site):
    """A scheduler whose rates nobody takes."""
    site.around([site.keras.callbacks.LearningRateScheduler], "on_epoch_begin", lambda real, this, *words, **named: None)


def _patient(real, this, *words, **named):
    """An EarlyStopping that waits for an epoch more than it is told."""
    return real(this, *words, **dict(named, patience=named.get("patience", 0) + 1))


def _forgetful_checkpoint(site):
    """A ModelCheckpoint that takes the first epoch of every `fit` for the best so far."""
    kinds = [site.keras.callbacks.ModelCheckpoint]

    def made(real, this, *words, **named):
        real(this, *words, **named)
        this.unbeaten = this.best

    def begun(real, this, *words, **named):
        if hasattr(this, "unbeaten"):  # It may be every callback's method.
            this.best = this.unbeaten
        return real(this, *words, **named)

    site.around(kinds, "__init__", made)
    site.around(kinds, "on_train_begin", begun)


def _idle(real, this, *words, **named):
    """A method that does nothing."""


def _watching_training(real, this, epoch, logs=None):
    """An EarlyStopping that looks at the rows trained on, where it is to look at those to validate on."""
    logs = logs or {}
    seen = {"val_" + name: value for name, value in logs.items() if "val_" + name in logs}
    return real(this, epoch, dict(logs, **seen))


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
    fault(
        "forgetful_checkpoint",
        "ModelCheckpoint forgets the best epoch of an earlier fit",
        "best_weights_are_kept_over_calls",
        _forgetful_checkpoint,
    ),
    fault(
        "deaf_nan",
        "TerminateOnNaN ends nothing",
        "nan_ends_fit",
        plants.inside("callbacks", "TerminateOnNaN", "on_batch_end", _idle),
    ),
    fault(
        "no_floor",
        "ReduceLROnPlateau takes no notice of min_lr",
        "rate_is_not_reduced_below_its_floor",
        plants.inside("callbacks", "ReduceLROnPlateau", "__init__", plants.told(min_lr=0.0)),
    ),
    fault(
        "watching_training",
        "EarlyStopping that is to look at val_loss looks at the loss",
        "validation_ends_fit",
        plants.inside("callbacks", "EarlyStopping", "on_epoch_end", _watching_training),
    ),
)
