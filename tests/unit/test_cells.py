"""The clauses on cells and merged ways hold for layers that are put together as told, and say so of those that are not."""

import numpy as np
import pytest

from harness import cells, judging, small

MERGED = {"sum": np.add, "mul": np.multiply, "ave": lambda there, back: (there + back) / 2}


class Merged:
    """Both ends of one array, merged; `merges` replaces how."""

    def __init__(self, merges):
        self.merges, self.arrays = merges, [np.full((2, 3), 0.1 + place) for place in range(4)]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def predict(self, x, batch_size):
        ends = []
        for kernel, merge in zip(self.arrays, (None, *self.merges.values())):
            there, back = x[:, -1].dot(kernel), x[:, 0].dot(kernel)
            ends += [there, back] if merge is None else [merge(there, back)]
        return np.concatenate(ends, axis=1)


class OfMerges:
    def __init__(self, **merges):
        self.merges = dict(MERGED, **merges)

    def assembled(self, graph):
        return Merged(self.merges)


def test_ways_that_are_merged_as_told_hold():
    assert cells.both_ways_are_merged_as_told(OfMerges()) is None


@pytest.mark.parametrize(("name", "instead"), [("ave", np.add), ("mul", np.maximum), ("sum", np.subtract)])
def test_ways_that_are_merged_otherwise_are_told(name, instead):
    words = cells.both_ways_are_merged_as_told(OfMerges(**{name: instead}))
    assert words.startswith("merged by {}, both ways end ".format(name))


class Answering:
    """Answers with a number; over what is padded where its mask is lost with another."""

    def __init__(self, number):
        self.number = number

    def predict(self, x, batch_size):
        return np.full((len(x), small.PLAIN.classes), self.number)


class OfCells:
    """Layers of so many units that answer 0, and as many over cells: the answers that `wrong` has for them."""

    def __init__(self, has_cells=True, wrong=(0.0, 0.0)):
        self.backend, self.has_cells, self.wrong = self, has_cells, list(wrong)

    def has_layer(self, name):
        return self.has_cells and name == "RNN"

    def get(self, design):
        return Answering(0.0)

    def assembled(self, graph):
        return Answering(self.wrong.pop(0))


@pytest.mark.parametrize(("networks", "words"), [
    (OfCells(), None),
    (OfCells(has_cells=False), judging.NOT_ASKED),
    (OfCells(wrong=(0.5, 0.0)), "a layer over a cell answers 0.5 away from what layers of the same weights do"),
    (OfCells(wrong=(0.0, 0.5)), "a layer over two cells answers 0.5 away from what layers of the same weights do"),
])  # fmt: skip
def test_a_layer_over_cells_that_answers_otherwise_is_told(networks, words):
    assert cells.cells_answer_as_their_layers(networks) == words
