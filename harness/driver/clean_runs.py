"""How often does the harness cry wolf? Runs `harness.clean` in a stack's own environment and sums up the alarms."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.stats import binomtest, gumbel_r

from harness.driver import selfchecks

MODULE = "harness.clean"
BLOCK = 20  # Runs in one process: a framework never gives back all that a network took.
CONFIDENCE = 0.95
FEWEST, RESAMPLES = 30, 1000  # Runs that a distribution is drawn through, and how often they are drawn again.


class CleanRun(NamedTuple):
    """One run of the quick stages of an untouched stack. by: the probe that missed what is declared, "" where none did.

    off: the largest deviation of a stage that agrees, in units of its tolerance; nearest: that stage, and the engine.
    """

    seed: int
    by: str
    sentence: str
    seconds: float
    off: float
    nearest: str


def runs(stack: str, seeds: Sequence[int], jobs: int, root: Path, environ: Mapping[str, str], home: Path) -> Iterator[CleanRun]:
    """Yield each run as soon as it has ended; SelfcheckError where the environment gives up on the way."""
    for begin in range(0, len(seeds), BLOCK * jobs):
        words = [str(number) for number in (jobs, *seeds[begin : begin + BLOCK * jobs])]
        for found in selfchecks.told(stack, MODULE, words, root, environ, home):
            if set(found) == set(CleanRun._fields):
                yield CleanRun(**found)


def bound(alarms: int, of: int) -> float:
    """Return the share of clean runs that raise an alarm at most, with 95 % confidence (Clopper and Pearson, 1934)."""
    interval = binomtest(alarms, of, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(interval.high)


class Tail(NamedTuple):
    """The share of clean runs whose nearest stage would pass its tolerance, and what it is at most, with 95 % confidence."""

    share: float
    at_most: float


def tail(nearest: Sequence[float]) -> Tail:
    """Return the Tail of runs by how near to its tolerance each came: the largest of many deviations, in units of it.

    Such maxima follow a Gumbel distribution where what they are maxima of has a light tail, as sums of roundings have (Coles,
    An Introduction to Statistical Modeling of Extreme Values, 2001, section 3.1); it is fitted by maximum likelihood. The
    upper end is the percentile of the same over bootstrap samples (Efron and Tibshirani, 1993, section 13.3).
    """
    random, values = np.random.default_rng(0), np.asarray(nearest)
    again = [_beyond(random.choice(values, len(values))) for _ in range(RESAMPLES)]
    return Tail(_beyond(values), float(np.quantile(again, CONFIDENCE)))


def _beyond(values: np.ndarray) -> float:
    return float(gumbel_r.sf(1.0, *gumbel_r.fit(values)))


def sentence(stack: str, found: Sequence[CleanRun]) -> str:
    """Return the sum in words."""
    alarms, of = sum(bool(one.by) for one in found), len(found)
    told = f"{stack}: {alarms} of {of} clean runs of the quick stages raised an alarm"
    if not found:
        return told
    nearest = max(found, key=lambda one: one.off)
    share = f"at most {bound(alarms, of):.2%} of such runs do, with {CONFIDENCE:.0%} confidence"
    said = f"{told}; {share}; the nearest to its tolerance came to {nearest.off:.0%} of it ({nearest.nearest})"
    return said if alarms or of < FEWEST else said + _tail_told([one.off for one in found])


def _tail_told(nearest: Sequence[float]) -> str:
    share, at_most = tail(nearest)
    return f"; a Gumbel distribution through all of them has {share:.1g} beyond it, at most {at_most:.1g}"
