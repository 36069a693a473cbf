"""What the harness finds out about itself is kept, summed up by the report, and never stops it."""

import json

import pytest
from click.testing import CliRunner
from matrix import checked, fill, job, seeds, versions, write_night

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import trials, trust
from harness.driver.clean_runs import CleanRun
from harness.driver.commands import main
from harness.driver.compare import unchanged
from harness.driver.errors import TrialError
from harness.driver.nights import read_all
from harness.driver.selfchecks import Outcome
from harness.driver.trials import NightTrial

LOSSES = [0.5 + 0.01 * (seed % 7) + 0.001 * seed for seed in range(20)]
CAUGHT = Outcome("no_reset", "state", "it is wrong", "caught", "stages.forward", True, "", 1.5)
SURVIVED = CAUGHT._replace(state="survived", by="", is_right=False)
SILENT = CleanRun(1, "", "", 12.5, 0.31, "update, fit")
ALARM = SILENT._replace(seed=2, by="stages.loss")
NIGHT = NightTrial("monday", unchanged=20, false_alarms=0, moved=2, alarms=3, dealt=400, dealt_alarms=0)

pytestmark = pytest.mark.usefixtures("folder")


def report(*words):
    return CliRunner().invoke(main, ["report", *words])


def nights():
    return json.loads(report("--json").stdout)["trust"]["nights"]


def learn(store, day, losses, installed=None):
    """Write a night in which tf2 learnt twenty seeds and was checked."""
    name, started = f"tf2-{day}", f"{day}T20:00:00Z"
    runs = seeds("tf2", losses, invocation=name, started=started, installed=installed)
    fill(store, *runs, checked("tf2", invocation=name)._replace(started=started))
    write_night(store, job("tf2", invocation=name), name=day, started=started)


def test_of_one_fault_the_newest_trial_counts(tmp_path):
    for one in (SURVIVED, CAUGHT):
        trials.keep(tmp_path, "faults/tf2", one)
    assert trials.read(tmp_path, "faults/tf2", Outcome) == [CAUGHT]


def test_a_line_that_is_no_trial_is_told_by_its_place(tmp_path):
    trials.keep(tmp_path, "nights", NIGHT)
    with (tmp_path / "trials" / "nights.jsonl").open("a") as file:
        file.write('{"night": "tuesday"}\n')
    with pytest.raises(TrialError, match=r"trials/nights.jsonl, line 2: not written by this harness; remove the line"):
        trust.gather(tmp_path)


def test_a_home_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "trials").write_text("a file is in the way")
    with pytest.raises(TrialError, match=r"trials cannot be kept in .*; set HARNESS_HOME to another folder"):
        trials.keep(tmp_path, "nights", NIGHT)


def test_recall_false_alarms_and_precision_stand_in_sentences(tmp_path):
    kept = [("faults/tf2", CAUGHT), ("faults/tf2", SURVIVED._replace(fault="late_states")), ("clean/jax", SILENT)]
    kept += [("clean/jax", ALARM), ("nights", NIGHT), ("nights", NIGHT._replace(night="tuesday", false_alarms=1))]
    for name, one in kept:
        trials.keep(tmp_path, name, one)
    assert trust.sentences(trust.gather(tmp_path)) == [
        "tf2: 1 of 2 faults caught, 1 of them named at the right stage; survived: late_states; "
        "of faults like these at least 3% are caught, with 95% confidence.",
        "jax: 1 alarm in 2 clean runs of the quick stages (at most 0.97 of all, with 95% confidence).",
        "Of 40 stacks, night by night, the same was installed as before: "
        "1 of 2 nights raised an alarm (at most 0.97 of all, with 95% confidence).",
        "The runs of each night, dealt to two sides by chance (800 metrics): "
        "0 of 2 nights raised an alarm (at most 0.78 of all, with 95% confidence).",
        "Of 7 metrics called better or worse so far, 6 were of stacks in which something else was installed: "
        "a precision of 86% at most.",
    ]


def test_where_nothing_was_measured_it_is_said_how_to(tmp_path):
    assert trust.gather(tmp_path).sentence.startswith("Nothing was measured here so far: `tox -e driver -- selfcheck tf2`")


def test_each_night_is_a_trial_and_reporting_it_again_adds_none(store):
    learn(store, "2026-11-22", LOSSES)
    learn(store, "2026-11-23", LOSSES)
    report()
    (found,) = nights()
    assert (found["night"], found["unchanged"], found["moved"]) == ("2026-11-23", 1, 0)
    assert (found["false_alarms"], found["alarms"]) == (0, 0)
    assert found["dealt"] > 0
    assert found["dealt_alarms"] == 0


def test_a_change_beside_another_release_is_no_false_alarm(store):
    learn(store, "2026-11-22", LOSSES)
    learn(store, "2026-11-23", [3 * loss for loss in LOSSES], versions("2.22.0"))
    (found,) = nights()
    assert (found["unchanged"], found["moved"], found["false_alarms"], found["alarms"] > 0) == (0, 1, 0, True)


def test_a_change_where_nothing_was_installed_is_a_false_alarm(store):
    learn(store, "2026-11-22", LOSSES)
    learn(store, "2026-11-23", [3 * loss for loss in LOSSES])
    (found,) = nights()
    assert (found["unchanged"], found["alarms"], found["false_alarms"] > 0) == (1, 0, True)


def test_the_runs_of_a_night_are_dealt_to_two_halves_that_share_none(store):
    learn(store, "2026-11-22", LOSSES)
    (night,) = read_all(store.home)
    pairs = unchanged.dealt(declarations.load(FOLDER), store, night, FOLDER)
    assert [(len(one.base.seeds), len(one.new.seeds)) for one in pairs] == [(10, 10)]
    assert {*pairs[0].base.seeds, *pairs[0].new.seeds} == set(range(1, 21))
    assert {*pairs[0].base.seeds} == {*unchanged.dealt(declarations.load(FOLDER), store, night, FOLDER)[0].base.seeds}


def test_the_report_goes_on_where_its_trial_cannot_be_kept(store, monkeypatch):
    def refuse(path, line):
        raise OSError(30, "Read-only file system")

    learn(store, "2026-11-22", LOSSES)
    monkeypatch.setattr("harness.store.append_line", refuse)
    outcome = report()
    assert "(Read-only file system); set HARNESS_HOME to another folder\n" in outcome.stderr
    assert "How often this harness is wrong" in outcome.output


def test_the_page_says_it_too(store, tmp_path):
    learn(store, "2026-11-22", LOSSES)
    report("--html", str(tmp_path / "page.html"))
    page = (tmp_path / "page.html").read_text()
    assert '<h2 id="trust">How often this harness is wrong</h2>' in page
    assert "<li>The runs of each night, dealt to two sides by chance (" in page
