"""Networks are trained by plain descent only where Adam's moments do not show already that every gradient is right."""

import numpy as np
import pytest

from harness import gradients, reference, stages, training
from tests.unit.framework import Framework

HALVED, LATE = np.float32(0.5), reference.NEWEST._replace(epsilon=1e-3)


class Compiled(training.Fit):
    decides_order = False


@pytest.fixture(autouse=True)
def few_tries(monkeypatch):
    monkeypatch.setattr(gradients, "SECONDS", 0.0)


def looked(engine, may_race=False, **wrong):
    """Return (stages that do not agree, of each network that descended plainly whether it keeps a state)."""
    descended = []

    class Counting(Framework):
        has_one_graph = may_race

        def build(self, framing, metrics=("accuracy",), optimizer="adam"):
            if not isinstance(optimizer, str):
                descended.append(framing.stateful)
            return super().build(framing, metrics, optimizer)

    found = stages.observe(engine(Counting(**wrong)), 1)["stages"]
    return {stage for stage, words in found.items() if words != "agrees"}, descended


def halved(network):
    real = network.gradients
    network.gradients = lambda *words: HALVED * real(*words)


def test_gradients_that_the_moments_hold_are_not_asked_again():
    assert looked(Compiled) == looked(training.Fit) == (set(), [])


def test_where_steps_may_race_the_gradients_of_a_kept_state_are_asked_in_any_case():
    assert looked(training.Fit, may_race=True) == (set(), [True])


@pytest.mark.parametrize("may_race", [False, True])
def test_a_wrong_gradient_is_told_of_both_networks(may_race):
    wrong, descended = looked(training.Fit, may_race, plant=halved)
    assert (wrong, set(descended)) == ({"stateless_gradient", "stateless_update", "gradient", "update"}, {False, True})


def test_a_wrong_gradient_of_a_compiled_program_is_told_from_a_wrong_optimizer():
    assert looked(Compiled, plant=halved) == ({"gradient", "update"}, [True])
    assert looked(Compiled, numerics=LATE) == ({"update", "first_epochs"}, [True])
