"""Are two groups of numbers draws of one distribution? By their rank sum, held against that of all groupings.

If nothing changed, every grouping of the pooled numbers into two of these sizes is as likely as the one that was seen,
whatever their distribution is and however many are tied. The groupings are counted, not drawn: by the shift algorithm of
Streitberg and Röhmel ("Exact distributions for permutation and rank tests", Statistical Software Newsletter 12, 1986). On
two values only, as a behaviour's, this is Fisher's exact test. The normal approximation with ties is taken
(`scipy.stats.mannwhitneyu`) where it decides nothing, and where counting would take long, which is with so many numbers
that it is not needed.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import special, stats

WORK = 2e8  # Additions, which take some 0.2 s.
Numbers = Sequence[float] | np.ndarray

HAIR = 1e-6  # Two sums that lie equally far from the mean do so but for rounding.
CLEAR = 0.1  # Above this a two-sided p decides nothing, and the approximation will do.


class Chance(NamedTuple):
    """How rare the second group's rank sum is, though nothing changed: as far above, as far below, and as far either way.

    least: the smallest two-sided p that any grouping of these numbers could give.
    """

    above: float
    below: float
    two_sided: float
    least: float


SURE = Chance(1.0, 1.0, 1.0, 1.0)  # Of numbers that are all alike, every grouping is the same.


def chance(first: Numbers, second: Numbers) -> Chance:
    """Return the chance of so large a rank sum; both groups need a number at least, which may be infinite."""
    return chances(np.array([first], float), np.array([second], float))[0]


def chances(first: np.ndarray, second: np.ndarray) -> list[Chance]:
    """Return the chance of each row of `first` (metrics, runs) against the same row of `second` (metrics, other runs)."""
    pooled = np.concatenate([first, second], axis=1)
    found = [SURE] * len(pooled)
    moving = np.flatnonzero((pooled != pooled[:, :1]).any(axis=1))
    if not moving.size:
        return found
    above, below, either = (
        stats.mannwhitneyu(second[moving], first[moving], alternative=way, method="asymptotic", axis=1).pvalue
        for way in ("greater", "less", "two-sided")
    )
    least = _least(pooled[moving], second.shape[1])
    for place, row in enumerate(moving):
        rough = Chance(float(above[place]), float(below[place]), float(either[place]), float(least[place]))
        found[row] = _counted(pooled[row], second.shape[1], rough) if rough.two_sided <= CLEAR else rough
    return found


def _least(pooled: np.ndarray, size: int) -> np.ndarray:
    """Return the smallest two-sided p of each row: the chance of the groupings at the farther end, ties counted in."""
    ranked = stats.rankdata(pooled, axis=1)
    ordered, mean = np.sort(ranked, axis=1), size * (pooled.shape[1] + 1) / 2
    low, high = (abs(end[:, :size].sum(axis=1) - mean) for end in (ordered, ordered[:, ::-1]))
    ways_low, ways_high = (np.exp(_log_share(end, size)) for end in (ordered, ordered[:, ::-1]))
    is_even = np.isclose(low, high)
    return np.where(is_even, np.minimum(1.0, ways_low + ways_high), np.where(low > high, ways_low, ways_high))


def _log_share(ordered: np.ndarray, size: int) -> np.ndarray:
    """Return the logarithm of the share of groups of that size whose sum is as near to this end as can be."""
    is_last = ordered == ordered[:, size - 1 : size]
    ways = _log_choose(is_last.sum(axis=1), is_last[:, :size].sum(axis=1))
    return ways - _log_choose(ordered.shape[1], size)


def _log_choose(n: int | np.ndarray, k: int | np.ndarray) -> np.ndarray:
    return np.asarray(special.gammaln(n + 1) - special.gammaln(k + 1) - special.gammaln(n - k + 1))


def _counted(pooled: np.ndarray, size: int, rough: Chance) -> Chance:
    """Return the exact chance, counted on the smaller of the two groups, or the rough one where that would take long."""
    scores, smaller = _scores(pooled), min(size, len(pooled) - size)
    if len(scores) * smaller * np.sort(scores)[-smaller:].sum() > WORK:
        return rough
    shares = _distribution(scores, smaller)
    total = int((scores[-size:] if smaller == size else scores[:-size]).sum())
    distance = abs(np.arange(len(shares)) - smaller * scores.mean())
    far = float(shares[distance >= distance[total] - HAIR].sum())
    ends = float(shares[total:].sum()), float(shares[: total + 1].sum())
    above, below = ends if smaller == size else ends[::-1]
    return Chance(above, below, min(1.0, far), rough.least)


def _scores(pooled: np.ndarray) -> np.ndarray:
    """Return the ranks as the smallest whole numbers of the same distances, the least of them 0."""
    doubled = np.rint(2 * stats.rankdata(pooled)).astype(np.int64)
    shifted = doubled - doubled.min()
    return shifted // np.gcd.reduce(shifted)


def _distribution(scores: np.ndarray, size: int) -> np.ndarray:
    """Return the share of all groups of that size that has each sum, by index."""
    most = int(np.sort(scores)[-size:].sum())
    counts = np.zeros((size + 1, most + 1))
    counts[0, 0] = 1.0
    for score in map(int, scores):
        counts[1:, score:] += counts[:-1, : most + 1 - score]  # A group of one less, and this score.
    return counts[size] / counts[size].sum()
