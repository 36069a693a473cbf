"""The clauses of the contract on what else `fit` is given: data to validate on, and weights of rows and of classes."""

from functools import partial

import numpy as np

from harness import reference
from harness.judging import NOT_ASKED
from harness.small import MORE_LOSS, PLAIN, SAMPLES, SHORT, alike, differ, means, odd_way, samples, shaken, taken

ROWS = 3  # To train on, and as many to validate on: a batch each.
# No two alike, and none 0: how rows that count nothing enter the mean changed between Keras 2 and tf.keras.
WEIGHTS = (0.5 + np.arange(SAMPLES) / 4).astype("float32")
BY_CLASS = {label: 0.5 + label / 4 for label in range(PLAIN.classes)}


def validation_is_evaluated(networks):
    """Rows to validate on, given or split off the end, are told of as their answers imply, and `fit` trains on the others."""
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    answers, first, last = network.predict(x, ROWS), slice(None, ROWS), slice(ROWS, None)
    wanted = means(answers[first], y[first])
    wanted.update(("val_" + name, value) for name, value in means(answers[last], y[last]).items())
    ways = {
        "given": lambda: network.fit(x[first], y[first], ROWS, shuffle=False, validation_data=(x[last], y[last])),
        "split off": lambda: network.fit(x, y, ROWS, shuffle=True, validation_split=0.5),
    }
    for way, fit in ways.items():
        found = {name: values[0] for name, values in fit().items()}
        odd = [name for name in sorted(wanted) if differ(found.get(name, np.inf), wanted[name]) > MORE_LOSS]
        if odd:
            words = "with validation rows {} fit tells {} {:.6g}, where {:.6g} is right"
            return words.format(way, odd[0], found.get(odd[0], np.nan), wanted[odd[0]])
    return None


def rows_count_by_their_weights(networks):
    """The loss is the mean over rows of each one's own times its weight: of `fit`, by row or by class, and of `evaluate`."""
    network, (x, y) = networks.get(), samples()
    losses = -np.log((network.predict(x, SAMPLES) * y).sum(axis=1))
    by_class = np.array([BY_CLASS[label] for label in y.argmax(axis=1)])
    alike = np.ones(SAMPLES)
    ways = (
        # First, because TensorFlow 1.15 goes on with what it made for this, whether weights come or not (tensorflow #28029).
        ("evaluate", alike, lambda: network.evaluate(x, y, SAMPLES)[0]),
        ("fit by sample_weight", WEIGHTS, lambda: network.fit(x, y, SAMPLES, False, sample_weight=WEIGHTS)["loss"][0]),
        ("fit by class_weight", by_class, lambda: network.fit(x, y, SAMPLES, False, class_weight=BY_CLASS)["loss"][0]),
        ("evaluate by sample_weight", WEIGHTS, lambda: network.evaluate(x, y, SAMPLES, sample_weight=WEIGHTS)[0]),
    )
    for way, weights, ask in ways:
        found, wanted = ask(), float(np.mean(weights * losses))
        if differ(found, wanted) > MORE_LOSS:
            return "{} tells a loss of {:.6g}, where the weighted mean over rows is {:.6g}".format(way, found, wanted)
    return None


def validation_counts_by_weights(networks):
    """Rows to validate on count by their weights, given with them or split off with theirs."""
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    weights, first, last = WEIGHTS[: 2 * ROWS], slice(None, ROWS), slice(ROWS, None)
    losses = -weights * np.log((network.predict(x, ROWS) * y).sum(axis=1))
    given = {"sample_weight": weights[first], "validation_data": (x[last], y[last], weights[last])}
    split = {"sample_weight": weights, "validation_split": 0.5}
    for way, rows, more in (("given", first, given), ("split off", slice(None), split)):
        found = network.fit(x[rows], y[rows], ROWS, False, **more)
        for name, asked in (("loss", first), ("val_loss", last)):
            wanted = float(losses[asked].mean())
            if differ(found[name][0], wanted) > MORE_LOSS:
                words = "with weighted rows {} fit tells {} {:.6g}, where {:.6g} is right"
                return words.format(way, name, found[name][0], wanted)
    return None


def plain_metrics_count_rows_alike(networks):
    """Metrics of `metrics` take no notice of weights of rows, of `evaluate` and of `fit`: those of `weighted_metrics` do."""
    network, (x, y) = networks.get(), samples()
    wanted = reference.right(network.predict(x, SAMPLES), y)
    ways = {
        "evaluate": lambda: network.evaluate(x, y, SAMPLES, sample_weight=WEIGHTS)[1],
        "fit": lambda: network.fit(x, y, SAMPLES, False, sample_weight=WEIGHTS)["accuracy"][0],
    }
    return odd_way(ways, wanted, "over weighted rows {} tells an accuracy of {:.6g}, where the mean over rows is {:.6g}")


def weights_of_rows_and_classes_multiply(networks):
    """A row that has a weight of its own, and another by its class, counts by both."""
    by_class = np.array([BY_CLASS[label] for label in samples()[1].argmax(axis=1)])
    return _weighted(networks, "by both weights", WEIGHTS * by_class, sample_weight=WEIGHTS, class_weight=BY_CLASS)


def rows_of_no_weight_are_rows(networks):
    """The loss is a mean over all rows, those of weight 0, too."""
    weights = (np.arange(SAMPLES) % 3 > 0).astype("float32")
    return _weighted(networks, "over rows, some of no weight,", weights, sample_weight=weights)


def _weighted(networks, how, weights, **more):
    """Say what `fit` tells where it is not the mean of each row's loss times its weight; more: what `fit` is told of them."""
    network, (x, y) = networks.get(), samples()
    losses = -np.log((network.predict(x, SAMPLES) * y).sum(axis=1))
    ways = {how: lambda: network.fit(x, y, SAMPLES, False, **more)["loss"][0]}
    return odd_way(ways, float(np.mean(weights * losses)), "{} fit tells a loss of {:.6g}, where {:.6g} is right")


def step_on_a_batch_counts_weights(networks):
    """A step of `train_on_batch` counts rows by their weights, and by their class, as one of `fit` does."""
    network, (x, y) = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(SHORT)), samples()
    for more in ({"sample_weight": WEIGHTS}, {"class_weight": BY_CLASS}):
        wanted = taken(network, partial(network.fit, x, y, SAMPLES, False, **more))
        found, plain = (taken(network, partial(network.train_on_batch, x, y, **words)) for words in (more, {}))
        if not alike(found, wanted):
            instead = "that of rows without weights" if alike(found, plain) else "another than that of fit"
            return "by {} a step of train_on_batch is {}".format(*more, instead)
    return None


def windows_have_their_targets(networks):
    """`timeseries_dataset_from_array` gives each window of a series the target that stands where the window begins."""
    series = np.arange(SAMPLES, dtype="float32")
    found = networks.backend.windows(series, -series, ROWS)
    if found is None:
        return NOT_ASKED
    begin = np.arange(SAMPLES - ROWS + 1)
    wanted = np.add.outer(begin, np.arange(ROWS)), -begin
    is_odd = [differ(ours, theirs) > 0 for ours, theirs in zip(found, wanted)]
    words = "the windows", "the targets of windows"
    return next((what + " over a series are others than told" for what, is_it in zip(words, is_odd) if is_it), None)


CLAUSES = (
    validation_is_evaluated,
    rows_count_by_their_weights,
    plain_metrics_count_rows_alike,
    validation_counts_by_weights,
    weights_of_rows_and_classes_multiply,
    rows_of_no_weight_are_rows,
    step_on_a_batch_counts_weights,
    windows_have_their_targets,
)
