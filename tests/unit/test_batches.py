"""The clauses on batches hold for a network that takes all of them, and each says what it found where one does not."""

import itertools
from types import SimpleNamespace

import numpy as np
import pytest

from harness import batches, judging, reference, small
from harness.backend import batches as backend

KERNEL = np.random.RandomState(4).normal(0, 1, (2, small.PLAIN.classes))


class Taking:
    """A layer of what it sees, which learns nothing; a subclass replaces what it does wrong."""

    def predict(self, x, batch_size):
        return reference.softmax(x.sum(axis=1).dot(KERNEL))

    def predict_batches(self, given):
        return np.concatenate([self.predict(x, len(x)) for x, *_ in self.taken(given)])

    def evaluate_batches(self, given):
        return self.evaluated(given if isinstance(given, list) else self.taken(given))

    def evaluated(self, taken):
        x, y = (np.concatenate(arrays) for arrays in zip(*taken))
        return list(small.means(self.predict(x, len(x)), y).values())

    def steps(self, count):
        return count

    def fit_batches(self, given, epochs=1, class_weight=None, validation_data=None, validation_steps=None):
        losses = []
        told = {"loss": losses}
        if validation_data is not None:
            told["val_loss"] = [self.loss(self.validated(self.taken(validation_data))[: self.steps(validation_steps)])]
        for _ in range(epochs):
            losses.append(self.loss(self.taken(given), class_weight))
            self.end(given)
        return told

    def validated(self, taken):
        return taken

    def loss(self, taken, class_weight=None):
        x, y, *weights = (np.concatenate(arrays) for arrays in zip(*taken))
        weights = weights or [(class_weight or {}).get(label, 1) for label in y.argmax(axis=1)]
        return float(np.mean(-np.log((self.predict(x, len(x)) * y).sum(axis=1)) * weights))

    def fit_generator(self, generator, count, epochs):
        parts = [list(itertools.islice(generator, count)) for _ in range(epochs)]
        return {"loss": [self.loss(self.part(parts, epoch)) for epoch in range(epochs)]}

    def fit(self, x, y, batch_size, shuffle, epochs, steps_per_epoch):
        cut = [(x[first : first + batch_size], y[first : first + batch_size]) for first in range(0, len(x), batch_size)]
        return self.fit_generator(iter(cut), steps_per_epoch, epochs)

    def part(self, parts, epoch):
        return parts[epoch]

    def taken(self, given):
        return [given[index] for index in range(len(given))]

    def end(self, given):
        getattr(given, "on_epoch_end", bool)()  # A data set has none.


class Networks:
    def __init__(self, keras, **broken):
        self.kind = type("Broken", (Taking,), broken)
        self.backend = SimpleNamespace(
            takes_batches=lambda: backend.base(keras) is not None,
            batches=lambda given, on_epoch_end=lambda: None: backend.served(keras, given, on_epoch_end),
            data_set=lambda x, y, size, **_: [(x[at : at + size], y[at : at + size]) for at in range(0, len(x), size)],
        )

    def get(self):
        return self.kind()

    def drop(self, design):
        self.dropped = design


def keras(*names):
    return SimpleNamespace(utils=SimpleNamespace(**{name: type(name, (), {}) for name in names}))


@pytest.mark.parametrize("name", ["PyDataset", "Sequence"])
@pytest.mark.parametrize("clause", batches.CLAUSES, ids=lambda clause: clause.__name__)
def test_a_network_that_takes_every_batch_holds(clause, name):
    assert clause(Networks(keras(name))) is None


OF_A_CLASS = (*batches.CLAUSES[:5], batches.batches_are_evaluated_as_rows, batches.steps_of_validation_are_taken)


@pytest.mark.parametrize("clause", OF_A_CLASS, ids=lambda clause: clause.__name__)
def test_where_nothing_gives_batches_nothing_is_asked(clause):
    assert clause(Networks(keras())) == judging.NOT_ASKED


def test_where_there_are_no_data_sets_nothing_is_asked():
    networks = Networks(keras("Sequence"))
    networks.backend.data_set = lambda x, y, size, **_: None
    for clause in (batches.unknown_number_of_batches_is_found, batches.data_set_is_taken_whole):
        assert clause(networks) == judging.NOT_ASKED


def test_where_the_number_of_batches_to_validate_on_must_be_said_nothing_is_asked():
    def refuses(self, given, validation_data):
        raise ValueError("`validation_steps=None` is only valid for a generator based on `keras.utils.Sequence`")

    assert batches.all_batches_are_validated(Networks(keras("Sequence"), fit_batches=refuses)) == judging.NOT_ASKED


def test_another_error_over_batches_to_validate_on_is_what_was_found():
    def fails(self, given, validation_data):
        raise ValueError("not this")

    with pytest.raises(ValueError, match="not this"):
        batches.all_batches_are_validated(Networks(keras("Sequence"), fit_batches=fails))


def the_first_alone(self, taken):
    return taken[:1]


def without_weights(self, given):
    return [batch[:2] for batch in Taking.taken(self, given)]


def all_but_the_last(self, given):
    return [given[index] for index in range(len(given) - 1)]


def last_first(self, given):
    return [given[index] for index in reversed(range(len(given)))]


def trained_on_all_but_the_last(self, given, epochs=1):
    return {"loss": [np.mean([reference.loss(self.predict(x, len(x)), y) for x, y in all_but_the_last(self, given)])]}


def trained_for_an_epoch(self, given, epochs=1):
    return Taking.fit_batches(self, given, epochs=1)


def never(self, given):
    pass


def before_the_first(self, given, epochs=1):
    given.on_epoch_end()
    return Taking.fit_batches(self, given, epochs)


def unweighted(self, given, class_weight):
    return Taking.fit_batches(self, given)


def mean_of_batches(self, taken):
    return np.mean([Taking.evaluated(self, [batch]) for batch in taken], axis=0).tolist()


def one_too_many(self, taken):
    return [len(taken) / (len(taken) + 1) * value for value in Taking.evaluated(self, taken)]


def the_first(self, parts, epoch):
    return parts[0]


@pytest.mark.parametrize(
    ("clause", "name", "wrong", "words"),
    [
        ("batches_are_all_taken", "taken", all_but_the_last, "predict answers batches otherwise than the same rows together"),
        ("batches_are_all_taken", "taken", last_first, "predict answers batches otherwise than the same rows together"),
        ("batches_are_all_taken", "fit_batches", trained_on_all_but_the_last, "from batches epoch 1 of fit tells a loss of "),
        ("epoch_ends_before_the_next", "end", never, "where on_epoch_end changes the batches epoch 2 of fit tells a loss of "),
        (
            "epoch_ends_before_the_next",
            "fit_batches",
            trained_for_an_epoch,
            "where on_epoch_end changes the batches fit tells of 1 of 5 epochs",
        ),
        (
            "epoch_ends_before_the_next",
            "fit_batches",
            before_the_first,
            "where on_epoch_end changes the batches epoch 1 of fit",
        ),
        ("batches_bring_their_weights", "taken", without_weights, "with weights of rows epoch 1 of fit tells a loss of "),
        ("all_batches_are_validated", "validated", the_first_alone, "of batches to validate on fit tells a loss of "),
        ("data_set_is_taken_whole", "taken", all_but_the_last, "over a data set fit tells loss "),
        ("data_set_is_taken_whole", "validated", the_first_alone, "over a data set fit tells val_loss "),
        ("batches_count_by_class", "fit_batches", unweighted, "with weights of classes epoch 1 of fit tells a loss of "),
        (
            "batches_are_evaluated_as_rows",
            "evaluated",
            mean_of_batches,
            "over batches evaluate gives a loss of ",
        ),
        (
            "steps_of_validation_are_taken",
            "steps",
            lambda self, count: None,
            "of one batch to validate on fit tells a loss of ",
        ),
        (
            "unknown_number_of_batches_is_found",
            "evaluated",
            one_too_many,
            "over batches of an unknown number evaluate gives ",
        ),
        ("epoch_of_a_generator_goes_on", "part", the_first, "from a generator epoch 2 of fit tells a loss of "),
        ("epoch_of_some_steps_goes_on", "part", the_first, "by some steps of an array epoch 2 of fit tells a loss of "),
    ],
)
def test_a_network_that_takes_other_batches_is_told(clause, name, wrong, words):
    assert getattr(batches, clause)(Networks(keras("Sequence"), **{name: wrong})).startswith(words)


def test_a_fit_that_takes_no_steps_of_an_array_may_say_so():
    def refuses(self, *words, **named):
        raise ValueError("batch_size must be None")

    networks = Networks(keras("Sequence"), fit=refuses)
    assert batches.epoch_of_some_steps_goes_on(networks) is None
    assert networks.dropped == small.PLAIN


def model(**methods):
    return SimpleNamespace(**methods)


def test_a_fit_that_takes_batches_is_asked_itself():
    """As of Keras 3, and of tf.keras, whose `fit` has workers that fetch batches."""
    given = backend.served(keras("PyDataset"), [1, 2], None)
    assert backend.ask(model(fit=lambda x, verbose, epochs: (x, verbose, epochs)), "fit", given, epochs=3) == (given, 0, 3)
    both = model(fit=lambda x, verbose, workers=1: x, fit_generator=None)
    assert backend.ask(both, "fit", given) is given


def test_a_form_that_knows_no_word_for_silence_is_silent():
    """As of Keras 2.0, whose `evaluate_generator` prints nothing."""
    old = model(evaluate=lambda x: None, evaluate_generator=lambda x, steps: (x, steps))
    assert backend.ask(old, "evaluate", [1, 2]) == ([1, 2], 2)


def test_a_generator_is_asked_for_as_many_batches_as_an_epoch_takes():
    new = model(fit=lambda x, verbose, steps_per_epoch: (x, steps_per_epoch))
    old = model(fit=lambda x: None, fit_generator=new.fit)
    for asked in (new, old):
        assert backend.ask(asked, "fit", "a generator", 2) == ("a generator", 2)


@pytest.mark.parametrize(("name", "word"), [("fit", "steps_per_epoch"), ("predict", "steps")])
def test_where_fit_and_predict_have_no_workers_their_generator_forms_are_asked(name, word):
    given = backend.served(keras("Sequence"), [1, 2], None)
    old = model(
        **{name: lambda x, verbose: None, name + "_generator": lambda x, verbose=1, **named: dict(named, verbose=verbose)}
    )
    assert backend.ask(old, name, given) == {"verbose": 0, word: 2}
