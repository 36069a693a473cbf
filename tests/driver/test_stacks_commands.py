"""`harness stacks` and `harness lock` as a person meets them. Nothing is resolved and nothing fetched."""

import json
import shutil

import pytest
from click.testing import CliRunner

from harness.driver import commands, locks, stacks, stacks_commands
from harness.driver.location import ROOT


def call(*words):
    """Call `harness` as a person does."""
    return CliRunner().invoke(commands.main, words)


@pytest.fixture(autouse=True)
def machine(monkeypatch):
    """A machine that has every Python but 3.6."""
    monkeypatch.setattr(stacks, "find_python", lambda versions: None if versions == ("3.6",) else "/opt/python")


def line(output, name):
    return next(line for line in output.splitlines() if line.startswith(name + " "))


def test_every_stack_is_listed_with_whether_its_python_is_here():
    outcome = call("stacks")
    assert outcome.exit_code == 0
    assert line(outcome.output, "tf2").split()[1:5] == ["3.11,", "3.12,", "3.13", "found"]
    assert line(outcome.output, "tf1.0").split()[1:3] == ["3.6", "absent"]
    assert "the tutorial's stack of March 2017" in " ".join(outcome.output.split())


def test_the_same_is_given_as_json():
    listed = {row["name"]: row for row in json.loads(call("stacks", "--json").stdout)}
    assert list(listed) == [stack.name for stack in stacks.load()]
    assert (listed["theano"]["here"], listed["theano"]["variables"]) == ("absent", {"KERAS_BACKEND": "theano"})
    assert (listed["tf2.15"]["as_of"], listed["newest"]["locked"]) == ("2024-03-09", False)


def test_write_puts_the_stacks_into_tox_ini_and_again_changes_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(stacks_commands, "ROOT", tmp_path)
    real = (ROOT / "tox.ini").read_text()
    (tmp_path / "tox.ini").write_text(real.replace("base_python = python3.6", "base_python = python3.5"))
    for _ in range(2):
        assert call("stacks", "--write").output == f"wrote {len(stacks.load())} stacks to tox.ini\n"
        assert (tmp_path / "tox.ini").read_text() == real


def test_check_exits_1_with_a_sentence_for_each_lock_that_does_not_hold_what_is_declared(tmp_path, monkeypatch):
    folder = shutil.copytree(locks.FOLDER, tmp_path / "locks")
    monkeypatch.setattr(locks, "FOLDER", folder)
    assert call("lock", "--check").exit_code == 0
    (folder / "tf2.15.txt").unlink()
    (folder / "old.txt").touch()
    outcome = call("lock", "--check")
    assert outcome.exit_code == 1
    assert [line.split(" is ")[0] for line in outcome.output.splitlines()] == ["ci/locks/tf2.15.txt", "ci/locks/old.txt"]
    assert call("lock", "tf2", "--check").exit_code == 0


def test_lock_resolves_the_named_stacks_alone(monkeypatch):
    monkeypatch.setattr(locks, "write", lambda stack, observer, is_upgrade: f"{stack.name} {is_upgrade}")
    assert call("lock", "tf2.15", "jax", "--upgrade").output == "tf2.15 True\njax True\n"
    assert len(call("lock").output.splitlines()) == len([stack for stack in stacks.load() if stack.locked])


def test_a_stack_that_is_resolved_afresh_has_no_lock_to_make():
    assert call("lock", "newest").output == "newest is resolved afresh by every run, so it has no lock\n"


@pytest.mark.parametrize("words", [("stacks", "--write", "--json"), ("lock", "--check", "--upgrade"), ("lock", "tf9")])
def test_a_call_that_means_nothing_exits_2_with_a_sentence(words):
    outcome = call(*words)
    assert outcome.exit_code == 2
    assert outcome.stderr.strip().splitlines()[-1].endswith(("does not go with --json", "does not go with --upgrade", "newest"))


@pytest.mark.parametrize("name", ["stacks", "lock"])
def test_the_help_gives_an_example(name):
    assert f"harness {name} " in call(name, "--help").output
