"""How often does the harness cry wolf? Runs `harness.clean` in a stack's own environment and sums up the alarms."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from scipy.stats import binomtest

from harness.driver import selfchecks

MODULE = "harness.clean"
BLOCK = 20  # Runs in one process: a framework never gives back all that a network took.
CONFIDENCE = 0.95


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


def sentence(stack: str, found: Sequence[CleanRun]) -> str:
    """Return the sum in words."""
    alarms, of = sum(bool(one.by) for one in found), len(found)
    told = f"{stack}: {alarms} of {of} clean runs of the quick stages raised an alarm"
    if not found:
        return told
    nearest = max(found, key=lambda one: one.off)
    share = f"at most {bound(alarms, of):.2%} of such runs do, with {CONFIDENCE:.0%} confidence"
    return f"{told}; {share}; the nearest to its tolerance came to {nearest.off:.0%} of it ({nearest.nearest})"
