"""The clauses on targets hold for a network that takes them as Keras does, and each says what it found where one does not."""

import numpy as np
import pytest

from harness import judging, reference, small, targets

KERNELS = {classes: np.random.RandomState(4).normal(0, 1, (2, classes)) for classes in (1, small.PLAIN.classes)}


ANSWERS = {"linear": lambda found: found, "sigmoid": reference.sigmoid, "softmax": reference.softmax}


class Told:
    """A layer of what it sees, which learns nothing; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.design, self.seen, self.bias = design, [], 0.0

    def set_weights(self, weights):
        self.bias = 4.0 if self.design.answer == "sigmoid" else 0.0  # Answers on both sides of one half.

    def weights(self):
        return [np.zeros(1), np.zeros(1)]

    def predict(self, x, batch_size):
        seen = x.cumsum(axis=1) if self.design.every_step else x.sum(axis=1)
        return ANSWERS[self.design.answer](seen.dot(KERNELS[self.design.classes]) + self.bias)

    def fit(self, x, y, batch_size, shuffle, sample_weight):
        return {"loss": [Told.evaluate(self, x, y, batch_size, sample_weight)[0]]}

    def evaluate(self, x, y, batch_size, sample_weight=1.0):
        answers = self.predict(x, len(x))
        return self.way()(answers, y, sample_weight)

    def way(self):
        of = {"linear": self.of_numbers, "sigmoid": self.of_several if self.design.classes > 1 else self.of_two}
        if self.design.loss == "cosine_similarity":
            return lambda answers, y, weights: (self.likeness(answers, y), reference.right(answers, y))
        if self.design.every_step:
            return self.of_labels_by_step if self.design.loss.startswith("sparse") else self.of_steps
        return of.get(self.design.answer, self.of_labels)

    def of_labels_by_step(self, answers, y, weights):
        return float(-np.log(np.take_along_axis(answers, y, axis=2)).mean()), self.right_steps(answers, y)

    def of_steps(self, answers, y, weights):
        return float(np.mean(-np.log((answers * y).sum(axis=2)) * weights)), 0.0

    def of_numbers(self, answers, y, weights):
        off = self.off(answers, y)
        return float(np.mean(off**2)), float(np.mean(np.abs(off)))

    def of_labels(self, answers, y, weights):
        losses = -np.log(answers[np.arange(len(y)), y[:, 0]])
        return float(np.mean(losses * weights)), self.weighted(self.right(answers, y), weights)

    def metrics(self, x, y, batch_size):
        said, meant = self.counted(self.predict(x, len(x)) > 1 / 2, y == 1)
        both = np.sum(said & meant)
        return ["loss", "precision", "recall"], [0.0, float(both / np.sum(said)), float(both / np.sum(meant))]

    def likeness(self, answers, y):
        return -np.mean((answers * y).sum(axis=1) / np.linalg.norm(answers, axis=1))

    def right_steps(self, answers, y):
        return np.mean(answers.argmax(axis=2) == y[:, :, 0])

    def of_several(self, answers, y, weights=1.0):
        given = np.where(y == 1, answers, 1 - answers)
        return float(-np.log(given).mean()), float((given > 1 / 2).mean())

    def counted(self, said, meant):
        return said, meant

    def of_two(self, answers, y, weights=1.0):
        answers = answers[:, 0]
        given = np.where(y == 1, answers, 1 - answers)
        return float(-np.log(given).mean()), float((given > 1 - given).mean())

    def off(self, answers, y):
        return answers[:, 0] - y

    def right(self, answers, y):
        return answers.argmax(axis=1) == y[:, 0]

    def weighted(self, is_right, weights):
        return float(np.mean(is_right * weights))


class Networks:
    metrics = ("Precision", "Recall")

    def __init__(self, knows=("weighted_metrics",), encode=lambda labels: np.eye(3)[labels.ravel()], **broken):
        self.kind, self.made = type("Broken", (Told,), broken), {}
        self.knows, self.encode, self.backend, self.compiled = knows, encode, self, []

    def get(self, design=small.PLAIN, metrics=()):
        return self.made.setdefault(design, self.kind(design))

    def one_hot(self, labels):
        return self.encode(np.asarray(labels))

    def compiles_with(self, word):
        return word in self.knows

    def metric(self, name):
        return name if name in self.metrics else None

    def descent(self, rate):
        return rate

    def first_loss(self, *names):
        return names[-1]

    def construct(self, design, metrics, optimizer, **more):
        self.compiled.append(more)
        return self.kind(design)


OWN = targets.root_of_squares_is_over_all_rows, targets.numbers_train_each_its_own, targets.logits_are_told_apart
CLAUSES = [clause for clause in targets.CLAUSES if clause not in (*OWN, targets.smoothed_classes_count)]


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_a_network_that_takes_targets_as_they_are_holds(clause):
    assert clause(Networks()) is None


@pytest.mark.parametrize(("encode", "words"), [
    (lambda labels: np.eye(3)[labels], "have the shape (3, 1, 3)"),
    (lambda labels: np.eye(3)[labels.ravel()[::-1]], "have other numbers"),
])  # fmt: skip
def test_labels_in_a_column_that_are_encoded_otherwise_are_told(encode, words):
    assert targets.labels_in_a_column_are_encoded_alike(Networks(encode=encode)).endswith(words)


def test_labels_that_are_encoded_as_they_lie_in_memory_are_told():
    in_memory = Networks(encode=lambda labels: np.eye(3)[labels.ravel(order="K")].reshape(*labels.shape, 3))
    words = "of a transposed array of labels, one-hot rows stand in other places"
    assert targets.labels_are_encoded_where_they_stand(in_memory) == words


@pytest.mark.parametrize("known", ["Precision", "Recall"])
def test_where_one_of_two_counting_metrics_is_not_there_nothing_is_asked(known):
    networks = Networks()
    networks.metrics = [known]
    assert targets.counting_metrics_begin_anew(networks) == judging.NOT_ASKED


def test_where_no_metric_can_be_weighted_nothing_is_asked():
    assert targets.weighted_metrics_begin_anew(Networks(knows=())) == judging.NOT_ASKED


def test_weights_of_steps_are_asked_for_by_the_word_of_old_where_there_is_one():
    for knows, compiled in (((), {}), (("sample_weight_mode",), {"sample_weight_mode": "temporal"})):
        networks = Networks(knows)
        assert targets.steps_count_by_their_weights(networks) is None
        assert networks.compiled == [compiled]


def alike_in_a_row(self, x, y, batch_size, shuffle=None, sample_weight=1.0):
    return Told.evaluate(self, x, y, batch_size, 0 * sample_weight + sample_weight.mean(axis=1, keepdims=True))


def over_all_calls(self, is_right, weights):
    self.seen = [*self.seen, *(is_right * weights)]
    return float(np.mean(self.seen))


def with_those_before(self, said, meant):
    self.seen = [*self.seen, (said, meant)]
    return [np.concatenate(both) for both in zip(*self.seen)]


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("counting_metrics_begin_anew", "counted", with_those_before,
     "of 4 rows precision and recall are 0.455 and 1, where 0.5 and 1 are right"),
    ("labels_count_as_their_rows", "right", lambda self, answers, y: answers.argmax(axis=1) == y.argmax(axis=1),
     "of classes in a column evaluate gives "),
    ("labels_count_step_by_step", "right_steps", lambda self, answers, y: 0.0, "of classes step by step evaluate gives "),
    ("several_yes_or_no_are_each_one", "of_several",
     lambda self, answers, y, weights: (Told.of_several(self, answers, y)[0], reference.right(answers, y)),
     "of several yes or no evaluate gives "),
    ("likeness_makes_the_loss_small", "likeness", lambda self, answers, y: -Told.likeness(self, answers, y),
     "by cosine_similarity evaluate gives "),
    ("weighted_metrics_begin_anew", "weighted", over_all_calls, "a weighted accuracy over 7 rows is "),
    ("weighted_metrics_begin_anew", "weighted", lambda self, is_right, weights: float(np.mean(is_right)),
     "a weighted accuracy over 3 rows is "),
    ("labels_count_as_their_rows", "weighted", lambda self, is_right, weights: float("nan"),
     "of classes in a column evaluate gives "),
    ("numbers_are_held_each_against_its_own", "off", lambda self, answers, y: answers - y,
     "of numbers in a row evaluate gives "),
    ("two_classes_are_one_number", "of_two", lambda self, answers, y, weights: Told.of_two(self, answers, 0.98 * y + 0.01),
     "of two classes evaluate gives "),
    ("two_classes_are_one_number", "of_two",
     lambda self, answers, y, weights: (Told.of_two(self, answers, y)[0], np.mean(y == 0)),
     "of two classes evaluate gives "),
    ("steps_count_by_their_weights", "evaluate", alike_in_a_row, "evaluate tells a loss of "),
    ("steps_count_by_their_weights", "fit", lambda *words, **named: {"loss": [alike_in_a_row(*words, **named)[0]]},
     "fit tells a loss of "),
])  # fmt: skip
def test_a_network_that_takes_them_otherwise_is_told(clause, method, broken, words):
    assert getattr(targets, clause)(Networks(**{method: broken})).startswith(words)


class Numbers:
    """Moves by its targets, each held against its own answer or against the mean of all; tells a loss of logits."""

    def __init__(self, design, is_broken):
        self.design, self.is_broken, self.moved = design, is_broken, 0.0

    def weights(self):
        return [np.array([1.0 + self.moved])]

    def set_weights(self, weights):
        self.moved = 0.0

    def fit(self, x, y, batch_size, shuffle):
        held = np.full(len(y), y.mean()) if self.is_broken and y.ndim == 1 else y.ravel()
        self.moved = float(x.sum(axis=(1, 2)).dot(held))

    def predict(self, x, batch_size):
        return x.sum(axis=1).dot(KERNELS[self.design.classes])

    def squares(self, x, y, batch_size):
        squares = np.square(self.predict(x, len(x)) - y)
        parts = np.split(squares, range(batch_size, len(x), batch_size)) if self.is_broken else [squares]
        return float(squares.mean()), float(np.mean([np.sqrt(part.mean()) for part in parts]))

    def evaluate(self, x, y, batch_size):
        if self.design == targets.NUMBERS:
            return self.squares(x, y, batch_size)
        answers, (name, is_told) = self.predict(x, len(x)), self.design.loss
        y = np.eye(answers.shape[1])[y] if name.startswith("Sparse") else y
        if name.startswith("Binary"):
            shown = reference.sigmoid(answers) if is_told and not self.is_broken else np.clip(answers, 1e-7, 1 - 1e-7)
            return float(-np.log(np.where(y == 1, shown, 1 - shown)).mean()), 0.0
        return float(-np.log(reference.softmax(answers)[y == 1]).mean()), 0.0


class OfNumbers(small.Networks):
    """Networks of these, of losses that are known, or of none."""

    def __init__(self, is_broken=False, is_known=True):
        super().__init__(self)
        self.is_broken, self.is_known = is_broken, is_known

    def construct(self, design, metrics, optimizer):
        return Numbers(design, self.is_broken)

    def descent(self, rate):
        return rate

    def loss(self, name, from_logits):
        return (name, from_logits) if self.is_known else None

    def metric(self, name):
        return name if self.is_known else None


@pytest.mark.parametrize("clause", OWN, ids=lambda clause: clause.__name__)
def test_a_network_that_trains_on_numbers_and_takes_logits_for_what_they_are_holds(clause):
    assert clause(OfNumbers()) is None


def test_numbers_that_are_held_against_their_mean_are_told():
    words = "a step over numbers in a row is another than over the same in a column"
    assert targets.numbers_train_each_its_own(OfNumbers(is_broken=True)) == words


def test_logits_that_are_taken_for_probabilities_are_told():
    assert targets.logits_are_told_apart(OfNumbers(is_broken=True)).startswith("of logits BinaryCrossentropy is ")


def test_a_root_that_is_a_mean_over_batches_is_told():
    words = targets.root_of_squares_is_over_all_rows(OfNumbers(is_broken=True))
    assert words.startswith("of numbers in batches evaluate gives ")


@pytest.mark.parametrize("clause", [targets.logits_are_told_apart, targets.root_of_squares_is_over_all_rows])
def test_where_losses_and_metrics_are_no_classes_nothing_is_asked_of_them(clause):
    assert clause(OfNumbers(is_known=False)) == judging.NOT_ASKED
