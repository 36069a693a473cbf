"""What a part costs on one stack, relative to another."""

import pytest
from matrix import learnt, seeds, source, timed, versions

from harness.driver import prices, sheets

KEY = ("naive", "2018-08", "fit")


def price_of(stack, *sources):
    """Return the price of fit for the naive framing, tf2 being 1."""
    return prices.prices(prices.rounds(sources), "tf2")[(stack, *KEY)]


def test_a_price_is_the_median_round_over_its_calibration_loop_relative_to_the_newest_stack():
    base = source("tf2", timed("tf2", (0.4, 0.4, 0.4)))
    found = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.1, 0.1, 9.0))))
    assert (found.ratio, found.seconds, found.rounds) == (pytest.approx(0.25), 0.1, 3)


def test_a_slower_hour_of_the_machine_is_no_higher_price():
    base = source("tf2", timed("tf2", (0.4, 0.4), loops=(0.001, 0.001)))
    found = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.8, 0.8), loops=(0.002, 0.002))))
    assert found.ratio == pytest.approx(1.0)


def test_rounds_over_another_calibration_loop_are_no_price():
    older = timed("tf2.15")
    before, since = (source("tf2.15", older._replace(question=older.question._replace(probes=version))) for version in (2, 3))
    assert not prices.rounds([before])
    assert prices.rounds([since])


def test_the_rounds_of_several_invocations_of_a_stack_are_pooled():
    base = source("tf2", timed("tf2"))
    two = timed("tf2.15", (0.1,), loops=(0.001,)), timed("tf2.15", (0.3,), loops=(0.001,), invocation="other")
    found = price_of("tf2.15", base, source("tf2.15", *two))
    assert (found.rounds, found.ratio) == (2, pytest.approx(2.0))


def test_the_interval_holds_the_ratio_and_widens_with_the_rounds():
    base = source("tf2", timed("tf2", (0.40, 0.41, 0.42)))
    narrow = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.10, 0.10, 0.10))))
    wide = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.08, 0.10, 0.16))))
    for found in (narrow, wide):
        assert found.low <= found.ratio <= found.high
    assert wide.high - wide.low > narrow.high - narrow.low


def test_one_round_has_no_interval():
    base = source("tf2", timed("tf2", (0.4,), loops=(0.001,)))
    found = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.1,), loops=(0.001,))))
    assert (found.low, found.high, prices.spell_interval(found)) == (None, None, "")


def test_without_the_newest_stack_there_are_seconds_and_no_ratio():
    found = price_of("tf2.15", source("tf2.15", timed("tf2.15", (0.0881,), loops=(0.001,))))
    assert (found.ratio, prices.spell(found)) == (None, "88.1 ms")


def test_what_was_not_timed_in_the_same_night_is_marked():
    base = source("tf2", timed("tf2", (0.4, 0.4)))
    found = price_of("tf2.15", base, source("tf2.15", timed("tf2.15", (0.1, 0.1)), is_timed_tonight=False))
    assert prices.spell(found) == "~0.25x"


@pytest.mark.parametrize(
    ("machine", "words"),
    [
        ({"cpu": "Another"}, "~0.25x"),
        ({"cores": 4}, "~0.25x"),
        ({"system": "Darwin arm64"}, "~0.25x"),
        ({"variables": {}}, "0.25x"),
    ],
)
def test_what_was_timed_on_another_machine_of_the_night_is_marked(machine, words):
    base, other = timed("tf2", (0.4, 0.4)), timed("tf2.15", (0.1, 0.1))
    other = other._replace(machine={**other.machine, **machine})
    assert prices.spell(price_of("tf2.15", source("tf2", base), source("tf2.15", other))) == words


def test_rounds_of_which_one_was_taken_on_another_machine_are_marked():
    base, one = timed("tf2", (0.4,)), timed("tf2.15", (0.1,))
    other = one._replace(invocation="other", machine={**one.machine, "cpu": "Another"})
    assert prices.spell(price_of("tf2.15", source("tf2", base), source("tf2.15", one, other))) == "~0.25x"


def test_why_there_is_no_price_is_said():
    assert prices.spell(None) == "not timed"
    assert prices.spell(None, "left out") == "price left out"


@pytest.mark.parametrize(("ratio", "words"), [(1, "1.00x"), (0.264, "0.26x"), (0.00412, "0.0041x"), (48.3, "48x")])
def test_a_ratio_has_two_digits_that_say_something(ratio, words):
    assert prices.multiple(ratio) == words


@pytest.mark.parametrize(("seconds", "words"), [(1.2894, "1.29 s"), (0.0881, "88.1 ms"), (12.9e-6, "12.9 µs")])
def test_seconds_have_the_unit_that_fits(seconds, words):
    assert prices.duration(seconds) == words


def keras_3(declared, last_keras_2_is_tonight):
    """Return the table of Keras 3 against tf2.15, with a Keras 2 and a tf-keras that do not belong into it."""
    old, new = versions("2.15.1", "2.15.0"), versions("2.16.1", "3.0.5")
    found = [
        source("tf2.15", *seeds("tf2.15", [0.5], installed=old), timed("tf2.15"), is_timed_tonight=last_keras_2_is_tonight),
        source("tf2.16", *seeds("tf2.16", [0.5], installed=new), timed("tf2.16", (0.4, 0.4, 0.4))),
        source("newest", *seeds("newest", [0.5], installed=versions(keras=None, keras_nightly="3.16.0.dev2")), timed("newest")),
        source("tf2.10", *seeds("tf2.10", [0.5], installed=versions("2.10.1", "2.10.0")), timed("tf2.10")),
        source("tf2-legacy", learnt("tf2-legacy", 1, installed=versions(tf_keras="2.21.0")), timed("tf2-legacy")),
    ]
    return sheets.sheet(declared, found, "2018-08").keras_3


def test_keras_3_is_priced_against_the_last_keras_2_where_both_were_timed_in_one_night(declared):
    found = keras_3(declared, last_keras_2_is_tonight=True)
    assert {name: [price.ratio for price in row] for name, row in found.items()} == {
        "tf2.16": [pytest.approx(4.0)],
        "newest": [1.0],
    }
    assert keras_3(declared, last_keras_2_is_tonight=False) == {}
