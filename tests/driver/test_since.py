"""What the report says of a night, held against the night before or the baseline, under one budget for all stacks."""

import json

import pytest
from click.testing import CliRunner
from matrix import checked, fill, job, seeds, write_night
from test_costs import in_turns

from harness.driver import running
from harness.driver.atlas import Atlas
from harness.driver.commands import main
from harness.driver.compare import baseline_commands, baselines
from harness.driver.compare.comparison import Comparison
from harness.store import utc_now

LOSSES = [0.5 + 0.01 * (seed % 7) + 0.001 * seed for seed in range(20)]
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


def priced(store, tmp_path, factor, pairs=9):
    """Write the night of two stacks that took turns, and return the report on it: its text, its page and its JSON."""
    in_turns(store, pairs, factor=factor)
    for stack in ("base", "stack"):
        for number in range(pairs):
            store.start(stack, ["tests/suite/test_timings.py", "-k", running.IN_TURNS], f"{stack}-{number}")
    write_night(store, job("base"), job("stack"), job("stack", phase="turns", invocation="", beside="base"))
    text = report("--html", str(tmp_path / "page.html"))
    return text.output, (tmp_path / "page.html").read_text(), json.loads(report("--json").stdout)["costs"]


def test_what_calls_cost_beside_the_stack_before_stands_in_the_report_and_fails_nothing(store, tmp_path):
    text, page, found = priced(store, tmp_path, 1.5)
    assert "What calls cost, beside the stack before, timed in turns" in text
    assert "worse: naive (fit) epoch_of_fit: 1.5" in text
    assert "stack alone: tox -e driver -- compare base stack --costs --until-decided" in text
    assert '<h2 id="costs">' in page
    assert "epoch_of_fit: 1.5" in page
    assert (found["word"], found["base"], found["new"]) == ("worse", "the stack before", "2026-11-22")
    assert not Atlas("met", None, (), (), (), costs=Comparison("a", "b", 0.01, {}, ())).is_failing


def test_of_two_stacks_that_took_no_turns_nothing_is_said(store, tmp_path):
    fill(store, *seeds("base", [0.5]), *seeds("stack", [0.5]))
    write_night(store, job("base"), job("stack"), job("stack", phase="turns", state="left out", beside="base"))
    assert json.loads(report("--json").stdout)["costs"] is None
