"""The clauses on steps hold for an optimizer that moves all weights alike, and say what they found where one does not."""

import numpy as np
import pytest

from harness import judging, optimizers, small
from tests.unit.test_optimizers import Backend, Stepping


def signed():
    """Return Nadam's first step: as long for every number of a gradient."""
    return lambda rate, gradient: 0.002 * np.sign(gradient)


def longer_behind():
    """Return one whose steps grow from array to array."""
    return lambda rate, gradient: 0.002 * np.sign(gradient) * np.linspace(1, 1.1, gradient.size)


@pytest.mark.parametrize(("step", "words"), [
    (signed, None), (longer_behind, "Nadam's first step moves one array by 0.002"),
])  # fmt: skip
def test_a_nadam_that_moves_some_arrays_farther_is_told(step, words):
    class ByName(Backend):
        def construct(self, design, metrics, optimizer):
            assert optimizer == "nadam"
            return Stepping((0.002, step()))

    found = optimizers.nadam_moves_all_alike(small.Networks(ByName()))
    assert found == words if words is None else found.startswith(words)


class Moving:
    """A table whose rows the tokens of a batch move, and all of them momentum, but where it is sparse."""

    def __init__(self, is_sparse):
        self.is_sparse, self.table, self.velocity = is_sparse, np.zeros((6, 2)), np.zeros((6, 2))

    def weights(self):
        return [self.table.copy()]

    def set_weights(self, weights):
        self.table = np.zeros((6, 2))

    def train_on_batch(self, x, y):
        rows = np.unique(x) if self.is_sparse else slice(None)
        self.velocity[rows] *= 0.5
        self.velocity[np.unique(x)] += 1
        self.table[rows] += self.velocity[rows]


@pytest.mark.parametrize(("is_sparse", "words"), [
    (False, None), (True, "a token that is not in the batch is moved by up to 0, where momentum moves it by 0.5"),
])  # fmt: skip
def test_a_momentum_that_forgets_who_is_not_there_is_told(is_sparse, words):
    class Embedded(Backend):
        def construct(self, design, metrics, optimizer):
            return Moving(is_sparse)

    assert optimizers.momentum_moves_every_token(small.Networks(Embedded())) == words


class Gathering(Stepping):
    """Steps once every so many batches, by the mean of their gradients; or each time, where it gathers nothing."""

    def __init__(self, optimizer):
        super().__init__((optimizer[0], None))
        self.every, self.kept = optimizer[1], []

    def train_on_batch(self, x, y):
        self.kept.append(self.gradients(self.forward(x), y))
        if len(self.kept) % self.every == 0:
            self.vector -= self.rate * np.mean(self.kept[-self.every :], axis=0)


@pytest.mark.parametrize(("adam", "words"), [
    (lambda rate, gradient_accumulation_steps=1: (rate, gradient_accumulation_steps), None),
    (lambda rate: (rate, 1), judging.NOT_ASKED),
    (lambda rate, gradient_accumulation_steps=1: (rate, 1), "twice two batches that are gathered move weights by up to "),
])  # fmt: skip
def test_gradients_that_are_not_gathered_are_told(adam, words):
    class Accumulating(Backend):
        def construct(self, design, metrics, optimizer):
            return Gathering(optimizer)

    backend = Accumulating()
    backend.adam = adam
    found = optimizers.accumulated_gradients_make_one_step(small.Networks(backend))
    assert found == words if words in (None, judging.NOT_ASKED) else found.startswith(words)
