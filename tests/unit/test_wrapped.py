"""The clauses on what a bidirectional layer hands on hold for one that does, and each says what it found where one does not."""

import numpy as np
import pytest

from harness import reference, small, wrapped

INSIDE = 6  # Arrays of both layers.


class Wrapping:
    """Arrays, of which the last two answer; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design, self.is_frozen, self.arrays = design, False, []

    def weights(self):
        return self.arrays or [np.full((2, 5), 0.1 * place) for place in range(INSIDE + 2)]

    def set_weights(self, weights):
        self.arrays = weights

    def freeze(self):
        self.is_frozen = True

    def learning(self):
        return range(INSIDE * self.is_frozen, INSIDE + 2)

    def train_on_batch(self, x, y):
        self.arrays = [array - 0.1 * (place in self.learning()) for place, array in enumerate(self.arrays)]
        if self.design.is_constrained:
            self.arrays = [self.kept(array) if place in self.bound() else array for place, array in enumerate(self.arrays)]

    def kept(self, array):
        return array / np.linalg.norm(array, axis=0)

    def bound(self):
        return range(INSIDE)

    def predict(self, x, batch_size):
        return reference.softmax(x.sum(axis=1).dot(self.weights()[-2]))

    def penalized(self):
        return self.weights()[:INSIDE]

    def evaluate(self, x, y, batch_size):
        penalty = 0.01 * sum(np.square(array).sum() for array in self.penalized()) if self.design.is_penalized else 0.0
        return reference.loss(self.predict(x, batch_size), y) + penalty, 0.0


class Backend:
    def __init__(self, **broken):
        self.kind = type("Broken", (Wrapping,), broken)

    def construct(self, design, metrics, optimizer):
        return self.kind(design)

    def descent(self, rate):
        return rate

    def adam(self, rate):
        return rate

    def begin_graph(self):
        return False


def told(clause, **broken):
    return getattr(wrapped, clause)(small.Networks(Backend(**broken)))


@pytest.mark.parametrize("clause", wrapped.CLAUSES, ids=lambda clause: clause.__name__)
def test_a_layer_that_hands_on_what_it_is_told_holds(clause):
    assert told(clause.__name__) is None


def constrained_first(self, x, y):
    self.arrays = [self.kept(array) if place in self.bound() else array for place, array in enumerate(self.weights())]
    self.arrays = [array - 0.1 for array in self.arrays]


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("frozen_layers_stay", "freeze", lambda self: None, "a step moves 6 of 6 arrays that are frozen"),
    ("frozen_layers_stay", "learning", lambda self: range(INSIDE), "a step moves 6 of 6 arrays that are frozen"),
    ("frozen_layers_stay", "learning", lambda self: (), "a layer behind one that is frozen does not learn"),
    ("weights_keep_their_constraints", "bound", lambda self: range(INSIDE // 2),
     "after a step 3 of 6 arrays break their constraint: the norm of a column is "),
    ("weights_keep_their_constraints", "kept", lambda self, array: array / np.linalg.norm(array),
     "after a step 6 of 6 arrays break their constraint: the norm of a column is "),
    ("weights_keep_their_constraints", "train_on_batch", constrained_first,
     "after a step 6 of 6 arrays break their constraint: the norm of a column is "),
    ("penalties_count_once", "penalized", lambda self: self.weights()[: INSIDE // 2], "evaluate gives a loss of "),
    ("penalties_count_once", "penalized", lambda self: 2 * self.weights()[:INSIDE], "evaluate gives a loss of "),
])  # fmt: skip
def test_what_is_not_handed_on_is_told(clause, method, broken, words):
    assert told(clause, **{method: broken}).startswith(words)
