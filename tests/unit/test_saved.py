"""What one stack writes the next one reads, or says how its answers differ."""

import numpy as np
import pytest
from test_contract import Backend, Summing

from harness import saved
from harness.driver import stacks
from harness.errors import StackError
from harness.small import Networks


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setattr(saved, "FOLDER", tmp_path)
    monkeypatch.setenv(saved.VARIABLE, "older")
    return tmp_path


def test_a_file_of_the_previous_stack_is_answered_as_there(folder):
    saved.write(Backend(), folder / "older")
    assert saved.previous_file_is_loaded(Networks(Backend())) is None


def louder(self, x, batch_size):
    return 1.001 * Summing.predict(self, x, batch_size)


def test_other_answers_to_a_file_of_the_previous_stack_are_told(folder):
    saved.write(Backend(), folder / "older")
    found = saved.previous_file_is_loaded(Networks(Backend(predict=louder)))
    assert found.startswith("a file of the previous stack gives answers that differ by 0.000")


def test_a_file_that_nobody_wrote_is_a_sentence_that_says_how_to(folder):
    with pytest.raises(
        StackError, match=r"nothing that older wrote; write it with `tox exec -e older -- python -m harness.saved"
    ):
        saved.previous()


def test_where_no_previous_stack_is_declared_nothing_is_asked(folder, monkeypatch):
    monkeypatch.delenv(saved.VARIABLE)
    assert saved.previous_file_is_loaded(None) is None


@pytest.mark.parametrize("stack", [one for one in stacks.load() if one.previous], ids=lambda one: one.name)
def test_the_previous_stack_of_each_has_written_its_file(stack, monkeypatch):
    monkeypatch.setenv(saved.VARIABLE, stack.previous)
    path, answers = saved.previous()
    assert path.endswith(stack.previous + ".h5")
    assert np.allclose(answers.sum(axis=1), 1)
    with open(path, "rb") as file:
        assert file.read(4) == b"\x89HDF"
