"""The clause on gradients holds where a step takes the slope of the loss, and tells the array where not."""

import numpy as np
import pytest

from harness import reference, slopes, small

WIDTH = 24  # As many columns as the kernels of the network that is asked have.


class Descending:
    """Letters by a table, their mean to a softmax, and a step of plain descent: each gradient times a factor."""

    def __init__(self, rate, factors):
        self.rate, self.factors = rate, factors
        self.arrays = [np.zeros((slopes.TOKENS.vocabulary, WIDTH)), np.zeros((WIDTH, slopes.TOKENS.classes))]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = [array.astype("float64") for array in weights]

    def predict_on_batch(self, x):
        table, dense = self.arrays
        return reference.softmax(table[x].mean(axis=1).dot(dense))

    def train_on_batch(self, x, y):
        (table, dense), off = self.arrays, (self.predict_on_batch(x) - y) / len(x)
        letters = np.eye(len(table))[x].mean(axis=1)
        gradients = [letters.T.dot(off.dot(dense.T)), letters.dot(table).T.dot(off)]
        self.arrays = [one - self.rate * factor * slope for one, factor, slope in zip(self.arrays, self.factors, gradients)]


class Backend:
    def __init__(self, *factors):
        self.factors = factors

    def descent(self, rate):
        return rate

    def construct(self, design, metrics, optimizer):
        return Descending(optimizer, self.factors)


def told(*factors):
    return slopes.gradients_are_slopes(small.Networks(Backend(*factors)))


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
