"""A framework whose layer sums what it sees: enough of a recurrent network for every clause of the contract."""

import weakref

import numpy as np

from harness import reference
from harness.small import means
from tests.unit.test_dropouts import Dropping


class Backend:
    """Builds networks that sum what they see; `broken` replaces some of their methods."""

    def __init__(self, **broken):
        self.kind = type("Broken", (Summing,), broken)

    def construct(self, design, metrics=("accuracy",), optimizer="adam", **more):
        network = (Dropping if any(design.dropout) else self.kind)(design, metrics)
        network.rate, network.compiled = 0.01 if optimizer == "adam" else optimizer, more
        return network

    def compiles_with(self, word):
        return word == "steps_per_execution"

    def adam(self, rate):
        return rate

    def descent(self, rate):
        return rate

    def adam_by_lr(self, rate):
        return rate

    def callback(self, name, rate):
        return rate

    def padded(self, sequences, maxlen, dtype, padding, truncating, value):
        return np.array([(one + maxlen * [value])[:maxlen] for one in sequences], dtype)

    def begin_graph(self):
        return True

    def leave_names(self):
        pass


class Summing:
    """A layer whose state is the sum of its inputs, then a softmax: enough of a recurrent network for every clause."""

    def __init__(self, design, metrics):
        self.design, self.told, self.rows_at_a_time = design, ("loss", *metrics), 32
        self.arrays = [np.zeros((design.features, design.units[-1])), np.zeros((design.units[-1], design.classes))]
        self.state, self.steps, self.compiled = 0.0, 0, {}

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        if [np.shape(array) for array in weights] != [array.shape for array in self.arrays]:
            raise ValueError("weights of other shapes")
        self.arrays = weights

    def reset(self):
        self.state = 0.0

    def answers(self, x, is_training=False):
        if self.design.batch_size not in (None, len(x)):
            raise ValueError("another batch")
        there = self.is_there(x)[:, :, None]
        told = (x * there).cumsum(axis=1) if self.design.every_step else (x * there).sum(axis=1)
        self.state = told.dot(self.arrays[0]) + (0.0 if self.design.batch_size is None else self.state)
        return reference.softmax(np.tanh(self.state).dot(self.arrays[1]))

    def is_there(self, x):
        return np.any(x != self.design.mask, axis=2)

    def predict(self, x, batch_size):
        return np.concatenate([self.answers(x[first : first + batch_size]) for first in range(0, len(x), batch_size)])

    def values(self, answers, y):
        found = means(*(array.reshape(-1, array.shape[-1]) for array in (answers, y)))
        return [found[name] for name in self.told]

    def metrics(self, x, y, batch_size):
        asked = self.is_there(x) if self.design.every_step else slice(None)
        return list(self.told), self.values(self.predict(x, batch_size)[asked], y[asked])

    def evaluate(self, x, y, batch_size, sample_weight=None):
        return tuple(self.metrics(x, y, batch_size)[1][:2])

    def fit(
        self,
        x,
        y,
        batch_size,
        shuffle,
        epochs=1,
        on_epoch=lambda epoch: None,
        on_batch=None,
        initial_epoch=0,
        callbacks=(),
        **_,
    ):
        batch_size = batch_size or self.rows_at_a_time
        starts = range(0, len(x), batch_size)
        for rate in callbacks:
            self.rate = rate(0)
        answers = np.concatenate([self.answers(x[first : first + batch_size], is_training=True) for first in starts])
        values = self.values(answers, y)
        for epoch in range(initial_epoch, epochs):
            for first in starts if on_batch else ():
                until = slice(0, first + batch_size)
                on_batch({"loss": self.values(answers[until], y[until])[0]})
            on_epoch(epoch + 1)
        self.steps = self.steps + len(starts) * (epochs - initial_epoch)
        self.arrays = [(1 - self.rate) * array for array in self.arrays]
        return {name: (epochs - initial_epoch) * [value] for name, value in zip(self.told, values)}

    def printed_loss(self, x, y, batch_size):
        told = self.fit(x, y, batch_size, shuffle=False)["loss"][0]
        return round(told, 4), told

    def train_on_batch(self, x, y):
        found = self.fit(x, y, len(x), shuffle=False)
        return [found[name][0] for name in self.told]

    def test_on_batch(self, x, y):
        return self.metrics(x, y, len(x))[1]

    def predict_on_batch(self, x):
        return self.predict(x, len(x))

    def watched(self):
        return weakref.ref(self)

    def learning_rate(self):
        return self.rate

    def slots(self):
        return [np.array([self.steps])]

    def save(self, path):
        with open(path, "wb") as file:
            np.savez(file, *self.arrays, self.steps, self.rate)

    save_weights = save

    def load_weights(self, path):
        *self.arrays, _, _ = [array for _, array in sorted(np.load(path).items())]

    def load(self, path):
        *self.arrays, self.steps, self.rate = [array for _, array in sorted(np.load(path).items())]
