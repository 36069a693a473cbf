"""The clauses on targets hold for a network that takes them as Keras does, and each says what it found where one does not."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import judging, reference, small, targets

KERNELS = {classes: np.random.RandomState(4).normal(0, 1, (2, classes)) for classes in (1, small.PLAIN.classes)}


class Told:
    """A layer of what it sees, which learns nothing; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design, self.seen = design, []

    def predict(self, x, batch_size):
        found = x.sum(axis=1).dot(KERNELS[self.design.classes])
        return found if self.design.answer == "linear" else reference.softmax(found)

    def evaluate(self, x, y, batch_size, sample_weight=1.0):
        answers = self.predict(x, len(x))
        if self.design.answer == "linear":
            off = self.off(answers, y)
            return float(np.mean(off**2)), float(np.mean(np.abs(off)))
        labels = y[:, 0]
        losses, is_right = -np.log(answers[np.arange(len(y)), labels]), self.right(answers, y)
        return float(np.mean(losses * sample_weight)), self.weighted(is_right, sample_weight)

    def off(self, answers, y):
        return answers[:, 0] - y

    def right(self, answers, y):
        return answers.argmax(axis=1) == y[:, 0]

    def weighted(self, is_right, weights):
        return float(np.mean(is_right * weights))


class Networks:
    def __init__(self, knows=("weighted_metrics",), **broken):
        self.kind, self.made = type("Broken", (Told,), broken), {}
        self.backend = SimpleNamespace(compiles_with=knows.__contains__)

    def get(self, design=small.PLAIN, metrics=()):
        return self.made.setdefault(design, self.kind(design))


@pytest.mark.parametrize("clause", targets.CLAUSES, ids=lambda clause: clause.__name__)
def test_a_network_that_takes_targets_as_they_are_holds(clause):
    assert clause(Networks()) is None


def test_where_no_metric_can_be_weighted_nothing_is_asked():
    assert targets.weighted_metrics_begin_anew(Networks(knows=())) == judging.NOT_ASKED


def over_all_calls(self, is_right, weights):
    self.seen = [*self.seen, *(is_right * weights)]
    return float(np.mean(self.seen))


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("labels_count_as_their_rows", "right", lambda self, answers, y: answers.argmax(axis=1) == y.argmax(axis=1),
     "of classes in a column evaluate gives "),
    ("weighted_metrics_begin_anew", "weighted", over_all_calls, "a weighted accuracy over 7 rows is "),
    ("weighted_metrics_begin_anew", "weighted", lambda self, is_right, weights: float(np.mean(is_right)),
     "a weighted accuracy over 3 rows is "),
    ("labels_count_as_their_rows", "weighted", lambda self, is_right, weights: float("nan"),
     "of classes in a column evaluate gives "),
    ("numbers_are_held_each_against_its_own", "off", lambda self, answers, y: answers - y,
     "of numbers in a row evaluate gives "),
])  # fmt: skip
def test_a_network_that_takes_them_otherwise_is_told(clause, method, broken, words):
    assert getattr(targets, clause)(Networks(**{method: broken})).startswith(words)
