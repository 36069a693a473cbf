"""What a call asks for, and what a user can get wrong: the plugin without a framework."""

import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from harness import declarations, framings, plugin, record, store
from harness.errors import FramingError, SeedsError
from harness.plugin import Choice, Series
from tests.factories import a_record
from tests.unit.fakes import Backend

ROOT = Path(__file__).resolve().parents[2]
DECLARED = declarations.load()
OPTIONS = {
    "seeds": None, "edition": "2018-08", "as_written": False, "reuse": False, "calibrate": False, "stack": "nothing",
    "help": False, "processes": 2, "every_seed": False,
}  # fmt: skip


def a_choice(count=20, **changes):
    choice = Choice("tf2", "2018-08", tuple(range(1, count + 1)), False, False, False, DECLARED, ("fit", "compiled"))
    return choice._replace(**changes)


def a_config(tmp_path, monkeypatch, **options):
    """A small stand-in for pytest's config, with records below tmp_path."""
    monkeypatch.setenv("HARNESS_HOME", str(tmp_path))
    monkeypatch.setattr(plugin.backend, "load", Backend)
    return SimpleNamespace(
        harness_declared=DECLARED,
        option=SimpleNamespace(**dict(OPTIONS, **options)),
        addinivalue_line=lambda name, line: None,
        invocation_params=SimpleNamespace(args=("tests/suite", "--seeds", "1-20")),
    )


def counts(choice):
    return {series.label: len(series.runs) for series in choice.series()}


def test_a_plain_call_checks_every_framing_and_trains_stateful_through_both_engines():
    expected = {"{}-{}-check".format(name, engine): 1 for name in framings.NAMES for engine in ("fit", "compiled")}
    expected.update((name + "-compiled", 20) for name in framings.NAMES)
    expected.update({"variable_length-compiled": 4, "stateful-fit": 1, "stages-fit-stage": 1})
    expected.update({"stages-compiled-stage": 1, "stages-fit-contract": 1})
    assert counts(a_choice()) == expected


def test_where_every_seed_is_asked_for_none_is_left_out_of_any_framing_or_engine():
    found = counts(a_choice(4, every_seed=True))
    learnt = {name: number for name, number in found.items() if not name.endswith(("check", "stage", "contract"))}
    assert learnt == {"{}-{}".format(name, engine): 4 for name in framings.NAMES for engine in ("fit", "compiled")}


def test_how_a_run_ended_is_asked_by_others_only_where_its_own_test_was_left_out():
    pairs = plugin._declared_pairs(a_choice())
    items = [SimpleNamespace(callspec=SimpleNamespace(params={"series": one, "expectation": two})) for one, two in pairs]
    ends = [item for item in items if item.callspec.params["expectation"].probe == "error"]
    (contract,) = {one for one, _ in pairs if one.purpose == "contract"}
    assert plugin.untold_errors(items, DECLARED)(contract) == []
    (left_out,) = plugin.untold_errors([item for item in items if item not in ends], DECLARED)(contract)
    assert (left_out.probe, left_out.purpose) == ("error", "contract")


@pytest.mark.parametrize(("count", "long"), [(1, 1), (5, 1), (6, 2), (20, 4), (400, 80)])
def test_a_framing_of_half_a_million_steps_takes_a_fifth_of_the_seeds_and_at_least_one(count, long):
    found = counts(a_choice(count))
    assert (found["naive-compiled"], found["variable_length-compiled"]) == (count, long)


def test_as_written_trains_all_six_through_fit_for_the_first_seed():
    fitted = [series for series in a_choice(as_written=True).series() if (series.engine, series.purpose) == ("fit", "learn")]
    assert [(series.framing.name, series.seeds) for series in fitted] == [(name, (1,)) for name in framings.NAMES]


def test_to_calibrate_only_the_compiled_engine_learns():
    assert {(series.engine, series.purpose) for series in a_choice(calibrate=True, as_written=True).series()} == {
        ("compiled", "learn")
    }


def test_an_edition_s_own_sizes_are_trained():
    chosen = a_choice(edition="2016-07").series()
    assert {series.framing.units for series in chosen if series.framing.name == "stateful"} == {16}


def test_the_check_of_a_framing_comes_before_what_it_vouches_for():
    labels = [series.label for series in a_choice().series() if series.framing.name == "stateful"]
    assert labels == ["stateful-fit-check", "stateful-compiled-check", "stateful-compiled", "stateful-fit"]


def test_where_there_is_fit_alone_it_learns_from_the_seeds():
    expected = dict({name + "-fit-check": 1 for name in framings.NAMES}, **{"stages-fit-stage": 1, "stages-fit-contract": 1})
    expected.update({name + "-fit": 1 if name == "variable_length" else 5 for name in framings.NAMES})
    assert counts(a_choice(5, engines=("fit",))) == counts(a_choice(5, engines=("fit",), as_written=True)) == expected


def test_a_check_trains_two_epochs_and_a_series_its_whole_budget():
    check, learn = (Series(framings.STATEFUL, "fit", purpose, (3,)).runs[0] for purpose in ("check", "learn"))
    assert (check.framing.epochs, check.purpose, learn.framing, learn.seed) == (2, "check", framings.STATEFUL, 3)


def test_what_is_declared_is_asked_of_the_series_it_speaks_of():
    pairs = plugin._declared_pairs(a_choice())
    assert pairs
    for series, expectation in pairs:
        assert (expectation.framing, expectation.purpose) == (series.framing.name, series.purpose)
        assert series.engine in expectation.engines
    assert {expectation.framing for _, expectation in pairs} == {"stages", *framings.NAMES}


def generated(fixture, choice):
    """Return what a test with this fixture is parametrised with: (names, values, ids)."""
    found = []
    config = SimpleNamespace(harness_choice=choice)
    metafunc = SimpleNamespace(
        config=config, fixturenames=["series", *fixture], parametrize=lambda *a, **k: found.append((a, k))
    )
    plugin.pytest_generate_tests(metafunc)
    return [(names, len(values), named["ids"][:1]) for (names, values), named in found]


def test_tests_are_named_by_framing_engine_and_expectation():
    ((_, count, first),) = generated(["expectation"], a_choice())
    assert count == len(plugin._declared_pairs(a_choice()))
    assert first[0].startswith("stages-fit-stage-")
    assert generated([], a_choice()) == [("series", 22, ["stages-fit-stage"])]


def test_to_calibrate_nothing_is_judged():
    ((_, count, _),) = generated(["expectation"], a_choice(calibrate=True))
    assert count == 0


def test_the_seeds_of_a_plain_call_may_judge(tmp_path, monkeypatch):
    config = a_config(tmp_path, monkeypatch)
    assert plugin._choice(config, ("fit", "compiled")).seeds == tuple(range(1, 21))
    assert plugin._choice(config, ("fit",)).seeds == tuple(range(1, 6))


def test_seeds_that_set_the_numbers_are_refused_by_name_but_may_calibrate(tmp_path, monkeypatch):
    seed = min(DECLARED.reference_seeds("naive", "2018-08"))
    wanted = "5,{}".format(seed)
    with pytest.raises(SeedsError) as caught:
        plugin._choice(a_config(tmp_path, monkeypatch, seeds=wanted), ("fit",))
    assert str(caught.value).startswith(
        "--seeds got {}, but {} set the numbers of expectations/naive.toml".format(wanted, seed)
    )
    assert plugin._choice(a_config(tmp_path, monkeypatch, seeds=wanted, calibrate=True), ("fit",)).seeds == (5, seed)


@pytest.mark.parametrize(("options", "error"), [({"seeds": "abc"}, SeedsError), ({"edition": "2019"}, FramingError)])
def test_seeds_and_editions_that_are_none_are_refused(tmp_path, monkeypatch, options, error):
    with pytest.raises(pytest.UsageError) as caught:
        plugin.pytest_configure(a_config(tmp_path, monkeypatch, **options))
    assert isinstance(caught.value.__context__, error)


def test_a_call_that_did_not_finish_is_resumed_and_another_is_not(tmp_path, monkeypatch):
    kept = store.Store(tmp_path)
    kept.start("nothing", ["tests/suite", "--seeds", "1-20"], "unfinished")
    kept.note_latest("nothing", "older")
    config = a_config(tmp_path, monkeypatch)
    plugin.pytest_configure(config)
    assert (config.harness_resumed, config.harness_name, kept.latest("nothing")) == (True, "unfinished", "")
    kept.finish("nothing", "unfinished")
    plugin.pytest_configure(config)
    assert not config.harness_resumed
    assert config.harness_name != "unfinished"


@pytest.mark.parametrize(("given", "is_ours"), [(None, True), ("mine.json", False)])
def test_the_benchmark_s_numbers_are_kept_where_the_user_says_or_beside_the_records(tmp_path, monkeypatch, given, is_ours):
    config = a_config(tmp_path, monkeypatch, benchmark_json=given)
    plugin.pytest_configure(config)
    own = str(tmp_path / "benchmarks" / (config.harness_name + ".json"))
    assert config.option.benchmark_json == (own if is_ours else given)


@pytest.mark.parametrize(("status", "is_finished"), [(0, True), (1, True), (2, False), (3, False)])
def test_only_an_invocation_that_ran_to_its_end_is_finished(tmp_path, status, is_finished):
    kept = store.Store(tmp_path)
    kept.start("tf2", ["call"], "name")
    invocation = SimpleNamespace(store=kept, stack="tf2", name="name")
    plugin.pytest_sessionfinish(SimpleNamespace(config=SimpleNamespace(harness_invocation=invocation)), status)
    assert (kept.unfinished("tf2", ["call"]) is None) is is_finished


def test_the_host_s_name_is_kept_out_of_the_benchmark():
    info = {"node": "her-laptop", "cpu": 2}
    plugin.pytest_benchmark_update_machine_info(None, info)
    assert info == {"cpu": 2}


def called(home, *words):
    """Run `python -m harness` in a process of its own, with a TensorFlow that cannot be imported."""
    (home / "tensorflow.py").write_text("raise ImportError('none here')", encoding="utf-8")
    kept = {name: value for name, value in os.environ.items() if name not in ("FORCE_COLOR", "PY_COLORS", "PYTEST_ADDOPTS")}
    variables = dict(kept, HARNESS_HOME=str(home / "home"), PYTHONPATH=str(home))
    words = [sys.executable, "-m", "harness", "--stack", "tf2", "-p", "no:cacheprovider", *words]
    return subprocess.run(words, cwd=str(ROOT), env=variables, capture_output=True, text=True, check=False)


NEWER = json.dumps(dict(json.loads(record.to_line(a_record())), schema=2))


@pytest.mark.parametrize(("line", "words", "sentence"), [
    ("", ["--seeds", "abc"], "--seeds got 'abc'; allowed are whole numbers and ranges, such as 7 or 1-20 or 1-3,8"),
    ("", ["--edition", "2019"], "unknown edition '2019'; known: 2016-07, 2017-03, 2018-08"),
    ("nonsense\n", [], "tf2.jsonl, line 1: not a record, because it is not JSON"),
    (NEWER + "\n", [], "tf2.jsonl, line 1: written by a newer harness (record schema 2, this one reads up to 1); update"),
], ids=["seeds", "edition", "broken", "newer"])  # fmt: skip
def test_what_a_user_got_wrong_is_one_sentence_and_exit_code_2_and_nothing_is_lost(tmp_path, line, words, sentence):
    path = tmp_path / "home" / "records" / "tf2.jsonl"
    path.parent.mkdir(parents=True)
    path.write_text(line, encoding="utf-8")
    done = called(tmp_path, *words)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.strip().startswith("ERROR: " + sentence)
    assert len(done.stderr.strip().splitlines()) == 1
    assert path.read_text(encoding="utf-8") == line


def test_an_environment_without_keras_is_one_sentence_and_exit_code_2(tmp_path):
    done = called(tmp_path, "--stack", "nothing")
    assert (done.returncode, done.stdout) == (2, "")
    assert "this environment has no Keras that can be used (none here); run the suite through tox" in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


def test_an_environment_that_is_not_as_locked_trains_nothing(tmp_path):
    done = called(tmp_path)
    assert (done.returncode, done.stdout) == (2, "")
    assert "what is installed is not stack tf2 as ci/locks/tf2.txt has it: " in done.stderr
    assert not (tmp_path / "home" / "records").exists()
