"""What is compared between the engines, on a fake that agrees with itself and on fakes that do not."""

from types import SimpleNamespace

import numpy as np
import pytest

from harness import checks, framings, training
from tests.unit.fakes import Backend

SHORT = framings.VARIABLE_LENGTH.replace(draws=60)
CHOSEN = [(SHORT if framing.draws else framing).replace(epochs=2) for framing in framings.FRAMINGS]
STATEFUL, NAIVE = (framing.replace(epochs=2) for framing in (framings.STATEFUL, framings.NAIVE))
GIVEN = {"given": True, "permutations": True, "differ": False}
SHUFFLED = {"given": False, "permutations": True, "differ": True}


def name_of(framing):
    return framing.name


def agreement(framing, *broken):
    backend = Backend(*broken)
    return checks.agreement(training.Fit(backend), training.Compiled(backend), framing, 1)


@pytest.mark.parametrize("framing", CHOSEN, ids=name_of)
def test_engines_that_do_the_same_agree(framing):
    found = agreement(framing)
    assert [found[name] for name in ("weights", "states", "slots", "answers")] == [0, 0, 0, 0]
    assert found["loss"] < 1e-6
    assert found["program"] == "xla"


@pytest.mark.parametrize("framing", CHOSEN, ids=name_of)
def test_a_program_that_does_something_else_is_found_out(framing):
    found = agreement(framing, "program")
    assert min(found["weights"], found["slots"], found["answers"]) > 0
    assert (found["states"] > 0) is framing.stateful


def test_an_array_that_one_engine_lacks_is_infinitely_far_away():
    found = agreement(NAIVE, "slots")
    assert (found["slots"], found["weights"]) == (float("inf"), 0)


def test_arrays_that_nobody_has_agree():
    assert agreement(NAIVE)["states"] == 0


def test_50_steps_cross_one_reset_of_a_stateful_network_in_both_engines():
    backend = Backend()
    checks.agreement(training.Fit(backend), training.Compiled(backend), STATEFUL, 1)
    assert backend.calls == [("reset",)] * 2 + [("fit", 1, 1, False), ("reset",), ("fit", 1, 1, False), ("reset",)]


@pytest.mark.parametrize("framing", CHOSEN, ids=name_of)
def test_fit_feeds_the_patterns_in_order_or_every_epoch_in_another(framing):
    backend, expected = Backend(), dict(SHUFFLED, unseeded=dict(SHUFFLED, mixed=True)) if framing.shuffle else GIVEN
    assert checks.order(backend, framing, 1) == expected
    assert backend.seeds == ([1, None] if framing.shuffle else [1])


@pytest.mark.parametrize(("broken", "found", "is_mixed"), [
    ("shuffle", GIVEN, False), ("alike", {"given": False, "permutations": True, "differ": False}, True),
    ("sorted", {"given": False, "permutations": True, "differ": False}, True),
])  # fmt: skip
def test_a_shuffle_that_is_none_is_found_out(broken, found, is_mixed):
    assert checks.order(Backend(broken), NAIVE, 1) == dict(found, unseeded=dict(found, mixed=is_mixed))


@pytest.mark.parametrize("framing", [framings.STATEFUL, framings.WITHIN_BATCH], ids=name_of)
def test_an_order_that_was_given_and_not_kept_is_found_out(framing):
    assert checks.order(Backend("sorted"), framing, 1)["given"] is False


def test_only_the_first_100_patterns_are_looked_at_for_their_order():
    backend = Backend()
    checks.order(backend, framings.VARIABLE_LENGTH, 1)
    assert checks.ROWS_ORDERED == 100
    assert backend.calls == [("fit", 3, 1, True)] * 2


@pytest.mark.parametrize("engine", list(training.ENGINES.values()), ids=lambda engine: engine.name)
@pytest.mark.parametrize(("broken", "again"), [((), True), (("seed",), False)])
def test_the_same_seed_repeats_bit_for_bit_where_it_is_heard(engine, broken, again):
    engine = engine(Backend(*broken))
    weights = engine.train(NAIVE, 3).network.weights()
    assert checks.repeats(engine, NAIVE, 3, weights) is again


@pytest.mark.parametrize(("broken", "said"), [((), "ValueError"), (("any batch",), None)])
def test_another_batch_size_is_refused_with_an_error_s_name_or_answered(broken, said):
    trained = training.Fit(Backend(*broken)).train(STATEFUL, 1)
    assert checks.other_batch_size(trained.network, STATEFUL, trained.x) == {"refused": bool(said), "error": said}


@pytest.mark.parametrize(("broken", "is_same"), [((), True), (("program",), False)])
def test_two_whole_runs_over_one_order_end_with_the_same_loss(broken, is_same):
    backend = Backend(*broken)
    trained = training.Fit(backend).train(STATEFUL, 1)
    loss, _ = trained.network.evaluate(trained.x, trained.y, 1)
    assert (checks.same_loss(loss, training.Compiled(backend), STATEFUL, 1)["whole_loss"] == 0) is is_same


def test_what_sees_the_state_before_alone_is_told_apart_from_what_sees_the_letter():
    before = [np.zeros((1, 8)), np.zeros((2, 8)), np.zeros(8), np.zeros((2, 3)), np.zeros(3)]
    gates = np.repeat(["i", "f", "c", "o"], 2)

    def told(kernel, recurrent, bias):
        after = [before[0] + kernel, before[1] + recurrent, before[2] + bias, *before[3:]]
        return checks.moved(SimpleNamespace(initial_weights=before, network=SimpleNamespace(weights=lambda: after)))

    assert told(1.0 * (gates != "f"), 0.0, 1.0 * (gates != "f")) == {"recurrent_kernel": 0.0, "forget_gate": 0.0}
    assert told(0.0, 0.25, 0.0) == {"recurrent_kernel": 0.25, "forget_gate": 0.0}
    assert (
        told(0.5 * (gates == "f"), 0.0, 0.0)
        == told(0.0, 0.0, 0.5 * (gates == "f"))
        == {"recurrent_kernel": 0.0, "forget_gate": 0.5}
    )
