"""How often does the harness cry wolf? Runs `harness.clean` in a stack's own environment and sums up the alarms.

SciPy is imported where it is called: its import takes two seconds, which every command would wait for.
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from harness import framings
from harness.driver import selfchecks
from harness.driver.running import Caller

MODULE = "harness.clean"
BLOCK = 20  # Runs in one process: a framework never gives back all that a network took.
CONFIDENCE = 0.95
FEWEST, RESAMPLES, MISFIT = 30, 1000, 0.05  # Runs that a distribution is drawn through, samples of it, and when it is none.


class CleanRun(NamedTuple):
    """One run of the quick stages of an untouched stack. by: the probe that missed what is declared, "" where none did.

    off: the largest deviation of a stage that agrees, in units of its tolerance; nearest: that stage, and the engine. asked:
    the purposes of what was asked.
    """

    seed: int
    by: str
    sentence: str
    seconds: float
    off: float
    nearest: str
    asked: str = "stage and contract"


def runs(caller: Caller, stack: str, seeds: Sequence[int], jobs: int, is_short: bool = False) -> Iterator[CleanRun]:
    """Yield each run as soon as it has ended; SelfcheckError where the environment gives up on the way.

    is_short: ask the stages alone.
    """
    for begin in range(0, len(seeds), BLOCK * jobs):
        words = [str(jobs), *([framings.STAGES.name] if is_short else []), *map(str, seeds[begin : begin + BLOCK * jobs])]
        for found in selfchecks.run(caller, stack, MODULE, words):
            if set(found) == set(CleanRun._fields):
                yield CleanRun(**found)


def bound(alarms: int, of: int) -> float:
    """Return the share of clean runs that raise an alarm at most, with 95 % confidence (Clopper and Pearson, 1934)."""
    from scipy.stats import binomtest  # noqa: PLC0415 - see above

    interval = binomtest(alarms, of, alternative="less").proportion_ci(CONFIDENCE, method="exact")
    return float(interval.high)


class Tail(NamedTuple):
    """The share of runs in which a stage would pass its tolerance, and what it is at most, with 95 % confidence.

    fit: the p-value of Anderson's and Darling's test whether a Gumbel distribution, on which both rest, fits the runs.
    """

    share: float
    at_most: float
    fit: float


def tail(nearest: Sequence[float]) -> Tail | None:
    """Return the Tail of runs by how near to its tolerance each came; None of fewer than 30, or where all came as near.

    Each is the largest of many deviations. Such maxima tend to a Gumbel distribution where the tail of what they are maxima of
    is light (Coles, An Introduction to Statistical Modeling of Extreme Values, 2001, section 3.1); whether it fits is tested.
    The limit is exact for it: (1 - location) / scale is an estimate times s plus m, with (m, s) the fit to a standard
    sample of the same size (Lawless, Statistical Models and Methods for Lifetime Data, 2003, section 5.1: pivots).
    """
    from scipy.stats import goodness_of_fit, gumbel_r  # noqa: PLC0415 - see above

    if len(nearest) < FEWEST or np.ptp(nearest) == 0:
        return None
    location, scale = gumbel_r.fit(nearest)
    distance, random = (1 - location) / scale, np.random.default_rng(0)
    standard = [gumbel_r.fit(random.gumbel(size=len(nearest))) for _ in range(RESAMPLES)]
    least = np.quantile([distance * s + m for m, s in standard], 1 - CONFIDENCE)
    tested = goodness_of_fit(gumbel_r, np.asarray(nearest), statistic="ad", n_mc_samples=RESAMPLES, rng=random)
    return Tail(float(gumbel_r.sf(distance)), float(gumbel_r.sf(least)), float(tested.pvalue))


def limits(found: Sequence[CleanRun]) -> dict[str, object]:
    """Return {"at_most": the share of runs that raise an alarm at most, "tail": the Tail as values}; None of no runs."""
    drawn = tail([one.off for one in found])
    alarms = sum(bool(one.by) for one in found)
    return {"at_most": bound(alarms, len(found)) if found else None, "tail": drawn and drawn._asdict()}


def sentence(stack: str, found: Sequence[CleanRun]) -> str:
    """Return the sum in words."""
    alarms, of = sum(bool(one.by) for one in found), len(found)
    told = f"{stack}: {alarms} of {of} clean runs of the quick stages raised an alarm"
    if not found:
        return told
    nearest = max(found, key=lambda one: one.off)
    share = f"at most {bound(alarms, of):.2%} of such runs do, with {CONFIDENCE:.0%} confidence"
    said = f"{told}; {share}; the nearest to its tolerance came to {nearest.off:.0%} of it ({nearest.nearest})"
    return said if alarms else said + _tail_told(tail([one.off for one in found]))


def _tail_told(found: Tail | None) -> str:
    if found is None:
        return ""
    if found.fit < MISFIT:
        return f"; no Gumbel distribution fits how near they came (p = {found.fit:.2g}), so nothing is said of rarer ones"
    words = (
        "a stage passes its tolerance in {:.1g} of all runs, at most in {:.1g}, if the Gumbel distribution holds that fits them"
    )
    return f"; {words.format(found.share, found.at_most)} (p = {found.fit:.2g})"
