import numpy as np
import pytest
from scipy import stats

from harness.driver.compare import budget, equivalence, metrics, ranks
from harness.driver.compare.ranks import Chance


def all_groupings(first, second):
    """Return the one-sided p that the second group lies above, over every grouping, by SciPy."""

    def rank_sum(one, other, axis):
        return stats.rankdata(np.concatenate([one, other], axis=-1), axis=-1)[..., : one.shape[-1]].sum(axis=-1)

    found = stats.permutation_test(
        (np.array(second), np.array(first)), rank_sum, vectorized=True, n_resamples=np.inf, alternative="greater"
    )
    return found.pvalue


@pytest.mark.parametrize("sizes", [(5, 5), (30, 5), (5, 30), (20, 20), (60, 30)])
def test_without_ties_the_chance_is_that_of_mann_and_whitney(sizes):
    random = np.random.default_rng(sum(sizes))
    first, second = random.normal(size=sizes[0]), random.normal(3, size=sizes[1])
    exact = stats.mannwhitneyu(second, first, alternative="greater", method="exact").pvalue
    assert ranks.chance(first, second).above == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(("first", "second"), [
    ([0, 0, 0, 1, 1, 2, 2], [2, 3, 3, 3, 4]), ([1.5, 1.5, 1.5, 1.5, 2, 2], [2, 2, 2, 2, np.inf, np.inf]),
    ([0] * 8, [0, 1, 1, 1, 1]),
])  # fmt: skip
def test_with_ties_the_chance_is_that_of_all_groupings(first, second):
    assert ranks.chance(first, second).above == pytest.approx(all_groupings(first, second))
    assert ranks.chance(second, first).below == pytest.approx(all_groupings(first, second))


@pytest.mark.parametrize(("shown", "of", "base_shown", "base_of"), [(2, 5, 30, 30), (20, 20, 8, 20), (3, 12, 200, 200)])
def test_on_a_behaviour_the_chance_is_that_of_fisher(shown, of, base_shown, base_of):
    base, new = ([1.0] * yes + [0.0] * (all_ - yes) for yes, all_ in ((base_shown, base_of), (shown, of)))
    table = [[shown, of - shown], [base_shown, base_of - base_shown]]
    side = "greater" if shown * base_of > base_shown * of else "less"
    found = ranks.chance(base, new)
    exact = stats.fisher_exact(table, alternative=side).pvalue
    assert (found.above if side == "greater" else found.below) == pytest.approx(exact)
    assert found.two_sided == pytest.approx(stats.fisher_exact(table).pvalue)


def test_numbers_that_are_all_alike_decide_nothing():
    assert ranks.chance([1.0] * 20, [1.0] * 20) == ranks.SURE


def test_the_least_chance_is_that_of_the_farthest_grouping():
    assert ranks.chance(range(30), range(100, 105)).least == pytest.approx(ranks.chance(range(30), range(100, 105)).two_sided)
    assert ranks.chance([1] * 30, [1] * 4 + [0]).least == pytest.approx(1 / 7)  # One of 35 runs is the odd one; five are new.


def test_a_rank_sum_of_equal_stacks_is_as_rare_as_it_says():
    random = np.random.default_rng(1)
    p = [one.two_sided for one in ranks.chances(random.normal(size=(4000, 20)), random.normal(size=(4000, 5)))]
    for level in (0.05, 0.01, 0.001):
        assert np.mean(np.array(p) <= level) <= level + 3 * np.sqrt(level / 4000)


def test_the_budget_is_spent_on_what_can_be_decided_alone():
    hopeless, sure = Chance(0.2, 0.8, 0.4, 0.4), Chance(0.001, 1.0, 0.002, 1e-6)
    alone = budget.adjusted([sure], [1], 0.01)
    assert alone == pytest.approx([2 * 0.002])
    assert budget.adjusted([sure, *[hopeless] * 1000], [1] * 1001, 0.01)[0] == alone[0]
    assert budget.adjusted([sure, *[sure._replace(two_sided=1.0)] * 9], [1] * 10, 0.01)[0] == pytest.approx(10 * alone[0])


def test_every_further_look_costs_more_and_all_of_them_no_more_than_the_budget():
    sure = Chance(0.001, 1.0, 0.002, 1e-6)
    costs = [budget.adjusted([sure], [look], 0.05)[0] / 0.002 for look in (1, 2, 3)]
    assert costs == pytest.approx([2, 6, 12])
    assert sum(1 / budget.penalty(look) for look in range(1, 10_000)) < 1


def test_equal_shares_are_the_same_once_there_are_runs_enough():
    shown = metrics.behaviour("a behaviour", is_fact=False)
    assert not equivalence.is_shown(shown, np.ones(30), np.ones(5), 0.25)
    assert equivalence.is_shown(shown, np.ones(30), np.ones(20), 0.25)
    assert not equivalence.is_shown(shown, np.ones(30), np.repeat([1.0, 0.0], [15, 5]), 0.25)


def test_a_shift_of_the_whole_margin_is_called_the_same_as_seldom_as_its_level_says():
    random = np.random.default_rng(2)
    draws = [(random.normal(size=20), random.normal(1, size=20)) for _ in range(400)]
    said = [equivalence.is_shown(metrics.LOSS, base, new, margin=1.0) for base, new in draws]
    assert np.mean(said) <= equivalence.LEVEL + 3 * np.sqrt(equivalence.LEVEL / 400)
