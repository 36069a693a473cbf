"""Training over padding gives the loss and the gradient of the rows without, and the clause says where it does not."""

import numpy as np
import pytest

from harness import padding, reference, small

NUMERICS = reference.NEWEST._replace(dtype="float64")


class Masked:
    """The reference over the steps that are there; it keeps the first moments of its gradients, and goes nowhere."""

    def __init__(self):
        random, shapes = np.random.RandomState(0), ((2, 32), (8, 32), (32,), (8, 5), (5,))
        self.arrays = [random.normal(0, 0.4, shape) for shape in shapes]
        self.first = np.zeros(sum(array.size for array in self.arrays))

    def weights(self):
        return self.arrays

    def defaults(self):
        return {}

    def is_there(self, row):
        return np.any(row != padding.PADDING, axis=1)

    def passes(self, x):
        network = reference.Network(self.arrays, NUMERICS)
        return network, [network.forward(row[self.is_there(row)][None]) for row in x]

    def gradient(self, network, one, y):
        return network.gradients(one, y)

    def fit(self, x, y, batch_size, shuffle):
        network, passes = self.passes(x)
        gradients = [self.gradient(network, one, y[row : row + 1]) for row, one in enumerate(passes)]
        self.first = 0.9 * self.first + 0.1 * np.mean(gradients, axis=0)
        return {"loss": [np.mean([reference.loss(one.answers, y[row : row + 1]) for row, one in enumerate(passes)])]}

    def slots(self):
        firsts = reference.views(self.first, [array.shape for array in self.arrays])
        return [np.array(1), *firsts, *(first**2 for first in firsts)]


class Networks:
    def __init__(self, **broken):
        self.network = type("Broken", (Masked,), broken)()

    def get(self, design):
        return self.network


def test_a_network_that_leaves_padding_out_holds():
    assert padding.padding_changes_no_training(Networks()) is None


def crooked(self, network, one, y):
    return 1.01 * network.gradients(one, y)


@pytest.mark.parametrize(("broken", "words"), [
    ({"is_there": lambda self, row: np.ones(len(row), bool)}, "over padding fit tells a loss of "),
    ({"gradient": crooked}, "over padding fit takes a gradient that is off by 0.01 of itself"),
])  # fmt: skip
def test_a_network_that_trains_on_padding_is_told(broken, words):
    assert padding.padding_changes_no_training(Networks(**broken)).startswith(words)


@pytest.mark.parametrize("where", padding.PLACES)
def test_a_padded_row_holds_its_steps_in_order(where):
    x, _ = small.samples()
    for row, length, sample in zip(padding.padded(x, padding.LENGTHS, where), padding.LENGTHS, x):
        assert len(row) == padding.WITH_PADDING
        np.testing.assert_array_equal(row[row[:, 0] != padding.PADDING], sample[:length])


class Keeping:
    """A softmax of the sum of what it saw, kept where its design says so; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design, self.state = design, 0.0

    def predict(self, x, batch_size):
        there = np.any(x != padding.PADDING, axis=2)
        found = self.state + (x * there[:, :, None]).sum(axis=1)
        self.state = self.kept(found, there) if self.design.batch_size else 0.0
        return reference.softmax(found)

    def kept(self, found, there):
        return found


class Kept:
    def __init__(self, **broken):
        self.kind = type("Broken", (Keeping,), broken)

    def get(self, design=small.PLAIN):
        return self.kind(design)


def test_a_state_that_is_kept_behind_padding_holds_and_one_that_is_not_is_told():
    assert padding.state_is_kept_behind_padding(Kept()) is None
    forgotten = Kept(kept=lambda self, found, there: found * there[:, -1:])
    assert padding.state_is_kept_behind_padding(forgotten).startswith("two pieces with padding behind each end 0.")
