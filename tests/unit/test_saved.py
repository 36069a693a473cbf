"""What one stack writes the next one reads, or says how its answers differ."""

import json
import zipfile
from pathlib import Path

import numpy as np
import pytest

from harness import judging, releases, saved
from harness.driver import stacks
from harness.errors import StackError
from harness.small import Networks
from tests.unit.summing import Backend, Summing


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    monkeypatch.setenv(saved.VARIABLE, "older")
    monkeypatch.setenv(saved.OLDER, "older")
    return tmp_path


CLAUSES = {
    saved.previous_file_is_loaded: "the previous stack", saved.previous_keras_file_is_loaded: "the previous stack",
    saved.older_file_is_loaded: "an older stack", saved.older_keras_file_is_loaded: "an older stack",
}  # fmt: skip


@pytest.mark.parametrize("clause", CLAUSES, ids=lambda clause: clause.__name__)
def test_files_of_the_previous_stack_and_of_an_older_one_are_answered_as_there(clause, folder):
    saved.write(Backend(), folder / "older")
    assert clause(Networks(Backend())) is None


def test_a_stack_whose_files_are_all_hdf5_writes_no_keras_file_and_is_asked_for_none(folder):
    def save(self, path):
        Path(path).write_bytes(saved.SIGNATURE)

    saved.write(Backend(save=save), folder / "older")
    assert sorted(path.name for path in folder.iterdir()) == ["older.h5", "older.json"]
    assert saved.previous_keras_file_is_loaded(Networks(Backend())) == judging.NOT_ASKED


def louder(self, x, batch_size):
    return 1.001 * Summing.predict(self, x, batch_size)


@pytest.mark.parametrize(("clause", "whose"), CLAUSES.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_other_answers_to_such_a_file_are_told(clause, whose, folder):
    saved.write(Backend(), folder / "older")
    found = clause(Networks(Backend(predict=louder)))
    assert found.startswith(f"a file of {whose} gives answers that differ by 0.000")


def test_a_file_that_nobody_wrote_is_a_sentence_that_says_how_to(folder):
    with pytest.raises(
        StackError, match=r"nothing that older wrote; write it with `tox exec -e older -- python -m harness.saved"
    ):
        saved.written(saved.VARIABLE)


def test_where_no_other_stack_is_declared_nothing_is_asked_and_that_is_said(monkeypatch):
    for variable in (saved.VARIABLE, saved.OLDER):
        monkeypatch.delenv(variable, raising=False)
    assert {clause(None) for clause in CLAUSES} == {judging.NOT_ASKED}
    assert saved.weights_of_files_are_loaded(Networks(Backend())) == judging.NOT_ASKED


def test_weights_of_such_files_are_taken_by_a_network_that_is_built_anew_or_that_is_told(folder):
    saved.write(Backend(), folder / "older")
    assert saved.weights_of_files_are_loaded(Networks(Backend())) is None
    found = saved.weights_of_files_are_loaded(Networks(Backend(load_weights=lambda self, path: None)))
    assert found.startswith("weights that were loaded from older.h5 are off by ")


@pytest.mark.parametrize("stack", sorted({name for one in stacks.load() for name in (one.previous, one.older) if name}))
def test_each_stack_whose_file_another_must_read_has_written_it(stack, monkeypatch):
    monkeypatch.setenv(saved.VARIABLE, stack)
    path, answers = saved.written(saved.VARIABLE)
    assert path.endswith(stack + ".h5")
    assert np.allclose(answers.sum(axis=1), 1)
    assert Path(path).read_bytes().startswith(saved.SIGNATURE)


@pytest.mark.parametrize("told", sorted(saved.FOLDER.glob("*.json")), ids=lambda path: path.stem)
def test_each_stack_of_keras_2_12_and_later_has_written_a_keras_file_too(told):
    keras = json.loads(told.read_text(encoding="utf-8")).get("keras", "2")
    own = told.with_suffix(".keras")
    assert own.exists() == (releases.key(keras) >= releases.key("2.12"))
    assert not own.exists() or zipfile.is_zipfile(own)


class Kept:
    """A loss and an accuracy, which a file holds, or loses."""

    def __init__(self, design, is_lost):
        self.design, self.is_lost, self.is_loaded = design, is_lost, False

    def weights(self):
        return []

    def set_weights(self, weights):
        pass

    def save(self, path):
        Path(path).write_text("kept", encoding="utf-8")

    def load(self, path):
        self.is_loaded = True

    def predict(self, x, batch_size):
        return np.eye(5)[np.zeros(len(x), int)]

    def evaluate(self, x, y, batch_size):
        labels = y.argmax(axis=1) if y.ndim > 1 else y
        off = 0.5 * (self.is_loaded and self.is_lost)
        return 1.5 + off, float(np.mean(labels == 0)) + off


class KeptBackend(Backend):
    def __init__(self, is_lost=False, has_loss=True):
        self.is_lost, self.has_loss = is_lost, has_loss

    def construct(self, design, metrics=(), optimizer=None):
        return Kept(design, self.is_lost)

    def loss(self, name, delta):
        return (name, delta) if self.has_loss else None

    def descent(self, rate):
        return rate


OF_A_FILE = {
    saved.saved_has_its_loss: "a loaded model has a loss of 2, where the saved one has 1.5",
    saved.saved_has_its_accuracy: "a loaded model has an accuracy of ",
}


@pytest.mark.parametrize(("clause", "words"), OF_A_FILE.items(), ids=lambda one: getattr(one, "__name__", ""))
def test_a_loss_or_an_accuracy_that_a_file_loses_is_told(clause, words):
    assert clause(Networks(KeptBackend())) is None
    assert clause(Networks(KeptBackend(is_lost=True))).startswith(words)


def test_where_no_loss_has_a_number_of_its_own_nothing_is_asked():
    assert saved.saved_has_its_loss(Networks(KeptBackend(has_loss=False))) == judging.NOT_ASKED
