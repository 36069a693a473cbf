"""The clauses on several inputs and outputs hold for a network that tells them apart, and say what they found where not."""

import numpy as np
import pytest

from harness import heads, reference, small
from harness.backend import graphs

CLAUSES = {clause.__name__: clause for clause in heads.CLAUSES}
FIRST, LAST = graphs.HEADS


class Several:
    """Two inputs, or two outputs, or an answer and two states; broken in the ways that it is told."""

    def __init__(self, broken, told):
        self.broken, self.told = broken, told

    def weights(self):
        return []

    def set_weights(self, weights):
        pass

    def predict(self, x, batch_size):
        if isinstance(x, np.ndarray):
            return np.array([reference.softmax(times * x.sum(axis=1).repeat(3, axis=1)[:, :5]) for times in (1, 2)])
        if isinstance(x, dict):
            names = sorted(x) if "by alphabet" in self.broken else graphs.SEQUENCES
            x = [x[name] for name in names]
        return reference.softmax((x[0] - 2 * x[1]).sum(axis=1).repeat(3, axis=1)[:, :5])

    def go_on(self, x, states):
        return [np.zeros((len(x), 5)), 0.5 + states[0], states[1] - 0.25]

    def fit(self, x, y, batch_size, shuffle):
        off = {head: answers - y[head] for head, answers in zip(graphs.HEADS, self.predict(x, batch_size))}
        error = {"mse": np.square, "mae": np.abs}
        names = {FIRST: LAST, LAST: FIRST} if "crossed" in self.broken else {FIRST: FIRST, LAST: LAST}
        losses = {head: error[self.told["loss"][names[head]]](off[head]).mean() for head in off}
        told = {"loss": sum(self.told["loss_weights"][head] * losses[head] for head in off)}
        if "silent" not in self.broken:
            told.update({head + "_loss": value + ("weighted" in self.broken) for head, value in losses.items()})
        for head, missed in off.items():
            (name,) = self.told["metrics"][head]
            told[head + "_" + name] = error[name](missed).mean() + ("counted twice" in self.broken)
        return {name: [value] for name, value in told.items()}

    def test_on_batch(self, x, y):
        assert len(y) == (2 if "no target" in self.broken else 3)
        return [0.25 + (0 if "last is lost" in self.broken else 0.25)]


class Backend:
    def __init__(self, *broken):
        self.broken = broken

    def assemble(self, graph, optimizer, **told):
        return Several(self.broken, told)

    def construct(self, design, metrics, optimizer):
        return Several(self.broken, {})

    def compiles_with(self, word):
        return word == "sample_weight_mode" and "no target" in self.broken

    def descent(self, rate):
        return rate

    def begin_graph(self):
        return False


def told(name, *broken):
    return CLAUSES[name](small.Networks(Backend(*broken)))


@pytest.mark.parametrize("name", CLAUSES)
def test_a_network_that_tells_inputs_and_outputs_apart_holds(name):
    assert told(name) is None


def test_an_output_without_a_loss_may_have_no_target():
    assert told("output_without_a_loss_counts_nothing", "no target") is None


@pytest.mark.parametrize(("name", "broken", "words"), [
    ("inputs_go_by_their_names", "by alphabet", "of inputs by name, answers are "),
    ("heads_have_their_own_losses", "crossed", "of two outputs fit tells loss "),
    ("loss_of_each_head_is_told", "weighted", "of two outputs fit tells there_loss "),
    ("loss_of_each_head_is_told", "silent", "of two outputs fit tells no there_loss, but back_mse, loss, there_mae"),
    ("heads_have_their_own_metrics", "counted twice", "of two outputs fit tells there_mae "),
    ("output_without_a_loss_counts_nothing", "last is lost",
     "where the first output has no loss, that of a batch is 0.25, and of the others 0.5"),
])  # fmt: skip
def test_what_is_taken_for_another_is_told(name, broken, words):
    assert told(name, broken).startswith(words)
