"""Networks are trained by plain descent only where Adam's moments do not show already that every gradient is right."""

from fnmatch import fnmatchcase

import numpy as np
import pytest

from harness import diagnosis, experiments, framings, gradients, reference, rounding, stages, subjects, training
from tests.unit.framework import Framework

HALVED, LATE = np.float32(0.5), reference.NEWEST._replace(epsilon=1e-3)


class Compiled(training.Fit):
    decides_order = False


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(gradients, "SECONDS", 0.0)


def looked(engine, may_race=False, **wrong):
    """Return ({stage: words} of those that do not agree, of each network that descended plainly whether it keeps a state)."""
    descended = []

    class Counting(Framework):
        has_one_graph = may_race

        def build(self, framing, metrics=("accuracy",), optimizer="adam"):
            if not isinstance(optimizer, str):
                descended.append(framing.stateful)
            return super().build(framing, metrics, optimizer)

    found = stages.observe(engine(Counting(**wrong)), 1)["stages"]
    return {stage: words for stage, words in found.items() if words != "agrees"}, descended


def halved(network):
    real = network.gradients
    network.gradients = lambda *words: HALVED * real(*words)


def forgetful(network):
    real = network.forward
    network.forward = lambda x, states=None: real(x)


def test_gradients_that_the_moments_hold_are_not_asked_again():
    assert looked(Compiled) == looked(training.Fit) == ({}, [])


def test_where_steps_may_race_the_gradients_of_a_kept_state_are_asked_in_any_case():
    assert looked(training.Fit, may_race=True) == ({}, [True])


@pytest.mark.parametrize("may_race", [False, True])
def test_a_wrong_gradient_is_told_of_both_networks(may_race):
    wrong, descended = looked(training.Fit, may_race, plant=halved)
    assert (set(wrong), set(descended)) == (
        {"stateless_gradient", "stateless_update", "gradient", "update"},
        {False, True},
    )


def test_a_wrong_gradient_of_a_compiled_program_is_told_from_a_wrong_optimizer():
    wrong, descended = looked(Compiled, plant=halved)
    assert (set(wrong), descended) == ({"gradient", "update"}, [True])
    wrong, descended = looked(Compiled, numerics=LATE)
    assert (set(wrong), descended) == ({"update", "first_epochs"}, [])


def test_gradients_that_one_change_of_the_reference_explains_are_told_as_plain_descent_shows_them():
    implied, asked = (looked(Compiled, may_race, plant=forgetful) for may_race in (False, True))
    assert (implied[1], asked[1]) == ([], [True])
    sentence = (
        "the gradient of the kernel from a kept state (and 4 more) differs, * as if the state were forgotten between batches"
    )
    for wrong, _ in (implied, asked):
        assert fnmatchcase(wrong["gradient"], sentence)


def test_what_no_change_explains_is_held_against_the_tolerances_of_a_few_changes_only():
    asked, given = [], subjects.subject(Compiled(Framework()), framings.STAGES, "adam", reference.NEWEST).given

    def experiment(given):
        asked.append(1)
        return {"a loss": experiments.loss(given)["the loss of a training step"]}

    near = {"a loss": experiment(given)["a loss"] * (1 + 1e-4)}
    told = diagnosis.explain(near, experiment, given)
    runs_for_tolerances = rounding.SAMPLES + 3
    assert told.as_if is None
    assert len(asked) <= 1 + len(diagnosis.HYPOTHESES) + (1 + diagnosis.NEAREST) * runs_for_tolerances
