"""The clauses on what is made anew hold where it has what it was told, and say what it lacks where it has not."""

import copy

import numpy as np
import pytest

from harness import anew, judging, small
from harness.backend import graphs


class Made:
    """A number, the arrays that a step moves, and a rate for each step; made anew it may lose them."""

    def __init__(self, design, optimizer, broken):
        self.design, self.optimizer, self.broken = design, optimizer, broken
        self.number, self.steps, self.lost = 1.0, 0, False

    def weights(self):
        return [np.array([self.number])]

    def set_weights(self, weights):
        self.number = 1.0

    def predict(self, x, batch_size):
        broken = {"answers", {small.EMBEDDED: "padding", graphs.tokens_in_a_row: "row"}.get(self.design)}
        return np.zeros((len(x), 5)) + (self.lost and bool(broken & set(self.broken)))

    def learning(self):
        return 5 if self.lost and "frozen" in self.broken else 2

    def anew(self):
        found = copy.copy(self)
        found.lost = True
        return found

    def train_on_batch(self, x, y):
        rates = self.optimizer if not (self.lost and "schedule" in self.broken) else 2 * self.optimizer[:1]
        self.number -= rates[min(self.steps, 1)]
        self.steps += 1

    def save(self, path):
        self.saved = self.steps

    def load(self, path):
        self.lost, self.steps = True, self.saved


class Backend:
    def __init__(self, *broken):
        self.broken = broken

    def construct(self, design, metrics=(), optimizer=None):
        return Made(design, optimizer, self.broken)

    def assemble(self, graph, optimizer):
        return Made(graph, optimizer, self.broken)

    def adam(self, rate):
        return rate

    descent = adam

    def rates_in_pieces(self, rates):
        return None if "no schedule" in self.broken else rates


ANEW = "made anew from its own settings, a model "


@pytest.mark.parametrize(("clause", "broken", "words"), [
    ("settings_make_it_anew", (), None),
    ("settings_make_it_anew", ("answers",), ANEW + "that goes unrolled answers 1 away"),
    ("settings_make_it_anew", ("padding",), ANEW + "that goes past the zeros of an Embedding answers 1 away"),
    ("settings_make_it_anew", ("row",), ANEW + "that goes layer by layer past the zeros of an Embedding answers 1 away"),
    ("frozen_layers_are_made_anew_frozen", (), None),
    ("frozen_layers_are_made_anew_frozen", ("frozen",), ANEW + "has 5 arrays that a step may move, not 2"),
    ("saved_has_its_schedule", (), None),
    ("saved_has_its_schedule", ("no schedule",), judging.NOT_ASKED),
    ("saved_has_its_schedule", ("schedule",),
     "saved and loaded, a model whose second rate is 0.25 times its first takes a step of 1 times the first"),
])  # fmt: skip
def test_what_is_lost_on_the_way_is_told(clause, broken, words):
    assert getattr(anew, clause)(small.Networks(Backend(*broken))) == words
