"""The stacks that a night may ask, and beside which of the others each is timed."""

import pytest

from harness.driver import candidates, stacks


@pytest.fixture
def beside(monkeypatch):
    """Return what tells by stack the one before it, where only some Pythons are here."""

    def told(*names, pythons=("3.11", "3.12", "3.13")):
        monkeypatch.setattr(stacks, "find_python", lambda wanted: next((one for one in wanted if one in pythons), None))
        known = {one.name: one for one in stacks.load()}
        return {one.stack: one.beside for one in candidates.candidates([known[name] for name in names])}

    return told


def test_each_stack_of_a_night_stands_beside_the_one_before_it_in_time(beside):
    assert beside("tf2", "tf2.21", "tf2.15") == {"tf2": "tf2.21", "tf2.21": "tf2.15", "tf2.15": ""}


def test_what_is_resolved_afresh_stands_beside_the_newest(beside):
    assert beside("newest", "tf2.15", "tf2")["newest"] == "tf2"


def test_a_stack_that_is_absent_stands_beside_none(beside):
    assert beside("tf1.0", "tf2.15", "tf2") == {"tf1.0": "", "tf2.15": "", "tf2": "tf2.15"}
