"""Fisher's exact test against SciPy's, and its promise: nothing changed, at most `alpha` false alarms."""

import numpy as np
import pytest
from scipy import stats

from harness import shares

DECLARED = [(257, 300), (215, 300), (0, 40), (40, 40), (39, 40), (7, 20), (1, 1)]


@pytest.mark.parametrize(("shown", "of"), DECLARED, ids=str)
@pytest.mark.parametrize("judged", [1, 4, 20])
def test_the_p_value_is_scipy_s(shown, of, judged):
    for count in range(judged + 1):
        table = [[count, judged - count], [shown, of - shown]]
        assert shares.p_value(count, judged, shown, of) == pytest.approx(stats.fisher_exact(table)[1], rel=1e-9)


def test_counts_that_are_as_odd_as_each_other_are_summed_exactly():
    assert shares.p_value(0, 10, 10, 10) == 2 / shares.choose(20, 10)


@pytest.mark.parametrize("share", [0.0, 0.03, 0.5, 0.86, 0.995, 1.0])
@pytest.mark.parametrize("alpha", [0.05, 0.002])
def test_unchanged_seeds_raise_at_most_alpha_false_alarms(share, alpha):
    random, nights, judged, declared = np.random.RandomState(1), 4000, 20, 100
    alarms = 0
    bands = {}
    for reference, shown in zip(random.binomial(declared, share, nights), random.binomial(judged, share, nights)):
        if reference not in bands:
            bands[reference] = shares.bounds(judged, int(reference), declared, alpha)
        alarms += not bands[reference][0] <= shown <= bands[reference][1]
    assert alarms / nights <= alpha + 3 * np.sqrt(alpha / nights)


@pytest.mark.parametrize("total", range(0, 121, 7))
def test_whatever_the_true_share_is_the_exact_false_alarm_rate_keeps_alpha(total):
    judged, declared, alpha = 20, 100, 0.01
    counts = range(max(0, total - declared), min(judged, total) + 1)
    ways = {count: shares.choose(judged, count) * shares.choose(declared, total - count) for count in counts}
    bands = {count: shares.bounds(judged, total - count, declared, alpha) for count in counts}
    alarms = sum(way for count, way in ways.items() if not bands[count][0] <= count <= bands[count][1])
    assert alarms / sum(ways.values()) <= alpha


def test_bounds_are_the_counts_that_alpha_does_not_call_changed():
    least, most = shares.bounds(20, 257, 300, 0.001)
    assert shares.p_value(least, 20, 257, 300) >= 0.001 > shares.p_value(least - 1, 20, 257, 300)
    assert most == 20


def test_too_few_seeds_exclude_no_count_at_all():
    assert shares.bounds(2, 150, 300, 0.001) == (0, 2)


def test_a_share_of_all_still_lets_a_chance_exception_pass():
    least, most = shares.bounds(20, 300, 300, 0.001)
    assert 0 < least < 20 == most


@pytest.mark.parametrize(("n", "k", "ways"), [(5, 2, 10), (5, 0, 1), (5, 5, 1), (5, 6, 0), (5, -1, 0), (0, 0, 1)])
def test_choose_is_the_binomial_coefficient(n, k, ways):
    assert shares.choose(n, k) == ways
