"""What is compared of a run: how it is scaled, which way is better, and how much of it is worth acting on."""

import math
from functools import cache
from typing import NamedTuple

FAMILIES = ("learning", "behaviours", "answers", "cost")


class Metric(NamedTuple):
    """One number of a run. A share is 1.0 in a run that shows it, else 0.0.

    better: 1 where more is better, -1 where less is. is_log: whether differences are ratios. floor: how much of a
    difference is worth acting on where the base's own runs scatter by less (on the logarithm's scale where `is_log`). claim:
    the sentence that declares it, "" where none does.
    """

    name: str
    family: str
    better: int
    is_log: bool = False
    is_share: bool = False
    is_fact: bool = False
    floor: float = 0.0
    claim: str = ""


# What is worth acting on where seeds hardly scatter: half a letter of 25, and one part in a hundred.
ACCURACY = Metric("accuracy", "learning", 1, floor=0.02)
LOSS = Metric("loss", "learning", -1, is_log=True, floor=math.log(1.01))
SHARE_FLOOR = 0.25  # One run in four: what eleven runs that all show a behaviour exclude with 95 % confidence.


def epochs_to(target: float) -> Metric:
    """Return the first epoch whose training accuracy (0 to 1) reaches the target; infinite in a run that never does."""
    name = f"epochs to {100 * target:.1f} %"
    return Metric(name, "learning", -1, is_log=True, floor=math.log(1.05))


def behaviour(name: str, is_fact: bool, claim: str = "") -> Metric:
    """Return a declared behaviour; a fact is one that does not depend on the seed."""
    return Metric(name, "behaviours", 1, is_share=True, is_fact=is_fact, floor=SHARE_FLOOR, claim=claim)


@cache
def answer(pattern: str) -> Metric:
    """Return whether a pattern of letters is answered with the letter that follows."""
    return Metric(f"answer to {pattern}", "answers", 1, is_share=True, floor=SHARE_FLOOR)


# Bytes that a process held at most, all its framings together.
MEMORY = Metric("peak_memory", "cost", -1, is_log=True, floor=math.log(1.1))


@cache
def cost(part: str) -> Metric:
    """Return what one timed part costs: in calibration loops, or where two stacks took turns in seconds of BASE."""
    return Metric(part, "cost", -1, is_log=True, floor=math.log(1.1))
