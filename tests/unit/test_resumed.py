"""The clauses on callbacks used again, and on training cut short, hold where these begin anew, and say what they found."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import resumed, small

CLAUSES = {clause.__name__: clause for clause in resumed.CLAUSES}
KEEPER = "BackupAndRestore"


class Training:
    """One number that each epoch lowers by the rate, which is its loss, too; broken in the ways that it is told."""

    def __init__(self, rate, broken):
        self.rate, self.broken, self.number, self.first = rate, broken, 0.0, 0

    def weights(self):
        return [np.array([self.number])]

    def set_weights(self, weights):
        self.number = float(weights[0][0]) if weights[0].shape == (1,) and len(weights) == 1 and not weights[0][0] else 0.0

    def learning_rate(self):
        return self.rate

    def fit(self, x, y, batch_size, shuffle, epochs=1, on_epoch=None, on_batch=None, callbacks=()):
        asked, losses = {one.name: one for one in callbacks}, []
        first = self._resumed(asked.get(KEEPER)) if KEEPER in asked else self.first
        for epoch in range(first, epochs):
            if on_batch:
                self._batches(on_batch, len(x) // batch_size)
                break
            self.number -= self.rate
            losses.append(self.number)
            self._keep(asked.get(KEEPER), epoch + 1)
            self._write(asked.get("ModelCheckpoint"))
            if on_epoch:
                on_epoch(epoch + 1)
            if self._is_worse(asked.get("ReduceLROnPlateau"), losses):
                self.rate *= 0.1
            if self._is_worse(asked.get("EarlyStopping"), losses):
                break
        return {"loss": losses}

    def _batches(self, on_batch, count):
        self.is_stopped = False
        for _ in range(count):
            if not self.is_stopped or "to the end" in self.broken:
                on_batch({})

    def stop(self):
        self.is_stopped = True

    def _resumed(self, keeper):
        kept = getattr(KEPT, keeper.words[0], None)
        if kept is None or "all again" in self.broken:
            return 0
        self.number = kept[1] + ("lost step" in self.broken)
        self.first = kept[0] if "still resumed" in self.broken else 0
        return kept[0]

    def _keep(self, keeper, epoch):
        if keeper:
            setattr(KEPT, keeper.words[0], (epoch, self.number))

    def _write(self, writer):
        is_there = writer and ("save_freq" in writer.named or "best of nothing" in self.broken)
        if is_there and "no batch" not in self.broken:
            with open(writer.words[0], "w", encoding="utf-8") as file:
                file.write(repr(self.number))

    def _is_worse(self, watcher, losses):
        """Whether a watcher that keeps the best of the fits before, where it is broken so, has seen nothing better."""
        if not watcher:
            return False
        if len(losses) == 1 and "old " + watcher.name not in self.broken:
            watcher.best = np.inf
        is_worse = losses[-1] >= watcher.best
        watcher.best = min(watcher.best, losses[-1])
        return is_worse


KEPT = SimpleNamespace()


class Backend:
    def __init__(self, *broken):
        self.broken = broken

    def construct(self, design, metrics=(), optimizer=None):
        return Training(optimizer, self.broken)

    def descent(self, rate, momentum=0.0):
        return rate

    def adam(self, rate):
        return rate

    def begin_graph(self):
        return False

    def has_callback(self, name):
        return "no " + name not in self.broken

    def callback(self, name, *words, **named):
        if "no save_freq" in self.broken and "save_freq" in named:
            raise TypeError("unexpected keyword")
        return SimpleNamespace(name=name, words=words, named=named, best=np.inf)


def told(name, *broken):
    return CLAUSES[name](small.Networks(Backend(*broken)))


@pytest.mark.parametrize("name", CLAUSES)
def test_what_begins_anew_holds(name):
    assert told(name) is None


@pytest.mark.parametrize(("name", "broken"), [
    ("best_of_some_batches_is_written", "no save_freq"),
    ("training_goes_on_where_it_was_cut", "no BackupAndRestore"),
    ("resumed_model_trains_again", "no BackupAndRestore"),
])  # fmt: skip
def test_what_a_framework_does_not_have_is_not_asked(name, broken):
    assert told(name, broken) == resumed.NOT_ASKED


@pytest.mark.parametrize(("name", "broken", "words"), [
    ("callbacks_begin_anew", "old ReduceLROnPlateau",
     "used again, ReduceLROnPlateau compares with the fit before: the rate is 0.0001 times what it was"),
    ("callbacks_begin_anew", "old EarlyStopping",
     "used again, EarlyStopping compares with the fit before: of 4 epochs that get better fit sees 1"),
    ("fit_ends_after_a_batch", "to the end", "told to stop after the first batch, fit takes 7"),
    ("best_of_nothing_is_not_written", "best of nothing", "without a val_loss, every epoch is written as the best"),
    ("best_of_some_batches_is_written", "no batch", "no batch is written as the best"),
    ("training_goes_on_where_it_was_cut", "all again",
     "of a training that was cut after epoch 3 of 5, 5 epochs are trained again"),
    ("training_goes_on_where_it_was_cut", "lost step", "after a cut training ends 1 away from where it ends without"),
    ("resumed_model_trains_again", "still resumed", "after it has gone on from a cut, the next fit of 4 epochs trains 1"),
])  # fmt: skip
def test_what_goes_on_from_the_wrong_place_is_told(name, broken, words):
    assert told(name, broken) == words
