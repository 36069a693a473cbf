"""The clauses on callbacks hold for a network that obeys them, and say what they found where one does not."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import callbacks, judging, small

CLAUSES = {clause.__name__: clause for clause in callbacks.CLAUSES if not clause.__name__.startswith("highest_")}


class Obeying:
    """One number that each epoch moves by the rate; its loss is that number, which falls where there is a rate."""

    def __init__(self, rate, broken):
        self.rate, self.broken, self.number = rate, broken, 0.0

    def weights(self):
        return [np.array([self.number])]

    def set_weights(self, weights):
        self.number = float(np.ravel(weights[0])[0]) if weights else 0.0

    def learning_rate(self):
        return self.rate

    def load(self, path):
        with open(path, encoding="utf-8") as file:
            self.number = float(file.read())

    load_weights = load

    def fit(self, x, y, batch_size, shuffle, callbacks, epochs=1, on_epoch=lambda epoch: None):
        asked, losses = {one.name: one for one in callbacks}, []
        for one in callbacks if "forgetful" in self.broken else ():
            one.best = -np.inf
        for epoch in range(epochs):
            if "LearningRateScheduler" in asked and "scheduler" not in self.broken:
                self.rate = self._scheduled(asked["LearningRateScheduler"].words[0], epoch)
            self.number -= self.rate
            losses.append(self.number)
            self._write(asked, losses[-1], epoch + ("from 0" not in self.broken))
            if "ReduceLROnPlateau" in asked and len(losses) > 1 + ("plateau" in self.broken):
                self.rate *= asked["ReduceLROnPlateau"].named["factor"]
            on_epoch(epoch + 1)
            if self._is_over(asked, losses):
                break
        if "restored" not in self.broken and any(one.restores for one in callbacks):
            self.number = losses[0]
        return {"loss": losses}

    def _scheduled(self, schedule, epoch):
        asked = 0 if "first rate" in self.broken else epoch
        try:
            return schedule(asked) if "alone" in self.broken else schedule(asked, self.rate)
        except TypeError:  # A schedule of the epoch alone.
            return schedule(asked)

    def _write(self, asked, loss, epoch):
        if "ModelCheckpoint" in asked and (loss > asked["ModelCheckpoint"].best or "best only" in self.broken):
            asked["ModelCheckpoint"].best = loss if "save_best_only" in asked["ModelCheckpoint"].named else -np.inf
            with open(asked["ModelCheckpoint"].words[0].format(epoch=epoch), "w", encoding="utf-8") as file:
                file.write(repr(self.number + ("spoiled" in self.broken)))

    def _is_over(self, asked, losses):
        patience = asked["EarlyStopping"].named["patience"] if "EarlyStopping" in asked else len(losses)
        return len(losses) > patience + ("patience" in self.broken)


class Backend:
    """Makes networks that are broken in these ways."""

    def __init__(self, *broken):
        self.broken = broken

    def construct(self, design, metrics=("accuracy",), optimizer=None):
        return Obeying(optimizer, self.broken)

    def adam(self, rate):
        return rate

    def descent(self, rate):
        return rate

    def begin_graph(self):
        return False

    def callback(self, name, *words, **named):
        if "restores" in self.broken and "restore_best_weights" in named:
            raise TypeError("unexpected keyword")
        restores = named.get("restore_best_weights", False)
        return SimpleNamespace(name=name, words=words, named=named, restores=restores, best=-np.inf)


def told(name, *broken):
    return CLAUSES[name](small.Networks(Backend(*broken)))


@pytest.mark.parametrize("name", CLAUSES)
def test_a_network_that_obeys_its_callbacks_holds(name):
    assert told(name) is None


def test_where_no_weights_can_be_restored_nothing_is_asked_of_the_model():
    assert told("best_weights_are_restored", "restores") is None


@pytest.mark.parametrize(("name", "broken", "words"), [
    ("rate_is_scheduled", "scheduler", "an epoch that is given a rate of 0.01 moves no weight"),
    ("rate_is_scheduled", "first rate", "an epoch that is given a rate of 0 moves weights by 0.01"),
    ("rate_is_reduced_on_a_plateau", "plateau", "with a patience of 1, after 2 epochs of one loss the rate is 1 times what "
     "it was"),
    ("fit_ends_early", "patience", "of a loss that stays, with a patience of 1, fit sees 3 epochs of 5"),
    ("schedule_is_given_the_rate", "alone", "a schedule's second parameter is left at its default"),
    ("written_epochs_count_from_one", "from 0", "of two epochs ModelCheckpoint writes those called 0, 1"),
    ("best_weights_are_restored", "restored", "the model holds the weights of epoch 5 of 5, not those of the best epoch"),
    ("best_weights_are_written", "best only", "the file holds the weights of epoch 5 of 5, not those of the best epoch"),
    ("best_weights_are_kept_over_calls", "forgetful", "a worse epoch of a later fit is written over the best"),
    ("best_weights_are_written", "spoiled", "the file holds the weights of no epoch, not those of the best epoch"),
])  # fmt: skip
def test_what_a_callback_does_instead_is_said(name, broken, words):
    assert told(name, broken) == words


def test_a_network_whose_rate_stays_is_not_asked_again():
    networks = small.Networks(Backend("first rate"))
    callbacks.rate_is_scheduled(networks)
    assert networks.get().learning_rate() == 0.0


class Certain:
    """Answers the class of the largest bias, and stops as its callback, by which the highest accuracy is best, or the least."""

    def __init__(self, sign):
        self.sign, self.bias, self.history_names = sign, np.zeros(small.PLAIN.classes), []

    def weights(self):
        return [self.bias]

    def set_weights(self, weights):
        (self.bias,) = weights

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_epoch=lambda epoch: None, callbacks=()):
        self.history_names, told = ["acc", "loss"], []
        for epoch in range(epochs):
            told.append(y.mean(axis=0)[self.bias.argmax()])
            on_epoch(epoch + 1)
            if callbacks and epoch and self.sign * (told[-1] - told[-2]) <= 0:
                break
        return {"accuracy": told}


@pytest.mark.parametrize(("sign", "words"), [
    (1, None), (-1, "of an accuracy that rises fit sees 0.143, 0.286, and stops"),
])  # fmt: skip
def test_a_callback_that_takes_the_least_accuracy_for_the_best_is_told(sign, words):
    class Choosing(Backend):
        def construct(self, design, metrics=(), optimizer=None):
            return Certain(sign)

    assert callbacks.highest_accuracy_is_best(small.Networks(Choosing())) == words


class Rising(Certain):
    """Tells one metric, the share of the class that it answers, and writes the weights that its writer has for the best."""

    def __init__(self, sign, writes):
        super().__init__(sign)
        self.writes, self.written = writes, []

    def fit(self, *data, **told):
        on_epoch = told.pop("on_epoch")

        def seen(epoch):
            self.written.append(self.bias)
            on_epoch(epoch)

        found = super().fit(*data, on_epoch=seen, **told)["accuracy"]
        return {"auc": found, "precision": found}

    def load_weights(self, path):
        self.bias = self.written[self.writes]


@pytest.mark.parametrize(("clause", "kind"), [
    (callbacks.highest_auc_is_best, "AUC"), (callbacks.highest_precision_is_best, "Precision"),
])  # fmt: skip
@pytest.mark.parametrize(("sign", "writes", "words"), [
    (1, -1, None),
    (-1, -1, "of {} that rises EarlyStopping sees 0.143, 0.286, and stops"),
    (1, 0, "of {} that rises (0.143, 0.286, 0.429) ModelCheckpoint does not keep the last for the best"),
])  # fmt: skip
def test_a_callback_that_takes_the_least_of_a_metric_for_the_best_is_told(clause, kind, sign, writes, words):
    class Choosing(Backend):
        def construct(self, design, metrics=(), optimizer=None):
            assert metrics == [kind]
            return Rising(sign, writes)

        def metric(self, name):
            return name

    assert clause(small.Networks(Choosing())) == (words and words.format(kind))


def test_where_there_is_no_such_metric_nothing_is_asked():
    class Without(Backend):
        def metric(self, name):
            return None

    assert callbacks.highest_auc_is_best(small.Networks(Without())) == judging.NOT_ASKED
