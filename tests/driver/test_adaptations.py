"""What code has to say differently on a stack, what warns there, and which defaults changed."""

from matrix import NAIVE, STATEFUL, checked, source

from harness.driver import adaptations, phrases
from harness.driver.atlas import Stack

SAYING = {"topic": "reset", "listing": "model.reset_states()", "said": "layer.reset_states()", "error": "AttributeError: no"}
NEW = {"adam.epsilon": 1e-07, "lstm.recurrent_activation": "sigmoid", "lstm.seed": None}
OLD = {"adam.epsilon": 1e-08, "lstm.recurrent_activation": "sigmoid", "lstm.implementation": 0}


def of(*records, newest=None):
    return adaptations.of(source("old", *records), newest)


def test_only_defaults_that_differ_from_the_newest_stack_are_listed():
    newest = source("tf2", checked("tf2", defaults=NEW))
    found = of(checked("old", defaults=OLD), newest=newest)
    assert [(one.name, one.here, one.newest) for one in found.defaults] == [
        ("adam.epsilon", "1e-08", "1e-07"),
        ("lstm.implementation", "0", "not there"),
        ("lstm.seed", "not there", "null"),
    ]
    assert adaptations.of(newest, newest).defaults == ()


def test_without_the_newest_stack_no_default_is_compared():
    found = of(checked("old", defaults=OLD))
    assert (found.defaults, found.is_observed, found.is_compared) == ((), True, False)


def test_what_two_framings_meet_is_said_once_with_both_their_names():
    found = of(checked("old", differences=[SAYING]), checked("old", framing=STATEFUL, differences=[SAYING]))
    (saying,) = found.sayings
    assert (saying.topic, saying.said, saying.framings) == ("reset", "layer.reset_states()", ("naive", "stateful"))


def test_a_warning_is_one_line_however_it_was_raised():
    (warned,) = of(checked("old", warnings=["UserWarning: do not\n   do this", "UserWarning: do not do this"])).warnings
    assert warned.text == "UserWarning: do not do this"


def test_stacks_that_meet_the_same_stand_together_and_those_never_looked_at_are_named():
    met = of(checked("old", framing=NAIVE, warnings=["a"])), of(checked("old", framing=STATEFUL, warnings=["a"]))
    stacks = [Stack(name, "", {}, one) for name, one in zip(("tf2.4", "tf2.10", "tf2"), (*met, of()), strict=True)]
    ((names, _),) = phrases.adapted(stacks)
    assert names == ["tf2.4", "tf2.10"]
    assert phrases.unobserved(stacks).endswith(": tf2")
