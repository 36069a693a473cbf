"""How `harness compare` does where the truth is known; docs/comparing.md quotes the same with a hundred times the deals."""

import json

import numpy as np
import pytest
from click.testing import CliRunner

from harness import declarations
from harness.declarations import FOLDER
from harness.driver.commands import main
from harness.driver.compare import differences, metrics, simulate_commands, simulation, turned
from harness.driver.compare.simulation import Case
from harness.errors import RecordError


@pytest.fixture(scope="module")
def pools():
    return simulation.pools(declarations.load(FOLDER), FOLDER)


def followed(pools, case, deals=3):
    return [simulation.follow(pools, case, 5, 0.01, np.random.default_rng([7, deal])) for deal in range(deals)]


def test_no_run_is_dealt_to_both_sides(pools):
    pairs = list(simulation._night(pools, np.random.default_rng(0)))
    assert len(pairs) == 29 * 6
    assert not any(set(pair.base.seeds) & set(pair.new.seeds) for pair in pairs)


def test_nights_without_a_change_raise_no_alarm_and_one_with_a_change_does(pools):
    ratios = turned.load(FOLDER)
    assert sum(simulation.numbered_night(pools, ratios, 0.01, 0, number) for number in range(3)) == 0
    night = list(simulation._night(pools, np.random.default_rng(0)))
    place, pair = next((place, one) for place, one in enumerate(night) if one.key.framing == "naive")
    doubled = {**pair.new.columns, "loss": 2 * pair.new.columns["loss"]}
    night[place] = pair._replace(new=pair.new._replace(columns=doubled))
    assert differences.alarms(night, 0.01) == 1


def test_costs_are_dealt_from_three_hundred_pairs_of_processes_and_either_may_be_base():
    ratios = turned.load(FOLDER)
    assert {len(values) for parts in ratios.values() for values in parts.values()} == {300}
    level = {name: {part: np.full(300, 0.3) for part in parts} for name, parts in ratios.items()}
    signs = np.array([1.0, -1.0, 1.0, -1.0, 1.0, -1.0])
    dealt = list(turned.pairs(level, np.arange(6), signs))
    assert all(pair.is_paired and pair.looks == 1 for pair in dealt)
    assert differences.alarms(dealt, 0.01) == 0
    moved = list(turned.pairs(ratios, np.arange(14), np.ones(14)))
    dearer = [pair._replace(new=pair.new._replace(columns={k: 1.3 * v for k, v in pair.new.columns.items()})) for pair in moved]
    assert (differences.alarms(moved, 0.01), differences.alarms(dearer, 0.01) > 0) == (0, True)


def test_a_loss_that_is_two_deviations_worse_is_found_by_sixty_seeds(pools):
    found = followed(pools, Case("naive", metrics.LOSS, 30, deviations=2.0))
    assert {one.last for one in found} == {"worse"}


def test_a_loss_that_did_not_change_is_the_same_by_sixty_seeds(pools):
    found = followed(pools, Case("naive", metrics.LOSS, 30))
    assert {one.last for one in found} == {"same"}


def test_a_behaviour_that_half_of_the_seeds_lose_is_found_within_twelve_of_them(pools):
    found = followed(pools, Case("stateful", metrics.behaviour("right is 1.0", is_fact=False), 100, share=0.5), deals=6)
    assert {one.last for one in found} == {"worse"}
    assert np.mean([one.runs for one in found]) < 12


def test_the_command_counts_nights_and_words(pools, monkeypatch):
    few = simulation.cases(pools, 300)
    monkeypatch.setattr(simulation, "cases", lambda pools, base: [few[0], few[-1]])
    outcome = CliRunner().invoke(main, ["simulate", "--nights", "1", "--deals", "1", "--json"])
    found = json.loads(outcome.stdout)
    assert (found["nights"], found["alarms"]) == (1, 0)
    assert [one["change"] for one in found["cases"]] == ["none", "shown by 50%"]
    text = CliRunner().invoke(main, ["simulate", "--nights", "1", "--deals", "0"]).stdout
    assert "0 of 1 nights without a change raised an alarm; at most " in text


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--nights", "0", "--deals", "0"], "leave nothing to do"),
        (["--nights", "0", "--base", "9999"], "no framing has so many reference runs"),
        (["--new", "61"], "61 is not in the range 1<=x<=60"),
    ],
)
def test_a_call_with_nothing_to_deal_is_one_sentence(words, sentence):
    outcome = CliRunner().invoke(main, ["simulate", *words])
    assert outcome.exit_code == 2
    assert sentence in outcome.output


def test_ctrl_c_tells_what_is_counted_by_then(pools, monkeypatch):
    def interrupted(told):
        yield next(told)
        raise KeyboardInterrupt

    real = simulate_commands.cut_short.gather
    monkeypatch.setattr(simulate_commands.cut_short, "gather", lambda into, told, show: real(into, interrupted(told), show))
    outcome = CliRunner().invoke(main, ["simulate", "--nights", "5", "--deals", "1"])
    assert outcome.exit_code == 130
    assert "of 1 nights without a change raised an alarm" in outcome.output


def test_an_error_on_the_way_is_told_in_its_sentence(pools, monkeypatch):
    def broken(into, told, show):
        return RecordError("tf2.jsonl, line 3: not a record")

    monkeypatch.setattr(simulate_commands.cut_short, "gather", broken)
    outcome = CliRunner().invoke(main, ["simulate", "--nights", "5", "--deals", "1"])
    assert (outcome.exit_code, outcome.stderr.strip()) == (2, "harness: tf2.jsonl, line 3: not a record")
