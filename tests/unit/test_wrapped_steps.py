"""The clauses on penalties, on norms, and on how both ways begin hold for layers that obey, and tell of others."""

import numpy as np
import pytest

from harness import reference, small, wrapped

SHAPES = ((2, 32), (8, 32), (32,), (8, 5), (5,))


class Stepping(reference.Network):
    """The reference, trained by a descent that adds the gradient of its penalty, and keeps columns to a largest norm."""

    largest, share = 2.0, 2 * wrapped.PENALTY

    def __init__(self, design, rate):
        super().__init__([np.zeros(shape) for shape in SHAPES], reference.NEWEST)
        self.design, self.rate = design, np.float32(rate)

    def set_weights(self, weights):
        self.vector[:] = np.concatenate([np.ravel(array) for array in weights])

    def weights(self):
        return [array.copy() for array in reference.views(self.vector, SHAPES)]

    def defaults(self):
        return {}

    def train_on_batch(self, x, y):
        gradients = reference.views(self.gradients(self.forward(x), y), SHAPES)
        weights = self.weights()
        share = self.share * self.design.is_penalized
        steps = [gradient + share * (place < 3) * array for place, (gradient, array) in enumerate(zip(gradients, weights))]
        moved = [array - self.rate * step for array, step in zip(weights, steps)]
        if self.design.constraint == "max_norm":
            moved[:2] = [self.bound(array) for array in moved[:2]]
        self.set_weights(moved)

    def bound(self, array):
        return array * np.minimum(1, self.largest / np.linalg.norm(array, axis=0))


class Backend:
    def __init__(self, **broken):
        self.kind = type("Broken", (Stepping,), broken)

    def construct(self, design, metrics=(), optimizer=0.0):
        return self.kind(design, optimizer)

    def descent(self, rate):
        return rate

    adam = descent


@pytest.mark.parametrize(("clause", "broken", "words"), [
    ("largest_norm_is_kept", {}, None),
    ("largest_norm_is_kept", {"bound": lambda self, array: array}, "after a step the largest norm of a column is 1"),
    ("largest_norm_is_kept", {"largest": 1.0}, "after a step the largest norm of a column is 1, where 2 is the most"),
    ("penalties_train", {}, None),
    ("penalties_train", {"share": 0.0}, "a step of a kernel that has a penalty is that of one without"),
    ("penalties_train", {"share": wrapped.PENALTY}, "a step of a kernel that has a penalty is another than both make"),
])  # fmt: skip
def test_penalties_and_norms_that_a_step_does_not_obey_are_told(clause, broken, words):
    found = getattr(wrapped, clause)(small.Networks(Backend(**broken)))
    assert found == words or found.startswith(words)


@pytest.mark.parametrize(("back", "words"), [
    ((2.0, 3.0), None),
    ((1.0, 3.0), "both ways begin with the same kernels"),
    ((1.0, 1.0), "both ways begin with the same kernels and recurrent kernels"),
])  # fmt: skip
def test_ways_that_begin_with_the_same_weights_are_told(back, words):
    there, zeros = [np.ones(2), np.ones(2)], np.zeros(2)

    class Fresh:
        def weights(self):
            return [*there, zeros, *(value * np.ones(2) for value in back), zeros, zeros, zeros]

    class Making:
        def construct(self, design):
            return Fresh()

    assert wrapped.both_ways_begin_apart(small.Networks(Making())) == words


class Ways:
    """One way, or both beside each other, over the reference; broken, each begins with the states given for the other."""

    def __init__(self, is_both, is_swapped):
        self.is_both, self.is_swapped = is_both, is_swapped
        self.arrays = [np.zeros(shape) for shape in (*SHAPES[:3], *SHAPES[:3], (16, 5), (5,))] if is_both else SHAPES

    def weights(self):
        return self.arrays if self.is_both else [np.zeros(shape) for shape in SHAPES]

    def set_weights(self, weights):
        self.arrays = weights

    def go_on(self, x, states):
        return [reference.Network(self.arrays, reference.NEWEST._replace(dtype="float64")).forward(x, states).answers]

    def predict(self, given, batch_size):
        x, *states = given
        there, back = (states[2:], states[:2]) if self.is_swapped else (states[:2], states[2:])
        *arrays, dense, bias = self.arrays
        ways = []
        for weights, rows, begin in ((arrays[:3], x, there), (arrays[3:], x[:, ::-1], back)):
            way = Ways(False, False)
            way.set_weights([*weights, dense[8 * len(ways) : 8 * len(ways) + 8], bias * (not ways)])
            ways.append(way.go_on(rows, begin)[0])
        product = ways[0] * ways[1]
        return product / product.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("is_swapped", [False, True])
def test_ways_that_begin_with_the_states_of_the_other_are_told(is_swapped):
    class Building:
        def assemble(self, graph, optimizer):
            return Ways(True, is_swapped)

        def construct(self, design, metrics, optimizer):
            return Ways(False, False)

        def descent(self, rate):
            return rate

        adam = descent

    words = wrapped.both_ways_begin_where_they_are_told(small.Networks(Building()))
    assert bool(words) == is_swapped
    assert not is_swapped or words.startswith("both ways from given states end 0.")
