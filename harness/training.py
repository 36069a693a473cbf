"""Two ways to train the same network: `fit`, as published, and `compiled`, which makes many seeds affordable."""

import time
from typing import Any, Callable, NamedTuple

import numpy as np

from harness import framings
from harness.errors import FramingError

STEPS_PER_CALL = 1000  # A compiled call this long takes 10 to 20 ms, so progress and Ctrl-C stay prompt.


class Trained(NamedTuple):
    """A fitted network and how it came about.

    answer: samples -> softmax, through what the engine uses; curves: loss and accuracy per epoch; seconds: of building,
    compiling (with a framing's first seed) and training; program: what ran it.
    """

    framing: framings.Framing
    network: Any
    answer: Callable
    x: np.ndarray
    y: np.ndarray
    initial_weights: list
    curves: dict
    seconds: dict
    program: str


def _no_progress(epoch):
    """Progress that nobody watches."""


class Ways(NamedTuple):
    """How an engine trains and asks a network.

    train(list of rows, one per step) -> mean loss; answer(rows) -> softmax; epochs(rows, count) -> [mean loss of each epoch],
    the same rows over and over in one call.
    """

    train: Callable
    answer: Callable
    epochs: Callable


class Fit:
    """The published listing: `model.fit`, and for a stateful network a reset after every epoch."""

    name = "fit"
    decides_order = True

    def __init__(self, backend):
        self.backend = backend

    def train(self, framing, seed, progress=_no_progress):
        """Return the framing trained from this seed; `progress` is told how many epochs are done."""
        x, y = self.backend.arrays(framing)
        self.backend.seed(seed)
        started = time.perf_counter()
        network = self.backend.build(framing)
        initial = network.weights()
        built = time.perf_counter()
        curves = self._fit(network, framing, x, y, progress)
        seconds = {"build": built - started, "train": time.perf_counter() - built}
        return Trained(framing, network, _predictor(framing, network), x, y, initial, _curves(curves), seconds, self.name)

    def ways(self, network, x, y, batch_size):
        """Return the Ways of a network over these samples, fed in the given order by one call of `fit`."""

        def epochs(order, count):
            return network.fit(x[order], y[order], batch_size=batch_size, shuffle=False, epochs=count)["loss"]

        def train(steps):
            return epochs(np.concatenate(steps), 1)[0]

        return Ways(train, lambda rows: network.predict(x[rows], batch_size), epochs)

    def _fit(self, network, framing, x, y, progress):
        batches = {"batch_size": framing.batch_size, "shuffle": framing.shuffle}
        if not framing.stateful:
            return [network.fit(x, y, epochs=framing.epochs, on_epoch=progress, **batches)]
        histories = []
        for epoch in range(framing.epochs):
            histories.append(network.fit(x, y, epochs=1, **batches))
            network.reset()
            progress(epoch + 1)
        return histories


def _predictor(framing, network):
    return lambda x: network.predict(x, batch_size=framing.batch_size if framing.stateful else len(x))


def _curves(histories):
    """Join the histories of successive `fit` calls into one curve a metric."""
    joined = {}
    for history in histories:
        for name, values in history.items():
            joined.setdefault(name, []).extend(values)
    return joined


def piece_length(framing):
    """Return how many steps one call of a Program takes: whole epochs, about STEPS_PER_CALL steps, however few are wanted."""
    per_epoch = framings.steps_per_epoch(framing)
    return per_epoch * max(1, STEPS_PER_CALL // per_epoch)


class Compiled:
    """The same network trained by a Program, one per framing and kept over seeds, over NumPy's order of samples."""

    name = "compiled"
    decides_order = False

    def __init__(self, backend):
        self.backend = backend
        self.kept = {}

    def train(self, framing, seed, progress=_no_progress):
        """Return the framing trained from this seed; the network is the kept one, so use it before the next call."""
        started = time.perf_counter()
        initial = self.initial_weights(framing, seed)
        network, program, slots = self.prepared(framing)
        network.restart(initial, slots)
        built, compiled = time.perf_counter(), program.compile_seconds
        losses, accuracies = _train_pieces(program, framing, seed, progress)
        compiling = program.compile_seconds - compiled
        seconds = {"build": built - started, "compile": compiling, "train": time.perf_counter() - built - compiling}
        curves = {"loss": losses, "accuracy": accuracies}
        x, y = self.backend.arrays(framing)
        return Trained(framing, network, program.answer, x, y, initial, curves, seconds, program.kind)

    def ways(self, network, x, y, batch_size):
        """Return the Ways of a network over these samples, through a Program that takes one step a call."""
        program = self.backend.program(network, x, y)

        def train(steps):
            return np.mean([program.train(np.reshape(rows, (1, batch_size)), [False])[0][0] for rows in steps])

        def epochs(order, count):
            return [train(np.reshape(order, (-1, batch_size))) for _ in range(count)]

        return Ways(train, lambda rows: program.answer(x[rows]), epochs)

    def initial_weights(self, framing, seed):
        """Return the weights that a freshly built network has after this seed."""
        self.backend.seed(seed)
        return self.backend.build(framing).weights()

    def prepared(self, framing):
        """Return (network, program, its optimizer's first slots), made once for each framing."""
        key = framing.replace(epochs=0)
        if key not in self.kept:
            network = self.backend.build(framing)
            program = self.backend.program(network, *self.backend.arrays(framing))
            self.kept[key] = network, program, network.slots()
        return self.kept[key]


def _train_pieces(program, framing, seed, progress):
    losses, accuracies, done = [], [], 0
    per_epoch = framings.steps_per_epoch(framing)
    for rows, resets, epochs in pieces(framing, seed):
        found = program.train_padded(rows, resets, epochs * per_epoch)
        for curve, values in zip((losses, accuracies), found):
            curve.extend(values.reshape(epochs, per_epoch).mean(axis=1).astype(float).tolist())
        done += epochs
        progress(done)
    return losses, accuracies


def pieces(framing, seed):
    """Yield (rows, resets, epochs): the steps of some epochs at a time, padded to one length.

    The order is NumPy's own shuffle of RandomState(seed), cumulative over epochs as Keras 1 did it; without `shuffle` it
    is the patterns' order. A stateful network forgets after the last step of every epoch.
    """
    per_epoch, order, random = framings.steps_per_epoch(framing), _whole_batches(framing), np.random.RandomState(seed)
    at_once = piece_length(framing) // per_epoch
    resets = np.arange(1, at_once * per_epoch + 1) % per_epoch == 0
    for first in range(0, framing.epochs, at_once):
        epochs = min(at_once, framing.epochs - first)
        rows = np.zeros((at_once * per_epoch, len(order) // per_epoch), dtype="int32")
        for epoch in range(epochs):
            if framing.shuffle:
                random.shuffle(order)
            rows[epoch * per_epoch : (epoch + 1) * per_epoch] = order.reshape(per_epoch, -1)
        yield rows, resets, epochs


def _whole_batches(framing):
    samples = len(framings.patterns(framing))
    if samples > framing.batch_size and samples % framing.batch_size:
        raise FramingError(
            f"{framing.name} has {samples} patterns in batches of {framing.batch_size}; the compiled engine needs whole "
            "batches, so choose a batch size that divides them or train it with `fit`"
        )
    return np.arange(samples)


ENGINES = {"fit": Fit, "compiled": Compiled}
