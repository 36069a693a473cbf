"""The clause on dropout holds for a network that drops as it is told, and says how another one does not."""

import numpy as np
import pytest

from harness import dropouts, reference, small


class Dropping:
    """The reference with dropout; a subclass replaces what it does wrong."""

    def __init__(self, design, metrics=()):
        self.design, self.random = design, np.random.RandomState(0)
        units, ingoing = design.units[0], design.features
        shapes = (ingoing, 4 * units), (units, 4 * units), (4 * units,), (units, design.classes), (design.classes,)
        self.arrays = [np.zeros(shape) for shape in shapes]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def defaults(self):
        return {}

    def rates(self):
        return self.design.dropout

    def mask(self, rate, shape):
        return (self.random.uniform(size=shape) >= rate) / (1 - rate)

    def masked(self, array, rate):
        return array * np.repeat(self.mask(rate, (len(array), 4)), self.design.units[0], axis=1)

    def answers(self, x, is_training=False):
        arrays = list(self.arrays)
        if is_training:
            arrays[:2] = [self.masked(array, rate) for array, rate in zip(arrays, self.rates())]
        return reference.Network(arrays, reference.NEWEST._replace(dtype="float64")).forward(x).answers

    def predict(self, x, batch_size):
        return self.answers(x)

    def evaluate(self, x, y, batch_size):
        return reference.loss(self.answers(x), y), 0.0

    def fit(self, x, y, batch_size, shuffle):
        return {"loss": [reference.loss(self.answers(x, is_training=True), y)]}


class Networks:
    """Gives one such network, its weights shaken."""

    def __init__(self, **broken):
        self.network = type("Broken", (Dropping,), broken)(dropouts.DESIGN)

    def get(self, design):
        random = np.random.RandomState(4)
        self.network.set_weights([random.normal(0, 0.4, array.shape) for array in self.network.weights()])
        return self.network


def test_a_network_that_drops_as_it_is_told_holds():
    assert not dropouts.dropout_in_training_alone(Networks())


def test_a_network_that_drops_for_all_gates_alike_holds():
    def alike(self, rate, shape):
        return np.repeat(Dropping.mask(self, rate, (shape[0], 1)), 4, axis=1)

    assert not dropouts.dropout_in_training_alone(Networks(mask=alike))


@pytest.mark.parametrize(("place", "steps"), [(0, dropouts.LONG), (1, dropouts.LONG), (0, 2), (1, 3)])
def test_every_mask_has_a_loss_of_its_own(place, steps):
    weights = dropouts._one_alone(Networks().get(dropouts.DESIGN).weights(), place)
    found = np.sort(dropouts.by_mask(weights, reference.NEWEST, place, dropouts.DESIGN.dropout[place], steps))
    assert np.diff(found).min() > 2 * small.MORE_LOSS


def always(self, x, is_training=False):
    return Dropping.answers(self, x, is_training=True)


def anew(self, x, is_training=False):
    states, numerics = None, reference.NEWEST._replace(dtype="float64")
    for step in range(x.shape[1]):
        arrays = list(self.arrays)
        if is_training:
            arrays[:2] = [self.masked(array, rate) for array, rate in zip(arrays, self.rates())]
        one = reference.Network(arrays, numerics).forward(x[:, step : step + 1], states)
        states = one.states
    return one.answers


EACH_STEP = "dropout of 0.5 takes another mask at each step; recurrent dropout of 0.4 takes another mask at each step"


def in_training(self, x, y, batch_size):
    return reference.loss(self.answers(x, is_training=True), y), 0.0


def one_mask(self, rate, shape):
    return np.ones(shape) / (1 - rate)


def without_scale(self, rate, shape):
    return self.random.uniform(size=shape) >= rate


@pytest.mark.parametrize(("broken", "words"), [
    ({"answers": always}, "dropout changes the answers of predict"),
    ({"evaluate": in_training}, "dropout changes the loss of evaluate"),
    ({"rates": lambda self: (0.0, 0.4)}, "dropout does nothing in training"),
    ({"rates": lambda self: (0.5, 0.0)}, "recurrent dropout does nothing in training"),
    ({"rates": lambda self: (0.5, 0.5)}, "recurrent dropout of 0.4 takes the other's rate"),
    ({"rates": lambda self: (0.4, 0.5)}, "dropout of 0.5 takes the other's rate"),
    ({"rates": lambda self: (0.25, 0.2)}, "dropout of 0.5 gives losses that no mask of it gives"),
    ({"answers": anew}, EACH_STEP),
    ({"mask": without_scale}, "dropout of 0.5 gives losses that no mask of it gives"),
    ({"mask": one_mask}, "dropout drops the same in every call"),
])  # fmt: skip
def test_a_network_that_drops_otherwise_is_told(broken, words):
    assert dropouts.dropout_in_training_alone(Networks(**broken)).startswith(words)
