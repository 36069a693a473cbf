"""The clauses on what dropout acts on, and by which seed, hold for layers that drop so, and say how others do not."""

import numpy as np
import pytest

from harness import dropouts, reference, small


class Dropped:
    """Loses a number to chance in training, or always; what its weights make of it counts, or its state does."""

    def __init__(self, design, broken):
        self.design, self.broken, self.random, self.arrays = design, broken, np.random.RandomState(0), 5 * [np.ones(1)]

    def weights(self):
        return self.arrays

    def set_weights(self, weights):
        self.arrays = weights

    def lost(self):
        is_first = getattr(self.design, "implementation", 2) != 2 and getattr(self.design, "kind", "") == "LSTM"
        is_silent = "nothing" in self.broken and not is_first
        return 0.0 if is_silent else self.random.uniform()

    def predict(self, x, batch_size):
        return np.full((len(x), 5), self.lost() if "always" in self.broken and callable(self.design) else 0.5)

    def evaluate(self, x, y, batch_size):
        return 0.5, 0.0

    def fit(self, x, y, batch_size, shuffle, epochs=1):
        reach = 1.0 if "state" in self.broken else float(max(np.abs(array).max() for array in self.arrays[:2]))
        is_gru = getattr(self.design, "kind", "") == "GRU"
        return {"loss": [0.5 + self.lost() * (reach if is_gru else 1.0) for _ in range(epochs)]}


class DroppedBackend:
    def __init__(self, *broken):
        self.broken = broken

    def construct(self, design, metrics, optimizer):
        found = Dropped(design, self.broken)
        found.random.seed(self.seeds if "unseeded" in self.broken else 0)
        return found

    def assemble(self, graph, optimizer):
        return Dropped(graph, self.broken)

    def adam(self, rate):
        return rate

    def begin_graph(self):
        return False

    def seed(self, seed):
        self.seeds = getattr(self, "seeds", 0) + 1

    descent = adam


OTHERS = (
    "dropout_acts_however_it_is_computed",
    "dropout_step_by_step_acts",
    "dropped_state_is_kept",
    "other_kinds_drop_in_training",
    "seed_fixes_what_is_dropped",
)


@pytest.mark.parametrize("clause", OTHERS)
def test_dropout_that_acts_on_what_it_should_holds(clause, monkeypatch):
    monkeypatch.setattr(small, "_shake", lambda network: network.set_weights(5 * [np.ones(1)]))
    assert getattr(dropouts, clause)(small.Networks(DroppedBackend())) is None


@pytest.mark.parametrize(("clause", "broken", "words"), [
    ("dropout_acts_however_it_is_computed", "nothing", "with an implementation of 2 dropout does nothing in training"),
    ("dropout_step_by_step_acts", "nothing", "a Dropout in a TimeDistributed does nothing in training"),
    ("dropout_step_by_step_acts", "always", "a Dropout in a TimeDistributed changes the answers of predict"),
    ("other_kinds_drop_in_training", "nothing", "dropout of a GRU does nothing in training"),
    ("seed_fixes_what_is_dropped", "unseeded", "after the same seed, two networks drop otherwise"),
    ("dropped_state_is_kept", "state", "a GRU's recurrent dropout drops its state: losses are up to 0."),
])  # fmt: skip
def test_dropout_that_acts_on_something_else_is_told(clause, broken, words, monkeypatch):
    monkeypatch.setattr(small, "_shake", lambda network: network.set_weights(5 * [np.ones(1)]))
    assert getattr(dropouts, clause)(small.Networks(DroppedBackend(broken))).startswith(words)


class Behind:
    """An embedding, a Dropout where the design has one, and a sum of the steps that are there; a subclass breaks a part."""

    def __init__(self, design, broken):
        self.design, self.broken, self.random = design, broken, np.random.RandomState(0)
        self.arrays = [np.zeros((6, 2)), np.zeros((2, 5)), np.zeros(5)]

    def weights(self):
        return [array.copy() for array in self.arrays]

    def set_weights(self, weights):
        self.arrays = weights

    def answers(self, tokens, is_training):
        table, kernel, bias = self.arrays
        kept = self.random.uniform(size=(*tokens.shape, 2)) >= 0.5 if "one mask" not in self.broken else 1.0
        drops = self.design.between is not None and (is_training or "always" in self.broken)
        is_there = 1.0 if is_training and "no mask" in self.broken else (tokens > 0)[:, :, None]
        seen = (2 * kept if drops else 1.0) * table[tokens]
        return reference.softmax(np.tanh((seen.dot(kernel) + bias) * is_there).sum(axis=1))

    def predict(self, tokens, batch_size):
        return self.answers(tokens, is_training=False)

    def fit(self, tokens, y, batch_size, shuffle, epochs=1):
        return {"loss": [reference.loss(self.answers(tokens, is_training=True), y) for _ in range(epochs)]}


class BehindBackend:
    def __init__(self, *broken):
        self.broken = broken

    def construct(self, design, metrics, optimizer):
        return Behind(design, self.broken)

    def adam(self, rate):
        return rate

    def begin_graph(self):
        return False


@pytest.mark.parametrize(("broken", "words"), [
    ((), None),
    (("always",), "a Dropout behind an Embedding changes the answers of predict"),
    (("one mask",), "a Dropout behind an Embedding drops the same in every batch"),
    (("no mask",), "behind a Dropout fit trains on padding: its loss is "),
])  # fmt: skip
def test_what_a_dropout_behind_an_embedding_does_is_told(broken, words):
    found = dropouts.dropout_layer_leaves_padding_out(small.Networks(BehindBackend(*broken)))
    assert found == words or found.startswith(words)
