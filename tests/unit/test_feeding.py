"""The clauses on feeding hold for a network that is fed as Keras feeds, and each says what it found where one is not."""

import numpy as np
import pytest

from harness import feeding, judging, reference, small
from harness.small import PLAIN, means

KERNEL = np.random.RandomState(4).normal(0, 1, (PLAIN.features, PLAIN.classes))


class Fed:
    """A softmax of what it sees, which learns nothing; a subclass replaces what it does wrong."""

    def predict(self, x, batch_size):
        return reference.softmax(x.sum(axis=1).dot(KERNEL))

    def told(self, x, y, weights):
        answers = self.predict(x, len(x))
        return dict(means(answers, y), loss=float(np.mean(-np.log((answers * y).sum(axis=1)) * weights)))

    def split(self, x, y, share, weights):
        count, weights = int(len(x) * (1 - share)), np.broadcast_to(weights, len(x))
        return (x[:count], y[:count], weights[:count]), (x[count:], y[count:], weights[count:])

    def by_class(self, y, weights):
        return np.array([weights[label] for label in y.argmax(axis=1)])

    def validated(self, x, y, weights=1.0):
        return {"val_" + name: [value] for name, value in self.told(x, y, weights).items()}

    def fit(self, x, y, batch_size, shuffle, validation_data=None, validation_split=0.0, sample_weight=1.0, class_weight=None):
        if validation_split:
            (x, y, sample_weight), validation_data = self.split(x, y, validation_split, sample_weight)
        weights = sample_weight * (self.by_class(y, class_weight) if class_weight else 1.0)
        history = {name: [value] for name, value in self.told(x, y, weights).items()}
        return dict(history, **(self.validated(*validation_data) if validation_data else {}))

    def evaluate(self, x, y, batch_size, sample_weight=1.0):
        told = self.told(x, y, sample_weight)
        return told["loss"], told["accuracy"]


class Networks:
    def __init__(self, **broken):
        self.kind = type("Broken", (Fed,), broken)

    def get(self):
        return self.kind()


STEPS = feeding.step_on_a_batch_counts_weights
CLAUSES = [clause for clause in feeding.CLAUSES if clause not in (STEPS, feeding.windows_have_their_targets)]


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_network_that_is_fed_as_it_is_told_holds(clause):
    assert clause(Networks()) is None


def first_held_back(self, x, y, share, weights):
    return Fed.split(self, x, y, share, weights)[::-1]


def split_without_weights(self, x, y, share, weights):
    trained, held = Fed.split(self, x, y, share, weights)
    return trained, held[:2]


def validated_without_weights(self, x, y, weights=1.0):
    return Fed.validated(self, x, y)


def all_trained(self, x, y, batch_size, shuffle, validation_data=None, **named):
    x, y = (np.concatenate(both) for both in zip((x, y), validation_data or (x[:0], y[:0])))
    return Fed.fit(self, x, y, batch_size, shuffle, validation_data=validation_data, **named)


def nothing_told(self, x, y):
    return {}


def deaf(self, x, y, batch_size, shuffle=False, sample_weight=None, **named):
    return Fed.fit(self, x, y, batch_size, shuffle, **named)


def deaf_evaluate(self, x, y, batch_size, sample_weight=None):
    return Fed.evaluate(self, x, y, batch_size)


def weighted_accuracy(self, x, y, weights):
    is_right = self.predict(x, len(x)).argmax(axis=1) == y.argmax(axis=1)
    return dict(Fed.told(self, x, y, weights), accuracy=float(np.mean(weights * is_right)))


def weighted_in_fit(self, x, y, batch_size, shuffle, sample_weight=1.0, **named):
    history = Fed.fit(self, x, y, batch_size, shuffle, sample_weight=sample_weight, **named)
    return dict(history, accuracy=[weighted_accuracy(self, x, y, sample_weight)["accuracy"]])


def one_of_both(self, x, y, batch_size, shuffle, sample_weight=1.0, class_weight=None, **named):
    return Fed.fit(self, x, y, batch_size, shuffle, sample_weight=sample_weight, **named)


def mean_of_the_weighed(self, x, y, weights):
    told = Fed.told(self, x, y, weights)
    return dict(told, loss=told["loss"] / np.mean(weights > 0)) if np.ndim(weights) else told


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("weights_of_rows_and_classes_multiply", "fit", one_of_both, "by both weights fit tells a loss of "),
    ("rows_of_no_weight_are_rows", "told", mean_of_the_weighed, "over rows, some of no weight, fit tells a loss of "),
    ("validation_is_evaluated", "split", first_held_back, "with validation rows split off fit tells "),
    ("validation_is_evaluated", "fit", all_trained, "with validation rows given fit tells "),
    ("validation_is_evaluated", "validated", nothing_told, "with validation rows given fit tells val_accuracy nan"),
    ("rows_count_by_their_weights", "fit", deaf, "fit by sample_weight tells a loss of "),
    ("rows_count_by_their_weights", "by_class", lambda self, y, weights: 1.0, "fit by class_weight tells a loss of "),
    ("rows_count_by_their_weights", "evaluate", deaf_evaluate, "evaluate by sample_weight tells a loss of "),
    ("plain_metrics_count_rows_alike", "told", weighted_accuracy, "over weighted rows evaluate tells an accuracy of "),
    ("plain_metrics_count_rows_alike", "fit", weighted_in_fit, "over weighted rows fit tells an accuracy of "),
    ("validation_counts_by_weights", "fit", deaf, "with weighted rows given fit tells loss "),
    ("validation_counts_by_weights", "validated", validated_without_weights, "with weighted rows given fit tells val_loss "),
    ("validation_counts_by_weights", "split", split_without_weights, "with weighted rows split off fit tells val_loss "),
])  # fmt: skip
def test_a_network_that_is_fed_otherwise_is_told(clause, method, broken, words):
    assert getattr(feeding, clause)(Networks(**{method: broken})).startswith(words)


class Stepping:
    """Moves by what its rows count; a subclass takes no notice of some weights."""

    def __init__(self):
        self.moved = 0.0

    def weights(self):
        return [np.array([1.0 + self.moved])]

    def set_weights(self, weights):
        self.moved = 0.0

    def count(self, y, sample_weight=1.0, class_weight=None):
        by_class = [class_weight[label] for label in y.argmax(axis=1)] if class_weight else 1.0
        return float(np.mean(np.ones(len(y)) * sample_weight * by_class))

    def fit(self, x, y, batch_size, shuffle, **more):
        self.moved = Stepping.count(self, y, **more)

    def train_on_batch(self, x, y, **more):
        self.moved = self.count(y, **more)


class Backend:
    """Makes such networks, and windows by a function."""

    def __init__(self, windows=None, **broken):
        self.kind, self.windows = type("Broken", (Stepping,), broken), windows

    def construct(self, design, metrics, optimizer):
        return self.kind()

    def descent(self, rate):
        return rate


def deaf_to(word):
    return lambda self, y, **more: Stepping.count(self, y, **{name: more[name] for name in more if name != word})


@pytest.mark.parametrize(("broken", "words"), [
    ({}, None),
    ({"count": deaf_to("sample_weight")}, "by sample_weight a step of train_on_batch is that of rows without weights"),
    ({"count": deaf_to("class_weight")}, "by class_weight a step of train_on_batch is that of rows without weights"),
    ({"count": lambda self, y, **more: Stepping.count(self, y, **more) * (2 if more else 1)},
     "by sample_weight a step of train_on_batch is another than that of fit"),
])  # fmt: skip
def test_a_step_on_a_batch_that_counts_otherwise_is_told(broken, words):
    assert STEPS(small.Networks(Backend(**broken))) == words


def windows(late=0, short=0):
    def made(series, targets, length):
        begin = np.arange(len(series) - length + 1)
        return np.array([series[first : first + length] - short for first in begin]), np.roll(targets, -late)[begin]

    return made


@pytest.mark.parametrize(("made", "words"), [
    (windows(), None),
    (lambda *asked: None, judging.NOT_ASKED),
    (windows(late=1), "the targets of windows over a series are others than told"),
    (windows(short=1), "the windows over a series are others than told"),
])  # fmt: skip
def test_windows_that_are_paired_otherwise_are_told(made, words):
    assert feeding.windows_have_their_targets(small.Networks(Backend(made))) == words
