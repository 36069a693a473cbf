"""The small networks and samples that the contract asks about: no seed and no training decides what they are."""

import numpy as np

from harness import reference, rounding
from harness.backend.designs import Design
from harness.backend.graphs import ROWS, VOCABULARY

SAMPLES, STEPS = ROWS, 4
TOGETHER = 3  # Networks kept in one graph of TensorFlow 1, every call of which takes the longer the more there are.
PLAIN = Design()
KEEPING = PLAIN._replace(batch_size=3)
EMBEDDED = PLAIN._replace(vocabulary=VOCABULARY)
# Answers and losses of the same numbers by another way: FACTOR roundings of numbers up to 1, and of losses up to 8.
CLOSE = rounding.FACTOR * rounding.UNIT
MORE_LOSS = 8 * CLOSE


def differ(ours, theirs):
    """Return the largest difference, infinite where shapes differ or a number is not finite."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape or not (np.isfinite(ours).all() and np.isfinite(theirs).all()):
        return float("inf")
    return float(np.abs(ours - theirs).max())


def farthest(ours, theirs):
    """Return the largest difference between arrays of two lists, infinite where one list is longer."""
    if len(ours) != len(theirs):
        return float("inf")
    return max([differ(*both) for both in zip(ours, theirs)] or [0.0])


def odd_way(ways, wanted, words):
    """Return the words, {way, what it gave, what is wanted}, of the first way to ask that gives another number; else None."""
    for way, ask in ways.items():
        found = ask()
        if differ(found, wanted) > MORE_LOSS:
            return words.format(way, found, wanted)
    return None


# With the reference variables of TensorFlow 1, backpropagation may read a dense kernel that the step has replaced; by so short
# a step it is all but the same, where one of 0.25 times the gradient puts the others off by more than OFF.
SHORT = 2.0**-10
OFF = 1e-2  # Of the largest step. Epsilon in the root of RMSprop makes those of 1e-4 of a gradient a tenth as long.


def taken(network, step):
    """Return what a step takes from all weights, as one vector; they are put back."""
    before = network.weights()
    step()
    after = network.weights()
    network.set_weights(before)
    return joined(before) - joined(after)


def alike(found, wanted):
    """Whether two steps differ by no more than a hundredth of the largest number of the second."""
    return np.abs(found - wanted).max() <= OFF * np.abs(wanted).max()


def joined(arrays):
    """Return the numbers of several arrays as one vector."""
    return np.concatenate([np.ravel(array) for array in arrays])


METRICS = ("loss", "accuracy", "mae")  # What these networks tell, in this order.


def means(answers, y):
    """Return {metric: its mean} over answers and targets, each (rows, classes)."""
    values = reference.loss(answers, y), reference.right(answers, y), float(np.abs(answers - y).mean())
    return dict(zip(METRICS, values))


def samples(design=PLAIN, steps=STEPS, count=SAMPLES):
    """Return (x, y): samples (count, steps, features) between 0 and 1, and one-hot targets (count, classes), float32."""
    random = np.random.RandomState(3)
    x = random.uniform(0, 1, (count, steps, design.features)).astype("float32")
    return x, np.eye(design.classes, dtype="float32")[random.randint(design.classes, size=count)]


def shaken(backend, design=PLAIN, metrics=(), optimizer="adam", **more):
    """Return a network of this design whose weights depend on nothing but their shapes, none of them zero.

    Each metric costs a second trace, because its first call makes variables.
    """
    network = backend.construct(design, metrics, optimizer, **more)
    _shake(network)
    return network


def _shake(network):
    random = np.random.RandomState(4)
    network.set_weights([random.normal(0, 0.4, array.shape).astype("float32") for array in network.weights()])


class Networks:
    """The shaken networks of one framework, one for each design, so that each is traced once. Ask again for every use.

    They tell accuracy and mean absolute error, and Adam moves no weight, because its rate is 0. `traces` holds an entry for
    every time that the Python of a softmax ran, of PLAIN or KEEPING.
    """

    def __init__(self, backend):
        self.backend, self.made, self.traces = backend, {}, []

    def get(self, design=PLAIN, metrics=METRICS[1:]):
        """Return the network of this design with its first weights, its state forgotten; its metrics are its first asker's."""
        is_watched = design in (PLAIN, KEEPING)
        watched = design._replace(on_trace=lambda: self.traces.append(1)) if is_watched else design
        network = self._kept(design, lambda: self.backend.construct(watched, metrics, self.backend.adam(0.0)))
        if design.batch_size is not None:
            network.reset()
        return network

    def assembled(self, graph, **more):
        """Return the network of a function of `backend.graphs` with its first weights, which no step moves.

        more: what its first asker tells `compile`.
        """
        return self._kept(graph, lambda: self.backend.assemble(graph, self.backend.descent(0.0), **more))

    def _kept(self, key, make):
        if key not in self.made:
            self.made[key] = make()
        _shake(self.made[key])
        return self.made[key]

    def begin_graph(self):
        """Leave all networks so far, of whoever has them, where one graph holds them all."""
        if self.backend.begin_graph():
            self.made.clear()

    def make_room(self):
        """Begin a new graph where this one holds many networks: between clauses, as one may hold several at a time."""
        if len(self.made) >= TOGETHER:
            self.begin_graph()

    def drop(self, design):
        """Make the network of this design anew when it is asked for again."""
        del self.made[design]

    def new(self, design=PLAIN):
        """Return a network of this design that nobody else has, as a user compiles it."""
        return shaken(self.backend, design, METRICS[1:2])
