"""The clauses on callbacks hold for a network that obeys them, and say what they found where one does not."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import callbacks, judging, small

OWN = callbacks.validation_ends_fit, callbacks.nan_ends_fit
ASKED = (clause for clause in callbacks.CLAUSES if clause not in OWN)
CLAUSES = {clause.__name__: clause for clause in ASKED if not clause.__name__.startswith("highest_")}


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
                told = asked["ReduceLROnPlateau"].named
                self.rate = max(self.rate * told["factor"], 0.0 if "floor" in self.broken else told.get("min_lr", 0.0))
            on_epoch(epoch + 1)
            if self._is_over(asked, losses):
                break
        if "restored" not in self.broken and any(one.restores for one in callbacks):
            self.number = losses[0]
        return {"loss": losses}

    def _scheduled(self, schedule, epoch):
        asked = 0 if "first rate" in self.broken else epoch
        try:
            return schedule(asked) if "alone" in self.broken else schedule(asked, 0.0 if "stale" in self.broken else self.rate)
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
    ("rate_is_not_reduced_below_its_floor", "floor", "of a rate whose floor is 0.75 times itself 0.5 times is left"),
    ("fit_ends_early", "patience", "of a loss that stays, with a patience of 1, fit sees 3 epochs of 5"),
    ("schedule_is_given_the_rate", "alone", "a schedule's second parameter is left at its default"),
    ("schedule_is_given_the_rate", "stale", "a schedule's second parameter is not the rate so far"),
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


class Watching:
    """Tells a loss of rows to train on and one of rows to validate on, of its bias, and ends by either, or by none."""

    def __init__(self, broken):
        self.broken, self.bias = broken, np.zeros(small.PLAIN.classes)

    def weights(self):
        return [self.bias]

    def set_weights(self, weights):
        (self.bias,) = weights

    def loss(self, y):
        return float(-(self.bias * y[0]).sum())

    def fit(self, x, y, batch_size, shuffle, epochs, callbacks, on_epoch, validation_data=None):
        (asked,), told = callbacks, []
        for epoch in range(epochs):
            is_watched = asked.name == "EarlyStopping" and "training" not in self.broken
            told.append(self.loss(validation_data[1] if is_watched else y))
            on_epoch(epoch + 1)
            stays = len(told) > 1 and told[-1] >= min(told[:-1])
            if (asked.name == "EarlyStopping" and stays) or (np.isnan(told[-1]) and "deaf" not in self.broken):
                break
        return {"loss": told}


class Watched(Backend):
    def construct(self, design, metrics=(), optimizer=None):
        return Watching(self.broken)

    def has_callback(self, name):
        return "none" not in self.broken


@pytest.mark.parametrize(("clause", "broken", "words"), [
    ("validation_ends_fit", (), None),
    ("validation_ends_fit", ("training",), "of a val_loss that falls for 3 epochs, while the loss rises, fit sees 2"),
    ("nan_ends_fit", (), None),
    ("nan_ends_fit", ("none",), judging.NOT_ASKED),
    ("nan_ends_fit", ("deaf",), "of losses that are no numbers TerminateOnNaN lets 5 epochs pass"),
])  # fmt: skip
def test_a_fit_that_is_not_ended_is_told(clause, broken, words):
    assert getattr(callbacks, clause)(small.Networks(Watched(*broken))) == words


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
    """Tells one metric, the share of the class that it answers, and obeys callbacks that have the most for the best, or not."""

    def __init__(self, metric, broken):
        super().__init__(-1 if "stopper" in broken else 1)
        self.metric, self.broken, self.best = metric, broken, (-1.0, None)

    def fit(self, *data, callbacks, on_epoch, **told):
        (asked,) = callbacks
        assert asked.named["monitor"] == self.metric

        def seen(epoch):
            share = (1 if "writer" not in self.broken else -1) * epoch
            if asked.name == "ModelCheckpoint" and asked.named["save_best_only"] and (share > self.best[0] or epoch == 1):
                self.best = share, self.bias
            on_epoch(epoch)

        stoppers = [asked] if asked.name == "EarlyStopping" else []
        return {self.metric: super().fit(*data, callbacks=stoppers, on_epoch=seen, **told)["accuracy"]}

    def load_weights(self, path):
        self.bias = self.best[1]


class Choosing(Backend):
    """Has these metrics, and networks that are broken where they tell one of `odd`."""

    def __init__(self, *broken, has=("AUC", "Precision"), odd=("AUC", "Precision")):
        super().__init__(*broken)
        self.has, self.odd = has, odd

    def construct(self, design, metrics=(), optimizer=None):
        (name,) = metrics
        return Rising(name.lower(), self.broken if name in self.odd else ())

    def metric(self, name):
        return name if name in self.has else None


WAITED, KEPT = callbacks.highest_metric_is_waited_for, callbacks.highest_metric_is_kept


@pytest.mark.parametrize("clause", [WAITED, KEPT])
def test_callbacks_that_take_the_most_of_a_metric_for_the_best_hold(clause):
    assert clause(small.Networks(Choosing())) is None
    assert clause(small.Networks(Choosing(has=("Precision",)))) is None


@pytest.mark.parametrize("odd", ["AUC", "Precision"])
@pytest.mark.parametrize(("clause", "broken", "words"), [
    (WAITED, "stopper", "of {} that rises EarlyStopping sees 0.143, 0.286, and stops"),
    (KEPT, "writer", "of {} that rises (0.143, 0.286, 0.429) ModelCheckpoint keeps not the last for the best"),
])  # fmt: skip
def test_a_callback_that_takes_the_least_of_a_metric_for_the_best_is_told(clause, broken, words, odd):
    assert clause(small.Networks(Choosing(broken, odd=(odd,)))) == words.format(odd)


@pytest.mark.parametrize("clause", [WAITED, KEPT])
def test_where_there_is_no_such_metric_nothing_is_asked(clause):
    assert clause(small.Networks(Choosing(has=()))) == judging.NOT_ASKED
