"""A framework that is right but for what a test plants in it: the reference in float32, behind the backend's border."""

import numpy as np

from harness import framings, reference


class Framework:
    """What `harness.backend` is of a real one."""

    has_one_graph = True

    def __init__(self, numerics=reference.NEWEST, settings=None, plant=lambda network: None, draw=None):
        self.numerics, self.plant, self.random = numerics, plant, np.random.RandomState(0)
        self.draw = draw or as_keras_does
        self.settings = dict({"lstm.recurrent_activation": "sigmoid", "adam.epsilon": 1e-7}, **(settings or {}))

    def seed(self, seed):
        self.random = np.random.RandomState(12345 if seed is None else seed)

    def arrays(self, framing):
        return framings.arrays(framing)

    def padded(self, sequences, maxlen=None, padding="pre", truncating="pre"):
        length = maxlen or max(map(len, sequences))
        cut = [one[-length:] if truncating == "pre" else one[:length] for one in sequences]
        return np.array(
            [
                (length - len(one)) * [0] * (padding == "pre") + one + (length - len(one)) * [0] * (padding != "pre")
                for one in cut
            ]
        )

    def one_hot(self, labels, num_classes=None):
        return np.eye(num_classes or 1 + max(labels))[labels]

    def descent(self, rate, momentum=0.0):
        return np.float32(rate), np.float32(momentum)

    def build(self, framing, metrics=("accuracy",), optimizer="adam"):
        network = Network(self.draw(framing, self.random), self.numerics, framing.stateful)
        network.framework, network.rate, network.metrics = self, optimizer, metrics
        self.plant(network)
        return network

    def assemble(self, graph, optimizer, metrics):
        return self.build(framings.STAGES.replace(stateful=False), metrics, optimizer)


class Network(reference.Network):
    """The reference with the border of `harness.backend.networks.Network`."""

    def set_weights(self, weights):
        self.vector[:] = np.concatenate([np.ravel(array) for array in weights])

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_batch=None):
        told = []
        for _ in range(epochs):
            losses, order = [], np.arange(len(x)) if shuffle is False else self.framework.random.permutation(len(x))
            for rows in np.split(order, np.arange(batch_size, len(x), batch_size)):
                losses += len(rows) * [self.step(x[rows], y[rows])[0]]
                if on_batch:
                    on_batch({metric.__name__: float(metric(y[rows], None)[0]) for metric in self.metrics})
            told.append(np.mean(losses))
        return {"loss": told}

    def train_on_batch(self, x, y):
        return self.step(x, y)[0]

    def update(self, gradient):
        if self.rate == "adam":
            super().update(gradient)
        else:
            rate, momentum = self.rate
            self.velocity = momentum * getattr(self, "velocity", np.float32(0)) - rate * gradient
            self.vector += self.velocity

    def states(self):
        units = np.zeros((framings.STAGES.batch_size, self.units), "float32")
        return [] if not self.stateful else super().states() or [units, units]

    def slots(self):
        shapes = [array.shape for array in self.arrays]
        vectors = self.moments if self.rate == "adam" else [self.velocity]
        return [view for vector in vectors for view in reference.views(vector, shapes)]

    def defaults(self):
        return self.framework.settings


def as_keras_does(framing, random):
    """Draw weights as every Keras since 2.0 does: one kernel, one orthogonal recurrent kernel."""
    features, units, classes = framings.shape(framing)[1], framing.units, framings.classes(framing)
    recurrent = np.linalg.qr(random.normal(size=(4 * units, units)))[0].T
    bias = np.repeat([0.0, 1.0, 0.0, 0.0], units)
    kernel, dense = (_glorot(random, *shape) for shape in ((features, 4 * units), (units, classes)))
    return [array.astype("float32") for array in (kernel, recurrent, bias, dense, np.zeros(classes))]


def _glorot(random, inputs, outputs):
    return random.uniform(-1, 1, (inputs, outputs)) * np.sqrt(6 / (inputs + outputs))
