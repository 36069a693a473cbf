"""Shares of one task run at once, print to the same place, and the worst of their ends is told."""

import pytest

from harness import beside

MODULE = "import sys\nprint(' '.join(sys.argv[1:]), flush=True)\nsys.exit(int(sys.argv[1]))\n"


@pytest.fixture(autouse=True)
def module(tmp_path, monkeypatch):
    (tmp_path / "told.py").write_text(MODULE)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))


def test_each_share_is_run_alone_and_the_worst_end_is_told(capfd):
    assert beside.run("told", [["0", "a"], ["3", "b"], ["1"]]) == 3
    assert sorted(capfd.readouterr().out.splitlines()) == ["0 a", "1", "3 b"]


def test_an_empty_share_is_not_run(capfd):
    assert beside.run("told", [[], []]) == 0
    assert capfd.readouterr().out == ""


def test_words_are_dealt_like_cards():
    assert beside.dealt("abcde", 2) == [["a", "c", "e"], ["b", "d"]]
    assert beside.dealt("a", 2) == [["a"], []]


def test_no_more_run_beside_each_other_than_may(tmp_path, monkeypatch, capfd):
    busy = "import os, sys, time\nos.mkdir('busy')\nprint(sys.argv[1], flush=True)\ntime.sleep(0.5)\nos.rmdir('busy')\n"
    (tmp_path / "told.py").write_text(busy)
    monkeypatch.chdir(tmp_path)
    assert beside.run("told", [["a"], ["b"], ["c"]], at_once=1) == 0
    assert capfd.readouterr().out.split() == ["a", "b", "c"]
