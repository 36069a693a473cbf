"""`harness selfcheck` tells of each fault as soon as it is known, sums up, and ends with the code that scripts rely on."""

import json

import pytest
from click.testing import CliRunner

from harness.driver import selfchecks, trials
from harness.driver.commands import main

LINE = {"kind": "state", "says": "it is wrong", "sentence": "", "seconds": 1.5}
CAUGHT = dict(LINE, fault="no_reset", state="caught", by="stages.forward", is_right=True)
ELSEWHERE = dict(LINE, fault="mixed_rows", state="caught", by="error", is_right=False)
SURVIVED = dict(LINE, fault="late_states", state="survived", by="", is_right=False)
UNTOUCHED = dict(LINE, fault="untouched", kind="control", state="survived", by="", is_right=False)
EQUIVALENT = dict(LINE, fault="one_seed", state="equivalent", by="", is_right=False)
PLACELESS = dict(LINE, fault="deaf_seed", state="no place", by="", is_right=False)


@pytest.fixture
def selfcheck(printing_tox):
    """Return what runs the command where the environment tells of these faults, the control first, and ends with this code."""

    def run(found, *words, code=0, control=UNTOUCHED):
        printing_tox([control, *found], code)
        chosen = [word for one in found for word in ("--fault", one["fault"])]
        return CliRunner().invoke(main, ["selfcheck", "tf2", *chosen, *words])

    return run


def test_what_became_of_each_fault_is_kept_for_the_report(selfcheck, store):
    selfcheck([CAUGHT, SURVIVED])
    assert [one._asdict() for one in trials.read(store.home, "faults/tf2", selfchecks.Outcome)] == [CAUGHT, SURVIVED]


def test_every_fault_caught_is_exit_0(selfcheck):
    result = selfcheck([CAUGHT, PLACELESS])
    assert result.exit_code == 0
    assert "no_reset                 caught         1.5 s  stages.forward\n" in result.output
    assert "tf2: 1 of 1 faults caught, 1 of them named at the right stage; no place here for: deaf_seed" in result.output


def test_what_changes_nothing_need_not_be_caught(selfcheck):
    result = selfcheck([CAUGHT, EQUIVALENT])
    assert result.exit_code == 0
    assert "tf2: 1 of 1 faults caught, 1 of them named at the right stage; change nothing here: one_seed\n" in result.output


def test_a_survivor_is_exit_1_and_named(selfcheck):
    result = selfcheck([CAUGHT, SURVIVED, ELSEWHERE])
    assert result.exit_code == 1
    assert "tf2: 2 of 3 faults caught, 1 of them named at the right stage; survived: late_states" in result.output
    assert "error (another stage was expected)" in result.output


def test_json_holds_the_sum_and_every_fault(selfcheck):
    result = selfcheck([CAUGHT, SURVIVED], "--json")
    told = json.loads(result.stdout)
    assert [line.split()[1] for line in result.stderr.splitlines()] == ["caught", "survived"]
    assert (told["stack"], told["planted"], told["caught"], told["survivors"]) == ("tf2", 2, 1, ["late_states"])
    assert told["faults"][0] == CAUGHT


def test_an_environment_that_gives_up_is_exit_2_with_its_last_words(selfcheck):
    result = selfcheck([CAUGHT], code=1)
    assert result.exit_code == 2
    assert "harness.selfcheck ended early on tf2" in result.output


def test_json_holds_what_is_known_where_the_environment_gives_up(selfcheck):
    result = selfcheck([CAUGHT], "--json", code=1)
    assert result.exit_code == 2
    assert json.loads(result.stdout)["faults"] == [CAUGHT]


def test_faults_that_were_not_told_of_are_no_pass(selfcheck):
    result = selfcheck([CAUGHT], "--fault", "mixed_rows")
    assert result.exit_code == 2
    assert "told of 1 faults alone" in result.output


def test_a_stack_that_misses_something_by_itself_can_tell_of_no_fault(selfcheck):
    missing = dict(UNTOUCHED, state="caught", sentence="stages.loss is another")
    result = selfcheck([CAUGHT], control=missing)
    assert result.exit_code == 2
    assert "tf2 misses something with nothing planted, so no fault can be told: stages.loss is another" in result.output


def test_ctrl_c_sums_up_what_is_known(selfcheck, monkeypatch):
    def outcomes(*words):
        yield selfchecks.Outcome(**CAUGHT)
        raise KeyboardInterrupt

    monkeypatch.setattr(selfchecks, "outcomes", outcomes)
    result = selfcheck([CAUGHT, SURVIVED])
    assert (result.exit_code, "tf2: 1 of 1 faults caught" in result.output) == (130, True)


def test_an_unknown_stack_or_fault_is_exit_2_and_what_is_known_is_said():
    for words, said in (
        (["tf9"], "no stack 'tf9' in harness/driver/stacks.toml; known: "),
        (["tf2", "--fault", "x"], "unknown fault 'x'"),
    ):
        result = CliRunner().invoke(main, ["selfcheck", *words])
        assert (result.exit_code, said in result.output) == (2, True)


def test_the_list_plants_nothing():
    result = CliRunner().invoke(main, ["selfcheck", "tf2", "--list", "--fault", "no_reset"])
    assert (result.exit_code, result.output) == (0, "no_reset                 state      a reset does nothing\n")


def test_the_sum_of_nothing_is_nothing():
    assert selfchecks.total([]) == (0, 0, 0, (), (), ())
