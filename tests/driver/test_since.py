"""What the report says of a night, held against the night before or the baseline, under one budget for all stacks."""

import json

import pytest
from click.testing import CliRunner
from matrix import checked, fill, job, seeds, write_night

from harness.driver.commands import main
from harness.driver.compare import baseline_commands, baselines
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
