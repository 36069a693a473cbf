"""The reference is right by itself: its gradients by finite differences, its training by what was published in 2016."""

import functools

import numpy as np
import pytest

from harness import framings, reference

PUBLISHED = {  # Outputs of the tutorial's listings, never refreshed since 2016 (Keras 1, NumPy's seed 7).
    "naive": (0.84, "U->W V->Y W->Z X->Z"),
    "feature_window": (20 / 23, "TUV->Y UVW->Z VWX->Z"),
    "time_steps": (1.0, ""),
    "within_batch": (1.0, ""),
    "stateful": (1.0, ""),
}
RANDOM_PATTERNS = "TVMQDVTUJFNBMFFPAKWE"
VARIABLE_LENGTH_LINES = (
    "QR->S WX->Y WX->Y CD->E E->F STU->V GHIJK->L OPQRS->T CD->E O->P "
    "NOP->Q DEFGH->I X->Y K->L M->N R->T K->L EFG->H Q->R QRS->T"
)
SMALL = framings.TIME_STEPS.replace(units=5, window=4, sequence="ABCDEFGH")


def network(gate="sigmoid", dtype="float64", framing=SMALL, seed=1):
    random = np.random.RandomState(seed)
    weights = [array + random.normal(0, 0.1, array.shape) for array in reference.keras_1_weights(framing, random)]
    return reference.Network(weights, reference.Numerics(gate=gate, dtype=dtype), framing.stateful)


def batch(samples=3):
    random = np.random.RandomState(2)
    x, y = framings.arrays(SMALL)
    return x[:samples], y[:samples], random.normal(0, 0.5, (2, samples, SMALL.units))


@pytest.mark.parametrize("gate", sorted(reference.GATES))
def test_every_gradient_is_the_slope_of_the_loss_by_finite_differences(gate):
    subject, (x, y, states) = network(gate), batch()
    found = subject.gradients(subject.forward(x, states), y)
    slopes = np.empty_like(found)
    for place in range(len(found)):
        ends = []
        for change in (1e-6, -2e-6):
            subject.vector[place] += change
            ends.append(reference.loss(subject.forward(x, states).answers, y))
        subject.vector[place] += 1e-6
        slopes[place] = (ends[0] - ends[1]) / 2e-6
    assert np.abs(found - slopes).max() < 1e-8
    assert np.abs(found).max() > 1e-2


@functools.lru_cache(maxsize=None)
def published(name):
    """Return (network, generator) of one of the first five framings, trained as in 2016."""
    framing = framings.named(name, "2016-07")
    subject, random = reference.keras_1(framing, 7)
    reference.train(subject, framing, random)
    return subject, random


@pytest.mark.parametrize("name", sorted(PUBLISHED))
def test_keras_1_with_seed_7_gives_the_published_accuracy_and_wrong_letters(name):
    framing, (subject, _) = framings.named(name, "2016-07"), published(name)
    assert subject.evaluate(*framings.arrays(framing), framing.batch_size)[1] == PUBLISHED[name][0]
    assert " ".join(line for line, is_right in lines(subject, framing) if not is_right) == PUBLISHED[name][1]


def test_the_generator_goes_on_to_the_published_random_patterns():
    _, random = published("within_batch")
    assert "".join(framings.ALPHABET[random.randint(25)] for _ in range(20)) == RANDOM_PATTERNS


def test_a_cold_start_from_k_gives_the_published_b_to_f():
    subject, letters = published("stateful")[0], "K"
    subject.reset()
    while len(letters) < 6:
        answers = subject.predict(framings.inputs(framings.STATEFUL, [letters[-1]]), 1)
        letters += framings.ALPHABET[answers[0].argmax()]
    assert letters == "KBCDEF"


@pytest.mark.slow
def test_variable_length_gives_the_twenty_published_lines():
    framing = framings.VARIABLE_LENGTH
    subject, random = reference.keras_1(framing, 7)
    reference.train(subject, framing, random)
    shown = [lines(subject, framing)[place][0] for place in random.randint(1000, size=20)]
    assert " ".join(shown) == VARIABLE_LENGTH_LINES
    assert 0.98 <= subject.evaluate(*framings.arrays(framing), 1000)[1] <= 0.99


def lines(subject, framing):
    """Return [("A->B", whether it is right)] of the training patterns in order."""
    subject.reset()
    answers = subject.predict(framings.arrays(framing)[0], framing.batch_size).argmax(axis=1)
    told = [framings.ALPHABET[answer] for answer in answers]
    patterns = framings.patterns(framing)
    return [("{}->{}".format(text, letter), letter == wanted) for (text, wanted), letter in zip(patterns, told)]


def test_the_first_update_moves_every_weight_by_the_learning_rate_towards_a_lower_loss():
    subject, before = network(), network().vector
    gradient = np.linspace(-1, 1, len(before)) + 0.001
    subject.update(gradient)
    assert np.allclose(before - subject.vector, 0.001 * np.sign(gradient), rtol=1e-3)


def test_no_gradient_comes_from_a_pattern_whose_probability_keras_clips():
    subject, (x, y, _) = network(), batch(1)
    clipping = reference.Network(subject.weights(), reference.Numerics(clip=0.4, dtype="float64"))
    assert not clipping.gradients(clipping.forward(x), y).any()
    assert reference.loss(clipping.forward(x).answers, y, 0.4) == -np.log(0.4)


def test_a_stateful_network_goes_on_where_the_last_batch_ended():
    framing = SMALL.replace(stateful=True, batch_size=3)
    subject, (x, _, _) = network(framing=framing), batch()
    whole = subject.forward(x)
    subject.predict(x[:, :2], 3)
    assert np.allclose(subject.predict(x[:, 2:], 3), whole.answers, atol=1e-15)
    assert np.allclose(subject.states(), whole.states, atol=1e-15)
    subject.reset()
    assert subject.states() == []
    assert np.array_equal(subject.predict(x, 3), whole.answers)


def test_a_stateless_network_starts_every_batch_from_zeros():
    subject, (x, y, _) = network(), batch()
    first = subject.predict(x, 1)
    subject.step(x[: 0 + 1], y[:1])
    assert subject.states() == []
    assert np.allclose(first, network().predict(x, 3), atol=1e-15)


def test_the_precision_is_a_value():
    x, y, _ = batch()
    for dtype in ("float16", "float32", "float64"):
        subject = network(dtype=dtype)
        subject.step(x, y)
        assert {array.dtype for array in (subject.vector, *subject.moments, subject.predict(x, 3))} == {np.dtype(dtype)}


def test_the_curves_have_one_value_an_epoch_and_progress_is_told():
    seen = []
    framing = SMALL.replace(epochs=3)
    curves = reference.train(network(framing=framing), framing, np.random.RandomState(0), seen.append)
    assert [len(values) for values in curves.values()] == [3, 3]
    assert seen == [1, 2, 3]
    assert curves["loss"][2] < curves["loss"][0]
