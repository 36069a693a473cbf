"""The right answer: the tutorial's network in NumPy, forward, backward and trained, in the numerics of any Keras.

Every array stands as Keras keeps it: gates in the order i, f, c, o; weights as kernel, recurrent kernel, bias, dense kernel,
dense bias. Sources of the formulas:
[HS97] Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9(8), 1997
[GSC00] Gers, Schmidhuber and Cummins, Learning to Forget, Neural Computation 12(10), 2000: the forget gate
[W90] Werbos, Backpropagation Through Time, Proceedings of the IEEE 78(10), 1990
[KB15] Kingma and Ba, Adam: A Method for Stochastic Optimization, ICLR 2015
[K106] the source of Keras 1.0.6, 2016: initializations.py, activations.py, objectives.py, optimizers.py, recurrent.py
"""

import functools
import itertools
import operator
from typing import NamedTuple

import numpy as np

from harness import framings


class Numerics(NamedTuple):
    """What may differ between eras: the gates' activation, Adam's constants, where log p is clipped, and the precision."""

    gate: str = "sigmoid"
    learning_rate: float = 0.001
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-7
    clip: float = 0.0
    dtype: str = "float32"


BLOCKS = "ifco"  # The order in which the gates' columns stand.
NEWEST = Numerics()
KERAS_1 = Numerics(gate="hard_sigmoid", epsilon=1e-8, clip=1e-7)


def sigmoid(z):
    """1 / (1 + exp(-z)); through tanh, which cannot overflow."""
    return 0.5 * np.tanh(0.5 * z) + 0.5


def hard_sigmoid(z):
    """0.2 z + 0.5 between 0 and 1 [K106]; Keras 3 gives the same name to z / 6 + 0.5."""
    return np.minimum(np.maximum(0.2 * z + 0.5, 0), 1)


# An activation and its slope as a function of its own value.
GATES = {
    "sigmoid": (sigmoid, lambda s: s * (1 - s)),
    "hard_sigmoid": (hard_sigmoid, lambda s: s.dtype.type(0.2) * ((s > 0) & (s < 1))),
}


class Pass(NamedTuple):
    """One forward pass: the softmax (batch, classes), the states [h, c] after it, and what the way back needs.

    hidden, cells: (steps + 1, batch, units), the given states first; gates: (steps, batch, 4 units), after activation.
    """

    answers: np.ndarray
    states: list
    x: np.ndarray
    hidden: np.ndarray
    cells: np.ndarray
    gates: np.ndarray


class Network:
    """An LSTM and a softmax over given weights, and Adam's slots. Without a state kept, every batch starts from zeros."""

    def __init__(self, weights, numerics=NEWEST, stateful=False):
        self.numerics, self.stateful, self.kept = numerics, stateful, None
        self.vector = np.concatenate([np.ravel(array) for array in weights]).astype(numerics.dtype)
        self.arrays = views(self.vector, [np.shape(array) for array in weights])
        self.units = len(self.arrays[1])
        self.iterations, self.moments = 0, (np.zeros_like(self.vector), np.zeros_like(self.vector))

    def forward(self, x, states=None):
        """Return the Pass of a batch (batch, steps, features) from given states [h, c], or from zeros [GSC00].

        c' = f c + i g and h' = o tanh(c'), where i, f, o are gates of x W + h U + b, and g its tanh.
        """
        kernel, recurrent, bias, dense_kernel, dense_bias = self.arrays
        x, units = np.asarray(x, self.numerics.dtype), self.units
        batch, steps, _ = x.shape
        hidden, cells = np.zeros((2, steps + 1, batch, units), self.numerics.dtype)
        if states is not None:
            hidden[0], cells[0] = states
        gates = x.transpose(1, 0, 2).dot(kernel) + bias
        activate = GATES[self.numerics.gate][0]
        for step in range(steps):
            z = gates[step] + hidden[step].dot(recurrent)
            gates[step] = activate(z)
            gates[step][:, 2 * units : 3 * units] = np.tanh(z[:, 2 * units : 3 * units])
            i, f, g, o = _gates(gates[step])
            cells[step + 1] = f * cells[step] + i * g
            hidden[step + 1] = o * np.tanh(cells[step + 1])
        answers = softmax(hidden[-1].dot(dense_kernel) + dense_bias)
        return Pass(answers, [hidden[-1], cells[-1]], x, hidden, cells, gates)

    def gradients(self, forward, y):
        """Return the gradient of the mean loss by each weight, as views into one vector, back to the given states [W90]."""
        _, recurrent, _, dense_kernel, _ = self.arrays
        vector = np.empty_like(self.vector)
        to_kernel, to_recurrent, to_bias, to_dense, to_dense_bias = views(vector, [array.shape for array in self.arrays])
        to_logits = self._to_logits(forward.answers, np.asarray(y, self.numerics.dtype))
        to_dense[:], to_dense_bias[:] = forward.hidden[-1].T.dot(to_logits), to_logits.sum(axis=0)
        to_gates = self._to_gates(forward, to_logits.dot(dense_kernel.T), recurrent.T)
        flat = to_gates.reshape(-1, 4 * self.units)
        to_kernel[:] = forward.x.transpose(2, 1, 0).reshape(len(to_kernel), -1).dot(flat)
        to_recurrent[:] = forward.hidden[:-1].reshape(-1, self.units).T.dot(flat)
        to_bias[:] = flat.sum(axis=0)
        return vector

    def _to_logits(self, answers, y):
        """The softmax and the logarithm together: (p - y) / batch, and nothing where Keras clips p of the right class."""
        to_logits = (answers - y) / answers.dtype.type(len(y))
        if self.numerics.clip:
            right = (answers * y).sum(axis=1, keepdims=True)
            to_logits *= (right >= self.numerics.clip) & (right <= 1 - self.numerics.clip)
        return to_logits

    def _to_gates(self, forward, to_hidden, recurrent_transposed):
        """Return the gradient by what each gate takes in, (steps, batch, 4 units), from that by the last hidden state."""
        units, slope = self.units, GATES[self.numerics.gate][1]
        to_gates, to_cells = np.empty_like(forward.gates), np.zeros_like(to_hidden)
        squashed, slopes = np.tanh(forward.cells), slope(forward.gates)
        for step in range(len(to_gates) - 1, -1, -1):
            gates, to_z = forward.gates[step], to_gates[step]
            i, f, g, o = _gates(gates)
            to_cells = to_cells + to_hidden * o * (1 - squashed[step + 1] ** 2)
            parts = (to_cells * g, to_cells * forward.cells[step], to_cells * i, to_hidden * squashed[step + 1])
            np.concatenate(parts, axis=1, out=to_z)
            candidate = slice(2 * units, 3 * units)
            slopes[step][:, candidate] = 1 - g**2
            to_z *= slopes[step]
            to_hidden, to_cells = to_z.dot(recurrent_transposed), to_cells * f
        return to_gates

    def update(self, gradient):
        """Take one step of Adam down this gradient [KB15, section 2, in the order that needs no bias-corrected moments].

        In the network's own precision throughout, as frameworks do: 1 - 0.999 is off by 1e-5 of itself in float32.
        """
        number, (first, second) = np.dtype(self.numerics.dtype).type, self.moments
        self.iterations += 1
        beta_1, beta_2, one = number(self.numerics.beta_1), number(self.numerics.beta_2), number(1)
        first *= beta_1
        first += (one - beta_1) * gradient
        second *= beta_2
        second += (one - beta_2) * gradient * gradient
        corrected = np.sqrt(one - beta_2 ** number(self.iterations)) / (one - beta_1 ** number(self.iterations))
        rate = number(self.numerics.learning_rate) * corrected
        self.vector -= rate * first / (np.sqrt(second) + number(self.numerics.epsilon))

    def step(self, x, y):
        """Train on one batch and return (loss, share of right answers); a stateful network goes on from its state."""
        forward = self._go_on(x)
        self.update(self.gradients(forward, y))
        return loss(forward.answers, y, self.numerics.clip), right(forward.answers, y)

    def _go_on(self, x):
        forward = self.forward(x, self.kept)
        self.kept = forward.states if self.stateful else None
        return forward

    def predict(self, x, batch_size):
        """Return the softmax of each sample, (samples, classes), a batch at a time."""
        return np.concatenate([self._go_on(x[first : first + batch_size]).answers for first in range(0, len(x), batch_size)])

    def evaluate(self, x, y, batch_size):
        """Return (loss, accuracy) over the samples."""
        answers = self.predict(x, batch_size)
        return loss(answers, y, self.numerics.clip), right(answers, y)

    def reset(self):
        """Forget the state: the next batch starts from zeros."""
        self.kept = None

    def weights(self):
        """Return copies of [kernel, recurrent kernel, bias, dense kernel, dense bias]."""
        return [array.copy() for array in self.arrays]

    def states(self):
        """Return the states kept [h, c], each (batch, units); an empty list where none is."""
        return [] if self.kept is None else [array.copy() for array in self.kept]


def _gates(gates):
    """Return i, f, g, o of (batch, 4 units): views, each (batch, units)."""
    units = gates.shape[1] // 4
    return [gates[:, first : first + units] for first in range(0, 4 * units, units)]


def views(vector, shapes):
    """Return arrays of these shapes, one after the other in the vector, whose numbers they share."""
    # Plain numbers: np.prod, np.cumsum and np.split took a fifth of a training step.
    sizes = [functools.reduce(operator.mul, shape, 1) for shape in shapes]
    ends = itertools.accumulate(sizes)
    return [vector[end - size : end].reshape(shape) for end, size, shape in zip(ends, sizes, shapes)]


def softmax(logits):
    """exp(z) / sum exp(z) over the last axis, from the largest down."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)


def loss(answers, y, clip=0.0):
    """Return the mean of -log p of the right classes, p clipped to [clip, 1 - clip] as categorical_crossentropy does [K106]."""
    shares = (answers * y).sum(axis=1)
    return -float(np.mean(np.log(np.minimum(np.maximum(shares, clip), 1 - clip) if clip else shares)))


def right(answers, y):
    """Return the share of samples whose likeliest class is the right one."""
    return float(np.mean(answers.argmax(axis=1) == y.argmax(axis=1)))


def keras_1_weights(framing, random):
    """Return fresh weights as Keras 1.0.6 draws them from NumPy's generator, gate by gate [K106].

    Glorot and Bengio's uniform kernels (limit sqrt(6 / (inputs + outputs))), orthogonal recurrent kernels times 1.1, a forget
    bias of 1.
    """
    features, units, classes = framings.shape(framing)[1], framing.units, framings.classes(framing)
    drawn = [(_glorot_uniform(random, features, units), _orthogonal(random, units)) for _ in BLOCKS]
    bias = np.repeat([0.0, 1.0, 0.0, 0.0], units)
    kernel, recurrent = (np.concatenate(arrays, axis=1) for arrays in zip(*drawn))
    weights = [kernel, recurrent, bias, _glorot_uniform(random, units, classes), np.zeros(classes)]
    return [array.astype("float32") for array in weights]


def _glorot_uniform(random, inputs, outputs):
    limit = np.sqrt(6.0 / (inputs + outputs))
    return random.uniform(-limit, limit, (inputs, outputs))


def _orthogonal(random, units):
    return 1.1 * np.linalg.svd(random.normal(0.0, 1.0, (units, units)), full_matrices=False)[0]


def train(network, framing, random, progress=lambda epoch: None):
    """Train the framing's whole budget and return its curves, {"loss": [per epoch], "accuracy": [per epoch]}.

    random: NumPy's generator, which shuffles the order anew each epoch from where the last one left it [K106].
    """
    x, y = framings.arrays(framing)
    order, epochs = np.arange(len(x)), []
    for epoch in range(framing.epochs):
        if framing.shuffle:
            random.shuffle(order)
        batches = [order[first : first + framing.batch_size] for first in range(0, len(order), framing.batch_size)]
        epochs.append(np.mean([network.step(x[rows], y[rows]) for rows in batches], axis=0).tolist())
        network.reset()
        progress(epoch + 1)
    return dict(zip(("loss", "accuracy"), map(list, zip(*epochs))))


def keras_1(framing, seed):
    """Return (network, generator) as the listing of 2016 had them once NumPy was seeded: patterns, then weights were drawn."""
    random = framings.generator(framing, seed)
    return Network(keras_1_weights(framing, random), KERAS_1, framing.stateful), random
