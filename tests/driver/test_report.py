"""`harness report` as a person meets it: the atlas in the terminal, as JSON, and its exit codes."""

import json

import pytest
from click.testing import CliRunner
from matrix import NAIVE, SMALL, STATEFUL, checked, ended, fill, job, learnt, seeds, timed, versions, write_night

from harness.driver import commands, sources

pytestmark = pytest.mark.usefixtures("folder")


def call(*words):
    """Call `harness report` as a person does."""
    return CliRunner().invoke(commands.main, ("report", *words))


def facts(*words):
    """Return what `harness report --json` says."""
    return json.loads(call("--json", *words).stdout)


def rows(*words):
    """Return the rows of the first sheet, by stack."""
    return {row["stack"]: row for row in facts(*words)["sheets"][0]["rows"]}


def a_night(store):
    """Write a night of four stacks, of which two left no record."""
    fill(store, *seeds("tf2", [0.5, 0.6], [0.84, 0.8]), timed("tf2", (0.4, 0.4)))
    fill(store, *seeds("tf2.15", [0.5, 0.6], [0.84, 0.8], installed=versions("2.15.1", "2.15.0")), timed("tf2.15", (0.1, 0.1)))
    absent = job("tf1.13", state="absent", reason="Python 3.7 is not installed here")
    write_night(store, job("tf2"), job("tf2.15"), absent, job("tf2.4", state="failed", reason="killed after 30 minutes"))


def test_every_stack_of_the_night_has_a_row_with_a_verdict_accuracy_and_price(store):
    a_night(store)
    output = call().output
    assert "met 82 %" in output
    assert "0.25x" in output
    assert "4 stacks: 1 failed, 1 absent, 2 met" in output


def test_a_stack_without_a_record_shows_its_word_in_every_cell_and_why(store):
    a_night(store)
    output, found = call().output, rows()
    assert "failed: tf2.4: killed after 30 minutes\n" in output
    assert "absent: tf1.13: Python 3.7 is not installed here\n" in output
    assert {cell["verdict"] for cell in found["tf2.4"]["cells"]} == {"failed"}
    assert {cell["reason"] for cell in found["tf2.4"]["cells"]} == {"killed after 30 minutes"}


def test_a_stack_whose_records_were_moved_away_is_absent_and_no_pass(store):
    fill(store, learnt("tf2", 1))
    write_night(store, job("tf2"), job("tf2.15"))
    outcome = call()
    assert (outcome.exit_code, rows()["tf2.15"]["verdict"]) == (0, "absent")
    assert "absent: tf2.15: its records are gone\n" in outcome.output


@pytest.mark.parametrize("state", ["left out", "waiting", "running", "absent"])
def test_what_was_not_run_is_never_a_pass_and_no_failure(store, state):
    fill(store, learnt("tf2", 1))
    write_night(store, job("tf2"), job("jax", state=state))
    outcome = call()
    assert (outcome.exit_code, rows()["jax"]["verdict"]) == (0, state)
    assert f"missed: {state}" not in outcome.output


def test_the_exit_code_is_1_where_something_is_missed_or_a_stack_failed(store):
    fill(store, learnt("tf2", 1), learnt("jax", 1, loss=1.5))
    assert call("--stack", "tf2").exit_code == 0
    outcome = call()
    assert outcome.exit_code == 1
    assert "missed: naive loss is 1.5" in outcome.output
    write_night(store, job("tf2"), job("torch", state="failed", reason="out of memory"))
    assert call("--stack", "torch").exit_code == 1


def test_a_job_that_ended_badly_for_another_reason_than_its_verdicts_is_a_failure(store):
    fill(store, learnt("tf2", 1), learnt("tf2.15", 1))
    full = job("tf2.15", reason="OSError: No space left", exit_code=1, verdict="met")
    write_night(store, job("tf2"), full)
    outcome = call()
    assert (outcome.exit_code, rows()["tf2.15"]["verdict"]) == (1, "failed")
    assert "failed: tf2.15: OSError: No space left\n" in outcome.output


def test_a_job_that_missed_something_is_judged_by_what_is_declared_now(store):
    fill(store, learnt("tf2", 1))
    write_night(store, job("tf2", reason="missed: naive loss is 1.5", exit_code=1, verdict="missed"))
    assert (call().exit_code, rows()["tf2"]["verdict"]) == (0, "met")


def test_a_price_that_failed_is_a_failure_and_says_why_even_where_one_round_was_taken(store):
    fill(store, learnt("tf2", 1), learnt("tf2.15", 1), timed("tf2", invocation="priced"))
    failed = job("tf2.15", phase="price", state="failed", reason="killed (out of memory?)")
    write_night(store, job("tf2"), job("tf2.15"), job("tf2", phase="price", invocation="priced"), failed)
    outcome, found = call(), rows()
    assert (outcome.exit_code, found["tf2.15"]["verdict"], found["tf2"]["verdict"]) == (1, "failed", "met")
    assert found["tf2.15"]["cells"][0]["untimed"] == "failed"
    assert outcome.output.count("price failed") == 3
    assert "failed: tf2.15: price: killed (out of memory?)\n" in outcome.output
    again = job("tf2", phase="price", state="failed", reason="crashed", round=2)
    write_night(store, job("tf2"), job("tf2", phase="price", invocation="priced"), again)
    assert (rows()["tf2"]["verdict"], rows()["tf2"]["cells"][0]["fit"]["ratio"]) == ("failed", 1.0)


def test_what_was_declared_and_not_observed_is_no_pass(store):
    unseen = learnt("tf2", 1)._replace(observations={"accuracy": 0.84})
    fill(store, unseen, unseen._replace(stack="jax"))
    outcome = call()
    assert (outcome.exit_code, rows()["tf2"]["verdict"]) == (1, "absent")
    assert "absent: naive loss was not observed; expectations/naive.toml, expect 2 [tf2, jax]\n" in outcome.output


AGREEMENT = """
[[expect]]
claim = "Both engines reach the same weights."
probe = "agreement.weights"
at_most = 1e-5
purpose = "check"
engines = ["compiled"]
"""


def test_a_column_without_an_expectation_reads_none_and_one_whose_runs_are_missing_does_not(store, folder):
    (folder / "naive.toml").write_text((folder / "naive.toml").read_text() + AGREEMENT)
    fill(store, learnt("tf2", 1), learnt("tf2.15", 1, framing=STATEFUL, engine="fit"))
    write_night(store, job("tf2"), job("tf2.15"), job("jax", state="left out", reason="no time"))
    found = {name: {one["name"]: one["verdict"] for one in row["behaviours"]} for name, row in rows().items()}
    assert [found[name]["learns"] for name in ("tf2", "tf2.15", "jax")] == ["met", "absent", "left out"]
    assert [found[name]["engines"] for name in ("tf2", "tf2.15", "jax")] == ["absent", "none", "left out"]
    assert [cell["verdict"] for cell in rows()["tf2.15"]["cells"]] == ["absent", "none"]


def test_runs_that_all_ended_with_an_error_are_no_pass_where_nothing_is_declared_of_it(store):
    fill(store, ended("mine", 1, "ValueError: no"))
    assert (call().exit_code, rows()["mine"]["verdict"]) == (1, "failed")


def test_without_a_night_the_newest_runs_stand_with_their_day(store):
    fill(store, learnt("tf2", 1, invocation="old", loss=9.0), learnt("tf2", 1))
    found = rows()["tf2"]
    assert (found["since"], found["verdict"]) == ("2026-11-22", "met")
    assert "from 2026-11-22" in call().output


def test_a_later_run_of_one_framing_does_not_hide_the_others(store):
    fill(store, learnt("tf2", 1), learnt("tf2", 1, framing=STATEFUL, invocation="later"))
    assert [cell["seeds"] for cell in rows()["tf2"]["cells"]] == [1, 1]


def test_a_stack_that_had_no_part_in_the_night_stands_beside_it_with_its_day(store):
    fill(store, learnt("tf2", 1), learnt("jax", 1, invocation="before"))
    write_night(store, job("tf2"))
    found = rows()
    assert (found["tf2"]["since"], found["jax"]["since"]) == ("", "2026-11-22")


def test_timings_taken_beside_training_are_no_price_in_a_night_that_measures_prices(store):
    fill(store, learnt("tf2", 1), timed("tf2", (9.0, 9.0)), timed("tf2", (0.4, 0.4), invocation="priced"))
    write_night(store, job("tf2"), job("tf2", phase="price", invocation="priced"))
    assert rows()["tf2"]["cells"][0]["fit"]["seconds"] == 0.4
    write_night(store, job("tf2"), job("tf2", phase="price", state="left out", reason="no time"))
    found = rows()["tf2"]["cells"][0]
    assert (found["fit"], found["untimed"]) == (None, "left out")


def test_a_change_between_two_stacks_heads_the_report_and_names_the_release(store):
    old, new = versions("1.4.1", "2.0.8"), versions("1.4.1", "2.0.9")
    fill(store, *seeds("keras2.0.8", [0.5, 0.6, 0.8, 1.1, 1.2], framing=SMALL, installed=old))
    fill(store, *seeds("keras2.0.9", [2.5, 2.6, 2.8, 3.1, 3.2], [0.3] * 5, framing=SMALL, installed=new))
    output = call("--edition", "2017-03").output
    sentence = "accuracy fell from 100 % to 30 % between keras2.0.8 and keras2.0.9 (keras 2.0.8 -> 2.0.9)"
    assert "stateful (16 units): " + sentence in output
    assert output.index(sentence) < output.index("Behaviours")


def test_a_run_that_ended_with_an_error_shows_its_beginning_in_the_cell_and_no_accuracy(store):
    error = "RuntimeError: one of the variables needed for gradient computation has been modified by an inplace operation"
    fill(store, *(ended("torch", seed, error) for seed in (1, 2)), learnt("jax", 1), ended("jax", 2, error))
    torch, jax = (rows()[name]["cells"][0] for name in ("torch", "jax"))
    assert (torch["errors"], torch["accuracy"], torch["seeds"]) == ([[error, 2]], None, 2)
    assert (jax["errors"], jax["accuracy"], jax["seeds"]) == ([[error, 1]], 0.84, 2)
    output = call("--stack", "torch").output
    assert "RuntimeError: one of the variables needed for gradient compu…\n" in output
    assert "not finite" not in output
    assert "1 of 2: RuntimeError" in " ".join(call("--stack", "jax").output.split())


def test_an_edition_has_a_sheet_of_its_own_and_a_failure_stays_in_the_one_that_it_happened_in(store):
    fill(store, learnt("tf2", 1), learnt("tf2", 1, framing=SMALL, invocation="small"))
    write_night(store, job("tf2", state="failed", invocation="tf2", reason="hung"), job("tf2", invocation="small"))
    found = [(sheet["edition"], sheet["rows"][0]["state"]) for sheet in facts()["sheets"]]
    assert found == [("2018-08", "failed"), ("2017-03", "done")]


def test_a_stack_that_left_no_record_stands_in_the_edition_of_its_night(store):
    fill(store, learnt("tf2", 1, framing=SMALL))
    failed = [job(name, state="failed", reason=reason) for name, reason in (("tf2.15", "does not install"), ("jax", "crashed"))]
    write_night(store, job("tf2"), *failed, edition="2017-03")
    assert call().exit_code == 1
    assert [(sheet["edition"], len(sheet["rows"])) for sheet in facts()["sheets"]] == [("2017-03", 3)]
    assert "failed: tf2.15: does not install\n" in call("--edition", "2017-03").output


def test_a_night_in_which_nothing_was_recorded_has_its_sheet(store):
    write_night(store, job("tf2", state="failed", reason="does not install"), edition="2017-03")
    assert [sheet["edition"] for sheet in facts()["sheets"]] == ["2017-03"]
    assert call().exit_code == 1


def test_several_nights_are_pooled_to_compare_but_only_the_last_is_judged(store):
    fill(store, *seeds("tf2", [0.5, 0.6], invocation="one"), *seeds("tf2", [0.51, 0.61], invocation="two"))
    fill(store, *seeds("jax", [0.9, 0.9, 0.91, 0.92], [0.5] * 4))
    write_night(store, job("tf2", invocation="one"), job("jax"), name="first", started="2026-11-21T20:00:00Z")
    write_night(store, job("tf2", invocation="two"), job("jax"), name="second")
    assert rows()["tf2"]["cells"][0]["seeds"] == 2
    (alone, pooled) = (facts(*words)["sheets"][0]["compared"] for words in ((), ("--nights", "2")))
    assert (alone["decided"], pooled["decided"]) == (0, 1)
    assert pooled["changes"][0]["seeds"] == [4, 4]


def test_an_earlier_night_can_be_named(store):
    fill(store, learnt("tf2", 1, invocation="one"), learnt("tf2", 1, loss=1.5, invocation="two"))
    write_night(store, job("tf2", invocation="one"), name="first", started="2026-11-21T20:00:00Z")
    write_night(store, job("tf2", invocation="two"), name="second")
    assert (call("--night", "first").exit_code, call().exit_code) == (0, 1)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--stack", "tf9"), "no records of stack 'tf9'; known: tf2"),
        (("--night", "x"), "there is no night 'x'; known: none"),
        (("--edition", "2016-07"), "no records of edition '2016-07'; known: 2018-08"),
        (
            ("--html", "/nowhere/a.html"),
            "/nowhere/a.html cannot be written: No such file or directory; name another file",
        ),
    ],
)
def test_a_wrong_call_gives_one_sentence_and_exit_code_2(store, words, sentence):
    fill(store, learnt("tf2", 1))
    outcome = call(*words)
    assert (outcome.exit_code, outcome.stderr) == (2, f"harness: {sentence}\n")


def test_without_any_record_the_sentence_says_how_to_make_some(store):
    assert call().stderr == "harness: there are no records yet; `tox -e tf2` makes some\n"


def test_a_broken_night_exits_2_and_names_its_file(store):
    fill(store, learnt("tf2", 1))
    write_night(store, job("tf2", state="asleep"))
    outcome = call()
    assert (outcome.exit_code, outcome.stderr.count("\n")) == (2, 1)
    assert "nights/2026-11-22.json" in outcome.stderr


def test_what_code_meets_is_printed_with_the_stacks_that_meet_it(store):
    fill(store, learnt("tf2", 1), checked("tf2", warnings=["UserWarning: no"], defaults={"adam.epsilon": 1e-07}))
    fill(store, learnt("jax", 1), checked("jax", warnings=["UserWarning: no"], defaults={"adam.epsilon": 1e-08}))
    output = call().output
    assert "What your code meets on jax\n  warns: UserWarning: no\n  default adam.epsilon: 1e-08, on tf2 1e-07" in output


def test_declared_stacks_that_never_ran_are_named_and_have_no_row(store):
    fill(store, learnt("tf2", 1))
    unseen = facts()["unseen"]
    assert set(unseen) == set(sources.declared()) - {"tf2"}
    assert f"never run here: {', '.join(unseen)}" in call().output


def test_rows_stand_as_declared_and_a_stack_of_ones_own_comes_last(store):
    fill(store, *(learnt(name, 1) for name in ("mine", "jax", "tf2", "tf2.15")))
    assert list(rows()) == ["tf2", "tf2.15", "jax", "mine"]


def test_no_line_of_the_tables_is_wider_than_a_pipe(store):
    names = [name for name in sources.declared() if name != "newest"]
    fill(store, *(learnt(name, 1, loss=1.5, framing=one) for name in names for one in (NAIVE, STATEFUL)))
    fill(store, *(timed(name, framing=one) for name in names for one in (NAIVE, STATEFUL)))
    tables = call().output.partition("Below each verdict")[2].partition("What your code meets")[0]
    assert max(len(line.rstrip()) for line in tables.splitlines() if "expectations/" not in line) <= 120


def test_the_help_gives_an_example():
    assert "harness report --html report.html" in call("--help").output
