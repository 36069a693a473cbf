"""A trained network goes on as the reference does, at every framing's own shapes; what it does otherwise is named."""

import numpy as np
import pytest

from harness import another_epoch, framings
from harness.diagnosis import AGREES
from tests.unit.framework import Framework

FRAMINGS = [framing.replace(epochs=2) for framing in framings.framings(framings.NEWEST_EDITION)]
STATEFUL = framings.STATEFUL.replace(epochs=2)


def told(framing, plant=lambda network: None):
    """Return what another epoch says of a network that was trained for some steps, then spoiled."""
    framework = Framework()
    network, (x, y) = framework.build(framing), framework.arrays(framing)
    network.fit(x[:60], y[:60], framing.batch_size, shuffle=False)
    plant(network)
    return another_epoch.observe(network, framing, x, y, network.iterations)


@pytest.mark.parametrize("framing", FRAMINGS, ids=lambda framing: framing.name)
def test_a_network_that_goes_on_as_the_reference_does_agrees(framing):
    found = told(framing)
    assert found["says"] == AGREES
    assert found["off"] < 0.5


def forget_cell_of_one_step(network):
    """As a fault does that spares what the stages ask: sequences of three steps."""
    forward = network.forward

    def forgetting(x, states=None):
        one = forward(x, states)
        return one._replace(states=[one.states[0], 0 * one.states[1]]) if x.shape[1] == 1 else one

    network.forward = forgetting


def look_back_four_steps(network):
    gradients = network.gradients

    def truncated(one, y):
        kept = {name: np.array(getattr(one, name)) for name in ("hidden", "cells", "gates")}
        kept["gates"][:-4] = 0.0
        return gradients(one._replace(**kept), y)

    network.gradients = truncated


def decay_late(network):
    update = network.update

    def slower(gradient):
        rate = 0.5 if network.iterations > 20 else 1.0
        network.numerics = network.numerics._replace(learning_rate=0.001 * rate)
        update(gradient)

    network.update = slower


def tell_half(network):
    fit = network.fit
    network.fit = lambda *words, **named: {"loss": [one / 2 for one in fit(*words, **named)["loss"]]}


@pytest.mark.parametrize(("framing", "plant", "words"), [
    (STATEFUL, forget_cell_of_one_step, "as if only the hidden state were kept"),
    (framings.VARIABLE_LENGTH, look_back_four_steps, "after another epoch"),
    (STATEFUL, decay_late, "as if the learning rate were 0.0005"),
    (STATEFUL, tell_half, "the loss of another epoch differs"),
])  # fmt: skip
def test_what_the_small_network_of_the_stages_would_not_show_is_told(framing, plant, words):
    found = told(framing, plant)
    assert words in found["says"]
    assert found["off"] > 1


def test_what_it_raises_is_what_it_says():
    def refuse(network):
        network.slots = lambda: 1 / 0

    assert told(STATEFUL, refuse) == {"says": "ZeroDivisionError: division by zero"}
