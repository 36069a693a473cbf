"""The clauses of the contract on the framework's own callbacks: rates by epoch, an early end, and the best of all epochs."""

import contextlib
import io
import os
import tempfile

import numpy as np

from harness.judging import NOT_ASKED
from harness.small import PLAIN, SAMPLES, farthest, samples, shaken

RATES = (0.01, 0.0)  # By epoch; the second leaves the network as those who ask it next expect it.
EPOCHS, PATIENCE = 5, 1
RISING = 3  # Epochs, of each of which another class is answered: the accuracy is 1, 2 and 3 of 7.
CERTAIN = 64.0  # Added to the bias of a class, which is all that is answered then.
PLATEAU = 2.0**-20  # A rate at which a loss stays, and which float32 holds as it is.
FLOOR = 0.75  # Of PLATEAU, and as whole a number.
SMALL_RATE = 0.1  # Steps so short that the loss falls in every epoch: from 1.646 by 0.018, 0.017, 0.016 and 0.015.


def rate_is_scheduled(networks):
    """The rate that LearningRateScheduler gives an epoch is the one that its steps are taken with."""
    network, (x, y) = networks.get(), samples()
    scheduler, weights = networks.backend.callback("LearningRateScheduler", RATES.__getitem__), [network.weights()]
    told = {"on_epoch": lambda epoch: weights.append(network.weights()), "callbacks": [scheduler]}
    network.fit(x, y, SAMPLES, shuffle=False, epochs=len(RATES), **told)
    if network.learning_rate() != RATES[-1]:
        networks.drop(PLAIN)
    moved = [farthest(before, after) for before, after in zip(weights, weights[1:])]
    if moved[0] == 0:
        return "an epoch that is given a rate of {:g} moves no weight".format(RATES[0])
    return None if moved[1] == 0 else "an epoch that is given a rate of 0 moves weights by {:.3g}".format(moved[1])


def fit_ends_early(networks):
    """EarlyStopping with a patience of one ends a `fit` after the first epoch that is no better than one before."""
    network, (x, y) = networks.get(), samples()
    stopper = networks.backend.callback("EarlyStopping", monitor="loss", patience=PATIENCE)
    found = network.fit(x, y, SAMPLES, shuffle=False, epochs=EPOCHS, callbacks=[stopper])["loss"]
    if len(found) == 1 + PATIENCE:
        return None
    return "of a loss that stays, with a patience of {}, fit sees {} epochs of {}".format(PATIENCE, len(found), EPOCHS)


def rate_is_reduced_on_a_plateau(networks):
    """ReduceLROnPlateau with a patience of one reduces the rate after the first epoch that is no better than one before."""
    found = _reduced(networks, 1 + PATIENCE)
    if found == 1 / 2:
        return None
    words = "with a patience of {}, after {} epochs of one loss the rate is {:.3g} times what it was"
    return words.format(PATIENCE, 1 + PATIENCE, found)


def _reduced(networks, epochs, **more):
    """Return how many times PLATEAU a rate is after epochs of one loss, each begun at it; more: what the reducer is told."""
    network, (x, y) = networks.get(), samples()
    reducer = networks.backend.callback("ReduceLROnPlateau", monitor="loss", factor=0.5, patience=PATIENCE, **more)
    network.fit(x, y, SAMPLES, shuffle=False, epochs=epochs, callbacks=[scheduler(networks, PLATEAU), reducer])
    found = network.learning_rate()
    network.fit(x, y, SAMPLES, shuffle=False, callbacks=[scheduler(networks, 0.0)])
    if network.learning_rate() != 0:
        networks.drop(PLAIN)
    return found / PLATEAU


def rate_is_not_reduced_below_its_floor(networks):
    """ReduceLROnPlateau that is given a least rate (`min_lr`) stops there."""
    found = _reduced(networks, 2 + PATIENCE, min_lr=FLOOR * PLATEAU)  # Keras before 2.0.9 waits for one more.
    return None if found == FLOOR else "of a rate whose floor is {:g} times itself {:.3g} times is left".format(FLOOR, found)


def validation_ends_fit(networks):
    """EarlyStopping that looks at the rows to validate on (`val_loss`) goes by theirs, not by those that `fit` trains on."""
    network, (x, _) = networks.get(), samples()
    *arrays, bias = network.weights()
    ours, theirs = np.eye(len(bias), dtype="float32")[
        :2
    ]  # The class of every row to train on, and of every one to validate on.
    turning = [[*arrays, bias + CERTAIN * (share * theirs + (1 - share) * ours)] for share in (0, 0.5, 1)]

    def turn(epoch):
        network.set_weights(turning[min(epoch, len(turning) - 1)])

    turn(0)
    rows, validated = ((x, np.repeat(one[None], SAMPLES, axis=0)) for one in (ours, theirs))
    stopper = networks.backend.callback("EarlyStopping", monitor="val_loss", patience=PATIENCE)
    told = {"on_epoch": turn, "callbacks": [stopper], "validation_data": validated}
    found = len(network.fit(*rows, SAMPLES, False, epochs=EPOCHS, **told)["loss"])
    if found > len(turning):
        return None
    return "of a val_loss that falls for {} epochs, while the loss rises, fit sees {}".format(len(turning), found)


def nan_ends_fit(networks):
    """TerminateOnNaN ends a `fit` whose loss is no number before the next epoch."""
    if not networks.backend.has_callback("TerminateOnNaN"):  # Before Keras 2.0.5.
        return NOT_ASKED
    network, told = shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(0.0)), []
    network.set_weights([np.nan * array for array in network.weights()])
    ender = networks.backend.callback("TerminateOnNaN")
    with contextlib.redirect_stdout(io.StringIO()):  # It says so there.
        network.fit(*samples(), SAMPLES, False, epochs=EPOCHS, callbacks=[ender], on_epoch=told.append)
    return None if len(told) == 1 else "of losses that are no numbers TerminateOnNaN lets {} epochs pass".format(len(told))


def highest_accuracy_is_best(networks):
    """EarlyStopping that is left to choose (`mode="auto"`) takes the highest accuracy for the best."""
    network, (x, y) = networks.get(), samples()
    rising = _rising(network.weights())
    network.fit(x, y, SAMPLES, shuffle=False)
    name = next(name for name in network.history_names if name.startswith("acc"))
    stopper = networks.backend.callback("EarlyStopping", monitor=name, patience=0)  # Of 1 Keras before 2.0.9 makes 2.
    found = _risen(network, rising, "accuracy", stopper)
    if len(found) == RISING:
        return None
    return "of an accuracy that rises fit sees {}, and stops".format(_spelled(found))


def highest_metric_is_waited_for(networks):
    """EarlyStopping that is left to choose takes the highest AUC, and the highest precision, for the best."""
    for name, network, rising in _by_metric(networks):
        stopper = networks.backend.callback("EarlyStopping", monitor=name.lower(), patience=PATIENCE)
        found = _risen(network, rising, name.lower(), stopper)
        if len(found) < RISING:
            return "of {} that rises EarlyStopping sees {}, and stops".format(name, _spelled(found))
    return None if _metrics(networks) else NOT_ASKED


def highest_metric_is_kept(networks):
    """ModelCheckpoint that is left to choose takes the highest AUC, and the highest precision, for the best."""
    for name, network, rising in _by_metric(networks):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "best.weights.h5")
            asked = {"monitor": name.lower(), "save_best_only": True, "save_weights_only": True}
            found = _risen(network, rising, name.lower(), networks.backend.callback("ModelCheckpoint", path, **asked))
            network.load_weights(path)
        if farthest(network.weights(), rising[-1]) != 0:
            return "of {} that rises ({}) ModelCheckpoint keeps not the last for the best".format(name, _spelled(found))
    return None if _metrics(networks) else NOT_ASKED


def _metrics(networks):
    """Return the names of the metrics that this framework has: none in Keras 2 on its own before 2.3."""
    return [name for name in ("AUC", "Precision") if networks.backend.metric(name) is not None]


def _by_metric(networks):
    """Yield (name, a network that tells this metric alone, weights by which it rises) of each metric that there is."""
    backend = networks.backend
    for name in _metrics(networks):
        network = shaken(backend, PLAIN, [backend.metric(name)], backend.descent(0.0))
        yield name, network, _rising(network.weights())


def _risen(network, rising, name, callback):
    """Return the metric of each epoch that `fit` sees with this callback, of weights by which it rises."""
    network.set_weights(rising[0])
    told = {"callbacks": [callback], "on_epoch": lambda epoch: network.set_weights(rising[epoch % RISING])}
    return network.fit(*samples(), batch_size=SAMPLES, shuffle=False, epochs=RISING, **told)[name]


def _rising(weights):
    """Return weights of this network by which 1, 2 and 3 of 7 rows are answered right: each is sure of another class."""
    (*arrays, bias), (_, y) = weights, samples()
    rising = np.argsort(y.sum(axis=0), kind="mergesort")[-RISING:]  # Classes, the last of which most rows are of.
    return [[*arrays, bias + CERTAIN * np.eye(len(bias), dtype="float32")[label]] for label in rising]


def _spelled(values):
    return ", ".join("{:.3g}".format(value) for value in values)


def schedule_is_given_the_rate(networks):
    """A schedule of LearningRateScheduler that has a second parameter is given the rate so far, whatever its default is."""
    given = []

    def schedule(epoch, rate=RATES[0]):
        given.append(float(rate))
        return (PLATEAU, 0.0)[epoch]

    network = networks.get()
    asked = networks.backend.callback("LearningRateScheduler", schedule)
    network.fit(*samples(), SAMPLES, False, epochs=2, callbacks=[asked])
    if given == [0.0, PLATEAU]:
        return None
    is_left = given == 2 * [RATES[0]]
    return "a schedule's second parameter is " + ("left at its default" if is_left else "not the rate so far")


def written_epochs_count_from_one(networks):
    """ModelCheckpoint counts the epochs in the names of its files from 1, as the numbers that `fit` prints do."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "{epoch}.weights.h5")
        writer = networks.backend.callback("ModelCheckpoint", path, save_weights_only=True)
        networks.get().fit(*samples(), SAMPLES, False, epochs=2, callbacks=[writer])
        found = sorted(name.partition(".")[0] for name in os.listdir(folder))
    return None if found == ["1", "2"] else "of two epochs ModelCheckpoint writes those called {}".format(", ".join(found))


def scheduler(networks, rate):
    """Return the callback that gives every epoch this rate."""
    return networks.backend.callback("LearningRateScheduler", lambda epoch, *known: rate)


# The highest loss is called the best, so that it is that of the first epoch.
ASKED = {"monitor": "loss", "mode": "max"}


def best_weights_are_written(networks):
    """Of all epochs ModelCheckpoint writes the best, as HDF5, which every Keras has."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.h5")
        writer = networks.backend.callback("ModelCheckpoint", path, save_best_only=True, **ASKED)
        network, weights = _trained(networks.backend, writer)
        network.load(path)
    return _not_the_best("the file", network, weights)


def best_weights_are_kept_over_calls(networks):
    """ModelCheckpoint keeps the best of all epochs: what a later `fit` ends with is written only where it is better."""
    network, (x, y) = networks.get(), samples()
    best = network.weights()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.weights.h5")
        writer = networks.backend.callback("ModelCheckpoint", path, save_best_only=True, save_weights_only=True, **ASKED)
        for weights in (best, [0 * array for array in best]):  # A loss of 1.65, and of log(5).
            network.set_weights(weights)
            network.fit(x, y, SAMPLES, shuffle=False, callbacks=[writer])
        network.load_weights(path)
    return None if farthest(network.weights(), best) == 0 else "a worse epoch of a later fit is written over the best"


def best_weights_are_restored(networks):
    """EarlyStopping leaves the weights of the best epoch, where it ends nothing, too; Keras before 2.2.3 never does."""
    try:
        stopper = networks.backend.callback("EarlyStopping", patience=2 * EPOCHS, restore_best_weights=True, **ASKED)
    except TypeError:
        return None
    return _not_the_best("the model", *_trained(networks.backend, stopper))


def _trained(backend, callback):
    """Return (a network that was trained with this callback, its weights after each epoch)."""
    network, weights = shaken(backend, PLAIN, optimizer=backend.descent(SMALL_RATE)), []
    told = {"on_epoch": lambda epoch: weights.append(network.weights()), "callbacks": [callback]}
    network.fit(*samples(), batch_size=SAMPLES, shuffle=False, epochs=EPOCHS, **told)
    return network, weights


def _not_the_best(what, network, weights):
    """Say which epoch's weights a network holds where they are not those of the first, None where they are."""
    if farthest(network.weights(), weights[0]) == 0:
        return None
    same = [epoch for epoch, known in enumerate(weights, start=1) if farthest(network.weights(), known) == 0]
    return "{} holds the weights of {}, not those of the best epoch".format(
        what, "epoch {} of {}".format(same[0], EPOCHS) if same else "no epoch"
    )


CLAUSES = (
    rate_is_scheduled,
    rate_is_reduced_on_a_plateau,
    rate_is_not_reduced_below_its_floor,
    fit_ends_early,
    validation_ends_fit,
    nan_ends_fit,
    highest_accuracy_is_best,
    highest_metric_is_waited_for,
    highest_metric_is_kept,
    schedule_is_given_the_rate,
    written_epochs_count_from_one,
    best_weights_are_kept_over_calls,
    best_weights_are_written,
    best_weights_are_restored,
)
