"""A clean run asks the quick stages with its own seed, and says what was missed."""

import json

import pytest

from harness import clean
from tests.factories import a_record


class Laboratory:
    """Keeps what it was asked; what it observes is misjudged where the seed says so."""

    def __init__(self, loaded=None):
        self.backend, self.asked = type("Backend", (), {"engines": ("fit", "compiled")}), []

    def observe(self, run, stack, invocation):
        self.asked.append((run.engine, run.purpose, run.seed))
        stages = {"stages": {"loss": "agrees", "update": "agrees", "forward": "differs"}}
        off = {"stages_off": {"loss": 0.1, "update": 0.1 * run.seed, "forward": 9.0}}
        return a_record(question={"seed": run.seed}, observations=dict(stages, **off))


@pytest.fixture
def one_alarm(monkeypatch):
    missed = type("Verdict", (), {"name": "missed", "sentence": "it differs", "expectation": type("E", (), {"probe": "loss"})})
    monkeypatch.setattr(clean.selfcheck.judging, "judge_all", lambda declared, found: [missed][: found[0].question.seed == 8])


def test_the_quick_stages_are_asked_with_the_seed(one_alarm):
    laboratory = Laboratory()
    found = clean.run(None, laboratory, 7)
    assert (found["by"], found["off"], found["nearest"]) == ("", 0.7, "update, compiled")
    assert laboratory.asked == [("fit", "stage", 7), ("compiled", "stage", 7), ("fit", "contract", 7)]
    assert found["asked"] == "stage and contract"


def told(monkeypatch, capsys, *words):
    """Return what the module prints, called with these words."""
    monkeypatch.setattr(clean.declarations, "load", lambda: None)
    monkeypatch.setattr(clean.backend, "load", lambda: None)
    monkeypatch.setattr(clean.pipeline, "Laboratory", Laboratory)
    monkeypatch.setattr(clean, "end_with_parent", lambda: None)
    monkeypatch.setattr("sys.argv", ["clean", *words])
    clean.main()
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_the_stages_are_asked_alone_where_that_is_said(one_alarm, monkeypatch, capsys):
    asked = []
    monkeypatch.setattr(Laboratory, "observe", lambda self, run, *names, real=Laboratory.observe: (
        asked.append(run.purpose) or real(self, run, *names)
    ))  # fmt: skip
    (one,) = told(monkeypatch, capsys, "1", "stages", "7")
    assert (asked, one["asked"]) == (["stage", "stage"], "stage")


def test_each_seed_is_a_line_of_json_and_an_alarm_says_its_sentence(one_alarm, monkeypatch, capsys):
    found = told(monkeypatch, capsys, "1", "7", "8", "9")
    assert [(one["seed"], one["by"], one["sentence"]) for one in found] == [(7, "", ""), (8, "loss", "it differs"), (9, "", "")]


@pytest.mark.parametrize("begin", [[], ["stages"]])
def test_several_jobs_share_the_seeds(monkeypatch, begin):
    asked = []
    monkeypatch.setattr(clean, "end_with_parent", lambda: None)
    monkeypatch.setattr(clean.beside, "run", lambda module, shares: asked.append((module, shares)) or 0)
    monkeypatch.setattr("sys.argv", ["clean", "2", *begin, "7", "8", "9"])
    with pytest.raises(SystemExit) as end:
        clean.main()
    assert (end.value.code, asked) == (0, [("harness.clean", [["1", *begin, "7", "9"], ["1", *begin, "8"]])])
