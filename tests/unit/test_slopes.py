"""The clause on gradients holds where a step takes the slope of the loss, and tells the array where not."""

import numpy as np
import pytest

from harness import reference, slopes, small

WIDTH = 24  # As many columns as the kernels of the network that is asked have.


class Descending:
    """What is seen through a table, its mean to a softmax, and a step of plain descent: each gradient times a factor."""

    def __init__(self, rate, design, factors):
        self.rate, self.factors = rate, factors
        self.rows = design.vocabulary or design.features
        self.arrays = [np.zeros((self.rows, WIDTH)), np.zeros((WIDTH, design.classes))]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = [array.astype("float64") for array in weights]

    def seen(self, x):
        return np.eye(self.rows)[x].mean(axis=1) if x.dtype.kind == "i" else x.mean(axis=1)

    def predict_on_batch(self, x):
        table, dense = self.arrays
        return reference.softmax(self.seen(x).dot(table).dot(dense))

    def train_on_batch(self, x, y):
        (table, dense), off = self.arrays, (self.predict_on_batch(x) - y) / len(x)
        letters = self.seen(x)
        gradients = [letters.T.dot(off.dot(dense.T)), letters.dot(table).T.dot(off)]
        self.arrays = [one - self.rate * factor * slope for one, factor, slope in zip(self.arrays, self.factors, gradients)]


class Backend:
    def __init__(self, factors, kinds):
        self.factors, self.kinds = factors, kinds

    def descent(self, rate):
        return rate

    def construct(self, design, metrics, optimizer):
        return Descending(optimizer, design, self.factors if design.kind in self.kinds else (1.0, 1.0))


def told(*factors, kinds=("LSTM",)):
    return slopes.gradients_are_slopes(small.Networks(Backend(factors, kinds)))


def test_a_network_that_takes_its_gradients_holds():
    assert told(1.0, 1.0) is None


@pytest.mark.parametrize(("factors", "place"), [
    ((0.95, 1.0), 1),
    ((1.0, -1.0), 2),
    ((np.arange(6)[:, None] != 3, 1.0), 1),  # The row of one letter is missing.
    ((np.arange(WIDTH) != 3, 1.0), 1),
    ((1.0, np.arange(WIDTH)[:, None] != 3), 2),
])  # fmt: skip
def test_an_array_whose_gradient_is_not_the_slope_is_told(factors, place):
    assert told(*factors).startswith(f"of array {place} of 2 the gradient is ")


def test_an_array_that_no_gradient_comes_to_is_told():
    assert told(0.0, 1.0) == "no gradient comes to array 1 of 2"


def test_a_gru_whose_gradient_is_not_the_slope_is_told():
    assert told(1.0, 0.95, kinds=["GRU"]).startswith("of a GRU, of array 2 of 2 the gradient is ")
