"""The clauses of the contract on the numbers that calls tell: losses and metrics, by name, in order, of what they are asked."""

from itertools import product

import numpy as np

from harness import reference
from harness.small import METRICS, MORE_LOSS, PLAIN, SAMPLES, differ, means, samples, shaken

ROWS = 3  # Of a batch.
PRINTED = 1e-4  # Of a loss of 1.6, printed with four digits behind the point.


def metrics_named(networks):
    """`metrics_names` has a name of its own for each number that `evaluate` gives."""
    network, (x, y) = networks.get(), samples()
    names, values = network.metrics(x, y, SAMPLES)
    if len(names) != len(values):
        return "evaluate gives {} numbers, and metrics_names {}: {}".format(len(values), len(names), ", ".join(names))
    return None if names == list(METRICS) else "metrics_names are {}, not {}".format(", ".join(names), ", ".join(METRICS))


def metrics_stand_as_compiled(networks):
    """`evaluate` gives the metrics in the order in which they were asked for."""
    asked, (x, y) = ("mae", "accuracy"), samples()  # Not in the order of the alphabet.
    network = shaken(networks.backend, PLAIN, asked, networks.backend.descent(0.0))
    implied = means(network.predict(x, SAMPLES), y)
    wanted = [implied[name] for name in asked]
    found = network.metrics(x, y, SAMPLES)[1][1:]
    if differ(found, wanted) <= MORE_LOSS:
        return None
    spelled = (", ".join("{:.6g}".format(value) for value in values) for values in (found, wanted))
    return "asked for mae, then accuracy, evaluate gives {}, where {} is right".format(*spelled)


def metrics_are_means(networks):
    """Each metric is the mean over all rows: of `evaluate`, and in every epoch of the history of `fit`, in batches of three."""
    network, (x, y) = networks.get(), samples()
    wanted = means(network.predict(x, SAMPLES), y)
    told = {"evaluate gives": dict(zip(METRICS, network.metrics(x, y, 3)[1]))}
    history = network.fit(x, y, 3, shuffle=False, epochs=2)
    for epoch in range(2):
        told["in epoch {} fit tells".format(epoch + 1)] = {name: history[name][epoch] for name in sorted(history)}
    for way, found in told.items():
        if set(found) != set(wanted) or any(differ(found[name], wanted[name]) > MORE_LOSS for name in wanted):
            return "{} {}, where {} is right".format(way, _spelled(found), _spelled(wanted))
    return None


def printed_is_told(networks):
    """The loss that `fit` prints at the end of an epoch is the one that its history tells, to the four digits printed."""
    network, (x, y) = networks.get(), samples()
    printed, told = network.printed_loss(x, y, 1)
    if abs(printed - told) <= PRINTED:
        return None
    return "in batches of 1 fit prints a loss of {:.4f}, and its history tells {:.4f}".format(printed, told)


def losses_told_after_batches_are_means_so_far(networks):
    """The loss that callbacks are told after a batch is the mean of the epoch so far."""
    network, (x, y), told = networks.get(), samples(count=2 * ROWS), []
    answers = network.predict(x, ROWS)
    parts = slice(ROWS), slice(ROWS, None), slice(None)
    first, second, both = (reference.loss(answers[part], y[part]) for part in parts)
    network.fit(x, y, ROWS, False, epochs=2, on_batch=lambda logs: told.append(float(logs["loss"])))
    if differ(told, 2 * [first, both]) <= MORE_LOSS:
        return None
    is_own = differ(told, 2 * [first, second]) <= MORE_LOSS
    return "after a batch callbacks are told " + ("the loss of that batch alone" if is_own else "of another loss")


def _spelled(found):
    return ", ".join("{} {:.6g}".format(name, found[name]) for name in sorted(found))


def train_on_batch_tells_its_loss(networks):
    """`train_on_batch` gives the loss of the batch it was given, not of those before, nor of a `fit`."""
    return _told_of_others(networks, ("train_on_batch",), METRICS[:1])


def test_on_batch_tells_its_loss(networks):
    """`test_on_batch` gives the loss of the batch it was given, not of those before, nor of a `fit`."""
    return _told_of_others(networks, ("test_on_batch",), METRICS[:1])


def batch_metrics_are_its_own(networks):
    """`train_on_batch` and `test_on_batch` give the metrics of the batch, not of those before, nor of a `fit`."""
    return _told_of_others(networks, ("train_on_batch", "test_on_batch"), METRICS[1:])


def _told_of_others(networks, ways, names):
    """Say which of these numbers a call on a batch does not give as its answers imply."""
    network, (x, y) = networks.get(), samples()
    network.fit(x, y, SAMPLES, shuffle=False)
    for way, first in product(ways, (0, 2, 4)):
        rows = slice(first, first + 2)
        wanted = means(network.predict(x[rows], 2), y[rows])
        found = dict(zip(METRICS, getattr(network, way)(x[rows], y[rows])))
        for name in names:
            if differ(found.get(name, np.nan), wanted[name]) > MORE_LOSS:
                words = "{} gives {:.6g} for a batch whose {} is {:.6g}"
                return words.format(way, found.get(name, np.nan), name, wanted[name])
    return None


CLAUSES = (
    metrics_named,
    metrics_stand_as_compiled,
    metrics_are_means,
    printed_is_told,
    losses_told_after_batches_are_means_so_far,
    train_on_batch_tells_its_loss,
    test_on_batch_tells_its_loss,
    batch_metrics_are_its_own,
)
