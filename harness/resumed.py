"""The clauses of the contract on callbacks used again, or for what is not there, and on training that was cut short."""

import contextlib
import os
import tempfile

from harness.callbacks import SMALL_RATE
from harness.judging import NOT_ASKED
from harness.small import CLOSE, PLAIN, SAMPLES, farthest, samples, shaken

EPOCHS, AGAIN, CUT = 5, 4, 3  # Of a first fit, of a second one, and after which the first is cut short.
MOMENTUM = 0.5  # That of a step before the cut is felt after it.


class _CutError(Exception):
    """What ends a training before its time."""


def callbacks_begin_anew(networks):
    """EarlyStopping and ReduceLROnPlateau that are used for a second `fit` know nothing of the first.

    That of the first comes lower than the second ever does, and the loss of each falls in every epoch.
    """
    backend, data = networks.backend, samples()
    network = shaken(backend, PLAIN, optimizer=backend.descent(SMALL_RATE))
    weights, rate = network.weights(), network.learning_rate()
    stopper, reducer = (backend.callback(name, monitor="loss", patience=1) for name in ("EarlyStopping", "ReduceLROnPlateau"))
    network.fit(*data, SAMPLES, False, epochs=EPOCHS, callbacks=[stopper, reducer])
    network.set_weights(weights)
    network.fit(*data, SAMPLES, False, epochs=AGAIN, callbacks=[reducer])
    share = network.learning_rate() / rate
    if share != 1:
        return "used again, ReduceLROnPlateau compares with the fit before: the rate is {:.3g} times what it was".format(share)
    network.set_weights(weights)
    found = len(network.fit(*data, SAMPLES, False, epochs=AGAIN, callbacks=[stopper])["loss"])
    words = "used again, EarlyStopping compares with the fit before: of {} epochs that get better fit sees {}"
    return None if found == AGAIN else words.format(AGAIN, found)


def fit_ends_after_a_batch(networks):
    """A callback that ends `fit` after a batch (`stop_training`) ends it there, not after the epoch."""
    network, told = networks.get(), []

    def stop(logs):
        told.append(logs)
        network.stop()

    network.fit(*samples(), 1, False, epochs=2, on_batch=stop)
    return None if len(told) == 1 else "told to stop after the first batch, fit takes {}".format(len(told))


# Weights alone, which every Keras writes to a file of this name.
BEST = {"save_best_only": True, "save_weights_only": True}


def best_of_nothing_is_not_written(networks):
    """ModelCheckpoint that is to write the best writes none, where what it looks at (`val_loss`) is not there."""
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.weights.h5")
        writer = networks.backend.callback("ModelCheckpoint", path, **BEST)
        networks.get().fit(*samples(), SAMPLES, False, callbacks=[writer])
        return "without a val_loss, every epoch is written as the best" if os.listdir(folder) else None


def best_of_some_batches_is_written(networks):
    """ModelCheckpoint that is to write the best, and looks after every so many batches (`save_freq`), writes one."""
    network = networks.get()
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "best.weights.h5")
        try:
            writer = networks.backend.callback("ModelCheckpoint", path, monitor="loss", mode="min", save_freq=1, **BEST)
        except TypeError:  # Before TensorFlow 1.14, and in Keras 2 on its own.
            return NOT_ASKED
        network.fit(*samples(), 1, False, callbacks=[writer])
        return None if os.listdir(folder) else "no batch is written as the best"


def training_goes_on_where_it_was_cut(networks):
    """With BackupAndRestore, a new model ends a training that was cut short where one that was not cut ends."""
    if not networks.backend.has_callback("BackupAndRestore"):  # Before TensorFlow 2.8.
        return NOT_ASKED
    whole = _network(networks)
    whole.fit(*samples(), SAMPLES, False, epochs=EPOCHS)
    with tempfile.TemporaryDirectory() as folder:
        network, count = _resumed(networks, folder)
    if count != EPOCHS - CUT:
        return "of a training that was cut after epoch {} of {}, {} epochs are trained again".format(CUT, EPOCHS, count)
    off = farthest(network.weights(), whole.weights())
    return None if off <= CLOSE else "after a cut training ends {:.3g} away from where it ends without".format(off)


def resumed_model_trains_again(networks):
    """A model that has ended a training that was cut short trains every epoch of the next `fit`."""
    if not networks.backend.has_callback("BackupAndRestore"):
        return NOT_ASKED
    with tempfile.TemporaryDirectory() as folder:
        network, _ = _resumed(networks, folder)
    found = len(network.fit(*samples(), SAMPLES, False, epochs=AGAIN)["loss"])
    if found == AGAIN:
        return None
    return "after it has gone on from a cut, the next fit of {} epochs trains {}".format(AGAIN, found)


def _network(networks):
    return shaken(networks.backend, PLAIN, optimizer=networks.backend.descent(SMALL_RATE, MOMENTUM))


def _resumed(networks, folder):
    """Return (a network that went on from where another was cut short, how many epochs it trained)."""

    def cut(epoch):
        if epoch == CUT:
            raise _CutError

    with contextlib.suppress(_CutError):
        _fit(networks, _network(networks), folder, cut)
    network = _network(networks)
    return network, len(_fit(networks, network, folder))


def _fit(networks, network, folder, on_epoch=None):
    keeper = networks.backend.callback("BackupAndRestore", os.path.join(folder, "backup"))
    return network.fit(*samples(), SAMPLES, False, epochs=EPOCHS, on_epoch=on_epoch, callbacks=[keeper]).get("loss", [])


CLAUSES = (
    fit_ends_after_a_batch,
    callbacks_begin_anew,
    best_of_nothing_is_not_written,
    best_of_some_batches_is_written,
    training_goes_on_where_it_was_cut,
    resumed_model_trains_again,
)
