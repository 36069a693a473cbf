"""Pairs of processes that took turns: how often their test is wrong, and what it finds, on differences whose truth is known."""

import math

import numpy as np
import pytest
from scipy import stats

from harness.driver.compare import metrics, paired

PAIRS, SPREAD = 9, 0.03  # As nine pairs of tf2 differed beside other work.
DRAWS = 4000
COST = metrics.cost("epoch_of_fit")


def drawn(scatter, moved=0.0, draws=500):
    """Return differences (draws, pairs) of this scatter, each moved by so much."""
    return moved + SPREAD * scatter(np.random.default_rng(0), (draws, PAIRS))


def normal(random, shape):
    return random.normal(size=shape)


def with_bursts(random, shape):
    """As a neighbour has it who doubles the scatter of one pair in ten, and more."""
    return random.standard_t(3, size=shape)


def with_two_paces(random, shape):
    """As processes have it that come out fast or slow, by a tenth, wherever their memory lies."""
    return random.normal(size=shape) + (0.1 / SPREAD) * (random.integers(2, size=shape) - random.integers(2, size=shape))


@pytest.mark.parametrize("scatter", [normal, with_bursts, with_two_paces])
def test_what_did_not_change_seems_to_as_seldom_as_is_said(scatter):
    told = np.array([paired.chance(one).two_sided for one in drawn(scatter, draws=DRAWS)])
    for level in (0.05, 0.01, 0.001, 0.0001):  # The last is what a table of fourteen costs asks at the second look.
        assert (told <= level).sum() <= DRAWS * level + 3 * math.sqrt(DRAWS * level)


def test_a_tenth_more_is_seen_in_nearly_every_draw_and_never_shown_to_be_the_same():
    found = drawn(normal, math.log(1.1))
    assert np.mean([paired.chance(one).two_sided <= 1e-3 for one in found]) > 0.97
    assert np.mean([paired.is_shown(one, COST.floor) for one in found]) <= 0.05


def test_what_did_not_change_is_shown_to_be_the_same():
    assert np.mean([paired.is_shown(one, COST.floor) for one in drawn(normal)]) > 0.99


def test_few_pairs_say_nothing_and_neither_do_those_that_do_not_scatter():
    for found in (np.array([0.2, 0.21, 0.19, 0.2, 0.2]), np.full(9, 0.2)):
        assert (paired.chance(found).least, paired.is_shown(found, COST.floor)) == (1.0, False)


def test_a_difference_matters_from_half_a_tenth_on():
    assert not paired.effect(COST, np.array([0.0, 0.08])).matters
    assert paired.effect(COST, np.array([0.04, 0.08])).matters


def test_the_chance_is_that_of_student_s_t():
    for found in drawn(normal, 0.01, draws=5):
        told = paired.chance(found)
        wanted = [stats.ttest_1samp(found, 0.0, alternative=way).pvalue for way in ("greater", "less", "two-sided")]
        assert (told.above, told.below, told.two_sided) == pytest.approx(tuple(wanted))
