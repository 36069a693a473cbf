"""Where records live, and what the newest call of a stack leaves there."""

import os
from pathlib import Path

import pytest

from harness import store


def test_records_live_where_harness_home_says_whatever_the_folder_later_is(monkeypatch):
    monkeypatch.setenv("HARNESS_HOME", os.path.join("some", "where"))
    assert store.default_home("root") == Path.cwd() / "some" / "where"


@pytest.mark.parametrize("value", [None, ""])
def test_records_live_in_the_repository_by_default(monkeypatch, value):
    monkeypatch.delenv("HARNESS_HOME", raising=False)
    if value is not None:
        monkeypatch.setenv("HARNESS_HOME", value)
    assert store.default_home("root") == Path.cwd() / "root" / ".harness"


def test_the_invocation_of_the_newest_call_is_remembered_stack_by_stack(tmp_path):
    kept = store.Store(tmp_path / "home")
    for stack, name in (("tf2", "first"), ("tf2", "second"), ("jax", "third")):
        kept.note_latest(stack, name)
    assert (kept.latest("tf2"), kept.latest("jax")) == ("second", "third")


def test_a_call_that_makes_no_invocation_leaves_none_as_the_latest(tmp_path):
    kept = store.Store(tmp_path)
    assert kept.latest("tf2") == ""
    kept.note_latest("tf2", "first")
    kept.note_latest("tf2", "")
    assert kept.latest("tf2") == ""
