"""Faults of the trainer: what fit feeds, what evaluate and predict leave out, and what metrics say."""

import numpy as np

from harness.faults import keeping, plants
from harness.faults.planting import Fault


def fed(change):
    """A `fit` whose samples, targets and words pass through `change`, given (x, y, words)."""

    def fit(real, this, x, y, **named):
        x, y, named = change(x, y, dict(named))
        return real(this, x, y, **named)

    return plants.method("fit", fit)


def _words(**changes):
    return fed(lambda x, y, named: (x, y, dict(named, **changes)))


def _fewer_epochs(x, y, named):
    return x, y, dict(named, epochs=max(1, named.get("epochs", 1) - 1))


def _fewer_of_many_epochs(x, y, named):
    epochs = named.get("epochs", 1)
    return x, y, dict(named, epochs=epochs - (epochs > MANY))


def _without_last_batch(x, y, named):
    whole = max(1, len(x) // named["batch_size"]) * named["batch_size"]
    return x[:whole], y[:whole], named


def _without_first_batch(x, y, named):
    first = named["batch_size"] if len(x) > named["batch_size"] else 0
    return x[first:], y[first:], named


def _first_row_twice(x, y, named):
    places = np.maximum(np.arange(len(x)), 1 if len(x) > 1 else 0)
    return x[places], y[places], named


def _shuffled_apart(x, y, named):
    return np.roll(x, 1, axis=0) if named.get("shuffle") else x, y, named


def _quietly(x, y, named):
    return x, y, dict({"shuffle": False}, **named)


def _cumulated_history(real, this, *words, **named):
    """A history whose metrics, but the loss, are the sums of all epochs so far."""
    history = real(this, *words, **named)
    for name in set(history.history) - {"loss"}:
        values = history.history[name]
        history.history[name] = [sum(values[: place + 1]) for place in range(len(values))]
    return history


def _idle(real, this, x, y, *words, **named):
    """A `train_on_batch` that tells the loss and trains nothing."""
    kept = this.get_weights()
    found = real(this, x, y, *words, **named)
    this.set_weights(kept)
    return found


def _asked(change):
    """A `predict` whose answers pass through `change`, given the batch size too."""

    def predict(real, this, x, **named):
        return change(np.array(real(this, x, **named)), named.get("batch_size") or len(x))

    return plants.method("predict", predict)


def _reversed(answers, batch_size):
    return answers[::-1]


def _whole_batches(answers, batch_size):
    return answers[: max(1, len(answers) // batch_size) * batch_size]


def _first_for_all(answers, batch_size):
    return np.repeat(answers[:1], len(answers), axis=0)


def _evaluated(change):
    """An `evaluate` whose numbers pass through `change`."""

    def evaluate(real, this, x, y, **named):
        return change(lambda rows: list(real(this, x[rows], y[rows], **named)), len(x), named["batch_size"])

    return plants.method("evaluate", evaluate)


def _mean_over_batches(evaluate, count, batch_size):
    parts = [evaluate(np.arange(count)[first : first + batch_size]) for first in range(0, count, batch_size)]
    return np.mean(parts, axis=0).tolist()


def _whole_batches_alone(evaluate, count, batch_size):
    return evaluate(np.arange(max(1, count // batch_size) * min(batch_size, count)))


def _swapped(evaluate, count, batch_size):
    loss, accuracy, *more = evaluate(np.arange(count))
    return [accuracy, loss, *more]


def _one_less_right(evaluate, count, batch_size):
    loss, accuracy, *more = evaluate(np.arange(count))
    return [loss, accuracy - 1.0 / count, *more]


def _doubled(evaluate, count, batch_size):
    loss, *more = evaluate(np.arange(count))
    return [2 * loss, *more]


def _larger_history(real, this, x, y, **named):
    """A history whose losses are a hundredth too large, where they are means over batches."""
    history = real(this, x, y, **named)
    if len(x) > named["batch_size"]:
        history.history["loss"] = [value * 1.01 for value in history.history["loss"]]
    return history


def _trainer(name, says, stages, plant):
    return Fault(name, "trainer", says, stages, plant)


def _metric(name, says, stages, change):
    return Fault(name, "metrics", says, stages, _evaluated(change))


MANY = 3  # Epochs: more than the stages and the checks of framings train in one call.
EVERY_ROW = ("stateless_update", "fit_trains_on_every_row")

TRAINERS = (
    _trainer("always_shuffled", "fit shuffles, asked or not", ("order",), _words(shuffle=True)),
    _trainer("never_shuffled", "fit never shuffles", ("order",), _words(shuffle=False)),
    _trainer("an_epoch_too_few", "fit trains an epoch too few", ("order",), fed(_fewer_epochs)),
    _trainer(
        "late_epoch_too_few",
        "fit trains an epoch too few, of more than three",
        ("fit_trains_every_epoch",),
        fed(_fewer_of_many_epochs),
    ),
    _trainer("last_batch_lost", "fit leaves out a short last batch", EVERY_ROW, fed(_without_last_batch)),
    _trainer("first_batch_lost", "fit leaves out the first batch", ("order",), fed(_without_first_batch)),
    _trainer("row_repeated", "fit feeds a row twice and another not at all", ("order",), fed(_first_row_twice)),
    _trainer("unpaired", "fit, when it shuffles, mixes up samples and targets", EVERY_ROW, fed(_shuffled_apart)),
    _trainer("unshuffled_default", "fit does not shuffle unless it is told to", ("order",), fed(_quietly)),
    _trainer(
        "idle_train_on_batch",
        "train_on_batch trains nothing",
        ("stateless_gradient",),
        plants.method("train_on_batch", _idle),
    ),
    _trainer(
        "forgotten_optimizer",
        "each fit forgets the optimizer's moments",
        ("stateless_update", "update"),
        keeping.forgotten_moments,
    ),
    _trainer("reversed_answers", "predict gives its rows from the end", ("forward",), _asked(_reversed)),
    _trainer("last_answers_lost", "predict leaves out a short last batch", ("forward",), _asked(_whole_batches)),
    _trainer("first_answer_for_all", "predict gives every row the first one's answer", ("forward",), _asked(_first_for_all)),
)

METRICS = (
    _metric("mean_over_batches", "evaluate weighs batches alike, however short", ("loss",), _mean_over_batches),
    _metric("whole_batches_alone", "evaluate leaves out a short last batch", ("loss",), _whole_batches_alone),
    _metric("swapped_metrics", "evaluate gives accuracy for loss", ("loss", "metrics"), _swapped),
    _metric("one_less_right", "evaluate counts one right answer too few", ("metrics",), _one_less_right),
    _metric("doubled_loss", "evaluate gives twice the loss", ("loss",), _doubled),
    Fault(
        "cumulated_history",
        "metrics",
        "history adds up a metric over the epochs",
        ("metrics_are_means",),
        plants.method("fit", _cumulated_history),
    ),
    Fault(
        "wrong_history",
        "metrics",
        "history tells a loss that is a hundredth too large",
        ("stateless_update", "update", "first_epochs"),
        plants.method("fit", _larger_history),
    ),
)
