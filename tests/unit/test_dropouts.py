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

    def fit(self, x, y, batch_size, shuffle, epochs=1):
        return {"loss": [reference.loss(self.answers(x, is_training=True), y) for _ in range(epochs)]}


class Networks:
    """Gives such networks, their weights shaken."""

    def __init__(self, **broken):
        self.kind = type("Broken", (Dropping,), broken)

    def get(self, design, metrics=()):
        network, random = self.kind(design), np.random.RandomState(4)
        network.set_weights([random.normal(0, 0.4, array.shape) for array in network.weights()])
        return network


def test_a_network_that_drops_as_it_is_told_holds():
    assert not dropouts.dropout_in_training_alone(Networks())


def test_a_network_that_drops_for_all_gates_alike_holds():
    def alike(self, rate, shape):
        return np.repeat(Dropping.mask(self, rate, (shape[0], 1)), 4, axis=1)

    assert not dropouts.dropout_in_training_alone(Networks(mask=alike))


@pytest.mark.parametrize(("place", "steps"), [(0, dropouts.LONG), (1, dropouts.LONG), (0, 2), (1, 3)])
def test_every_mask_has_a_loss_of_its_own(place, steps):
    weights = dropouts._one_alone(Networks().get(dropouts.BOTH).weights(), place)
    found = np.sort(dropouts.losses_by_mask(weights, reference.NEWEST, place, dropouts.BOTH.dropout[place], steps))
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


EACH_STEP = "; ".join(
    "{} of {} takes another mask at each step".format(name, design.dropout[place]) for name, design, place in dropouts.ASKED
)


SWAPPED = (
    "dropout alone does nothing in training; dropout of 0.45 takes the other's rate; recurrent dropout of 0.4 takes the other's"
)


def rates(*shares):
    return lambda self: [share * rate for share, rate in zip(shares, self.design.dropout)]


def one_sequence(self, x, y, batch_size, shuffle, epochs):
    self.random = np.random.RandomState(0)
    return Dropping.fit(self, x, y, batch_size, shuffle, epochs)


def in_training(self, x, y, batch_size):
    return reference.loss(self.answers(x, is_training=True), y), 0.0


def one_mask(self, rate, shape):
    return np.ones(shape) / (1 - rate)


def without_scale(self, rate, shape):
    return self.random.uniform(size=shape) >= rate


@pytest.mark.parametrize(("broken", "words"), [
    ({"answers": always}, "dropout changes the answers of predict"),
    ({"evaluate": in_training}, "dropout changes the loss of evaluate"),
    ({"rates": rates(0.0, 1.0)}, "dropout alone does nothing in training; dropout does nothing in training"),
    ({"rates": rates(1.0, 0.0)}, "recurrent dropout does nothing in training"),
    ({"rates": lambda self: 2 * self.design.dropout[:1]}, "recurrent dropout of 0.4 takes the other's rate"),
    ({"rates": lambda self: self.design.dropout[::-1]}, SWAPPED),
    ({"rates": rates(0.5, 0.5)}, "dropout alone of 0.45 gives losses that no mask of it gives"),
    ({"rates": lambda self: [rate and 1 - rate for rate in self.design.dropout]}, "dropout alone of 0.45 gives losses that"),
    ({"answers": anew}, EACH_STEP),
    ({"mask": without_scale}, "dropout alone of 0.45 gives losses that no mask of it gives"),
    ({"fit": one_sequence}, "dropout alone drops the same in every call"),
    ({"mask": one_mask}, "dropout alone drops the same in every batch"),
])  # fmt: skip
def test_a_network_that_drops_otherwise_is_told(broken, words):
    assert dropouts.dropout_in_training_alone(Networks(**broken)).startswith(words)


def alike(self, rate, shape):
    return np.repeat(Dropping.mask(self, rate, (shape[0], 1)), 4, axis=1)


def by_row(self, x, is_training=False):
    """Answer each row with masks of its own: the reference knows none of several rows."""
    return np.concatenate([Dropping.answers(self, row[None], is_training) for row in x])


def by_row_and_step(self, x, is_training=False):
    return np.concatenate([anew(self, row[None], is_training) for row in x])


def rarely(*rates):
    """Return masks that drop what is to be dropped at these rates by their squares alone, and scale as they should."""

    def mask(self, rate, shape):
        share = rate**2 if rate in rates else rate
        return (self.random.uniform(size=shape) >= share) / (1 - rate)

    return mask


MANY = "dropout of 0.45 gives {} rows a mean loss of "


@pytest.mark.parametrize(("broken", "words"), [
    ({}, None),
    ({"mask": alike}, None),
    ({"answers": by_row_and_step}, None),
    ({"mask": rarely(0.45, 0.4)}, MANY),
    ({"mask": rarely(0.4)}, "recurrent " + MANY.replace("0.45", "0.4")),
])  # fmt: skip
def test_what_is_dropped_more_seldom_than_told_is_told(broken, words, monkeypatch):
    monkeypatch.setattr(dropouts, "MANY", 1024)
    found = dropouts.dropped_as_often_as_told(Networks(**{"answers": by_row, **broken}))
    assert found == words or found.startswith(words.format(1024))
