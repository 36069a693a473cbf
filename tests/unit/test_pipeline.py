"""The flow on one screen, run through on a fake framework."""

import contextlib
import gc
import math
import warnings

import pytest

from harness import framings, machine, pipeline, probes, record
from tests.unit.fakes import Backend

SHORT = [(framing.replace(draws=40) if framing.draws else framing).replace(epochs=3) for framing in framings.FRAMINGS]
STATEFUL = framings.STATEFUL.replace(epochs=3)


def observed(run, *broken):
    return pipeline.Laboratory(Backend(*broken)).observe(run, "tf2", "20250102T030405-abc123")


@pytest.mark.parametrize("framing", SHORT, ids=lambda framing: framing.name)
@pytest.mark.parametrize("engine", ["fit", "compiled"])
def test_a_run_becomes_a_record_that_survives_its_line(framing, engine):
    written = observed(pipeline.Run(framing, engine, 1, repeat=True))
    assert record.from_line(record.to_line(written), "line 1") == written
    assert written.question == pipeline.Run(framing, engine, 1).question(Backend())
    assert written.program == {"fit": "fit", "compiled": "xla"}[engine]
    assert written.observations["repeats"] is True
    assert written.curves["epoch"] == [1, 2, 3]


@pytest.mark.parametrize("framing", SHORT, ids=lambda framing: framing.name)
@pytest.mark.parametrize(
    ("engine", "beside"),
    [("fit", {"order", "defaults", "differences", "warnings", "another_epoch"}), ("compiled", {"agreement"})],
)
def test_a_check_becomes_a_record_that_survives_its_line(framing, engine, beside):
    written = observed(pipeline.check(framing, 1, engine))
    assert record.from_line(record.to_line(written), "line 1") == written
    assert set(written.observations) <= set(probes.NAMES)
    assert written.question.framing["epochs"] == pipeline.CHECK_EPOCHS
    assert beside | {"repeats"} <= set(written.observations)
    assert ("other_batch_size" in written.observations) is (framing.stateful and engine == "fit")


def test_a_record_says_on_what_it_was_made_and_how_long_it_took():
    written = observed(pipeline.Run(STATEFUL, "compiled", 1))
    assert written.question.distributions == machine.distributions()
    assert (written.question.device, written.machine["threads"]) == ("cpu", {"intra": 1, "inter": 1})
    assert set(written.seconds) == {"build", "compile", "train", "probe"}


def test_a_state_that_is_not_a_number_is_written_as_null_with_a_flag():
    line = record.to_line(observed(pipeline.Run(STATEFUL, "compiled", 1), "nan"))
    assert record.from_line(line, "line 1").not_finite == ["observations.state.after_reset", "observations.state.kept"]


@pytest.mark.parametrize("purpose", ["stage", "contract"])
def test_what_a_framework_warns_of_in_a_look_is_kept_nowhere(monkeypatch, purpose):
    def warning(*_):
        warnings.warn("deprecated", DeprecationWarning, stacklevel=1)
        return {}

    monkeypatch.setattr(pipeline.stages, "observe", warning)
    monkeypatch.setattr(pipeline.contract, "observe", warning)
    with warnings.catch_warnings(record=True) as kept:
        warnings.simplefilter("always")
        observed(pipeline.look("2018-08", 1, "fit", purpose))
    assert kept == []


def test_a_run_that_is_not_to_be_repeated_is_not():
    assert "repeats" not in observed(pipeline.Run(STATEFUL, "compiled", 1)).observations


def test_a_whole_run_through_fit_in_order_is_held_against_the_compiled_one():
    agreement = {"whole_loss": 0.0}
    assert observed(pipeline.Run(STATEFUL, "fit", 1)).observations["agreement"] == pytest.approx(agreement, abs=1e-12)
    assert "agreement" not in observed(pipeline.Run(STATEFUL, "compiled", 1)).observations
    assert "agreement" not in observed(pipeline.Run(framings.NAIVE.replace(epochs=2), "fit", 1)).observations


def test_timings_are_the_record_of_a_run_of_their_own_with_the_memory_that_the_process_took():
    timings = {"evaluate": {"rounds": [0.1, 0.2], "calibration": [0.3, 0.3]}}
    written = pipeline.Laboratory(Backend()).time(pipeline.timing(STATEFUL, 1), "tf2", "name", timings)
    assert (written.question.purpose, written.timings) == ("time", timings)
    assert 2**20 < written.observations.pop("peak_memory") <= machine.peak_memory()
    assert written.observations == {}
    assert record.from_line(record.to_line(written), "line 1") == written


def test_every_purpose_and_engine_is_a_question_of_its_own():
    runs = [pipeline.timing(STATEFUL, 1), *(pipeline.Run(STATEFUL, engine, 1) for engine in ("fit", "compiled"))]
    runs += [pipeline.check(STATEFUL, 1, engine) for engine in ("fit", "compiled")]
    assert [run.purpose for run in runs] == ["time", "learn", "learn", "check", "check"]
    assert len({record.digest(run.question(Backend())) for run in runs}) == 5


def test_whether_a_run_is_repeated_is_not_part_of_its_question():
    once, twice = (pipeline.Run(STATEFUL, "fit", 1, repeat=repeat).question(Backend()) for repeat in (False, True))
    assert once == twice


def test_a_plan_repeats_the_first_compiled_run_where_that_is_affordable():
    def repeated(framing, engine):
        return [run.seed for run in pipeline.plan(framing, (4, 5, 6), engine) if run.repeat]

    assert repeated(framings.STATEFUL, "compiled") == [4]
    assert repeated(framings.STATEFUL, "fit") == repeated(framings.VARIABLE_LENGTH, "compiled") == []
    assert [run.seed for run in pipeline.plan(framings.STATEFUL, (4, 5, 6), "fit")] == [4, 5, 6]


@pytest.mark.parametrize(("length", "points"), [(0, 0), (1, 1), (499, 499), (500, 500), (501, 500), (5000, 500), (1234, 500)])
def test_a_curve_is_thinned_to_500_points_with_the_last_among_them(length, points):
    found = pipeline.thinned({"loss": list(range(1, length + 1))})
    assert len(found["epoch"]) == points
    assert found["epoch"][-1:] == ([length] if length else [])
    assert found["loss"] == [float("{:.6g}".format(epoch)) for epoch in found["epoch"]]


def test_points_of_a_curve_have_six_digits_and_may_be_not_finite():
    found = pipeline.thinned({"loss": [1 / 3, math.nan, math.inf]})
    assert (found["loss"][0], math.isnan(found["loss"][1]), found["loss"][2]) == (0.333333, True, math.inf)


def test_no_curves_are_thinned_to_none():
    assert pipeline.thinned({}) == {"epoch": []}


def test_a_run_that_raises_becomes_a_record_of_its_error():
    laboratory = pipeline.Laboratory(Backend())
    laboratory.engines["fit"].train = lambda *words: 1 / 0
    written = laboratory.observe(pipeline.Run(STATEFUL, "fit", 1), "tf2", "name")
    assert written.observations == {"error": "ZeroDivisionError: division by zero"}
    assert observed(pipeline.Run(STATEFUL, "fit", 1)).observations["error"] == "none"


def test_a_question_names_the_backend_where_keras_had_others_to_choose_from(monkeypatch):
    run, backend = pipeline.timing(STATEFUL, 1), Backend()
    assert run.question(backend).backend == ""
    monkeypatch.setattr(machine, "distributions", lambda: {"keras": "3.15.1", "tensorflow": "2.21.0", "jax": "0.11.0"})
    assert run.question(backend).backend == "tensorflow"


def test_no_garbage_is_looked_for_meanwhile_and_then_as_before():
    for is_on in (True, False):
        (gc.enable if is_on else gc.disable)()
        with contextlib.suppress(KeyError), pipeline.uncollected():
            assert not gc.isenabled()
            raise KeyError
        assert gc.isenabled() == is_on
    gc.enable()
