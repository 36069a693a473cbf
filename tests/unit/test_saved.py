"""What one stack writes the next one reads, or says how its answers differ."""

import numpy as np
import pytest
from test_contract import Backend, Summing

from harness import judging, saved
from harness.driver import stacks
from harness.errors import StackError
from harness.small import Networks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    monkeypatch.setenv(saved.VARIABLE, "older")
    monkeypatch.setenv(saved.OLDER, "older")
    return tmp_path


def test_files_of_the_previous_stack_and_of_an_older_one_are_answered_as_there(folder):
    saved.write(Backend(), folder / "older")
    assert saved.previous_file_is_loaded(Networks(Backend())) is None
    assert saved.older_file_is_loaded(Networks(Backend())) is None


def louder(self, x, batch_size):
    return 1.001 * Summing.predict(self, x, batch_size)


def test_other_answers_to_a_file_of_the_previous_stack_are_told(folder):
    saved.write(Backend(), folder / "older")
    found = saved.previous_file_is_loaded(Networks(Backend(predict=louder)))
    assert found.startswith("a file of the previous stack gives answers that differ by 0.000")
    found = saved.older_file_is_loaded(Networks(Backend(predict=louder)))
    assert found.startswith("a file of an older stack gives answers that differ by 0.000")


def test_a_file_that_nobody_wrote_is_a_sentence_that_says_how_to(folder):
    with pytest.raises(
        StackError, match=r"nothing that older wrote; write it with `tox exec -e older -- python -m harness.saved"
    ):
        saved.written(saved.VARIABLE)


def test_where_no_other_stack_is_declared_nothing_is_asked_and_that_is_said(monkeypatch):
    for variable, clause in ((saved.VARIABLE, saved.previous_file_is_loaded), (saved.OLDER, saved.older_file_is_loaded)):
        monkeypatch.delenv(variable, raising=False)
        assert clause(None) == judging.NOT_ASKED


@pytest.mark.parametrize("stack", sorted({name for one in stacks.load() for name in (one.previous, one.older) if name}))
def test_each_stack_whose_file_another_must_read_has_written_it(stack, monkeypatch):
    monkeypatch.setenv(saved.VARIABLE, stack)
    path, answers = saved.written(saved.VARIABLE)
    assert path.endswith(stack + ".h5")
    assert np.allclose(answers.sum(axis=1), 1)
    with open(path, "rb") as file:
        assert file.read(4) == b"\x89HDF"
