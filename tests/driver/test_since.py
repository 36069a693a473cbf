"""What the report says of a night, held against the night before or the baseline, under one budget for all stacks."""

import json

import pytest
from click.testing import CliRunner
from matrix import checked, fill, job, seeds, write_night
from test_costs import in_turns

from harness.driver import night_commands, nights, publishing, running
from harness.driver.atlas import Atlas
from harness.driver.commands import main
from harness.driver.compare import baseline_commands, baselines
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import Difference, Side
from harness.driver.compare.metrics import LOSS
from harness.driver.compare.series import Key
from harness.store import utc_now

LOSSES = [0.5 + 0.01 * (seed % 7) + 0.001 * seed for seed in range(20)]
WORSE = Difference(Key("naive", "2018-08", "time", "fit"), "stack", LOSS, Side("fit", 9, 1.0), Side("fit", 9, 2.0), "worse")
MONDAY, TUESDAY = "2026-11-23", "2026-11-24"


@pytest.fixture(autouse=True)
def expectations(folder, monkeypatch):
    """The declared expectations of a test, with no baseline yet."""
    monkeypatch.setattr(baseline_commands, "FOLDER", folder)
    return folder


def report(*words):
    return CliRunner().invoke(main, ["report", *words])


def night(store, day, losses, stack="tf2", digest=""):
    """Write a night in which a stack learnt twenty seeds; a digest makes its weights known."""
    name = f"{stack}-{day}"
    runs = seeds(stack, losses, invocation=name, started=f"{day}T20:00:00Z")
    if digest:
        runs = [
            one._replace(observations={**one.observations, "weights_digest": f"{digest}{one.question.seed}"}) for one in runs
        ]
    fill(store, *runs)
    write_night(store, job(stack, invocation=name), name=day, started=f"{day}T20:00:00Z")


def test_the_first_night_is_held_against_nothing(store):
    night(store, MONDAY, LOSSES)
    assert json.loads(report("--json").stdout)["since"] is None
    assert "since the night before" not in report().output


def test_a_stack_whose_records_of_tonight_are_gone_is_held_against_nothing(store):
    night(store, MONDAY, LOSSES)
    write_night(store, job("tf2", invocation="moved away"), name=TUESDAY, started=f"{TUESDAY}T20:00:00Z")
    assert json.loads(report("--json").stdout)["since"] is None


def test_records_that_another_program_wrote_with_spaces_are_found_by_their_invocation(store):
    night(store, MONDAY, LOSSES, digest="a")
    night(store, TUESDAY, LOSSES, digest="a")
    path = store.records_path("tf2")
    path.write_text("".join(json.dumps(json.loads(line)) + "\n" for line in path.read_text().splitlines()))
    assert json.loads(report("--json").stdout)["since"]["word"] == "same"


def test_a_night_that_repeats_the_last_to_the_bit_is_the_same(store):
    night(store, MONDAY, LOSSES, digest="a")
    night(store, TUESDAY, LOSSES, digest="a")
    found = json.loads(report("--json").stdout)["since"]
    assert (found["word"], {one["rule"] for one in found["differences"]}) == ("same", {"equal to the last bit"})


def test_a_night_that_learns_worse_fails_and_says_how_to_look_at_it(store, tmp_path):
    night(store, MONDAY, LOSSES, digest="a")
    night(store, TUESDAY, [3 * loss for loss in LOSSES], digest="b")
    outcome = report("--html", str(tmp_path / "page.html"))
    assert outcome.exit_code == 1
    assert "What changed since the night before" in outcome.output
    assert "worse: naive (compiled) loss: " in outcome.output
    assert "tf2 alone: tox -e driver -- compare tf2-2026-11-23 tf2-2026-11-24" in outcome.output
    page = (tmp_path / "page.html").read_text()
    assert '<h2 id="since">' in page
    assert "<li>naive (compiled) loss: " in page


@pytest.mark.parametrize(("factor", "exit_code"), [(1, 0), (3, 1)])
def test_the_night_itself_ends_as_its_report_does(store, monkeypatch, factor, exit_code):
    night(store, MONDAY, LOSSES, digest="a")
    night(store, TUESDAY, [factor * loss for loss in LOSSES], digest="a" if factor == 1 else "b")
    tonight = nights.read_all(store.home)[-1]
    nights.write(store.home, tonight._replace(published=False, seen=f"{TUESDAY}T23:30:00Z"))
    monkeypatch.setattr(night_commands, "utc_now", lambda: f"{TUESDAY}T23:50:00Z")
    monkeypatch.setattr(publishing, "publish", lambda *_: 0)
    outcome = CliRunner().invoke(main, ["night"])
    assert outcome.exit_code == exit_code
    assert ("worse since the night before, or the baseline: " in outcome.stdout) == bool(exit_code)
    assert bool(nights.read_all(store.home)[-1].worse) == bool(exit_code)


def test_other_seeds_of_an_unchanged_stack_raise_no_alarm(store):
    night(store, MONDAY, LOSSES)
    night(store, TUESDAY, LOSSES[::-1])
    assert json.loads(report("--json").stdout)["since"]["counts"].get("worse", 0) == 0


def test_the_newest_night_that_had_the_stack_counts_and_a_failed_one_does_not(store):
    night(store, MONDAY, LOSSES, digest="a")
    write_night(store, job("tf2", state="failed"), name="2026-11-23b", started=f"{MONDAY}T23:00:00Z")
    night(store, TUESDAY, LOSSES, digest="a")
    assert json.loads(report("--json").stdout)["since"]["word"] == "same"


def test_a_baseline_stands_before_the_night_before(store, expectations):
    night(store, MONDAY, [3 * loss for loss in LOSSES], digest="a")
    baselines.accept(expectations, seeds("tf2", LOSSES), "It was right then.", utc_now())
    night(store, TUESDAY, [3 * loss for loss in LOSSES], digest="a")
    outcome = report()
    assert (outcome.exit_code, "worse: naive (compiled) loss" in outcome.output) == (1, True)
    assert "compare baseline tf2-2026-11-24" in outcome.output


def test_of_one_stack_alone_only_its_own_changes_are_told(store):
    for day, factor in ((MONDAY, 1), (TUESDAY, 3)):
        fill(
            store,
            *seeds("tf2", [factor * loss for loss in LOSSES], invocation=f"tf2-{day}"),
            checked("jax", invocation=f"jax-{day}"),
        )
        write_night(
            store,
            job("tf2", invocation=f"tf2-{day}"),
            job("jax", invocation=f"jax-{day}"),
            name=day,
            started=f"{day}T20:00:00Z",
        )
    assert json.loads(report("--json").stdout)["since"]["word"] == "worse"
    assert json.loads(report("--json", "--stack", "jax").stdout)["since"]["word"] == "same"


def priced(store, tmp_path, factor=1.5, state="done", **changes):
    """Write the night of two stacks that took turns, and return the report on it: its outcome, its page and its JSON."""
    in_turns(store, 9, factor=factor)
    for stack in ("base", "stack"):
        for number in range(9):
            # As it was called before turns told more.
            store.start(stack, [running.TIMINGS, "-k", "brief_fit or predict_one_letter"], f"{stack}-{number}")
    write_night(store, job("base"), job("stack"), job("stack", "turns", state, "", "", beside="base"), **changes)
    outcome = report("--html", str(tmp_path / "page.html"))
    return outcome, (tmp_path / "page.html").read_text(), json.loads(report("--json").stdout)["costs"]


def test_what_calls_cost_beside_the_stack_before_stands_in_the_report_and_fails_nothing(store, tmp_path):
    fill(store, *(checked(stack, metrics_named="yes") for stack in ("base", "stack")))
    outcome, page, found = priced(store, tmp_path)
    assert "What calls cost, beside the stack before, timed in turns" in outcome.output
    assert "worse: every framing epoch of fit: 1." in outcome.output
    assert ": naive 1.5" in outcome.output
    call = "tox -e driver -- compare base stack --costs --until-decided --edition 2018-08 --false-alarms 0.01"
    assert f"base -> stack alone: {call}" in outcome.output
    assert '<h2 id="costs">' in page
    assert ": naive 1.5" in page
    assert (found["word"], found["base"], found["new"]) == ("worse", "the stack before", "2026-11-22")
    assert [one["stack"] for one in json.loads(report("--json", "--stack", "base").stdout)["costs"]["differences"]]
    drawn = Atlas("met", None, (), (), (), costs=Comparison("a", "b", 0.01, {}, (WORSE,)))
    assert (drawn.costs.word, drawn.is_failing) == ("worse", False)


def test_of_turns_that_failed_the_report_says_why_and_tells_none(store, tmp_path):
    outcome, page, found = priced(store, tmp_path, state="failed")
    assert found is None
    for text in (outcome.output, page.replace("&gt;", ">")):
        assert "failed: base -> stack" in text


def test_turns_that_were_taken_after_the_night_are_not_its_own(store, tmp_path):
    assert (
        priced(store, tmp_path, started="2026-11-01T20:00:00Z", name="2026-11-01", finished="2026-11-02T01:00:00Z")[2] is None
    )


def test_a_stack_whose_records_are_broken_costs_its_own_price_alone(store, tmp_path):
    priced(store, tmp_path)
    with (store.home / "invocations" / "base.jsonl").open("a") as file:
        file.write("{}\n")
    assert json.loads(report("--json").stdout)["costs"] is None
