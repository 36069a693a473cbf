"""Comparisons of real runs: the seeds that the expectations were counted on, dealt to two sides, some of them changed."""

import json
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from factories import a_record
from mlflow import MlflowClient
from references import RECORDS, runs

from harness import record
from harness.driver.commands import main
from harness.driver.compare import lines, pairs, series
from harness.store import Store

FIRST_ALONE = {"repeats is True"}  # Asked of the first seed of an invocation.


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
    (line,) = [line for line in text.splitlines() if " forget_bias is 1.0 (" in line]
    assert '."): 30 of 30 runs -> 0 of 2 runs; does not depend on the seed' in line, "with the sentence that declares it"


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


def test_runs_of_another_backend_are_no_runs_of_the_same_question(said):
    def of(backend, started, **changes):
        asked = runs("stateful-50", range(1001, 1006), "new", **changes)
        return [one._replace(started=started, question=one.question._replace(backend=backend)) for one in asked]

    new = [*of("jax", "2024-01-01T00:00:00Z", accuracy=lambda one: 0.2), *of("tensorflow", "2025-01-01T00:00:00Z")]
    code, _, found = said(runs("stateful-50", range(1001, 1006), "base"), new)
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
    unknown = CliRunner().invoke(main, ["compare", "base", "0" * 32])
    assert (unknown.exit_code, "is no run of MLflow's store" in unknown.output) == (2, True)


def test_a_store_that_is_not_there_is_not_made_by_asking_for_a_run(store, uri, monkeypatch, tmp_path):
    for one in runs("naive", range(1001, 1006), "base"):
        store.append(one)
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path / 'none.db'}")
    outcome = CliRunner().invoke(main, ["compare", "base", "0" * 32])
    assert (outcome.exit_code, "is no run of MLflow's store" in outcome.output) == (2, True)
    assert not (tmp_path / "none.db").exists()


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


def by(engine, numbers, stack):
    return [one._replace(question=one.question._replace(engine=engine)) for one in runs("naive", numbers, stack)]


@pytest.mark.parametrize(
    ("through_fit", "engines"), [([1001], [("fit", "compiled"), ("fit", "fit")]), ([1001, 1002], [("fit", "fit")])]
)
def test_a_lone_run_through_one_engine_does_not_stand_for_many_through_the_other(declared, through_fit, engines):
    base = series.cells(declared, by("fit", range(1001, 1006), "tf1.15"))["tf1.15"]
    new = series.cells(declared, [*by("fit", through_fit, "tf2"), *by("compiled", range(1001, 1021), "tf2")])["tf2"]
    found = list(pairs.pairs("tf1.15 -> tf2", base, new))
    assert [(pair.base.question.engine, pair.new.question.engine) for pair in found] == engines
    assert [pair.is_main for pair in found] == [True, *[False] * (len(engines) - 1)]


@pytest.mark.parametrize(
    ("broken", "sentence"),
    [
        ({"answers": [["A"]]}, "not what a run records"),
        ({"answers": 7}, "not what a run records"),
        ({"loss": "low"}, "not what a run records"),
    ],
)
def test_a_record_that_holds_nonsense_is_one_sentence(store, broken, sentence):
    for name in ("base", "new"):
        store.append(a_record(stack=name, observations=broken))
    outcome = CliRunner().invoke(main, ["compare", "base", "new"])
    assert outcome.exit_code == 2
    assert sentence in outcome.output
    assert "remove the line" in outcome.output


def test_a_record_whose_framing_has_no_name_is_one_sentence(tmp_path):
    path = tmp_path / "tf2.jsonl"
    path.write_text(record.to_line(a_record()).replace('"name":"', '"game":"') + "\n")
    with pytest.raises(record.RecordError, match=r"tf2\.jsonl, line 1: question: framing has name None"):
        list(lines.read(path))


def test_in_a_sequence_of_ones_own_the_letter_that_follows_there_is_right(declared):
    (first, *_) = runs("naive", [1001], "tf2")
    framing = {**first.question.framing, "sequence": "ADGZ"}
    observed = {**first.observations, "answers": [["A", "D", 0.9], ["D", "E", 0.9], ["Z", "A", 0.9]]}
    one = first._replace(question=first.question._replace(framing=framing), observations=observed)
    (cell,) = series.cells(declared, [one])["tf2"].values()
    told = {name: list(values) for name, values in cell.columns.items() if name.startswith("answer")}
    assert told == {"answer to A": [1.0], "answer to D": [0.0]}
