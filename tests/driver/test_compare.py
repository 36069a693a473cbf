"""Comparisons of real runs: the seeds that the expectations were counted on, dealt to two sides, some of them changed."""

import gzip
import json
import sys
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from factories import a_record
from mlflow import MlflowClient

from harness import declarations, record, seeds
from harness.declarations import FOLDER
from harness.driver import running
from harness.driver.commands import main
from harness.driver.compare import comparing, lines, pairs, series, settling
from harness.driver.compare.asked import Asked
from harness.driver.errors import ChoiceError, SettlingError
from harness.store import Store

RECORDS = FOLDER / "records"
FIRST_ALONE = {"repeats is True"}  # Asked of the first seed of an invocation.


def runs(name, numbers, stack, invocation="20250102T030405-aaaaaa", **changes):
    """Return so many reference runs of a framing as those of a stack; `changes` replaces observations."""
    found = []
    with gzip.open(RECORDS / f"{name}.jsonl.gz", "rt") as file:
        for number, line in enumerate(file, start=1):
            one = record.from_line(line, f"line {number}")
            if one.question.seed in numbers:
                observed = {**one.observations, **{key: change(one) for key, change in changes.items()}}
                found.append(one._replace(stack=stack, invocation=invocation, observations=observed))
    return found


@pytest.fixture
def said(tmp_path, monkeypatch):
    """Compare two lists of records by the command line, and return (exit code, what it printed, and as JSON)."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path / "home"))

    def compare(*several, names=("base", "new")):
        for one in (one for records in several for one in records):
            Store(tmp_path / "home").append(one)
        plain = CliRunner().invoke(main, ["compare", *names], catch_exceptions=False)
        as_json = CliRunner().invoke(main, ["compare", *names, "--json"], catch_exceptions=False)
        return plain.exit_code, plain.output, json.loads(as_json.output) if as_json.output.startswith("{") else None

    return compare


def words(found, family=None):
    return {one["metric"]: one["word"] for one in found["differences"] if family in (None, one["family"])}


def test_the_same_runs_are_the_same_to_the_last_bit(said):
    code, text, found = said(runs("stateful-50", range(1001, 1006), "base"), runs("stateful-50", range(1001, 1006), "new"))
    assert (code, set(words(found).values())) == (0, {"same"})
    assert {one["rule"] for one in found["differences"]} <= {"equal to the last bit", "does not depend on the seed"}
    assert "base -> new: " in text


def test_other_seeds_of_the_same_stack_are_shown_to_be_the_same(said):
    code, _, found = said(runs("stateful-50", range(1001, 1031), "base"), runs("stateful-50", range(1031, 1061), "new"))
    assert (code, {name for name, word in words(found).items() if word != "same"}) == (0, FIRST_ALONE)


def test_a_stack_that_loses_accuracy_is_worse_and_says_by_how_much(said):
    dull = runs("stateful-50", range(1031, 1051), "new", accuracy=lambda one: 0.84, loss=lambda one: 40 * one.look_up("loss"))
    code, text, found = said(runs("stateful-50", range(1001, 1021), "base"), dull)
    assert code == 1
    assert {"accuracy", "loss"} == {name for name, word in words(found).items() if word == "worse"}
    assert "worse: stateful (compiled) accuracy: 100.0 % (20 runs) -> 84.0 % (20 runs); p = " in text


def test_a_stack_that_learns_better_is_no_failure(said):
    keen = runs("stateful-50", range(1031, 1051), "new", loss=lambda one: one.look_up("loss") / 40)
    code, _, found = said(runs("stateful-50", range(1001, 1021), "base"), keen)
    assert (code, words(found)["loss"]) == (0, "better")


def test_five_seeds_that_differ_are_undecided_rather_than_the_same(said):
    odd = runs("stateful-50", range(1031, 1036), "new", new_start=lambda one: "LMNOP" if one.question.seed < 1033 else "BCDEF")
    code, text, found = said(runs("stateful-50", range(1001, 1031), "base"), odd)
    assert (code, words(found)["new_start is 'BCDEF'"]) == (3, "undecided")
    assert "undecided" in text


def test_one_run_tells_a_fact(said):
    bent = runs("stateful-50", [1031, 1032], "new", forget_bias=lambda one: 0.0)
    code, text, found = said(runs("stateful-50", range(1001, 1031), "base"), bent)
    assert (code, words(found)["forget_bias is 1.0"]) == (1, "worse")
    assert "forget_bias is 1.0: 30 of 30 runs -> 0 of 2 runs; does not depend on the seed" in text


def test_a_loss_that_is_not_finite_is_the_worst_there_is(said):
    lost = [
        one._replace(not_finite=["observations.loss"])
        for one in runs("stateful-50", range(1031, 1051), "new", loss=lambda one: None)
    ]
    code, _, found = said(runs("stateful-50", range(1001, 1021), "base"), lost)
    assert (code, words(found)["loss"]) == (1, "worse")


def test_another_question_is_not_comparable_and_says_what_is_other(said):
    long = [
        one._replace(question=one.question._replace(framing={**one.question.framing, "epochs": 30}))
        for one in runs("stateful-50", range(1031, 1051), "new")
    ]
    code, text, found = said(runs("stateful-50", range(1001, 1021), "base"), long)
    assert (code, set(words(found).values())) == (0, {"not comparable", "gone"})
    assert {name for name, word in words(found).items() if word == "gone"} == FIRST_ALONE
    assert "another question: epochs 300 -> 30" in text


def test_what_one_side_alone_has_is_new_or_gone(said):
    base = [*runs("stateful-50", range(1001, 1011), "base"), *runs("naive", range(1001, 1011), "base")]
    new = [*runs("stateful-50", range(1001, 1011), "new"), *runs("time_steps", range(1001, 1011), "new")]
    _, _, found = said(base, new)
    by_framing = {one["framing"]: one["word"] for one in found["differences"]}
    assert by_framing == {"stateful": "same", "naive": "gone", "time_steps": "new"}


def test_runs_on_what_is_no_longer_installed_are_left_out(said):
    old = [
        one._replace(started="2024-01-01T00:00:00Z", question=one.question._replace(distributions={"keras": "2.0.9"}))
        for one in runs("stateful-50", range(1011, 1021), "new", accuracy=lambda one: 0.2)
    ]
    code, _, found = said(
        runs("stateful-50", range(1001, 1006), "base"), [*old, *runs("stateful-50", range(1001, 1006), "new")]
    )
    assert (code, set(words(found).values())) == (0, {"same"})


def test_a_day_an_invocation_and_a_file_name_runs_too(said, tmp_path):
    first = [one._replace(started="2025-03-01T10:00:00Z") for one in runs("naive", range(1001, 1006), "tf2")]
    second = [
        one._replace(started="2025-03-02T10:00:00Z", invocation="20250302T100000-bbbbbb")
        for one in runs("naive", range(1001, 1006), "tf2")
    ]
    packed = str(RECORDS / "naive.jsonl.gz")
    assert said(first, second, names=("2025-03-01", "2025-03-02"))[0] == 0
    for names in (("tf2@2025-03-01", "20250302T100000-bbbbbb"), (packed, "tf2@2025-03-02T10")):
        assert said(names=names)[0] == 0


def test_a_name_that_names_nothing_is_one_sentence(said):
    code, text, _ = said(runs("naive", [1001], "base"), names=("base", "neu"))
    assert code == 2
    assert text.startswith("harness: 'neu' names no records; allowed is a stack, STACK@DAY, a day")


def test_several_stacks_that_share_no_name_are_refused(said):
    several = [*runs("naive", [1001], "one"), *runs("naive", [1001], "two")]
    later = [one._replace(started="2026-01-01T00:00:00Z") for one in runs("naive", [1001], "three")]
    early = [one._replace(started="2025-01-01T00:00:00Z") for one in several]
    code, text, _ = said(early, later, names=("2025-01-01", "2026-01-01"))
    assert (code, "they share none" in text) == (2, True)


def test_a_run_of_mlflow_names_the_invocation_that_it_belongs_to(store, uri, monkeypatch):
    for one in (*runs("naive", range(1001, 1006), "base"), *runs("naive", range(1001, 1006), "new", "20250302T100000-bbbbbb")):
        store.append(one)
    assert CliRunner().invoke(main, ["publish"]).exit_code == 0
    client = MlflowClient(uri)
    experiment = client.get_experiment_by_name("stateful-lstm").experiment_id
    published = client.search_runs([experiment], "params.environment = 'new'")
    outcome = CliRunner().invoke(main, ["compare", "base", published[0].info.run_id])
    assert outcome.exit_code == 0, outcome.output
    assert CliRunner().invoke(main, ["compare", "base", "0" * 32]).exit_code == 2


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
        "tests/suite/test_framings.py", "-k", "naive and compiled and not check", "--edition", "2018-08", "--seeds", "11-13",
    )  # fmt: skip
    assert settling.announcement([more, more]).startswith("new trains naive (compiled) with seeds 11-13, 2 times in turns\n")
    assert "about 2 minutes, beside starting each stack" in settling.announcement([more._replace(seconds=90.0)])


def test_what_a_stack_says_goes_to_its_log_and_one_line_to_the_screen(store, monkeypatch, tmp_path):
    told = []
    monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, "-c", "print('much'); import sys; sys.exit(1)"])
    settling.train([settling.More("tf2", "trains naive", ("-k", "naive"), 1.0)], store.home, tmp_path, {}, told.append)
    assert (store.home / "compare" / "tf2.log").read_text() == "much\n"
    assert [one.startswith("tf2 trains naive: ") for one in told] == [True]


def test_a_stack_that_cannot_train_is_one_sentence(store, monkeypatch, tmp_path):
    monkeypatch.setattr(running, "tox", lambda environ: [sys.executable, "-c", "import sys; sys.exit(4)"])
    more = settling.More("tf2", "trains naive", ("-k", "naive"), 1.0)
    with pytest.raises(SettlingError, match=r"it ended with exit code 4; .*tf2\.log says why"):
        settling.train([more], store.home, tmp_path, {}, print)


def test_a_stack_that_records_nothing_is_not_asked_for_ever(store, asked):
    with pytest.raises(SettlingError, match="it recorded nothing"):
        comparing.settle(asked, store, declarations.load(FOLDER), lambda several: None)


def test_a_pull_request_and_a_build_server_are_told_the_same(store, tmp_path):
    for one in (*runs("naive", range(1001, 1021), "base"), *runs("naive", range(1021, 1041), "new", loss=lambda one: 9.0)):
        store.append(one)
    written = [tmp_path / "compare.md", tmp_path / "compare.xml"]
    outcome = CliRunner().invoke(main, ["compare", "base", "new", "--markdown", str(written[0]), "--junit", str(written[1])])
    assert outcome.exit_code == 1
    text = written[0].read_text()
    assert text.startswith("**base → new: 1 worse, ")
    assert "<details open><summary>1 worse</summary>\n\n- naive (compiled) loss: " in text
    suite = ElementTree.parse(written[1]).getroot()
    assert (suite.get("failures"), len(suite.findall("testcase/failure"))) == ("1", 1)
    assert int(suite.get("tests")) == len(suite.findall("testcase"))
    refused = CliRunner().invoke(main, ["compare", "base", "new", "--junit", str(tmp_path / "no" / "such")])
    assert (refused.exit_code, "cannot be written" in refused.output) == (2, True)


def test_a_torn_last_line_is_passed_over_and_a_broken_one_named(tmp_path):
    path = tmp_path / "tf2.jsonl"
    line = record.to_line(a_record())
    path.write_text(line + "\n" + line[:50])
    assert len(list(lines.read(path))) == 1
    path.write_text(line.replace('"seed":7', '"seed":"7"') + "\n" + line + "\n")
    with pytest.raises(record.RecordError, match=r"tf2\.jsonl, line 1: .*seed.*remove the line"):
        list(lines.read(path))


def test_a_night_that_repeats_its_runs_adds_nothing(declared):
    twice = [
        *runs("naive", [1001, 1002], "tf2", "20250101T000000-aaaaaa"),
        *runs("naive", [1001, 1002], "tf2", "20250102T000000-bbbbbb"),
    ]
    cells = series.cells(declared, twice)["tf2"]
    (cell,) = cells.values()
    (pair,) = pairs.pairs("tf2", cells, cells)
    assert (cell.seeds, pair.looks) == ((1001, 1002), 1)
