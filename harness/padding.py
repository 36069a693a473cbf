"""The clauses of the contract on padding: what is masked is as if it were not there."""

import numpy as np

from harness import reference, settings
from harness.backend.graphs import PADDING
from harness.judging import NOT_ASKED
from harness.small import CLOSE, KEEPING, METRICS, MORE_LOSS, PLAIN, SAMPLES, STEPS, differ, means, samples
from harness.subjects import CROOKED, astray, between, firsts

EVERY = PLAIN._replace(mask=PADDING, every_step=True)
LENGTHS = STEPS - np.arange(SAMPLES) % 3


def padded(x, lengths, where):
    """Return each sample's first steps, as many as `lengths` says, in a sequence that is longer than the samples."""
    padded = np.full((len(x), WITH_PADDING, x.shape[2]), PADDING, "float32")
    for row, length in enumerate(lengths):
        padded[row, PLACES[where](length)] = x[row, :length]
    return padded


WITH_PADDING = STEPS + 2  # Steps of a padded sequence.
PLACES = {  # Of the steps that are there, by their number.
    "before": lambda length: np.arange(WITH_PADDING - length, WITH_PADDING),
    "after": np.arange,
    "between": lambda length: np.append(0, np.arange(WITH_PADDING - length + 1, WITH_PADDING)),
}


def sequences_are_padded_as_told(networks):
    """`pad_sequences` pads with the number, on the side and to the length that it is told, and cuts on the side it is told."""
    told = {"maxlen": 2, "dtype": "float32", "padding": "post", "truncating": "post", "value": PADDING}
    found, wanted = np.asarray(networks.backend.padded([[1], [1, 2, 3]], **told)), [[1, PADDING], [1, 2]]
    if np.array_equal(found, wanted):
        return None
    return "of [1] and [1, 2, 3], padded by -1 and cut behind, {} is made".format(found.tolist())


def padding_changes_nothing(networks):
    """What is padded and masked is answered as by a network without a mask that saw no padding.

    Rows of three lengths, padded before, after, and behind their first step, for one layer and for two. That one feature has
    the number that stands for padding makes no step padding.
    """
    x, _ = samples()
    x[::2, 0, 0] = PADDING
    for units in ((8,), (8, 6)):
        design = PLAIN._replace(units=units)
        bare, masked = _bare(networks, design, x), networks.get(design._replace(mask=PADDING))
        for where in PLACES:
            off = differ(masked.predict(padded(x, LENGTHS, where), SAMPLES), bare)
            if off > CLOSE:
                return "padding {} changes the answers of {} layer{} by {:.3g}".format(where, *_layers(units), off)
    return None


def _bare(networks, design, x):
    """Return the answers to rows that end after LENGTHS steps, each as it stands: every step's answer is asked for."""
    return networks.get(design._replace(every_step=True)).predict(x, SAMPLES)[np.arange(SAMPLES), LENGTHS - 1]


def state_is_kept_behind_padding(networks):
    """A layer that keeps its state goes on from each row's last step that is there, not from the padding behind it."""
    (x, _), network = samples(count=KEEPING.batch_size), networks.get(KEEPING._replace(mask=PADDING))
    wanted, early = networks.get().predict(x, len(x)), 1 + np.arange(len(x))  # Steps in the first piece, row by row.
    rest = np.array([np.roll(row, -steps, axis=0) for row, steps in zip(x, early)])
    network.predict(padded(x, early, "after"), len(x))
    off = differ(network.predict(padded(rest, STEPS - early, "after"), len(x)), wanted)
    return None if off <= CLOSE else "two pieces with padding behind each end {:.3g} away from the whole".format(off)


def padding_changes_no_training(networks):
    """Over what is padded and masked `fit` tells the loss of the same rows without, and takes their gradient."""
    network, (x, y) = networks.get(PLAIN._replace(mask=PADDING)), samples()
    wanted, gradients = _by_row(network, x, y)
    found, before = _trained(network, padded(x, LENGTHS, "before"), y)
    if differ(found, wanted) > MORE_LOSS:
        return "over padding fit tells a loss of {:.6g}, where that of the same rows without is {:.6g}".format(found, wanted)
    _, after = _trained(network, padded(x, LENGTHS, "after"), y)
    off = astray(between(network, before, after), gradients)
    return None if off <= CROOKED else "over padding fit takes a gradient that is off by {:.3g} of itself".format(off)


def _by_row(network, x, y):
    """Return (loss, gradient of each array) of the reference over rows that end after LENGTHS steps: means over rows."""
    weights = network.weights()
    exact = reference.Network(weights, settings.odd(network.defaults())[1])
    passes = [exact.forward(x[row : row + 1, :length]) for row, length in enumerate(LENGTHS)]
    losses = [reference.loss(one.answers, y[row : row + 1]) for row, one in enumerate(passes)]
    gradient = np.mean([exact.gradients(one, y[row : row + 1]) for row, one in enumerate(passes)], axis=0)
    return np.mean(losses), reference.views(gradient, [array.shape for array in weights])


def _trained(network, x, y):
    """Return (the loss that a step of `fit` tells, the first moment of each array then)."""
    loss = network.fit(x, y, SAMPLES, shuffle=False)["loss"][0]
    return loss, firsts(network)


def _layers(units):
    return len(units), "s" if len(units) > 1 else ""


def padding_counts_in_no_loss(networks):
    """Where every step is answered, the loss of evaluate is the mean over the steps that are there; both ways, too."""
    for way, design in (("", EVERY), ("both ways, ", EVERY._replace(is_both_ways=True))):
        found, wanted = _masked_means(networks, design)
        if differ(found["loss"], wanted["loss"]) > MORE_LOSS:
            words = "{}evaluate gives a loss of {:.6g}, where the mean over the steps that are no padding is {:.6g}"
            return words.format(way, found["loss"], wanted["loss"])
    return None


def padding_counts_in_no_metric(networks):
    """Where every step is answered, a metric of evaluate is the mean over the steps that are there."""
    found, wanted = _masked_means(networks, EVERY)
    names = [name for name in ("accuracy", "mae") if differ(found[name], wanted[name]) > MORE_LOSS]
    if not names:
        return None
    words = "evaluate gives {} {:.6g}, where the mean over the steps that are no padding is {:.6g}"
    return words.format(names[0], found[names[0]], wanted[names[0]])


def _masked_means(networks, design):
    """Return ({name: what evaluate gives}, {name: the mean over what is no padding}) of sequences of three lengths."""
    network, x, y, is_there = _masked(networks, design)
    answers = network.predict(x, SAMPLES)[is_there]
    _, values = network.metrics(x, y, SAMPLES)
    return dict(zip(METRICS, values)), means(answers, y[is_there])


def _masked(networks, design):
    """Return (a network that answers every step, samples of three lengths, their targets, what is no padding of them)."""
    network, (x, _) = networks.get(design), samples()
    is_there = np.arange(STEPS) < LENGTHS[:, None]
    x[~is_there] = PADDING
    y = np.eye(design.classes, dtype="float32")[np.random.RandomState(5).randint(design.classes, size=x.shape[:2])]
    return network, x, y, is_there


def weights_of_rows_leave_padding_out(networks):
    """Where every step is answered and some are padding, a weight of 1 for each row leaves the loss of evaluate as it is."""
    return _weighted(networks, np.ones(SAMPLES, "float32"))


def weights_of_steps_leave_padding_out(networks):
    """Where every step is answered and some are padding, a weight of 1 for each step leaves the loss of evaluate as it is."""
    if networks.backend.compiles_with("sample_weight_mode"):  # Where that has to be said, no weights of steps are asked here.
        return NOT_ASKED
    return _weighted(networks, np.ones((SAMPLES, STEPS), "float32"))


def _weighted(networks, weights):
    network, x, y, _ = _masked(networks, EVERY)
    try:
        plain, weighted = (network.evaluate(x, y, SAMPLES, **more)[0] for more in ({}, {"sample_weight": weights}))
    except Exception:
        networks.drop(EVERY)  # On JAX its weights are gone then.
        raise
    if differ(weighted, plain) <= MORE_LOSS:
        return None
    return "over padding evaluate gives a loss of {:.6g}, and with weights of 1 {:.6g}".format(plain, weighted)


def masked_row_does_no_harm(networks):
    """A row that is masked from end to end gets a finite answer, changes no other row's, and spoils no training."""
    network, (x, y) = networks.get(PLAIN._replace(mask=PADDING)), samples()
    x = padded(x, SAMPLES * [STEPS], "after")
    whole = network.predict(x, SAMPLES)
    others = np.arange(SAMPLES) != SAMPLES // 2
    x[~others] = PADDING
    found = network.predict(x, SAMPLES)
    if not np.isfinite(found).all() or differ(found[others], whole[others]) > CLOSE:
        return "a row that is all padding changes the others' answers by {:.3g}".format(differ(found[others], whole[others]))
    network.fit(x, y, SAMPLES, shuffle=False)
    if not all(np.isfinite(array).all() for array in network.weights()):
        return "after a step of training over a row that is all padding, weights are not finite"
    return None


CLAUSES = (
    padding_counts_in_no_loss,
    padding_counts_in_no_metric,
    weights_of_rows_leave_padding_out,
    weights_of_steps_leave_padding_out,
    sequences_are_padded_as_told,
    padding_changes_nothing,
    state_is_kept_behind_padding,
    padding_changes_no_training,
    masked_row_does_no_harm,
)
