"""Each question that is put to a fitted network, asked of a fake whose answers are known."""

import math

import numpy as np
import pytest

from harness import framings, probes, training
from tests.unit.fakes import Backend

ALPHABET = framings.ALPHABET
SHORT = framings.VARIABLE_LENGTH.replace(draws=40)


def fitted(framing, *broken):
    return training.Fit(Backend(*broken)).train(framing.replace(epochs=2), 1)


def observed(framing, *broken, purpose="learn"):
    return probes.observe(fitted(framing, *broken), purpose)


@pytest.fixture(scope="module")
def seen():
    """What is observed of the faithful fake, by framing."""
    chosen = [SHORT if framing.draws else framing for framing in framings.FRAMINGS]
    return {framing.name: observed(framing) for framing in chosen}


def test_only_known_observations_are_made(seen):
    assert {name for observations in seen.values() for name in observations} < set(probes.NAMES)


@pytest.mark.parametrize("framing", [entry for entry in framings.FRAMINGS if not entry.draws], ids=lambda framing: framing.name)
def test_what_was_built_is_what_the_page_builds(seen, framing):
    found = seen[framing.name]
    assert (found["parameters"], found["learning_rate"]) == (framings.parameters(framing), 0.001)
    assert found["data_as_declared"] is True
    assert found["forget_bias"] == 1.0 == probes.built(fitted(framing))["forget_bias"]


def test_targets_that_are_shifted_are_not_the_declared_data():
    assert observed(framings.NAIVE, "targets")["data_as_declared"] is False


@pytest.mark.parametrize("name", framings.NAMES)
def test_the_answers_agree_with_what_the_framework_evaluates(seen, name):
    found = seen[name]
    assert found["right"] == found["accuracy"] == 1.0
    assert found["accuracy_off"] == 0
    assert found["loss_off"] < 1e-6


def test_a_framework_that_evaluates_something_else_is_off():
    found = observed(framings.NAIVE, "loss")
    assert found["loss_off"] == pytest.approx(1.0)


def test_every_pattern_has_its_answer_and_its_probability(seen):
    answers = seen["naive"]["answers"]
    assert [(asked, answer) for asked, answer, _ in answers] == list(zip(ALPHABET, ALPHABET[1:]))
    assert all(0.85 < probability < 0.95 for _, _, probability in answers)


def test_a_pattern_that_was_drawn_twice_is_answered_once_and_counted_twice(seen):
    drawn = framings.patterns(SHORT)
    assert len(set(drawn)) < len(drawn)
    assert [asked for asked, _, _ in seen["variable_length"]["answers"]] == [text for text, _ in dict.fromkeys(drawn)]
    known = fitted(framings.NAIVE.replace(window=2, draws=8, sequence="ABCD"))
    wrong = known._replace(answer=lambda x: np.eye(4)[np.ones(len(x), dtype=int)])  # B, whatever is asked.
    asked = framings.patterns(known.framing)
    found, right = probes.training_patterns(wrong), np.mean([letter == "B" for _, letter in asked])
    least, most = ((right - 1) * math.log(smallest) for smallest in (1e-7, 1e-45))
    assert (found["right"], found["implied_loss"]) == (right, pytest.approx([least, most]))


def test_what_is_wrong_is_named_and_counted_in_the_first_half():
    known = fitted(framings.NAIVE)
    answers = np.argmax(known.answer(known.x), axis=1)
    answers[[0, 3, 20]] = 25
    found = probes.training_patterns(known._replace(answer=lambda x: np.eye(26)[answers]))
    assert found["wrong"] == [["A", "Z"], ["D", "Z"], ["U", "Z"]]
    assert (found["wrong_in_first_half"], found["right"]) == (2, 22 / 25)
    assert found["implied_loss"][0] == pytest.approx(-3 / 25 * math.log(1e-7), rel=1e-5)


@pytest.mark.parametrize(("clipped_to", "off"), [(1e-7, 0.0), (1e-30, 0.0), (1e-3, 9.2), (0.5, 15.4)])
def test_a_loss_is_off_unless_it_follows_from_the_answers_clipped_or_not(clipped_to, off):
    found = probes.observe(fitted(framings.NAIVE)._replace(answer=lambda x: np.full((len(x), 26), 1e-30)))
    loss = -math.log(clipped_to)
    assert probes._outside(loss, *found["implied_loss"]) == pytest.approx(off, abs=0.1)


def test_a_pattern_stands_in_the_half_of_its_last_letter():
    known = fitted(framings.TIME_STEPS)
    answers = np.argmax(known.answer(known.x), axis=1)
    answers[[10, 11]] = 0
    found = probes.training_patterns(known._replace(answer=lambda x: np.eye(26)[answers]))
    assert (found["wrong"], found["wrong_in_first_half"]) == ([["KLM", "A"], ["LMN", "A"]], 1)


def test_what_is_evaluated_starts_from_a_fresh_state():
    known = fitted(framings.STATEFUL)
    known.answer(known.x[:1])
    assert probes.evaluation(known)["accuracy"] == 1.0


def test_the_demonstration_draws_the_letters_of_seed_7(seen):
    found = seen["within_batch"]["demonstration"]
    assert found["right"] == 20
    assert found["shown"][:5] == ["P->Q", "E->F", "W->X", "D->E", "T->U"]


def test_the_demonstration_of_variable_length_goes_on_where_the_patterns_ended():
    found = probes.demonstration(fitted(framings.VARIABLE_LENGTH.replace(epochs=1)))["demonstration"]
    assert found["shown"][:3] == ["J->K", "HIJ->K", "EF->G"]


@pytest.mark.parametrize("name", ["naive", "feature_window", "time_steps", "stateful"])
def test_framings_whose_page_draws_no_patterns_have_no_demonstration(seen, name):
    assert "demonstration" not in seen[name]


def test_a_network_without_state_answers_each_letter_cold_as_ever(seen):
    found = seen["naive"]
    assert found["cold_starts"]["K"]["answer"] == "L"
    assert found["cold_starts_all_b"] is False
    assert (found["free_run"], found["new_start"]) == (ALPHABET[1:], "LMNOP")


def test_a_network_that_counts_answers_b_from_every_cold_start(seen):
    found = seen["stateful"]
    assert "".join(start["answer"] for start in found["cold_starts"].values()) == "B" * 26
    assert found["cold_starts_all_b"] is True
    assert (found["free_run"], found["new_start"]) == (ALPHABET[1:], "BCDEF")


def test_warm_and_control_starts_and_a_constant_letter_show_the_counter(seen):
    found = seen["stateful"]
    assert (found["warm_start"], found["control_start"], found["constant_letter"]) == ("L", "L", ALPHABET[1:])


def test_a_reset_that_does_nothing_is_seen_in_every_cold_start():
    found = observed(framings.STATEFUL, "reset")
    assert found["cold_starts_all_b"] is False
    assert found["new_start"] != "BCDEF"
    assert found["state"]["after_reset"] > 0


def test_the_state_is_there_after_a_letter_and_gone_after_a_reset(seen):
    assert seen["stateful"]["state"] == {"shape": [[1, 50], [1, 50]], "kept": 1.0, "after_reset": 0.0}


def test_a_state_that_is_not_a_number_is_not_called_zero_after_the_reset():
    assert math.isnan(observed(framings.STATEFUL, "nan")["state"]["after_reset"])


def test_rows_that_do_not_see_each_other_have_no_influence(seen):
    assert seen["within_batch"]["neighbours"] == 0


def test_rows_that_see_each_other_are_found_out():
    assert observed(framings.WITHIN_BATCH, "rows")["neighbours"] > 1e-6


@pytest.mark.parametrize("is_other", [
    lambda x, trained: len(x) == 1, lambda x, trained: len(x) == 25 and not np.array_equal(x, trained.x),
], ids=["alone", "among others"])  # fmt: skip
def test_a_row_is_asked_alone_and_among_others(is_other):
    known = fitted(framings.NAIVE)
    changed = known._replace(answer=lambda x: np.full((len(x), 26), float(is_other(x, known))))
    assert probes.neighbours(changed)["neighbours"] == 1.0


def test_scattered_triples_are_a_hundred_of_three_different_letters_without_z():
    known, asked = fitted(framings.TIME_STEPS), []
    probes.scattered(known._replace(answer=lambda x: asked.append(x) or known.answer(x)))
    letters = np.rint(asked[0].reshape(100, 3) * 26)
    assert all(len(set(triple)) == 3 for triple in letters.tolist())
    assert letters.max() < 25


@pytest.mark.parametrize("name", ["feature_window", "time_steps"])
def test_scattered_triples_are_answered_by_their_last_letter(seen, name):
    assert seen[name]["scattered_right"] == 1.0
    assert "free_run" not in seen[name]


def test_a_network_that_answers_one_letter_has_few_scattered_triples_right():
    known = fitted(framings.TIME_STEPS)
    assert probes.scattered(known._replace(answer=lambda x: np.eye(26)[[1] * len(x)]))["scattered_right"] < 0.1


def test_a_check_asks_nothing_that_must_be_learned():
    assert set(observed(framings.STATEFUL, purpose="check")) == {
        "parameters", "weights_digest", "forget_bias", "learning_rate", "data_as_declared", "loss", "accuracy", "state",
    }  # fmt: skip


def test_weights_that_differ_in_one_bit_have_another_digest():
    weights = [np.zeros(3, "float32"), np.ones(2, "float32")]
    nearly = [weights[0], np.nextafter(weights[1], np.float32(2))]
    assert probes.weights_digest(weights) == probes.weights_digest([array.copy() for array in weights])
    assert probes.weights_digest(weights) != probes.weights_digest(nearly)
