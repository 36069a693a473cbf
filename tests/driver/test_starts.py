"""The count of what seeds answer from a cold start."""

from matrix import NAIVE, STATEFUL, learnt

from harness import framings
from harness.driver import phrases, starts

WHOLE = framings.ALPHABET[1:]


def asked(seed, k="B", new_start="BCDEF", **ends):
    """Return a stateful run that answers B to every letter but, maybe, K."""
    cold = {letter: {"answer": k if letter == "K" else "B", "probability": 0.9} for letter in framings.ALPHABET}
    found = {"cold_starts": cold, "new_start": new_start, "warm_start": "L", "free_run": WHOLE, **ends}
    return learnt("tf2", seed, framing=STATEFUL, observations=found)


def test_every_letter_has_its_commonest_answer_and_how_many_seeds_give_it():
    found = starts.count([asked(1), asked(2), asked(3, k="L")])
    k = found.letters[framings.ALPHABET.index("K")]
    assert found.strip == "B" * 26
    assert (k.answer, k.agreeing, k.answering_b) == ("B", 2, 2)
    assert found.answering_b == (77, 78)


def test_the_agreement_is_a_dot_where_all_agree_else_the_tenths_that_do():
    assert starts.count([asked(1), asked(2)]).agreement == ""
    assert starts.count([asked(1), asked(2), asked(3, k="L")]).agreement == "·" * 10 + "6" + "·" * 15


def test_how_a_cold_k_goes_on_and_what_shows_state_are_counted_over_all_seeds():
    found = starts.count([asked(1), asked(2, new_start="BCDEE", warm_start="M", free_run="BB")])
    assert phrases.of(found.new_start) == "BCDEE 1/2"
    assert [phrases.right(one) for one in (found.new_start, found.warm_start, found.free_run)] == ["1/2", "1/2", "1/2"]


def test_a_network_without_state_is_not_asked_for_a_warm_start():
    cold = {letter: {"answer": "B", "probability": 0.9} for letter in framings.ALPHABET}
    found = starts.count([learnt("tf2", 1, framing=NAIVE, observations={"cold_starts": cold, "new_start": "LMNOP"})])
    assert (found.warm_start, phrases.right(found.warm_start)) == (None, "-")


def test_framings_that_take_no_single_letter_have_no_cold_starts():
    assert starts.count([learnt("tf2", 1)]) is None
    assert starts.count([]) is None


def test_a_letter_that_nobody_answered_is_a_question_mark():
    found = starts.count([learnt("tf2", 1, observations={"cold_starts": {}, "new_start": None})])
    assert (found.strip, found.new_start.answer) == ("?" * 26, "?")
