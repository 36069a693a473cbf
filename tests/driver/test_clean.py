"""`harness clean` counts the alarms of an untouched stack, bounds their share, and ends with the code that scripts rely on."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
from click.testing import CliRunner
from scipy import stats

from harness.driver import clean_runs, location, trials
from harness.driver.commands import main

SILENT = {"seed": 1, "by": "", "sentence": "", "seconds": 12.5, "off": 0.31, "nearest": "update, fit", "asked": "stage"}
ALARM = {
    "seed": 2,
    "by": "stages.loss",
    "sentence": "stages stages.loss differs",
    "seconds": 9.0,
    "off": 0.2,
    "nearest": "loss, fit",
    "asked": "stage and contract",
}


@pytest.fixture
def clean(printing_tox):
    """Return what runs the command where the environment tells of these runs and ends with this code."""

    def run(found, *words, code=0):
        printing_tox(found, code)
        return CliRunner().invoke(main, ["clean", "tf2", "--runs", str(len(found)), *words])

    return run


def test_each_run_is_kept_for_the_report(clean, store):
    clean([SILENT, ALARM])
    assert [one._asdict() for one in trials.read(store.home, "clean/tf2", clean_runs.CleanRun)] == [SILENT, ALARM]


def test_silence_is_exit_0_and_bounded(clean):
    result = clean([SILENT])
    assert result.exit_code == 0
    assert "seed 1    12.5 s  silent\n" in result.output
    assert "tf2: 0 of 1 clean runs of the quick stages raised an alarm; at most 95.00% of such runs do" in result.output
    assert "the nearest to its tolerance came to 31% of it (update, fit)" in result.output


@pytest.mark.parametrize(("name", "said"), [
    ("tf2-stages", "runs of the stages of 30 November ([each of them](clean/tf2-stages.jsonl), 2026-11-30, seeds 33001 to "
     "33300) raised no alarm, so that at most {:.2f} % do"),
    ("tf2-stages-since", "runs since ([each of them](clean/tf2-stages-since.jsonl), 2026-12-01), 24 before and 150 (seeds "
     "35001 to 35150) after they came to ask less, as said above, raised no alarm either"),
    ("tf2", "runs of the stages and the contract ([each of them](clean/tf2.jsonl), 2026-11-29 and 30) raised no alarm either"),
])  # fmt: skip
def test_the_docs_tell_of_the_clean_runs_that_are_kept(name, said):
    lines = (location.ROOT / "docs" / "clean" / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    found = [clean_runs.CleanRun(**json.loads(line)) for line in lines]
    told = " ".join((location.ROOT / "docs" / "stages.md").read_text(encoding="utf-8").split())
    assert [one for one in found if one.by] == []
    assert len({one.seed for one in found}) == len(found)
    assert f"{len(found)} {said}".format(100 * clean_runs.bound(0, len(found))) in told


def test_an_alarm_is_exit_1_with_its_sentence(clean):
    result = clean([SILENT, ALARM])
    assert result.exit_code == 1
    assert "seed 2     9.0 s  stages stages.loss differs\n" in result.output
    assert "tf2: 1 of 2 clean runs" in result.output


def test_json_holds_every_run(clean):
    result = clean([SILENT, ALARM], "--json")
    told = json.loads(result.stdout)
    assert result.stderr.count("seed ") == 2
    assert (told["runs"], told["alarms"], told["whole"], told["found"]) == (2, 1, True, [SILENT, ALARM])
    assert (told["at_most"], told["tail"]) == (pytest.approx(0.975, abs=1e-3), None)


def test_an_environment_that_gives_up_is_exit_2(clean):
    result = clean([SILENT], code=1)
    assert result.exit_code == 2
    assert "harness.clean ended early on tf2" in result.output
    assert "tf2: 0 of 1 clean runs" in result.output  # What was made is not lost.


def test_runs_that_were_not_made_are_no_pass(clean):
    result = clean([SILENT], "--runs", "2")
    assert result.exit_code == 2
    assert "tf2 made 1 runs alone; see what `tox -e tf2` says" in result.output


def test_an_unknown_stack_is_exit_2_with_a_sentence():
    result = CliRunner().invoke(main, ["clean", "tf9"])
    assert result.exit_code == 2
    assert "no stack 'tf9' in harness/driver/stacks.toml; known: " in result.output


def test_long_series_are_made_in_blocks(monkeypatch):
    asked = []
    monkeypatch.setattr(clean_runs.selfchecks, "run", lambda caller, stack, module, words: asked.append(words) or [])
    assert list(clean_runs.runs(None, "tf2", range(1001, 1046), 2)) == []
    assert list(clean_runs.runs(None, "tf2", [7], 2, is_short=True)) == []
    assert [(*words[:2], words[-1]) for words in asked] == [("2", "1001", "1040"), ("2", "1041", "1045"), ("2", "stages", "7")]


@pytest.mark.parametrize(("alarms", "of", "share"), [(0, 300, 0.00994), (0, 30, 0.0950), (1, 300, 0.01571)])
def test_the_bound_is_clopper_s_and_pearson_s(alarms, of, share):
    assert clean_runs.bound(alarms, of) == pytest.approx(share, rel=0.005)


def test_the_upper_end_of_the_tail_keeps_its_confidence(monkeypatch):
    monkeypatch.setattr(clean_runs, "RESAMPLES", 200)
    monkeypatch.setattr(stats, "goodness_of_fit", lambda *words, **named: SimpleNamespace(pvalue=1.0))
    true = stats.gumbel_r.sf(1.0, 0.4, 0.05)
    kept = [clean_runs.tail(stats.gumbel_r.rvs(0.4, 0.05, size=30, random_state=seed)).at_most >= true for seed in range(100)]
    assert 0.87 <= np.mean(kept) <= 1.0  # 95 %: three standard errors of 100 runs below it.


def runs_at(offs):
    return [clean_runs.CleanRun(**{**SILENT, "off": float(off)}) for off in offs]


def test_the_tail_is_told_of_thirty_silent_runs_that_a_gumbel_distribution_fits():
    silent = runs_at(stats.gumbel_r.rvs(0.4, 0.02, size=30, random_state=1))
    assert "if the Gumbel distribution holds that fits them (p = " in clean_runs.sentence("tf2", silent)
    assert "a stage passes" not in clean_runs.sentence("tf2", silent[1:])
    assert "a stage passes" not in clean_runs.sentence("tf2", [*silent, clean_runs.CleanRun(**ALARM)])


def test_no_tail_is_told_where_no_gumbel_distribution_fits_or_all_came_as_near():
    two = runs_at(np.r_[np.linspace(0.1, 0.11, 20), np.linspace(0.8, 0.81, 20)])
    assert "no Gumbel distribution fits how near they came (p = " in clean_runs.sentence("tf2", two)
    assert clean_runs.sentence("tf2", runs_at(40 * [0.3])).endswith("came to 30% of it (update, fit)")
