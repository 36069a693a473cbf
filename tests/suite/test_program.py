"""The compiled engine shortcuts nothing of the framework: each part of it, put out of action, changes what comes out."""

import numpy as np
import pytest

from harness import framings, training

pytestmark = pytest.mark.slow
FRAMING = framings.STATEFUL.replace(epochs=3)


def nothing_learned(*words, **named):
    """Stands in for a part that returns nothing."""


def weights_after(laboratory, spoil=None):
    """Return the weights after three stateful epochs, compiled anew, with a part of the framework spoiled."""
    backend = laboratory.backend
    backend.seed(1)
    network = backend.build(FRAMING)
    program = backend.program(network, *backend.arrays(FRAMING))
    if spoil:
        spoil(network)
    for rows, resets, epochs in training.pieces(FRAMING, 1):
        program.train_padded(rows, resets, epochs * framings.steps_per_epoch(FRAMING))
    return np.concatenate([array.ravel() for array in network.weights()])


def without_call(network):
    def call(x, training=None, mask=None):
        nothing = sum(0.0 * network.keras.ops.sum(weight) for weight in network.model.trainable_variables)
        return nothing + np.full((1, 26), 1 / 26, "float32")

    network.model.call = call


def without_loss(network):
    real = network.model.compute_loss
    network.model.compute_loss = lambda x=None, y=None, y_pred=None: 0.0 * real(x=x, y=y, y_pred=y_pred)


def without_step(network):
    network.model.optimizer.apply_gradients = nothing_learned


def without_reset(network):
    network.recurrent.reset_states = nothing_learned


@pytest.fixture(scope="module")
def whole(laboratory):
    """The weights with nothing spoiled."""
    return weights_after(laboratory)


def test_the_same_program_gives_the_same_weights_again(laboratory, whole):
    assert np.array_equal(weights_after(laboratory), whole)


@pytest.mark.parametrize("spoil", [without_call, without_loss, without_step, without_reset])
def test_a_part_that_does_nothing_changes_the_weights(laboratory, whole, spoil):
    assert not np.allclose(weights_after(laboratory, spoil), whole, atol=1e-5)


def test_comment_35s_sequence_is_learned_in_order(laboratory):
    framing = framings.STATEFUL.replace(sequence="ABCDEFABCXYZ")
    trained = laboratory.engines["compiled"].train(framing, 1)
    assert trained.curves["accuracy"][-1] == 1.0
