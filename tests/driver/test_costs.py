"""What calls cost, compared where two stacks were timed in turns on one machine, and nowhere else."""

import numpy as np
import pytest
from click.testing import CliRunner
from matrix import NAIVE, STATEFUL, fill, timed

from harness import declarations
from harness.declarations import FOLDER
from harness.driver.commands import main
from harness.driver.compare import comparing, costs, sequential, settling
from harness.driver.compare.asked import Asked


def process(stack, number, factor=1.0, noise=0.03, moment=None, **changes):
    """Return what one process that timed two framings writes down; the moment orders the processes of all stacks."""
    random = np.random.default_rng([number, len(stack)])
    name, at = f"{stack}-{number}", f"2026-11-22T20:{(2 * number if moment is None else moment):02d}:00Z"
    records = []
    for framing, seconds in ((NAIVE, 0.1), (STATEFUL, 0.3)):
        rounds = seconds * factor * np.exp(noise * random.normal(size=3))
        records.append(timed(stack, list(rounds), framing=framing, invocation=name)._replace(started=at, **changes))
    return records


def turns(store, count, factor=1.0, **changes):
    """Write so many processes of two stacks, in turns."""
    for number in range(count):
        fill(store, *process("base", number), *process("stack", number, factor, **changes))


def words(store, part="epoch_of_fit"):
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    return {one.key.framing: one.word for one in found.differences if one.metric.name == part}


def test_what_costs_a_third_more_is_worse_in_each_framing_and_in_all(store):
    turns(store, 14, factor=1.3)
    assert words(store) == {"naive": "worse", "stateful": "worse", costs.EVERY: "worse"}
    outcome = CliRunner().invoke(main, ["compare", "base", "stack"])
    assert outcome.exit_code == 1
    assert "epoch_of_fit: 1.3" in outcome.output
    assert "times what it cost (14 and 14 processes)" in outcome.output


def test_what_costs_as_much_is_shown_to_be_the_same(store):
    turns(store, 14)
    assert set(words(store).values()) == {"same"}


def test_two_processes_a_side_decide_nothing(store):
    turns(store, 2, factor=1.3)
    assert set(words(store).values()) == {"undecided"}


def test_stacks_that_were_timed_one_after_the_other_are_not_comparable(store):
    for number in range(14):
        fill(store, *process("base", number, moment=number), *process("stack", number, moment=30 + number))
    assert set(words(store).values()) == {"not comparable"}
    assert "timed apart, one stack after the other" in CliRunner().invoke(main, ["compare", "base", "stack"]).output


def test_another_machine_is_not_comparable(store):
    turns(store, 14, machine={"cpu": "Another", "cores": 2, "system": "Linux x86_64"})
    assert set(words(store).values()) == {"not comparable"}


def test_a_process_that_timed_one_framing_counts_there_and_not_in_all(store):
    turns(store, 4)
    fill(store, process("stack", 9)[0])
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    runs = {one.key.framing: one.new.runs for one in found.differences if one.metric.name == "epoch_of_fit"}
    assert runs == {"naive": 5, "stateful": 4, costs.EVERY: 4}


def test_what_is_undecided_is_timed_in_turns(store):
    turns(store, 2)
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    more = settling.plan(found, paired, "base", "stack")
    assert [one.stack for one in more] == ["base", "stack", "stack", "base"]
    assert more[0].words[:2] == ("tests/suite/test_timings.py", "-k")
    assert settling.plan(found, paired, None, "stack") == []


def test_each_size_that_may_be_looked_at_is_a_look():
    assert [sequential.looks(runs) for runs in (2, 4, 5, 6, 7, 9, 24)] == [1, 1, 2, 2, 3, 3, 6]
    assert list(sequential.sizes(5)) == [5, 8, 12, 18, 27, 41, 60]


@pytest.mark.parametrize("count", [4, 24])
def test_no_more_is_timed_than_tells(store, count):
    turns(store, count, noise=0.5)
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert bool(settling.plan(found, paired, "base", "stack")) == (count < sequential.MOST_TIMED)
