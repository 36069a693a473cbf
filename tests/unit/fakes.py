"""A framework of a hundred lines: the border of `harness.backend` in NumPy, exact, and broken where a test asks for it.

A stateful network counts: it answers the letter of its position. Any other answers the letter after the last one it saw.
"""

import numpy as np

from harness import framings

# What a test may break: each word makes one part of the framework wrong.
BREAKS = {"reset", "program", "slots", "rows", "nan", "seed", "shuffle", "alike", "sorted", "targets", "any batch", "loss"}


class Backend:
    """What `harness.backend.Backend` offers; `calls` and `seeds` list what it was asked for."""

    name = "tensorflow"

    def __init__(self, *broken):
        assert set(broken) <= BREAKS
        self.broken, self.calls, self.seeds, self.random, self.programs = broken, [], [], np.random.RandomState(0), 0
        self.engines, self.differences = ("fit", "compiled"), []

    def seed(self, seed):
        self.seeds.append(seed)
        if "seed" not in self.broken:
            self.random = np.random.RandomState(12345 if seed is None else seed)

    def arrays(self, framing):
        x, y = framings.arrays(framing)
        return x, np.roll(y, 1, axis=0) if "targets" in self.broken else y

    def build(self, framing, metrics=("accuracy",)):
        return Network(self, framing, metrics)

    def program(self, network, x, y):
        self.programs += 1
        return Program(network, x, y)

    def device(self):
        return "cpu"

    def threads(self):
        return {"intra": 1, "inter": 1}


class Network:
    """Weights of the true shapes, which every step changes by its rows, their order and what was not forgotten."""

    def __init__(self, backend, framing, metrics=("accuracy",)):
        self.backend, self.framing, self.metrics, self.broken = backend, framing, metrics, backend.broken
        features, units, classes = framings.shape(framing)[1], framing.units, framings.classes(framing)
        shapes = ((features, 4 * units), (units, 4 * units), (4 * units,), (units, classes), (classes,))
        self.arrays = [backend.random.uniform(-1, 1, shape) for shape in shapes]
        self.arrays[2][units : 2 * units] = 1.0
        self.position = self.memory = 0
        self.moments, self.has_lost_slots = np.zeros(2), False

    def softmax(self, x):
        """Return each row's shares of one batch, and go on by one letter."""
        if self.framing.stateful and len(x) != self.framing.batch_size and "any batch" not in self.broken:
            raise ValueError("built for another batch")
        classes = len(self.arrays[4])
        last = np.rint(x.reshape(len(x), -1)[:, -1] * 26).astype(int)
        answers = (np.full(len(x), self.position) if self.framing.stateful else last) + 1
        self.position += 1
        mixed = x.mean() if "rows" in self.broken else 0.0
        certain = 0.9 + 0.01 * np.tanh(self.arrays[0].mean()) + 0.01 * mixed
        return np.where(np.arange(classes) == (answers % classes)[:, None], certain, (1 - certain) / (classes - 1))

    def step(self, x, y, more=0.0):
        """Take one training step and return (loss, share of right answers, softmax)."""
        shares = self.softmax(x)
        signal = float(np.mean(x.sum(axis=(1, 2)) * (1 + y.argmax(axis=1)))) / 26 + more
        self.memory = self.memory + signal if self.framing.stateful else 0.0
        self.arrays = [0.99 * array + 1e-3 * (signal + self.memory) for array in self.arrays]
        self.moments = self.moments * 0.9 + [0.1 * signal, 1.0]
        right = np.mean(shares.argmax(axis=1) == y.argmax(axis=1))
        return -float(np.mean(np.log((shares * y).sum(axis=1)))), float(right), shares

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_epoch=None, on_batch=None):
        self.backend.calls.append(("fit", epochs, batch_size, shuffle))
        history = {name: [] for name in ("loss", *map(_name, self.metrics))}
        for epoch in range(epochs):
            logs = self._epoch(x, y, self._order(len(x), shuffle, epoch), batch_size, on_batch)
            for name, value in logs.items():
                history[name].append(value)
            if on_epoch:
                on_epoch(epoch + 1)
        return history

    def _order(self, rows, shuffle, epoch):
        if "sorted" in self.broken:
            return np.arange(rows)[::-1]
        if not shuffle or "shuffle" in self.broken:
            return np.arange(rows)
        return np.random.RandomState(1).permutation(rows) if "alike" in self.broken else self.backend.random.permutation(rows)

    def _epoch(self, x, y, order, batch_size, on_batch):
        seen, logs = [], {}
        for first in range(0, len(order), batch_size):
            rows = order[first : first + batch_size]
            loss, right, shares = self.step(x[rows], y[rows])
            seen.append(
                [loss, *[right if metric == "accuracy" else np.mean(metric(y[rows], shares)) for metric in self.metrics]]
            )
            logs = dict(zip(("loss", *map(_name, self.metrics)), np.mean(seen, axis=0).tolist()))
            if on_batch:
                on_batch(logs)
        return logs

    def predict(self, x, batch_size):
        return np.concatenate([self.softmax(x[first : first + batch_size]) for first in range(0, len(x), batch_size)])

    def evaluate(self, x, y, batch_size):
        shares = self.predict(x, batch_size)
        loss = -float(np.mean(np.log((shares * y).sum(axis=1)))) + ("loss" in self.broken)
        return loss, float(np.mean(shares.argmax(axis=1) == y.argmax(axis=1)))

    def reset(self):
        self.backend.calls.append(("reset",))
        if "reset" not in self.broken:
            self.position = self.memory = 0

    def states(self):
        if not self.framing.stateful:
            return []
        states = [np.full((self.framing.batch_size, self.framing.units), float(size)) for size in (self.position, self.memory)]
        states[1][0, -1] = np.nan if "nan" in self.broken else states[1][0, -1]
        return states

    def weights(self):
        return [array.copy() for array in self.arrays]

    def slots(self):
        return [self.moments[:1].copy(), self.moments[1:].copy()][: 1 if self.has_lost_slots else 2]

    def learning_rate(self):
        return 0.001

    def defaults(self):
        return {"adam.epsilon": 1e-7}

    def build_slots(self):
        self.moments = np.zeros(2)

    def restart(self, weights, slots):
        self.arrays, self.moments = [array.copy() for array in weights], np.concatenate(slots)
        if self.framing.stateful:
            self.reset()


class Program:
    """The same steps over given rows; `kind` is told, and compiling taken for a second, with the first call."""

    def __init__(self, network, x, y):
        self.network, self.x, self.y = network, x, y
        self.kind, self.compile_seconds = None, 0.0
        network.build_slots()

    def train(self, rows, resets):
        return self.train_padded(rows, resets, len(rows))

    def train_padded(self, rows, resets, steps):
        self.kind, self.compile_seconds = "xla", 1.0
        more = 1.0 if "program" in self.network.broken else 0.0
        found = []
        for row, forget in zip(rows[:steps], resets):
            found.append(self.network.step(self.x[row], self.y[row], more)[:2])
            if forget and self.network.framing.stateful:
                self.network.reset()
        self.network.has_lost_slots = "slots" in self.network.broken
        return tuple(np.array(found, dtype="float32").reshape(-1, 2).T)

    def answer(self, x):
        return self.network.softmax(x)


def _name(metric):
    return metric if isinstance(metric, str) else metric.__name__
