"""What everybody who uses a recurrent layer leans on, beyond the listings. No training decides any of it.

Each clause asks a small network through the public API and says "holds", or what it found instead. It never judges.
"""

import gc
from itertools import groupby
from operator import attrgetter

import numpy as np

from harness import (
    anew,
    batches,
    callbacks,
    cells,
    clipping,
    cost,
    dropouts,
    feeding,
    heads,
    kinds,
    machine,
    masks,
    optimizers,
    padding,
    reference,
    resumed,
    saved,
    sizes,
    slopes,
    targets,
    telling,
    walks,
    wrapped,
)
from harness.errors import reason
from harness.judging import NOT_ASKED
from harness.small import CLOSE, METRICS, MORE_LOSS, PLAIN, SAMPLES, STEPS, Networks, differ, samples, shaken

HOLDS = "holds"
EPOCHS, BEGIN = 5, 2
BATCH = 32
# Epochs. In Keras 3.2 to 3.6 two threads race for the last batch, and one epoch in six is wrong (24 of 180): all of these are
# right once in a million times. On one core they do not race: six runs of 3.4 and 3.6 were right throughout.
RACING = 100
TWO_LAYERS = PLAIN._replace(units=(8, 6))


def observe(backend, is_enough=lambda found: False):
    """Return {"contract": {clause: "holds" or what was found}}; what a clause raises is what was found.

    is_enough: told what was found so far, whenever the clauses of a file are through, whether the others need not be asked.
    """
    networks, found = Networks(backend), {}
    # In one graph of TensorFlow 1 each call waits for all that is in it: 158 CPU seconds on 1.15, 107 with a graph for each.
    for _, clauses in groupby(CLAUSES, key=attrgetter("__module__")):
        networks.begin_graph()
        found.update((clause.__name__, _said(clause, networks)) for clause in clauses)
        if is_enough({"contract": found}):
            return {"contract": found}
    networks.begin_graph()
    return {"contract": dict(found, **cost.observe(networks, HOLDS))}


def _said(clause, networks):
    networks.make_room()
    try:
        return clause(networks) or HOLDS
    except Exception as error:  # noqa: BLE001 - what a stack cannot do is what was found
        networks.backend.leave_names()
        return reason(error)


def evaluate_implied_by_predict(networks):
    """`evaluate` does not depend on the batch size, and is what the answers of `predict` imply."""
    network, (x, y) = networks.get(), samples()
    answers = network.predict(x, SAMPLES)
    implied = reference.loss(answers, y), reference.right(answers, y)
    for batch_size in (1, 3, 32):
        found = network.evaluate(x, y, batch_size)
        if differ(found, implied) > MORE_LOSS:
            words = "with batches of {} evaluate gives {:.6g} and {:.6g}, where predict implies {:.6g} and {:.6g}"
            return words.format(batch_size, *(found + implied))
    return None


def fit_trains_on_every_row(networks):
    """`fit` takes every row with its own target, of a short last batch too: the loss, of weights that stay, is the mean."""
    network, (x, y) = networks.get(), samples()
    wanted = reference.loss(network.predict(x, SAMPLES), y)
    for batch_size, shuffle in ((1, False), (3, False), (3, True)):
        found = network.fit(x, y, batch_size, shuffle)["loss"][0]
        if differ(found, wanted) > MORE_LOSS:
            words = "in batches of {} fit tells a loss of {:.6g}, where that of all rows is {:.6g}"
            return ("shuffled, " if shuffle else "") + words.format(batch_size, found, wanted)
    return None


def fit_trains_every_epoch(networks):
    """`fit` trains as many epochs as it is told, says so to callbacks after each, and tells of all."""
    network, (x, y), told = networks.get(), samples(), []
    history = network.fit(x, y, SAMPLES, shuffle=False, epochs=EPOCHS, on_epoch=told.append)
    counts = sorted({len(values) for values in history.values()})
    if told == list(range(1, EPOCHS + 1)) and counts == [EPOCHS]:
        return None
    words = "of {} epochs fit tells callbacks of {}, and its history has {}"
    return words.format(EPOCHS, len(told), " or ".join(map(str, counts)))


def fit_goes_on_from_an_epoch(networks):
    """`fit` that is told where to begin (`initial_epoch`) trains the epochs from there on, and tells of them by number."""
    network, (x, y), told = networks.get(), samples(), []
    network.fit(x, y, SAMPLES, shuffle=False)  # Some count no steps before their first one.
    before = _count(network)
    history = network.fit(x, y, SAMPLES, shuffle=False, epochs=EPOCHS, on_epoch=told.append, initial_epoch=BEGIN)
    steps, counts = _count(network) - before, sorted({len(values) for values in history.values()})
    left = EPOCHS - BEGIN
    if told == list(range(BEGIN + 1, EPOCHS + 1)) and (steps, counts) == (left, [left]):
        return None
    words = "from epoch {} of {} on fit trains {:g}, tells callbacks of {}, and its history has {}"
    return words.format(BEGIN + 1, EPOCHS, steps, ", ".join(map(str, told)) or "none", " or ".join(map(str, counts)))


def _count(network):
    """Return how many steps the optimizer has counted; beside that number it may hold its rate, which stays."""
    return sum(float(np.ravel(slot)[0]) for slot in network.slots() if np.size(slot) == 1)


def rows_come_in_batches_of_32(networks):
    """Where nobody says how large a batch is, `fit` takes 32 rows at a time."""
    network, (x, y), told = networks.get(), samples(count=1 + BATCH), []
    network.fit(x, y, None, shuffle=False, on_batch=told.append)
    if len(told) == len(x) // BATCH + 1:
        return None
    return "fit takes {} rows in {} batches, where nobody says their size".format(len(x), len(told))


def predict_gives_every_row(networks):
    """`predict` gives as many rows as it was given, each as if asked together, whatever is left for the last batch."""
    network, (x, _) = networks.get(), samples()
    whole = network.predict(x, SAMPLES)
    for count in range(1, SAMPLES + 1):
        if differ(network.predict(x[:count], 3), whole[:count]) > CLOSE:
            return "{} rows in batches of 3 get other answers than together".format(count)
    return None


def kept_state_refuses_other_batches(networks):
    """A network that keeps the state of three rows answers as many rows as it is given, or refuses to."""
    design, (x, _) = TWO_LAYERS._replace(batch_size=3), samples()
    for count, batch_size in ((4, 3), (6, 6)):
        try:
            found = networks.get(design).predict(x[:count], batch_size)
        except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
            networks.drop(design)  # On JAX its weights are gone then.
            continue
        if len(found) != count:
            return "a network that keeps the state of 3 rows answers {} of {} rows".format(len(found), count)
    return None


def chunks_make_the_whole(networks):
    """A sequence in pieces of one step and more, the states of both layers kept, ends in the answer to the whole."""
    x, _ = samples(steps=6, count=3)
    whole = networks.get(TWO_LAYERS._replace(every_step=True)).predict(x, 3)[:, -1]
    keeping = networks.get(TWO_LAYERS._replace(batch_size=3))
    pieces = [keeping.predict(x[:, first:end], 3) for first, end in ((0, 1), (1, 3), (3, 6))]
    off = differ(pieces[-1], whole)
    return None if off <= CLOSE else "pieces of one, two and three steps end {:.3g} away from six steps at once".format(off)


def steps_answer_as_ends(networks):
    """Where every step is answered, a step's answer is that of the sequence that ends there."""
    x, _ = samples()
    every = networks.get(PLAIN._replace(every_step=True)).predict(x, SAMPLES)
    for step in (1, STEPS):
        off = differ(every[:, step - 1], networks.get().predict(x[:, :step], SAMPLES))
        if off > CLOSE:
            return "the answer at step {} is {:.3g} away from that of a sequence that ends there".format(step, off)
    return None


def predict_on_batch_gives_an_array(networks):
    """`predict_on_batch` gives a NumPy array, and in it what `predict` gives."""
    network, (x, _) = networks.get(), samples()
    found = network.predict_on_batch(x[:2])
    if not isinstance(found, np.ndarray):
        return "predict_on_batch gives no array, but a {}".format(type(found).__name__)
    off = differ(found, network.predict(x[:2], 2))
    return None if off <= CLOSE else "predict_on_batch gives answers that are {:.3g} away from those of predict".format(off)


def steps_taken_at_once_give_every_row(networks):
    """A model that takes two steps in one execution (`steps_per_execution`) answers and counts every row, as others do."""
    if not networks.backend.compiles_with("steps_per_execution"):  # Before Keras 2.4.
        return NOT_ASKED
    x, y = samples()
    wanted = networks.get().predict(x, 3)
    loss = reference.loss(wanted, y)
    network = shaken(networks.backend, PLAIN, METRICS[1:2], networks.backend.descent(0.0), steps_per_execution=2)
    off = differ(network.predict(x, 3), wanted)
    if off > CLOSE:
        return "two steps at once answer {} rows {:.3g} away from one by one".format(SAMPLES, off)
    told = [network.evaluate(x, y, 3)[0], *network.fit(x, y, 3, False, epochs=RACING)["loss"]]
    odd = max(told, key=lambda one: differ(one, loss))
    if differ(odd, loss) <= MORE_LOSS:
        return None if machine.cores() > 1 else NOT_ASKED
    return "two steps at once, a loss of {:.6g} is told, where {:.6g} is right".format(odd, loss)


def forgotten_models_are_given_back(networks):
    """A model that was trained, asked and evaluated, and that nobody holds any more, is gone once garbage is collected."""
    there = _used(networks).watched()
    gc.collect()
    return "a model that nobody holds any more stays in memory" if there() is not None else None


def _used(networks):
    network, (x, y) = networks.new(), samples()
    network.fit(x, y, SAMPLES, shuffle=False)
    network.predict(x, SAMPLES)
    network.evaluate(x, y, SAMPLES)
    return network


# Those that ask the same networks stand together.
CLAUSES = (
    evaluate_implied_by_predict,
    fit_trains_on_every_row,
    fit_trains_every_epoch,
    fit_goes_on_from_an_epoch,
    rows_come_in_batches_of_32,
    *telling.CLAUSES,
    *feeding.CLAUSES,
    predict_gives_every_row,
    predict_on_batch_gives_an_array,
    steps_taken_at_once_give_every_row,
    forgotten_models_are_given_back,
    *batches.CLAUSES,
    *targets.CLAUSES,
    *optimizers.CLAUSES,
    *callbacks.CLAUSES,
    *resumed.CLAUSES,
    *clipping.CLAUSES,
    steps_answer_as_ends,
    chunks_make_the_whole,
    kept_state_refuses_other_batches,
    *dropouts.CLAUSES,
    *padding.CLAUSES,
    *masks.CLAUSES,
    *cells.CLAUSES,
    *heads.CLAUSES,
    *walks.CLAUSES,
    *anew.CLAUSES,
    *wrapped.CLAUSES,
    *kinds.CLAUSES,
    *sizes.CLAUSES,
    *slopes.CLAUSES,
    *saved.CLAUSES,
)
