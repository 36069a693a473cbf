"""The clauses on masks hold for a network that leaves padding out, and each says what it found where one does not."""

import numpy as np
import pytest

from harness import masks, reference, small
from harness.backend import graphs

CLAUSES = {clause.__name__: clause for clause in masks.CLAUSES}


class Masking:
    """Answers by the sum of the steps that are there; where it is broken, padding counts as a step."""

    def __init__(self, is_broken):
        self.is_broken = is_broken

    def weights(self):
        return []

    def set_weights(self, weights):
        pass

    def _ends(self, x):
        x = np.asarray(x, "float64")
        is_there = (x != 0) & (x != graphs.PADDING)
        counted = np.where(is_there, x, 7.0 if self.is_broken else 0.0)
        return counted.reshape(len(x), -1).sum(axis=1)

    def predict(self, x, batch_size):
        ends = sum(self._ends(one) for one in (x if isinstance(x, list) else [x]))
        return reference.softmax(np.outer(ends / 50, np.arange(5.0)))

    def evaluate(self, x, y, batch_size):
        return 1.5, 0.0

    def fit(self, x, y, batch_size, shuffle):
        return {"loss": [1.5 + self.is_broken]}


class Backend:
    def __init__(self, is_broken=False, casts=True):
        self.is_broken, self.can_cast = is_broken, casts

    def casts(self):
        return self.can_cast

    def assemble(self, graph, optimizer):
        return Masking(self.is_broken)

    def construct(self, design, metrics, optimizer):
        return Masking(self.is_broken)

    def descent(self, rate):
        return rate

    adam = descent

    def begin_graph(self):
        return False


def told(name, **backend):
    return CLAUSES[name](small.Networks(Backend(**backend)))


@pytest.mark.parametrize("name", CLAUSES)
def test_a_network_that_leaves_padding_out_holds(name):
    assert told(name) is None


@pytest.mark.parametrize(("name", "words"), [
    ("joined_sequences_leave_padding_out", "where two sequences are joined padding changes the answers by "),
    ("mask_given_by_hand_goes_on", "behind a layer that was given a mask padding changes the answers by "),
    ("mask_goes_on_behind_a_cast", "where numbers are cast padding changes the answers by "),
    ("words_of_sentences_leave_padding_out", "in sentences of words padding changes the answers by "),
    ("averaged_steps_leave_padding_out", "where steps are averaged padding changes the answers by "),
    ("sequential_model_leaves_padding_out", "in a Sequential model padding changes the answers by "),
    ("distributed_layer_trains_behind_padding", "behind padding fit tells a loss of 2.5, and evaluate 1.5"),
])  # fmt: skip
def test_padding_that_counts_is_told(name, words):
    assert told(name, is_broken=True).startswith(words)


def test_where_no_layer_casts_nothing_is_asked_of_it():
    assert told("mask_goes_on_behind_a_cast", is_broken=True, casts=False) == masks.NOT_ASKED
