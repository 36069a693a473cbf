"""The clauses of the contract on rows that come batch by batch, from an object that a user writes, and on epochs of a few.

A `PyDataset`, which was a `Sequence` before Keras 3, says how many batches there are, gives each by its number, and is told
when an epoch ends.
"""

from itertools import cycle

import numpy as np

from harness import feeding, reference
from harness.judging import NOT_ASKED
from harness.small import CLOSE, MORE_LOSS, PLAIN, SAMPLES, differ, means, odd_way, samples

PARTS, PART = 2, 2  # Of all batches, and batches of a part.
ROWS = 3  # In a batch, and what is left in the last.
# Each has batches of its own. In Keras 2.0.8 and 2.0.9 two threads race, and an epoch is right by chance once in fifteen times
# (60 runs of three): all of them once in 50,000.
EPOCHS = 5


def batches_are_all_taken(networks):
    """`predict` answers every row of every batch, in their order, and `fit` trains on each, whatever its rows, by its own."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples()
    answers = network.predict(x, SAMPLES)
    given = networks.backend.batches(_cut(x, y))
    if differ(network.predict_batches(given), answers) > CLOSE:
        return "predict answers batches otherwise than the same rows together"
    return _odd("from batches", network.fit_batches(given)["loss"], [reference.loss(answers, y)])


def epoch_ends_before_the_next(networks):
    """What `on_epoch_end` changes is what the next epoch trains on."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples(count=2 * ROWS)  # Alike in size: Keras 3.0 takes no notice of sizes.
    answers, batches, ends = network.predict(x, ROWS), _cut(x, y), []

    def turn():
        ends.append(True)
        batches[:] = _cut(x, _turned(y, len(ends)))

    found = network.fit_batches(networks.backend.batches(batches, turn), epochs=EPOCHS)["loss"]
    wanted = [reference.loss(answers, _turned(y, epoch)) for epoch in range(EPOCHS)]
    return _odd("where on_epoch_end changes the batches", found, wanted)


def batches_count_by_class(networks):
    """Rows that come in batches count by their class (`class_weight`), as rows of an array do."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    losses = -np.log((network.predict(x, ROWS) * y).sum(axis=1))
    found = network.fit_batches(networks.backend.batches(_cut(x, y)), class_weight=feeding.BY_CLASS)["loss"]
    wanted = np.mean([feeding.BY_CLASS[label] * loss for label, loss in zip(y.argmax(axis=1), losses)])
    return _odd("with weights of classes", found, [wanted])


def batches_bring_their_weights(networks):
    """Rows that come in batches count by the weights that come third with them, as rows of an array do by theirs."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    losses, weights = -np.log((network.predict(x, ROWS) * y).sum(axis=1)), feeding.WEIGHTS[: 2 * ROWS]
    found = network.fit_batches(networks.backend.batches(_cut(x, y, weights)))["loss"]
    return _odd("with weights of rows", found, [np.mean(weights * losses)])


def all_batches_are_validated(networks):
    """Of batches to validate on, `fit` takes all where nobody says how many; or that must be said."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    wanted, given = reference.loss(network.predict(x, ROWS), y), networks.backend.batches(_cut(x, y))
    try:
        found = network.fit_batches(given, validation_data=given)["val_loss"][0]
    except ValueError as error:
        if "validation_steps" not in str(error):
            raise
        return NOT_ASKED  # Keras before 2.0.9 wants to be told.
    if differ(found, wanted) <= MORE_LOSS:
        return None
    return "of batches to validate on fit tells a loss of {:.6g}, where that of all is {:.6g}".format(found, wanted)


def data_set_is_taken_whole(networks):
    """`fit` trains on every batch of a data set of TensorFlow, a short last one too, and validates on every one of another."""
    network, (x, y) = networks.get(), samples()
    given = networks.backend.data_set(x, y, ROWS, is_counted=True)
    if given is None:
        return NOT_ASKED
    wanted, found = reference.loss(network.predict(x, SAMPLES), y), network.fit_batches(given, validation_data=given)
    for name in ("loss", "val_loss"):
        if differ(found[name][0], wanted) > MORE_LOSS:
            return "over a data set fit tells {} {:.6g}, where that of all rows is {:.6g}".format(name, found[name][0], wanted)
    return None


def epoch_of_a_generator_goes_on(networks):
    """An epoch takes `steps_per_epoch` batches of a generator, in their order, and the next those that come then."""
    network, x, y, wanted = _in_parts(networks)
    generator = (batch for batch in cycle(_cut(x, y)))  # Keras knows one by its type.
    return _odd("from a generator", network.fit_generator(generator, PART, PARTS)["loss"], wanted)


def epoch_of_some_steps_goes_on(networks):
    """An epoch takes `steps_per_epoch` batches of an array, and the next goes on behind them; or that is refused."""
    network, x, y, wanted = _in_parts(networks)
    try:
        found = network.fit(x, y, ROWS, shuffle=False, epochs=PARTS, steps_per_epoch=PART)["loss"]
    except Exception:  # noqa: BLE001 - to refuse is right, whatever the error is called
        networks.drop(PLAIN)  # On JAX its weights are gone then.
        return None
    return _odd("by some steps of an array", found, wanted)


def batches_are_evaluated_as_rows(networks):
    """`evaluate` over batches is the mean over their rows, however many each batch has."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples()
    wanted = reference.loss(network.predict(x, SAMPLES), y)
    ways = {"evaluate": lambda: network.evaluate_batches(networks.backend.batches(_cut(x, y)))[0]}
    return odd_way(ways, wanted, "over batches {} gives a loss of {:.6g}, where the mean over rows is {:.6g}")


def steps_of_validation_are_taken(networks):
    """Of batches to validate on, `fit` takes as many as it is told (`validation_steps`)."""
    if not networks.backend.takes_batches():
        return NOT_ASKED
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    wanted = reference.loss(network.predict(x[:ROWS], ROWS), y[:ROWS])
    given = networks.backend.batches(_cut(x, y))
    ways = {"fit": lambda: network.fit_batches(given, validation_data=given, validation_steps=1)["val_loss"][0]}
    return odd_way(ways, wanted, "of one batch to validate on {} tells a loss of {:.6g}, where {:.6g} is right")


def unknown_number_of_batches_is_found(networks):
    """A data set of TensorFlow that does not know how many batches it has is evaluated as the rows that it gives."""
    network, (x, y) = networks.get(), samples(count=2 * ROWS)
    given = networks.backend.data_set(x, y, ROWS)
    if given is None:
        return NOT_ASKED
    wanted = list(means(network.predict(x, ROWS), y).values())
    found = network.evaluate_batches(given)
    if differ(found, wanted) <= MORE_LOSS:
        return None
    spelled = [", ".join("{:.6g}".format(value) for value in values) for values in (found, wanted)]
    return "over batches of an unknown number evaluate gives {}, where {} is right".format(*spelled)


def _in_parts(networks):
    """Return (a network, samples, targets, the loss of each part of their batches)."""
    network, (x, y) = networks.get(), samples(count=PARTS * PART * ROWS)
    answers = network.predict(x, ROWS)
    return network, x, y, [reference.loss(*both) for both in zip(np.split(answers, PARTS), np.split(y, PARTS))]


def _cut(*arrays):
    return [tuple(array[first : first + ROWS] for array in arrays) for first in range(0, len(arrays[0]), ROWS)]


def _turned(y, times):
    return np.roll(y, times, axis=1)


def _odd(words, losses, wanted):
    """Say which epoch tells another loss than is wanted, or how many tell none; None where all are right."""
    if len(losses) != len(wanted):
        return "{} fit tells of {} of {} epochs".format(words, len(losses), len(wanted))
    for epoch, (found, right) in enumerate(zip(losses, wanted), start=1):
        if differ(found, right) > MORE_LOSS:
            return "{} epoch {} of fit tells a loss of {:.6g}, where {:.6g} is right".format(words, epoch, found, right)
    return None


CLAUSES = (
    batches_are_all_taken,
    epoch_ends_before_the_next,
    batches_count_by_class,
    batches_bring_their_weights,
    all_batches_are_validated,
    data_set_is_taken_whole,
    epoch_of_a_generator_goes_on,
    epoch_of_some_steps_goes_on,
    batches_are_evaluated_as_rows,
    steps_of_validation_are_taken,
    unknown_number_of_batches_is_found,
)
