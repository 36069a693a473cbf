"""The clause on GRU knows its two forms and both their gates, and says which of them it found."""

import numpy as np
import pytest

from harness import gru, reference, small


class Gated:
    """A GRU of one form, whose second bias is there where its reset comes after."""

    def __init__(self, gate, is_after, doubled):
        self.gate, self.is_after, self.doubled = gate, is_after, doubled
        self.arrays = [np.zeros(shape) for shape in ((2, 24), (8, 24), (2, 24) if is_after else (24,), (8, 5), (5,))]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def predict(self, x, batch_size):
        return gru.answers(self.arrays, (1 + self.doubled) * x, self.gate, self.is_after)


class Backend:
    def __init__(self, gate=reference.sigmoid, is_after=True, doubled=False):
        self.words = gate, is_after, doubled

    def construct(self, design, metrics, optimizer):
        assert design.kind == "GRU"
        return Gated(*self.words)

    def adam(self, rate):
        return "adam"


@pytest.mark.parametrize(("words", "told"), [
    ((), None),
    ((reference.hard_sigmoid, True), "a GRU resets after the recurrent kernel, and its gates are hard sigmoids"),
    ((reference.sigmoid, False), "a GRU resets before the recurrent kernel, and its gates are sigmoids"),
    ((reference.hard_sigmoid, False), "a GRU resets before the recurrent kernel, and its gates are hard sigmoids"),
    ((reference.sigmoid, True, True), "a GRU answers as neither of its two forms does"),
])  # fmt: skip
def test_the_form_and_the_gates_of_a_gru_are_told(words, told):
    assert gru.gru_answers_as_defined(small.Networks(Backend(*words))) == told


def test_with_its_update_gate_open_the_state_stays_and_closed_it_is_the_candidate():
    kernel, recurrent, dense = np.zeros((1, 3)), np.array([[0.0, 0.0, 0.5]]), np.array([[1.0, 0.0]])
    x = np.zeros((1, 2, 1))
    for update, state in ((100.0, 0.0), (-100.0, np.tanh(1 + 0.25 * np.tanh(1)))):
        bias = np.array([update, 0.0, 1.0])  # A reset of one half, and a candidate of tanh(1) at first.
        found = gru.answers([kernel, recurrent, bias, dense, np.zeros(2)], x, reference.sigmoid, is_after=True)
        assert np.allclose(np.log(found[0, 0] / found[0, 1]), state)
