"""What was accepted as right is kept, with the reason, in files that a person can review."""

import json

import pytest
from click.testing import CliRunner
from records import fill, learnt, timed

from harness.driver.commands import main
from harness.driver.compare import baseline_commands, baselines, comparing


@pytest.fixture(autouse=True)
def expectations(folder, monkeypatch):
    """The declared expectations of a test, with no baseline yet."""
    monkeypatch.setattr(baseline_commands, "FOLDER", folder)
    monkeypatch.setattr(comparing, "FOLDER", folder)
    return folder


def call(*words):
    return CliRunner().invoke(main, words)


def accept(name="tf2", why="It learns as the page says."):
    return call("baseline", "accept", name, "--why", why)


def test_what_is_accepted_is_what_later_runs_are_held_against(store):
    fill(store, *(learnt(seed, loss=0.5 + seed / 1000) for seed in range(1, 21)))
    outcome = accept()
    assert outcome.exit_code == 0, outcome.output
    assert "tf2: 20 runs, seeds 1-20; wrote expectations/baselines/tf2-1.jsonl.gz" in outcome.output
    assert call("compare", "baseline", "tf2").exit_code == 0
    fill(store, *(learnt(seed, loss=5 + seed / 1000, started="2030-01-01T00:00:00Z") for seed in range(31, 51)))
    later = call("compare", "baseline", "tf2@2030-01-01", "--json")
    assert (later.exit_code, {one["word"] for one in json.loads(later.stdout)["differences"] if one["metric"] == "loss"}) == (
        1,
        {"worse"},
    )


def test_an_older_baseline_is_kept_and_the_newest_is_in_force(store, expectations):
    fill(store, learnt(1), learnt(2))
    accept(why="First.")
    fill(store, learnt(3))
    accept(why="Now with a third.")
    assert [(one.why, one.runs) for one in baselines.read_all(expectations)] == [("First.", 2), ("Now with a third.", 3)]
    assert len(list(baselines.runs(expectations))) == 3
    assert sorted(path.name for path in (expectations / "baselines").glob("*.gz")) == ["tf2-1.jsonl.gz", "tf2-2.jsonl.gz"]
    assert "2 runs, seeds 1-2: First." in call("baseline", "list").output
    assert [one["seeds"] for one in json.loads(call("baseline", "list", "--json").stdout)] == ["1-2", "1-3"]


def test_without_a_reason_nothing_is_accepted(store, expectations):
    fill(store, learnt(1))
    assert accept(why="  ").exit_code == 2
    assert call("baseline", "accept", "tf2").exit_code == 2
    assert baselines.read_all(expectations) == []
    assert "nothing was accepted yet" in call("baseline", "list").output


def test_a_list_that_is_broken_is_one_sentence(store, expectations):
    fill(store, learnt(1))
    accept()
    path = expectations / "baselines" / "baselines.toml"
    path.write_text(path.read_text().replace("why", "because"))
    outcome = call("compare", "baseline", "tf2")
    assert outcome.exit_code == 2
    assert "expectations/baselines/baselines.toml, baseline 1: keys are accepted, because" in outcome.output
    path.write_text("= broken")
    assert "cannot be read as TOML" in call("compare", "baseline", "tf2").output


def test_runs_that_only_measure_seconds_are_no_baseline(store, expectations):
    fill(store, timed())
    outcome = accept()
    assert (outcome.exit_code, baselines.read_all(expectations)) == (2, [])
    assert "these runs only measure seconds" in outcome.output


def test_a_folder_that_cannot_be_written_is_one_sentence_and_changes_nothing(store, expectations):
    fill(store, learnt(1))
    (expectations / "baselines").write_text("a file, where a folder should be")
    outcome = accept()
    assert outcome.exit_code == 2
    assert "expectations/baselines cannot be written (File exists)" in outcome.output


def test_records_that_went_missing_are_not_taken_for_no_runs(store, expectations):
    fill(store, learnt(1))
    accept()
    (expectations / "baselines" / "tf2-1.jsonl.gz").unlink()
    outcome = call("compare", "baseline", "tf2")
    assert outcome.exit_code == 2
    assert "expectations/baselines/tf2-1.jsonl.gz is not there, but baselines.toml names it" in outcome.output
