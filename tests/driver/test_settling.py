"""Where nothing is decided more is trained: by stacks of the reference's runs."""

import os
import sys

import pytest
from click.testing import CliRunner
from references import runs

from harness import declarations, seeds
from harness.declarations import FOLDER
from harness.driver import running
from harness.driver.commands import main
from harness.driver.compare import comparing, settling
from harness.driver.compare.asked import Asked
from harness.driver.errors import ChoiceError, SettlingError
from harness.driver.running import Caller
from harness.invocation import ROOT


def from_reference(store, name, invocations):
    """Return what trains as `settling.train` does, with runs from the reference records; each call is an invocation."""

    def train(several):
        invocations.append([one.sentence for one in several])
        batch = f"20250401T{len(invocations):06d}-cccccc"
        for one in several:
            for run in runs(name, [1000 + seed for seed in seeds.parse(one.words[-1])], one.stack, batch):
                store.append(run._replace(question=run.question._replace(seed=run.question.seed - 1000)))

    return train


@pytest.fixture
def asked(store):
    """Two stacks of five seeds each, which are too few, and the question what differs."""
    for name, numbers in (("base", range(1001, 1006)), ("new", range(1006, 1011))):
        for run in runs("naive", numbers, name):
            store.append(run._replace(question=run.question._replace(seed=run.question.seed - 1000)))
    return Asked("base", "new", (), None, 0.01)


def test_where_nothing_is_decided_both_stacks_train_until_all_is(store, asked):
    calls = []
    declared = declarations.load(FOLDER)
    assert comparing.compare(asked, store, declared)[0].exit_code == 3
    found, paired = comparing.settle(asked, store, declared, from_reference(store, "naive", calls))
    assert (found.exit_code, {one.word for one in found.differences} - {"gone"}) == (0, {"same"})
    assert calls[0] == ["new trains naive (compiled) with seeds 11-13", "base trains naive (compiled) with seeds 11-13"]
    assert paired[0].looks == len(calls) + 1


def test_what_cannot_train_is_told_before_anything_is_trained(store, asked):
    with pytest.raises(ChoiceError, match="only a stack can train more seeds"):
        comparing.settle(asked._replace(new="2025-01-02"), store, declarations.load(FOLDER), None)


def test_a_base_that_cannot_train_stays_as_it_is(store, asked):
    found, paired = comparing.compare(asked, store, declarations.load(FOLDER))
    assert [one.stack for one in settling.plan(found, paired, None, "new")] == ["new"]


def test_tox_is_told_which_framing_engine_and_seeds(store, asked):
    found, paired = comparing.compare(asked, store, declarations.load(FOLDER))
    (more, _) = settling.plan(found, paired, "base", "new")
    assert more.words == (
        "tests/suite/test_framings.py", "-k", "naive and compiled and not check", "--edition", "2018-08", "--every-seed",
        "--seeds", "11-13",
    )  # fmt: skip
    assert settling.announcement([more, more]).startswith("new trains naive (compiled) with seeds 11-13, 2 times\n")
    assert "about 2 minutes, beside starting each stack" in settling.announcement([more._replace(seconds=90.0)])


def test_what_a_stack_says_goes_to_its_log_and_one_line_to_the_screen(store, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, "-c", "print('much'); import sys; sys.exit(1)"])
    settling.train(Caller(tmp_path, {}, store.home), [settling.More("tf2", "trains naive", ("-k", "naive"), 1.0)], told.append)
    assert (store.home / "compare" / "tf2.log").read_text() == "much\n"
    assert [one.startswith("tf2 trains naive: ") for one in told] == [True]


@pytest.fixture
def scripted_tox(monkeypatch, tmp_path):
    """Put a script in tox's place, which knows its stack as `stack`."""

    def put(*lines):
        script = tmp_path / "tox.py"
        script.write_text("\n".join(["import os, sys", "from harness import turns", "stack = sys.argv[3]", *lines]))
        monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, str(script)])
        monkeypatch.setenv("PYTHONPATH", str(ROOT))

    return put


IN_TURNS = settling.More("new", "time in turns", (), 1.0, "base")


def test_two_stacks_take_turns_and_know_them_by_one_name(store, scripted_tox, tmp_path):
    scripted_tox(
        "turn = turns.joined(os.environ)",
        "with turn.taken('part') as begin:",
        "    for _ in range(3):",
        "        begin()",
        "        with open('rounds.txt', 'a') as file:",
        "            file.write(stack + ' ')",
        "print(turn.took)",
    )
    settling.train(Caller(tmp_path, os.environ, store.home), [IN_TURNS], print)
    assert (tmp_path / "rounds.txt").read_text() == 3 * "new base "
    (name,) = {(store.home / "compare" / f"{stack}.log").read_text() for stack in IN_TURNS.stacks}
    assert name.strip()


def test_a_stack_whose_other_cannot_begin_is_timed_alone_and_the_other_is_one_sentence(store, scripted_tox, tmp_path):
    scripted_tox(
        "if stack == 'base':",
        "    sys.exit(4)",
        "with turns.joined(os.environ).taken('part') as begin:",
        "    begin()",
        "print('done')",
    )
    with pytest.raises(SettlingError, match=r"it ended with exit code 4; .*base\.log says why"):
        settling.train(Caller(tmp_path, os.environ, store.home), [IN_TURNS], print)
    assert (store.home / "compare" / "new.log").read_text() == "done\n"


def test_a_stack_that_cannot_train_is_one_sentence(store, monkeypatch, tmp_path):
    monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, "-c", "import sys; sys.exit(4)"])
    more = settling.More("tf2", "trains naive", ("-k", "naive"), 1.0)
    with pytest.raises(SettlingError, match=r"it ended with exit code 4; .*tf2\.log says why"):
        settling.train(Caller(tmp_path, {}, store.home), [more], print)


def test_a_stack_that_records_nothing_is_not_asked_for_ever(store, asked):
    with pytest.raises(SettlingError, match="it recorded nothing"):
        comparing.settle(asked, store, declarations.load(FOLDER), lambda several: None)


def test_ctrl_c_is_no_verdict(store, asked, monkeypatch):
    def interrupted(several, *words):
        raise KeyboardInterrupt

    monkeypatch.setattr(settling, "train", interrupted)
    outcome = CliRunner().invoke(main, ["compare", "base", "new", "--until-decided"])
    assert outcome.exit_code == 130
    assert "the same call goes on from there" in outcome.output
