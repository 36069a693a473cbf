"""What everybody who uses a recurrent layer leans on, beyond the listings. No seed and no training decides any of it.

Each clause asks a small network through the public API and says "holds", or what it found instead. It never judges.
"""

import os
import shutil
import tempfile

import numpy as np

from harness import cost, reference, rounding, saved
from harness.errors import reason
from harness.small import PLAIN, SAMPLES, STEPS, Networks, samples

HOLDS = "holds"
PADDING = -1.0  # No sample has it: they lie between 0 and 1.
# Answers and losses of the same numbers by another way: FACTOR roundings of numbers up to 1, and of losses up to 8.
CLOSE = rounding.FACTOR * rounding.UNIT
MORE_LOSS = 8 * CLOSE


def observe(backend):
    """Return {"contract": {clause: "holds" or what was found}}; what a clause raises is what was found."""
    networks = Networks(backend)
    found = {clause.__name__: _said(clause, networks) for clause in CLAUSES}
    return {"contract": dict(found, **cost.observe(networks, HOLDS))}


def _said(clause, networks):
    try:
        return clause(networks) or HOLDS
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        return reason(error)


def _differ(ours, theirs):
    """Return the largest difference, infinite where shapes differ or a number is not finite."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    return float(np.abs(ours - theirs).max())


def evaluate_implied_by_predict(networks):
    """`evaluate` does not depend on the batch size, and is what the answers of `predict` imply."""
    network, (x, y) = networks.get(), samples()
    answers = network.predict(x, SAMPLES)
    implied = reference.loss(answers, y), reference.right(answers, y)
    for batch_size in (1, 2, 3, SAMPLES, 32):
        found = network.evaluate(x, y, batch_size)
        if _differ(found, implied) > MORE_LOSS:
            words = "with batches of {} evaluate gives {:.6g} and {:.6g}, where predict implies {:.6g} and {:.6g}"
            return words.format(batch_size, *(found + implied))
    return None


def fit_trains_on_every_row(networks):
    """`fit` takes every row, the short last batch too: its loss, of weights that nothing moves, is the mean over all."""
    network, (x, y) = networks.get(), samples()
    wanted = reference.loss(network.predict(x, SAMPLES), y)
    for batch_size in (1, 3, SAMPLES):
        found = network.fit(x, y, batch_size, shuffle=False)["loss"][0]
        if abs(found - wanted) > MORE_LOSS:
            return "in batches of {} fit tells a loss of {:.6g}, where that of all rows is {:.6g}".format(
                batch_size, found, wanted
            )
    return None


def metrics_named(networks):
    """Each metric is told under its own name, by `fit` and by `evaluate`."""
    network, (x, y) = networks.get(), samples()
    answers = network.predict(x, SAMPLES)
    wanted = {
        "loss": reference.loss(answers, y),
        "accuracy": reference.right(answers, y),
        "mae": float(np.abs(answers - y).mean()),
    }
    names, values = network.metrics(x, y, SAMPLES)
    if len(names) != len(values):
        return "evaluate gives {} numbers, and metrics_names {}: {}".format(len(values), len(names), ", ".join(names))
    told = {"evaluate": dict(zip(names, values)), "fit": _last(network.fit(x, y, SAMPLES, shuffle=False))}
    for way, found in told.items():
        plain = {SHORT_NAMES.get(name, name): value for name, value in found.items()}
        if set(plain) != set(wanted) or any(abs(plain[name] - wanted[name]) > MORE_LOSS for name in wanted):
            return "{} tells {}, where {} is right".format(way, _spelled(plain), _spelled(wanted))
    return None


SHORT_NAMES = {"acc": "accuracy", "mean_absolute_error": "mae"}


def _last(history):
    return {name: values[-1] for name, values in history.items()}


def _spelled(found):
    return ", ".join("{} {:.6g}".format(name, found[name]) for name in sorted(found))


def predict_gives_every_row(networks):
    """`predict` gives as many rows as it was given, each as if asked together, whatever is left for the last batch."""
    network, (x, _) = networks.get(), samples()
    whole = network.predict(x, SAMPLES)
    for count in range(1, SAMPLES + 1):
        if _differ(network.predict(x[:count], 3), whole[:count]) > CLOSE:
            return "{} rows in batches of 3 get other answers than together".format(count)
    return None


def kept_state_refuses_other_batches(networks):
    """A network that keeps the state of three rows answers as many rows as it is given, or refuses to."""
    design, (x, _) = PLAIN._replace(batch_size=3), samples()
    for count, batch_size in ((4, 3), (6, 6)):
        try:
            found = networks.get(design).predict(x[:count], batch_size)
        except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
            networks.drop(design)  # On JAX its weights are gone then.
            continue
        if len(found) != count:
            return "a network that keeps the state of 3 rows answers {} of {} rows".format(len(found), count)
    return None


def _padded(x, padding, where):
    """Return the samples with two padded steps before or after."""
    pad = np.full((len(x), 2, x.shape[2]), padding, "float32")
    return np.concatenate([pad, x] if where == "before" else [x, pad], axis=1)


def padding_changes_nothing(networks):
    """What is padded and masked is answered as by a network without a mask that saw no padding, for one layer and for two."""
    x, _ = samples()
    for units in ((8,), (8, 6)):
        design = PLAIN._replace(units=units)
        bare = networks.get(design).predict(x, SAMPLES)
        for where in ("before", "after"):
            found = networks.get(design._replace(mask=PADDING)).predict(_padded(x, PADDING, where), SAMPLES)
            if _differ(found, bare) > CLOSE:
                words = "padding {} changes the answers of {} layer{} by {:.3g}"
                return words.format(where, *_layers(units), _differ(found, bare))
    return None


def _layers(units):
    return len(units), "s" if len(units) > 1 else ""


def padding_counts_in_no_loss(networks):
    """Where every step is answered, the loss of evaluate is the mean over the steps that are there."""
    found, wanted = _masked_means(networks)
    if abs(found["loss"] - wanted["loss"]) <= MORE_LOSS:
        return None
    words = "evaluate gives a loss of {:.6g}, where the mean over the steps that are no padding is {:.6g}"
    return words.format(found["loss"], wanted["loss"])


def padding_counts_in_no_metric(networks):
    """Where every step is answered, a metric of evaluate is the mean over the steps that are there."""
    found, wanted = _masked_means(networks)
    names = [name for name in ("accuracy", "mae") if abs(found[name] - wanted[name]) > MORE_LOSS]
    if not names:
        return None
    words = "evaluate gives {} {:.6g}, where the mean over the steps that are no padding is {:.6g}"
    return words.format(names[0], found[names[0]], wanted[names[0]])


def _masked_means(networks):
    """Return ({name: what evaluate gives}, {name: the mean over what is no padding}) of sequences of three lengths."""
    design = PLAIN._replace(mask=PADDING, every_step=True)
    network, (x, _) = networks.get(design), samples()
    is_there = np.arange(STEPS) < STEPS - np.arange(SAMPLES)[:, None] % 3
    x[~is_there] = PADDING
    y = np.eye(design.classes, dtype="float32")[np.random.RandomState(5).randint(design.classes, size=x.shape[:2])]
    answers = network.predict(x, SAMPLES)[is_there]
    _, values = network.metrics(x, y, SAMPLES)
    told = reference.loss(answers, y[is_there]), reference.right(answers, y[is_there]), np.abs(answers - y[is_there]).mean()
    names = ("loss", "accuracy", "mae")
    return dict(zip(names, values)), dict(zip(names, map(float, told)))


def masked_row_does_no_harm(networks):
    """A row that is masked from end to end gets a finite answer, changes no other row's, and spoils no training."""
    network, (x, y) = networks.get(PLAIN._replace(mask=PADDING)), samples()
    x = _padded(x, PADDING, "after")
    whole = network.predict(x, SAMPLES)
    others = np.arange(SAMPLES) != SAMPLES // 2
    x[~others] = PADDING
    found = network.predict(x, SAMPLES)
    if not np.isfinite(found).all() or _differ(found[others], whole[others]) > CLOSE:
        return "a row that is all padding changes the others' answers by {:.3g}".format(_differ(found[others], whole[others]))
    network.fit(x, y, SAMPLES, shuffle=False)
    if not all(np.isfinite(array).all() for array in network.weights()):
        return "after a step of training over a row that is all padding, weights are not finite"
    return None


def dropout_in_training_alone(networks):
    """Dropout, of what comes in and of the recurrent state, changes the loss of training, and no answer."""
    x, y = samples()
    answers = networks.get().predict(x, SAMPLES)
    wanted = reference.loss(answers, y)
    network = networks.get(PLAIN._replace(dropout=(0.5, 0.5)))
    if max(_differ(network.predict(x, SAMPLES), answers) for _ in range(2)) > CLOSE:
        return "dropout changes the answers of predict"
    if abs(network.evaluate(x, y, SAMPLES)[0] - wanted) > MORE_LOSS:
        return "dropout changes the loss of evaluate"
    for name, rates in (("dropout", (0.5, 0.0)), ("recurrent dropout", (0.0, 0.5))):
        loss = networks.get(PLAIN._replace(dropout=rates)).fit(x, y, SAMPLES, shuffle=False)["loss"][0]
        if abs(loss - wanted) <= MORE_LOSS:
            return "{} does nothing in training".format(name)
    return None


def chunks_make_the_whole(networks):
    """A sequence in pieces, its state kept, ends in the answer to the whole sequence."""
    x, _ = samples(steps=6, count=3)
    whole = networks.get().predict(x, 3)
    keeping = networks.get(PLAIN._replace(batch_size=3))
    pieces = [keeping.predict(x[:, first : first + 2], 3) for first in (0, 2, 4)]
    off = _differ(pieces[-1], whole)
    return None if off <= CLOSE else "three pieces of two steps end {:.3g} away from six steps at once".format(off)


def steps_answer_as_ends(networks):
    """Where every step is answered, a step's answer is that of the sequence that ends there."""
    x, _ = samples()
    every = networks.get(PLAIN._replace(every_step=True)).predict(x, SAMPLES)
    for step in (1, STEPS):
        off = _differ(every[:, step - 1], networks.get().predict(x[:, :step], SAMPLES))
        if off > CLOSE:
            return "the answer at step {} is {:.3g} away from that of a sequence that ends there".format(step, off)
    return None


def train_on_batch_tells_its_loss(networks):
    """`train_on_batch` gives the loss of the batch it was given, not of those before, nor of a `fit`."""
    network, (x, y) = networks.get(), samples()
    network.fit(x, y, SAMPLES, shuffle=False)
    for first in (0, 2, 4):
        rows = slice(first, first + 2)
        wanted = reference.loss(network.predict(x[rows], 2), y[rows])
        found = network.train_on_batch(x[rows], y[rows])
        if abs(found - wanted) > MORE_LOSS:
            return "train_on_batch gives {:.6g} for a batch whose loss is {:.6g}".format(found, wanted)
    return None


def saved_is_loaded(networks):
    """A model that is saved and loaded answers as before; in the format of HDF5, which every Keras has."""
    network, (x, _) = networks.new(), samples()
    before = network.predict(x, SAMPLES)
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, "model.h5")
        network.save(path)
        network.load(path)
        off = _differ(network.predict(x, SAMPLES), before)
    finally:
        shutil.rmtree(folder)
    return None if off <= CLOSE else "after saving and loading, answers differ by {:.3g}".format(off)


def previous_file_is_loaded(networks):
    """A model that the previous stack wrote answers as it did there, where the tox environment names such a stack."""
    found = saved.previous()
    if found is None:
        return None
    path, answers = found
    network, (x, _) = networks.new(), samples()
    network.load(path)
    off = _differ(network.predict(x, SAMPLES), answers)
    return None if off <= CLOSE else "a file of the previous stack gives answers that differ by {:.3g}".format(off)


# Those that ask the same networks stand together.
CLAUSES = (
    evaluate_implied_by_predict,
    fit_trains_on_every_row,
    metrics_named,
    predict_gives_every_row,
    train_on_batch_tells_its_loss,
    steps_answer_as_ends,
    chunks_make_the_whole,
    kept_state_refuses_other_batches,
    dropout_in_training_alone,
    padding_counts_in_no_loss,
    padding_counts_in_no_metric,
    padding_changes_nothing,
    masked_row_does_no_harm,
    saved_is_loaded,
    previous_file_is_loaded,
)
