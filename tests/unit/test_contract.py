"""The contract holds for a network that keeps it, and each clause says what it found where one breaks it."""

import numpy as np
import pytest

from harness import contract, cost, judging, padding, saved, small
from tests.unit.summing import Backend, Summing

# What tests of their own ask of networks of their own: modules, and clauses of others.
OWN = (
    "walks", "wrapped", "batches", "feeding", "targets", "callbacks", "clipping", "kinds", "sizes", "slopes", "masks", "heads",
    "resumed", "anew", "cells",
)  # fmt: skip
ELSEWHERE = {
    "padding_changes_no_training", "dropout_layer_leaves_padding_out", "rates_by_name", "rate_set_as_lr_is_in_effect",
    "decay_is_in_effect", "scheduled_rate_is_in_effect", "nesterov_looks_ahead", "rmsprop_divides_by_the_root",
    "adam_squares_whole_gradients", "excluded_weights_do_not_decay", "accumulated_gradients_make_one_step",
    "adagrad_begins_at_a_tenth", "amsgrad_keeps_the_largest", "nadam_moves_all_alike", "momentum_moves_every_token",
    "dropout_acts_however_it_is_computed", "dropout_step_by_step_acts", "dropped_state_is_kept", "saved_has_its_loss",
    "saved_has_its_accuracy", "compiled_again_takes_its_rate", "other_kinds_drop_in_training", "dropped_as_often_as_told",
    "seed_fixes_what_is_dropped",
    *(clause.__name__ for clause in contract.CLAUSES if clause.__module__.split(".")[1] in OWN),
}  # fmt: skip


def told(**broken):
    """Return what the clauses say that do not hold."""
    found = contract.observe(Backend(**broken))["contract"]
    assert list(found) == [*(clause.__name__ for clause in contract.CLAUSES), *cost.CLAUSES]
    fine = "holds", judging.NOT_ASKED
    return {clause: words for clause, words in found.items() if words not in fine and clause not in ELSEWHERE}


@pytest.fixture(autouse=True)
def few_calls(monkeypatch):
    monkeypatch.setattr(cost, "QUARTER_SECONDS", 0.0)  # tests/unit/test_cost.py asks for the cost.


def test_a_network_that_keeps_the_contract_holds():
    assert told() == {}


def batch_means(self, x, y, batch_size):
    starts = range(0, len(x), batch_size)
    parts = [self.values(self.answers(x[one : one + batch_size]), y[one : one + batch_size]) for one in starts]
    return tuple(np.mean(parts, axis=0)[:2])


def whole_batches_alone(self, x, y, batch_size, shuffle, epochs=1, **named):
    whole = len(x) // batch_size * batch_size
    return Summing.fit(self, x[:whole], y[:whole], batch_size, shuffle, epochs, **named)


def shuffled_apart(self, x, y, batch_size, shuffle, **named):
    return Summing.fit(self, np.roll(x, 1, axis=0) if shuffle else x, y, batch_size, shuffle, **named)


def summed_up(self, x, y, batch_size, shuffle, **named):
    history = Summing.fit(self, x, y, batch_size, shuffle, **named)
    return dict(history, mae=np.cumsum(history["mae"]).tolist())


def its_own_loss(self, x, y, batch_size, shuffle, epochs=1, on_batch=None, **named):
    for first in epochs * [*range(0, len(x), batch_size)] if on_batch else ():
        rows = slice(first, first + batch_size)
        on_batch({"loss": self.values(self.answers(x[rows]), y[rows])[0]})
    return Summing.fit(self, x, y, batch_size, shuffle, epochs, **named)


def no_loss(self, x, y, batch_size, shuffle, on_batch=lambda logs: None, **named):
    return Summing.fit(self, x, y, batch_size, shuffle, on_batch=lambda logs: on_batch({"loss": 0.0}), **named)


def one_name_for_all(self, x, y, batch_size):
    return ["loss", "compile_metrics"], [1.0, 2.0, 3.0]


def no_numbers(self, x, y, batch_size):
    return list(self.told), [float("nan")] * len(self.told)


def other_name(self, x, y, batch_size):
    return ["loss", "acc", "mae"], Summing.metrics(self, x, y, batch_size)[1]


def more_rows(self, x, batch_size):
    return np.ones((len(x) + 2, 5))


def more_rows_at_once(self, x, batch_size):
    return Summing.predict(self, x, batch_size)[: -1 if "steps_per_execution" in self.compiled else None]


def by_alphabet(self, x, y, batch_size):
    names, values = Summing.metrics(self, x, y, batch_size)
    return names, values[:1] + [value for _, value in sorted(zip(names[1:], values[1:]))]


def at_once(self):
    return "steps_per_execution" in self.compiled


def a_third_at_once(self, x, y, batch_size, sample_weight=None):
    loss, accuracy = Summing.evaluate(self, x, y, batch_size)
    return loss * (0.3 if at_once(self) else 1), accuracy


def a_third_less_at_once(self, x, y, batch_size, shuffle, *words, **named):
    history = Summing.fit(self, x, y, batch_size, shuffle, *words, **named)
    return dict(history, loss=[value * (0.3 if at_once(self) else 1) for value in history["loss"]])


def mean_of_all(self, x, y):
    self.losses = [*getattr(self, "losses", []), Summing.train_on_batch(self, x, y)]
    return np.mean(self.losses, axis=0).tolist()


def metrics_of_all(self, x, y):
    return Summing.test_on_batch(self, x, y)[:1] + mean_of_all(self, x, y)[1:]


def sees_padding(self, x, is_training=False):
    return Summing.answers(self, np.where(x == padding.PADDING, 0.5, x), is_training)


def the_first_row_s_mask(self, x):
    return np.repeat(Summing.is_there(self, x)[:1], len(x), axis=0)


def spoiled_by_padding(self, x, is_training=False):
    answers = Summing.answers(self, x, is_training)
    return answers + np.all(x == padding.PADDING, axis=(1, 2)).any()


def forgets(self, x, is_training=False):
    self.state = 0.0
    return Summing.answers(self, x, is_training)


def everywhere(self, x):
    return np.ones(x.shape[:2], bool)


def everywhere_both_ways(self, x):
    return everywhere(self, x) if self.design.is_both_ways else Summing.is_there(self, x)


def backward_steps(self, x, is_training=False):
    found = Summing.answers(self, x, is_training)
    return found[:, ::-1] if self.design.every_step else found


def other_weights(self, path):
    self.set_weights([2 * array for array in self.arrays])


def as_hdf5(self, path):
    with open(path, "wb") as file:
        file.write(saved.SIGNATURE)


def spoiling(self, path):
    kept, self.steps = self.steps, 0 if getattr(self, "is_spoiled", False) else self.steps
    Summing.save(self, path)
    self.steps, self.is_spoiled = kept, path.endswith(".h5")


def forgetful(self, path):
    Summing.load(self, path)
    self.steps = 0


def an_epoch_less(self, x, y, batch_size, shuffle, epochs=1, **named):
    return Summing.fit(self, x, y, batch_size, shuffle, epochs - (epochs > 3), **named)


def from_the_first(self, x, y, batch_size, shuffle, initial_epoch=0, **named):
    return Summing.fit(self, x, y, batch_size, shuffle, **named)


def the_last_alone(self, x, y, batch_size, shuffle, epochs=1, initial_epoch=0, **named):
    found = Summing.fit(self, x, y, batch_size, shuffle, epochs, initial_epoch=initial_epoch, **named)
    return {name: values[-1:] if initial_epoch else values for name, values in found.items()}


def larger_batches(self, x, y, batch_size, shuffle, **named):
    return Summing.fit(self, x, y, batch_size or 64, shuffle, **named)


def padding_weighed(self, x, y, batch_size, sample_weight=None):
    loss, accuracy = Summing.evaluate(self, x, y, batch_size)
    return loss * (1.0 if sample_weight is None else 1.1 ** (sample_weight.ndim == self.spoils)), accuracy


def first_rate(self, path):
    Summing.load(self, path)
    self.rate = 0.0


def a_list(self, x):
    return self.predict(x, len(x)).tolist()


def zeros(self, x):
    return np.zeros((len(x), 5))


def rounded(self, path):
    Summing.load(self, path)
    self.arrays = [array.astype("float16") for array in self.arrays]


def refused(self, path):
    raise ImportError("no h5py")


@pytest.mark.parametrize(("clause", "method", "broken", "words"), [
    ("evaluate_implied_by_predict", "evaluate", batch_means, "with batches of 3 evaluate gives"),
    ("fit_trains_on_every_row", "fit", whole_batches_alone, "in batches of 3 fit tells a loss of"),
    ("fit_trains_on_every_row", "fit", shuffled_apart, "shuffled, in batches of 3 fit tells a loss of"),
    ("metrics_named", "metrics", one_name_for_all, "evaluate gives 3 numbers, and metrics_names 2"),
    ("metrics_named", "metrics", other_name, "metrics_names are loss, acc, mae, not loss, accuracy, mae"),
    ("metrics_are_means", "fit", summed_up, "in epoch 2 fit tells accuracy "),
    ("metrics_stand_as_compiled", "metrics", by_alphabet, "asked for mae, then accuracy, evaluate gives "),
    ("printed_is_told", "printed_loss", lambda self, x, y, batch_size: (1.5, 1.6),
     "in batches of 1 fit prints a loss of 1.5000, and its history tells 1.6000"),
    ("losses_told_after_batches_are_means_so_far", "fit", its_own_loss,
     "after a batch callbacks are told the loss of that batch alone"),
    ("losses_told_after_batches_are_means_so_far", "fit", no_loss, "after a batch callbacks are told of another loss"),
    ("forgotten_models_are_given_back", "watched", lambda self: lambda: self,
     "a model that nobody holds any more stays in memory"),
    ("steps_taken_at_once_give_every_row", "evaluate", a_third_at_once, "two steps at once, a loss of "),
    ("steps_taken_at_once_give_every_row", "fit", a_third_less_at_once, "two steps at once, a loss of "),
    ("predict_gives_every_row", "predict", more_rows, "1 rows in batches of 3"),
    ("kept_state_refuses_other_batches", "predict", more_rows, "a network that keeps the state of 3 rows answers 6 of 4"),
    ("padding_changes_nothing", "answers", sees_padding, "padding before changes the answers of 1 layer by"),
    ("padding_changes_nothing", "is_there", the_first_row_s_mask, "padding before changes the answers of 1 layer by"),
    ("padding_counts_in_no_loss", "is_there", everywhere, "evaluate gives a loss of"),
    ("padding_counts_in_no_loss", "is_there", everywhere_both_ways, "both ways, evaluate gives a loss of"),
    ("padding_counts_in_no_metric", "is_there", everywhere, "evaluate gives accuracy"),
    ("padding_counts_in_no_loss", "metrics", no_numbers, "evaluate gives a loss of nan"),
    ("padding_counts_in_no_metric", "metrics", no_numbers, "evaluate gives accuracy nan"),
    ("metrics_are_means", "metrics", no_numbers, "evaluate gives accuracy nan"),
    ("masked_row_does_no_harm", "answers", spoiled_by_padding, "a row that is all padding changes the others' answers"),
    ("chunks_make_the_whole", "answers", forgets, "pieces of one, two and three steps end"),
    ("steps_answer_as_ends", "answers", backward_steps, "the answer at step 1 is "),
    ("train_on_batch_tells_its_loss", "train_on_batch", mean_of_all, "train_on_batch gives"),
    ("test_on_batch_tells_its_loss", "test_on_batch", mean_of_all, "test_on_batch gives"),
    ("batch_metrics_are_its_own", "train_on_batch", metrics_of_all, "train_on_batch gives "),
    ("batch_metrics_are_its_own", "test_on_batch", metrics_of_all, "test_on_batch gives "),
    ("steps_taken_at_once_give_every_row", "predict", more_rows_at_once, "two steps at once answer 7 rows inf away from "),
    ("fit_trains_every_epoch", "fit", an_epoch_less, "of 5 epochs fit tells callbacks of 4, and its history has 4"),
    ("fit_goes_on_from_an_epoch", "fit", from_the_first,
     "from epoch 3 of 5 on fit trains 5, tells callbacks of 1, 2, 3, 4, 5, and its history has 5"),
    ("fit_goes_on_from_an_epoch", "fit", the_last_alone,
     "from epoch 3 of 5 on fit trains 3, tells callbacks of 3, 4, 5, and its history has 1"),
    ("rows_come_in_batches_of_32", "fit", larger_batches, "fit takes 33 rows in 1 batches, where nobody says their size"),
    ("saved_has_its_rate", "load", first_rate, "saved at a rate of 9.54e-07, a model is loaded with 0"),
    ("weights_alone_are_read_back", "load_weights", lambda self, path: None, "weights that were written alone are read "),
    ("predict_on_batch_gives_an_array", "predict_on_batch", a_list, "predict_on_batch gives no array, but a list"),
    ("predict_on_batch_gives_an_array", "predict_on_batch", zeros, "predict_on_batch gives answers that are 0."),
    ("rate_said_as_lr_is_in_effect", "learning_rate", lambda self: 0.001, "Adam(lr=0.25) has a learning rate of 0.001"),
    ("saved_trains_on", "load", rounded, "from a file .keras: the weights are off by "),
    ("saved_is_loaded", "load", other_weights, "after saving and loading"),
    ("saved_is_loaded", "save", refused, "ImportError: no h5py"),
    ("saved_trains_on", "load", forgetful, "from a file .keras: a part 0.75 of the optimizer's moments or steps is lost"),
    ("saved_trains_on", "save", as_hdf5, "from HDF5: "),
    ("saving_changes_nothing", "save", spoiling, "once HDF5 was written, from a file .keras: "),
    ("saved_trains_on", "load", refused, "from a file .keras: ImportError: no h5py"),
])  # fmt: skip
def test_a_clause_that_is_broken_says_how(clause, method, broken, words):
    assert told(**{method: broken})[clause].startswith(words)


@pytest.mark.parametrize(("clause", "dimensions"), [
    ("weights_of_rows_leave_padding_out", 1), ("weights_of_steps_leave_padding_out", 2),
])  # fmt: skip
def test_a_loss_that_counts_padding_where_there_are_weights_is_told(clause, dimensions):
    words = told(evaluate=padding_weighed, spoils=dimensions)
    assert words.pop(clause).startswith("over padding evaluate gives a loss of ")
    assert words == {}


def test_sequences_that_are_padded_otherwise_are_told():
    backend = Backend()
    backend.padded = lambda sequences, **words: Backend.padded(backend, sequences, **dict(words, value=0))
    words = contract.observe(backend)["contract"]["sequences_are_padded_as_told"]
    assert words == "of [1] and [1, 2, 3], padded by -1 and cut behind, [[1.0, 0.0], [1.0, 2.0]] is made"


def test_on_one_core_where_nothing_races_right_steps_taken_at_once_say_nothing(monkeypatch):
    monkeypatch.setattr(contract.machine, "cores", lambda: 1)
    assert contract.steps_taken_at_once_give_every_row(small.Networks(Backend())) == judging.NOT_ASKED
