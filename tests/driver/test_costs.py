"""What calls cost, compared where processes of two stacks took turns, and nowhere else."""

import re

import numpy as np
import pytest
from click.testing import CliRunner
from matrix import NAIVE, STATEFUL, fill, seeds, timed

from harness import declarations
from harness.declarations import FOLDER
from harness.driver.commands import main
from harness.driver.compare import comparing, costs, sequential, settling
from harness.driver.compare.asked import Asked
from harness.framings import TIME_STEPS


def process(stack, number, factor=1.0, turns="", noise=0.03, parts=("epoch_of_fit",), mebibytes=500.0):
    """Return what one process that timed two framings writes down; its memory scatters by a hundredth of what seconds do."""
    random = np.random.default_rng([number, len(stack)])
    records = []
    for framing, seconds in ((NAIVE, 0.1), (STATEFUL, 0.3)):
        rounds = seconds * factor * np.exp(noise * random.normal(size=3))
        one = timed(stack, list(rounds), framing=framing, invocation=f"{stack}-{number}")
        named = dict.fromkeys(parts, one.timings["epoch_of_fit"])
        found = {name: {**timing, "turns": turns} if turns else timing for name, timing in named.items()}
        memory = int(mebibytes * 2**20 * np.exp(noise / 100 * np.random.default_rng([number, len(stack)]).normal()))
        records.append(one._replace(timings=found, observations={"peak_memory": memory}))
    return records


def in_turns(store, count, factor=1.0, spread=0.3, **changes):
    """Write so many pairs of processes that took turns, each pair on a machine that is as fast as it happens to be."""
    for number in range(count):
        pace = np.exp(spread * np.random.default_rng(number).normal())
        fill(store, *process("base", number, pace, f"turns {number}", **changes))
        fill(store, *process("stack", number, factor * pace, f"turns {number}", **changes))


def words(store, part="epoch_of_fit"):
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    return {one.key.framing: one.word for one in found.differences if one.metric.name == part}


def test_what_costs_a_tenth_more_is_worse_in_each_framing_and_in_all_however_the_machine_varies(store):
    in_turns(store, 14, factor=1.1)
    assert words(store) == {"naive": "worse", "stateful": "worse", costs.EVERY: "worse"}
    outcome = CliRunner().invoke(main, ["compare", "base", "stack"])
    assert outcome.exit_code == 1
    assert "every framing epoch of fit: 1." in outcome.output
    assert "times what it cost (14 pairs of processes in turns)" in outcome.output


def test_a_call_that_is_dearer_in_all_framings_together_is_one_line_with_what_it_costs_in_each(store):
    in_turns(store, 14, factor=1.1)
    (line,) = [one for one in CliRunner().invoke(main, ["compare", "base", "stack"]).output.splitlines() if "worse:" in one]
    assert re.fullmatch(
        r"worse: every framing epoch of fit: 1\.\d+ times what it cost \(14 pairs of processes in turns\): "
        r"naive 1\.\d+, stateful 1\.\d+; p = .*, corrected for the whole table",
        line,
    )


def test_what_costs_as_much_is_shown_to_be_the_same(store):
    in_turns(store, 9)
    assert set(words(store).values()) == {"same"}


def test_the_memory_of_a_process_is_told_once_of_every_framing_together(store):
    for number in range(6):
        fill(store, *process("base", number, turns=f"turns {number}"))
        fill(store, *process("stack", number, turns=f"turns {number}", mebibytes=550.0))
    assert words(store, "peak_memory") == {costs.EVERY: "worse"}
    outcome = CliRunner().invoke(main, ["compare", "base", "stack", "--costs"])
    assert "every framing peak memory: 1.10 times what it cost (6 pairs of processes in turns)" in outcome.output


def test_the_memory_of_processes_that_timed_one_framing_alone_is_told_of_that(store):
    for number in range(6):
        fill(store, process("base", number, turns=f"turns {number}")[0], process("stack", number, turns=f"turns {number}")[0])
    assert words(store, "peak_memory") == {"naive": "same"}


def test_memory_is_not_told_where_one_process_did_more_than_the_other(store):
    in_turns(store, 6)
    fill(store, timed("base", framing=TIME_STEPS, invocation="alone"))
    assert words(store, "peak_memory") == {}
    assert words(store) == {"naive": "same", "stateful": "same", costs.EVERY: "same", "time_steps": "gone"}


def test_the_first_step_is_told_of_every_framing_together_alone(store):
    in_turns(store, 6, parts=("build_and_first_step", "evaluate"))
    assert words(store, "build_and_first_step") == {costs.EVERY: "same"}
    assert set(words(store, "evaluate")) == {"naive", "stateful", costs.EVERY}


def test_costs_alone_are_told_and_no_more_pairs_are_timed_than_asked(store):
    in_turns(store, 6, spread=0.0, noise=0.3)
    asked = Asked("base", "stack", (), None, 0.01, is_cost=True, most_timed=9)
    declared = declarations.load(FOLDER)
    found, paired = comparing.compare(asked, store, declared)
    assert {one.key.purpose for one in found.differences} == {costs.PURPOSE}
    assert len(settling.plan(found, paired, "base", "stack", asked.most_timed)) == 3
    in_turns(store, 9, spread=0.0, noise=0.3)
    found, paired = comparing.compare(asked, store, declared)
    assert "undecided" in found.counts()
    assert settling.plan(found, paired, "base", "stack", asked.most_timed) == []


def test_stacks_that_were_never_timed_are_one_sentence(store):
    fill(store, *seeds("base", [0.5]), *seeds("stack", [0.5]))
    outcome = CliRunner().invoke(main, ["compare", "base", "stack", "--costs"])
    assert (outcome.exit_code, outcome.output) == (2, "harness: neither base nor stack has a timed run of any framing\n")


def test_a_bound_on_pairs_is_refused_where_none_are_timed(store):
    in_turns(store, 6)
    outcome = CliRunner().invoke(main, ["compare", "base", "stack", "--pairs", "9"])
    assert outcome.exit_code == 2
    assert "--pairs bounds what --until-decided times: give both, or neither" in outcome.output


def test_two_processes_a_side_decide_nothing(store):
    in_turns(store, 2, factor=1.3)
    assert set(words(store).values()) == {"undecided"}


def test_stacks_that_took_no_turns_are_not_comparable(store):
    parts = ("epoch_of_fit", "brief_fit")
    for number in range(14):
        fill(store, *process("base", number, parts=parts), *process("stack", number, parts=parts))
    assert set(words(store).values()) == {"not comparable"}
    outcome = CliRunner().invoke(main, ["compare", "base", "stack", "--costs"])
    assert outcome.exit_code == 3, "nothing can be compared"
    text = " ".join(outcome.output.split())
    assert "and peak memory were not measured in turns; --until-decided does it" in text
    assert "(fit): other calls were timed by each process alone, of which nothing is concluded" in text


def test_who_was_left_alone_does_not_count(store):
    in_turns(store, 9)
    fill(store, *process("base", 20, turns="turns 20"), *process("stack", 21), *process("stack", 22, turns="turns 22"))
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert {one.new.runs for one in found.differences if one.metric.name == "epoch_of_fit"} == {9}


def test_what_a_plain_run_timed_beside_it_does_not_count(store):
    fill(store, *process("base", 30), *process("stack", 31))
    in_turns(store, 9, parts=("brief_fit", "predict_one_letter"))
    assert set(words(store, "brief_fit").values()) == {"same"}
    assert words(store) == {}


def test_a_part_that_one_process_left_out_counts_in_the_other_pairs(store):
    in_turns(store, 9)
    lacking = [one._replace(timings={"brief_fit": one.timings["epoch_of_fit"]}) for one in process("base", 9, turns="turns 9")]
    fill(store, *lacking, *process("stack", 9, turns="turns 9"))
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert {one.new.runs for one in found.differences if one.metric.name == "epoch_of_fit"} == {9}


def test_a_framing_that_one_stack_cannot_run_is_not_timed_for_ever(store):
    in_turns(store, 24)
    alone = [timed(stack, [0.1, 0.1], framing=TIME_STEPS, invocation="alone") for stack in ("base", "stack")]
    fill(store, *alone)
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert settling.plan(found, paired, "base", "stack") == []


def test_a_process_that_timed_one_framing_counts_there_and_not_in_all(store):
    in_turns(store, 6)
    fill(store, *(process(stack, one, turns=f"turns {one}")[0] for stack in ("base", "stack") for one in (9, 10, 11)))
    found, _ = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    runs = {one.key.framing: one.new.runs for one in found.differences if one.metric.name == "epoch_of_fit"}
    assert runs == {"naive": 9, "stateful": 6, costs.EVERY: 6}


def test_what_is_undecided_is_timed_in_turns_which_both_begin_as_often(store):
    in_turns(store, 2)
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    more = settling.plan(found, paired, "base", "stack")
    assert [one.stacks for one in more] == 2 * [("base", "stack"), ("stack", "base")]
    assert {one.sentence for one in more} == {"base and stack time every framing in turns"}
    assert more[0].words[:2] == ("tests/suite/test_timings.py", "-k")
    assert settling.plan(found, paired, None, "stack") == []


def test_each_size_that_may_be_looked_at_is_a_look():
    assert [sequential.whole(runs) for runs in (2, 5, 6, 8, 9, 23, 24, 30)] == [2, 5, 6, 6, 9, 21, 24, 24]
    assert [sequential.looks(runs) for runs in (2, 6, 7, 9, 10, 24)] == [1, 1, 2, 2, 3, 5]
    assert list(sequential.sizes(5)) == [5, 8, 12, 18, 27, 41, 60]


def test_what_turns_told_before_they_told_more_is_timed_again(store):
    in_turns(store, 14)
    older = [one for stack in ("base", "stack") for one in store.read(stack)]
    for path in (store.home / "records").iterdir():
        path.unlink()
    fill(store, *(one._replace(question=one.question._replace(probes=4)) for one in older))
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert set(words(store).values()) == {"same"}
    assert len(settling.plan(found, paired, "base", "stack")) == sequential.FIRST_TIMED


@pytest.mark.parametrize("count", [6, 24])
def test_no_more_is_timed_than_tells(store, count):
    in_turns(store, count, noise=0.9)
    found, paired = comparing.compare(Asked("base", "stack", (), None, 0.01), store, declarations.load(FOLDER))
    assert bool(settling.plan(found, paired, "base", "stack")) == (count < sequential.MOST_TIMED)
