"""The two engines: in which order they take the patterns, when they forget, and what they keep."""

import numpy as np
import pytest

from harness import framings, training
from harness.errors import FramingError
from tests.unit.fakes import Backend

NAIVE, STATEFUL = framings.NAIVE.replace(epochs=3), framings.STATEFUL.replace(epochs=3)


def rows_of(framing, seed):
    """Return the samples of each epoch as the pieces hold them, without the padding."""
    per_epoch = framings.steps_per_epoch(framing)
    return [
        rows[: epochs * per_epoch].reshape(epochs, -1)
        for rows, _, epochs in training.pieces(framing, seed)
    ]  # fmt: skip


@pytest.mark.parametrize("framing", framings.FRAMINGS, ids=lambda framing: framing.name)
@pytest.mark.parametrize("epochs", [1, 41])
def test_every_piece_has_the_same_length_and_the_epochs_add_up(framing, epochs):
    short = framing.replace(epochs=epochs if framing.draws is None else 2)
    length = training.piece_length(short)
    found = list(training.pieces(short, 1))
    assert {rows.shape for rows, _, _ in found} == {(length, short.batch_size)}
    assert {resets.shape for _, resets, _ in found} == {(length,)}
    assert sum(count for _, _, count in found) == short.epochs


def test_about_a_thousand_steps_make_a_piece():
    lengths = {framing.name: training.piece_length(framing) for framing in framings.FRAMINGS}
    assert lengths["naive"] == lengths["stateful"] == lengths["variable_length"] == lengths["within_batch"] == 1000
    assert training.piece_length(framings.VARIABLE_LENGTH.replace(draws=3000)) == 3000


def test_the_order_is_numpy_s_own_shuffle_that_goes_on_from_epoch_to_epoch():
    random, order, expected = np.random.RandomState(5), np.arange(25), []
    for _ in range(50):
        random.shuffle(order)
        expected.append(order.copy())
    assert np.array_equal(np.concatenate(rows_of(framings.NAIVE.replace(epochs=50), 5)), expected)


@pytest.mark.parametrize("framing", [framings.STATEFUL, framings.WITHIN_BATCH], ids=lambda framing: framing.name)
def test_without_shuffle_every_epoch_has_the_given_order(framing):
    for piece in rows_of(framing.replace(epochs=3), 5):
        assert np.array_equal(piece, [np.arange(25)] * 3)


def test_a_network_forgets_after_the_last_step_of_every_epoch():
    ((_, resets, _),) = training.pieces(STATEFUL, 1)
    assert np.flatnonzero(resets).tolist() == list(range(24, 1000, 25))


def test_batches_that_do_not_divide_the_patterns_are_refused_by_name():
    with pytest.raises(FramingError, match="within_batch has 25 patterns in batches of 10; the compiled engine needs whole"):
        list(training.pieces(framings.WITHIN_BATCH.replace(batch_size=10), 1))


def test_a_batch_larger_than_all_patterns_is_one_batch():
    ((rows, _, epochs),) = training.pieces(framings.WITHIN_BATCH.replace(batch_size=99, epochs=4), 1)
    assert (rows.shape, epochs) == ((1000, 25), 4)


def test_fit_is_called_once_for_a_network_without_state():
    backend, told = Backend(), []
    training.Fit(backend).train(NAIVE, 1, told.append)
    assert backend.calls == [("fit", 3, 1, True)]
    assert told == [1, 2, 3]


def test_fit_is_called_and_the_state_reset_epoch_by_epoch_for_a_stateful_one():
    backend, told = Backend(), []
    training.Fit(backend).train(STATEFUL, 1, told.append)
    assert backend.calls == [("fit", 1, 1, False), ("reset",)] * 3
    assert told == [1, 2, 3]


@pytest.mark.parametrize("engine", list(training.ENGINES.values()), ids=lambda engine: engine.name)
@pytest.mark.parametrize("framing", [NAIVE, STATEFUL], ids=lambda framing: framing.name)
def test_the_curves_have_one_point_an_epoch(engine, framing):
    curves = engine(Backend()).train(framing, 1).curves
    assert {name: len(values) for name, values in curves.items()} == {"loss": 3, "accuracy": 3}


def test_the_engines_give_a_stateful_network_the_same_curves_and_weights():
    backend = Backend()
    fitted, compiled = (engine(backend).train(STATEFUL, 1) for engine in training.ENGINES.values())
    assert np.allclose(fitted.curves["loss"], compiled.curves["loss"])
    assert all(np.array_equal(*pair) for pair in zip(fitted.network.weights(), compiled.network.weights()))
    assert all(np.array_equal(*pair) for pair in zip(fitted.initial_weights, compiled.initial_weights))


def test_a_program_is_compiled_once_for_a_framing_whatever_its_epochs():
    backend = Backend()
    engine = training.Compiled(backend)
    seconds = [engine.train(framing, seed).seconds["compile"] for framing, seed in ((NAIVE, 1), (NAIVE.replace(epochs=1), 2))]
    assert (seconds, backend.programs) == ([1.0, 0.0], 1)
    engine.train(STATEFUL, 1)
    assert backend.programs == 2


def test_a_kept_network_starts_each_seed_afresh():
    engine, alone = training.Compiled(Backend()), training.Compiled(Backend())
    engine.train(STATEFUL, 1)
    after = engine.train(STATEFUL, 2)
    assert all(np.array_equal(*pair) for pair in zip(after.network.weights(), alone.train(STATEFUL, 2).network.weights()))


def test_progress_of_a_program_is_told_piece_by_piece():
    told = []
    training.Compiled(Backend()).train(framings.NAIVE.replace(epochs=90), 1, told.append)
    assert told == [40, 80, 90]


@pytest.mark.parametrize(("framing", "rows"), [(STATEFUL, 1), (NAIVE, 25)], ids=["stateful", "naive"])
def test_what_fit_trained_is_asked_in_the_batches_it_was_built_for(framing, rows):
    trained, asked = training.Fit(Backend()).train(framing, 1), []
    trained.network.predict = lambda x, batch_size: asked.append(batch_size)
    trained.answer(trained.x)
    assert asked == [rows]
