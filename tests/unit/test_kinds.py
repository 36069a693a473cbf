"""The clause on GRU knows its two forms and both their gates, and says which of them it found; other kinds keep their state."""

import numpy as np
import pytest

from harness import kinds, reference, small


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
        return kinds.answers(self.arrays, (1 + self.doubled) * x, self.gate, self.is_after)


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
    assert kinds.gru_answers_as_defined(small.Networks(Backend(*words))) == told


class Summing:
    """A layer whose state is the sum of what it saw; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design, self.state = design, 0.0

    def weights(self):
        return []

    def set_weights(self, weights):
        self.kernel = np.linspace(-1, 1, 10).reshape(2, 5)

    def predict(self, x, batch_size):
        before = self.state if self.design.batch_size else 0.0
        self.state = before + (x * self.is_there(x)[:, :, None]).sum(axis=1).dot(self.kernel)
        return reference.softmax(self.state)

    def fit(self, x, y, batch_size, shuffle):
        self.predict(x, batch_size)

    def is_there(self, x):
        return np.any(x != self.design.mask, axis=2)

    def reset(self):
        self.state = 0.0


class Kinds:
    """Builds them; `broken` replaces some methods of these kinds."""

    def __init__(self, *kinds, **broken):
        self.kinds, self.broken = kinds, type("Broken", (Summing,), broken)

    def construct(self, design, metrics, optimizer):
        return (self.broken if design.kind in self.kinds else Summing)(design)

    def adam(self, rate):
        return "adam"

    def begin_graph(self):
        return False

    def remade(self, kind, told):
        return dict(told, recurrent_dropout=0.0) if kind in self.kinds else told


KINDS = (
    kinds.other_kinds_keep_their_state,
    kinds.other_kinds_keep_their_state_in_training,
    kinds.other_kinds_leave_padding_out,
    kinds.layers_are_made_anew_as_told,
)


class Drawing:
    """Draws by a seed, and takes tables; broken where a test says how."""

    def __init__(self, drawn=lambda seed: np.full(2, seed), embedded=lambda table: table):
        self.draw, self.embedded = drawn, embedded

    def drawn(self, seed, layers=1):
        return [self.draw(seed) for _ in range(layers)]


def by_chance():
    count = iter(range(100))
    return lambda seed: np.full(2, seed or 10 + next(count))


@pytest.mark.parametrize(("drawn", "words"), [
    (lambda seed: np.full(2, seed), None),
    (by_chance(), "an initializer of seed 0 draws other weights each time"),
    (lambda seed: np.ones(2), "initializers of seeds 0 and 2 draw the same weights"),
])  # fmt: skip
def test_a_seed_that_is_none_is_told(drawn, words):
    assert kinds.seed_of_zero_is_a_seed(small.Networks(Drawing(drawn))) == words


@pytest.mark.parametrize(("drawn", "words"), [
    (by_chance(), None),
    (lambda seed: np.ones(2), "an initializer that two layers share draws the same weights for both"),
])  # fmt: skip
def test_an_initializer_that_draws_the_same_for_two_layers_is_told(drawn, words):
    assert kinds.shared_initializer_draws_anew(small.Networks(Drawing(drawn))) == words


@pytest.mark.parametrize(("embedded", "words"), [
    (lambda table: table, None), (lambda table: 0 * table, "an Embedding that is given a table holds another"),
])  # fmt: skip
def test_a_table_that_is_not_taken_is_told(embedded, words):
    assert kinds.embedding_takes_its_table(small.Networks(Drawing(embedded=embedded))) == words


def forgetful(self, x, batch_size):
    self.state = 0.0
    return Summing.predict(self, x, batch_size)


@pytest.mark.parametrize("clause", KINDS, ids=lambda clause: clause.__name__)
def test_other_kinds_that_keep_their_state_and_leave_padding_out_hold(clause):
    assert clause(small.Networks(Kinds())) is None


@pytest.mark.parametrize("kind", ["GRU", "SimpleRNN"])
def test_a_kind_that_takes_padding_for_steps_is_told(kind):
    everywhere = Kinds(kind, is_there=lambda self, x: np.ones(x.shape[:2], bool))
    found = kinds.other_kinds_leave_padding_out(small.Networks(everywhere))
    assert found.startswith("padding ") and f" changes the answers of a {kind} by 0." in found


@pytest.mark.parametrize("kind", ["GRU", "SimpleRNN"])
def test_a_kind_that_keeps_no_state_or_forgets_none_is_told(kind):
    found = kinds.other_kinds_keep_their_state(small.Networks(Kinds(kind, predict=forgetful)))
    assert found.startswith(f"two halves end a {kind} 0.") and found.endswith(" away from the whole")

    def stays(self):
        self.resets = getattr(self, "resets", 0) + 1
        self.state = self.state if self.resets > 2 else 0.0  # The first is that of who asks for the network.

    found = kinds.other_kinds_keep_their_state(small.Networks(Kinds(kind, reset=stays)))
    assert found.startswith(f"two halves end a {kind} after a reset 0.")


@pytest.mark.parametrize("kind", ["GRU", "SimpleRNN"])
def test_a_kind_whose_state_training_leaves_is_told(kind):
    def idle(self, x, y, batch_size, shuffle):
        pass

    found = kinds.other_kinds_keep_their_state_in_training(small.Networks(Kinds(kind, fit=idle)))
    assert found.startswith(f"after fit has seen its first half, a {kind} ends 0.")


class Answering:
    """A layer of five arrays that answers as a function of them says, so many times what it should."""

    def __init__(self, answers, columns, share):
        self.answers, self.share = answers, share
        self.arrays = [np.zeros(shape) for shape in ((2, columns), (8, columns), (columns,), (8, 5), (5,))]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def defaults(self):
        return {}

    def predict(self, x, batch_size):
        return self.answers(self.arrays, self.share * x)


def answering(answers, columns, share=1.0):
    """Return networks of such layers."""
    backend = Backend()
    backend.construct = lambda design, metrics, optimizer: Answering(answers, columns, share)
    return small.Networks(backend)


def squashing(squash):
    return lambda weights, x: kinds.squashed(weights, x, reference.sigmoid, squash)


@pytest.mark.parametrize(("squash", "words"), [
    (reference.sigmoid, None),
    (np.tanh, "an LSTM that is told to squash by a sigmoid squashes by tanh"),
    (np.arctan, "an LSTM that is told to squash by a sigmoid answers otherwise"),
])  # fmt: skip
def test_an_activation_that_is_not_used_is_told(squash, words):
    assert kinds.told_activation_is_used(answering(squashing(squash), 32)) == words


def test_an_lstm_that_squashes_by_tanh_is_the_reference():
    network, (x, _) = Answering(None, 32, 1.0), small.samples()
    small._shake(network)
    wanted = reference.Network(network.weights(), reference.NEWEST._replace(dtype="float64")).forward(x).answers
    assert np.allclose(squashing(np.tanh)(network.weights(), x), wanted)


def elman(squash):
    def answers(weights, x):
        kernel, recurrent, bias, dense, dense_bias = weights
        state = np.zeros((len(x), 8))
        for step in range(x.shape[1]):
            state = squash(x[:, step] @ kernel + state @ recurrent + bias)
        return reference.softmax(state @ dense + dense_bias)

    return answers


def test_a_simple_layer_that_is_no_tanh_is_told():
    assert kinds.simple_layer_answers_as_defined(answering(elman(np.tanh), 8)) is None
    words = kinds.simple_layer_answers_as_defined(answering(elman(lambda z: np.maximum(z, 0)), 8))
    assert words.startswith("a SimpleRNN answers 0.") and words.endswith(" away from its definition")


def test_all_kinds_that_keep_no_state_are_told_at_once():
    found = kinds.other_kinds_keep_their_state(small.Networks(Kinds("GRU", "SimpleRNN", predict=forgetful)))
    assert found.startswith("two halves end a GRU 0.") and " and a SimpleRNN 0." in found


def test_with_its_update_gate_open_the_state_stays_and_closed_it_is_the_candidate():
    kernel, recurrent, dense = np.zeros((1, 3)), np.array([[0.0, 0.0, 0.5]]), np.array([[1.0, 0.0]])
    x = np.zeros((1, 2, 1))
    for update, state in ((100.0, 0.0), (-100.0, np.tanh(1 + 0.25 * np.tanh(1)))):
        bias = np.array([update, 0.0, 1.0])  # A reset of one half, and a candidate of tanh(1) at first.
        found = kinds.answers([kernel, recurrent, bias, dense, np.zeros(2)], x, reference.sigmoid, is_after=True)
        assert np.allclose(np.log(found[0, 0] / found[0, 1]), state)


@pytest.mark.parametrize("kind", ["LSTM", "GRU", "SimpleRNN"])
def test_a_kind_that_loses_a_word_of_its_settings_is_told(kind):
    words = f"of a {kind} that is made of another's settings, recurrent_dropout is 0.0, not 0.5"
    assert kinds.layers_are_made_anew_as_told(small.Networks(Kinds(kind))) == words
