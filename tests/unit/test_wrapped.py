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
        shapes = [*(INSIDE * [(2, 5)]), *(((8, 5), (5,)) if self.design.is_frozen else ((2, 5), (2, 5)))]
        return self.arrays or [np.full(shape, 0.1 * place) for place, shape in enumerate(shapes)]

    def set_weights(self, weights):
        self.arrays = weights

    def freeze(self):
        self.is_frozen = True

    def freeze_answer(self):
        self.is_answer_frozen = True

    is_answer_frozen = False

    def learning(self):
        first = INSIDE * (self.is_frozen or self.design.is_frozen)
        return range(first, INSIDE if self.is_answer_frozen else INSIDE + 2)

    def train_on_batch(self, x, y):
        self.arrays = [array - 0.1 * (place in self.learning()) for place, array in enumerate(self.weights())]
        if self.design.constraint:
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
        more = self.restrained(batch_size) if self.design.is_restrained else 0.0
        return reference.loss(self.predict(x, batch_size), y) + penalty + more, 0.0

    def restrained(self, batch_size):
        return 0.5


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


OWN = (
    wrapped.largest_norm_is_kept,
    wrapped.penalties_train,
    wrapped.both_ways_begin_apart,
    wrapped.both_ways_begin_where_they_are_told,
)


@pytest.mark.parametrize(
    "clause", [clause for clause in wrapped.CLAUSES if clause not in OWN], ids=lambda clause: clause.__name__
)
def test_a_layer_that_hands_on_what_it_is_told_holds(clause):
    assert told(clause.__name__) is None


def constrained_first(self, x, y):
    self.arrays = [self.kept(array) if place in self.bound() else array for place, array in enumerate(self.weights())]
    self.arrays = [array - 0.1 for array in self.arrays]


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("frozen_layers_stay", "freeze", lambda self: None, "a step moves 6 of 6 arrays that are frozen"),
    ("frozen_layers_stay", "learning", lambda self: range(INSIDE), "a step moves 6 of 6 arrays that are frozen"),
    ("frozen_layers_stay", "learning", lambda self: (), "a layer behind one that is frozen does not learn"),
    ("frozen_distributed_layer_stays", "freeze_answer", lambda self: None,
     "a step moves a layer in a TimeDistributed that is frozen"),
    ("frozen_distributed_layer_stays", "learning", lambda self: (), "a layer before one that is frozen does not learn"),
    ("layers_built_frozen_stay", "learning", lambda self: range(INSIDE + 2), "a step moves 8 of 8 arrays, where 2 are not"),
    ("layers_built_frozen_stay", "learning", lambda self: (), "a step moves 0 of 8 arrays, where 2 are not frozen"),
    ("penalties_on_answers_count_rows_alike", "restrained", lambda self, batch_size: 0.0,
     "a penalty on what a layer answers is not in the loss"),
    ("penalties_on_answers_count_rows_alike", "restrained", lambda self, batch_size: 0.5 * batch_size,
     "a penalty on answers adds 3.5 to the loss of 7 rows at once, and 0.5 row by row"),
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
