"""What `fit` and `predict` cost on one stack, as a multiple of what they cost on another, measured side by side."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

from harness.driver.sources import Source
from harness.record import Record

PARTS = {"fit": "epoch_of_fit", "predict": "predict_one_letter"}
LOOP = 3  # The version of timing that brought today's calibration loop; what PARTS ask has not changed since.
RESAMPLES = 999
CONFIDENCE = 0.95


Machine = tuple[str, str, str]  # CPU, cores, system.


class Rounds(NamedTuple):
    """All rounds of one stack, framing, edition and part: seconds, and seconds over those of the calibration loop before.

    machines: all that they were taken on.
    """

    seconds: tuple[float, ...]
    calibrated: tuple[float, ...]
    is_tonight: bool
    machines: frozenset[Machine]


class Price(NamedTuple):
    """What one part costs. seconds: the median round; ratio, low, high: times the other stack's, with a 95 % interval.

    ratio is None where the other was not timed; low and high where either has one round only. Without `is_side_by_side`
    the two were not measured in one night on one machine, so that only the calibration loop makes up for it.
    """

    seconds: float
    rounds: int
    ratio: float | None
    low: float | None
    high: float | None
    is_side_by_side: bool


Key = tuple[str, str, str, str]  # Stack, framing, edition, part.


def rounds(sources: Iterable[Source]) -> dict[Key, Rounds]:
    """Return every stack's rounds by (stack, framing, edition, part), its invocations pooled.

    Those over another calibration loop than today's are left out: their seconds stand in the records.
    """
    found: dict[Key, list[tuple[float, float]]] = {}
    machines: dict[Key, set[Machine]] = {}
    tonight = {}
    for source in sources:
        for record in [one for one in source.timed if one.question.probes >= LOOP]:
            framing = record.question.framing
            for part, name in PARTS.items():
                timing = record.timings.get(name, {})
                pairs = zip(timing.get("rounds", ()), timing.get("calibration", ()), strict=False)
                key = source.stack, framing["name"], framing["edition"], part
                found.setdefault(key, []).extend((taken, loop) for taken, loop in pairs if taken and loop)
                machines.setdefault(key, set()).add(machine(record))
                tonight[key] = source.is_timed_tonight
    return {key: _rounds(pairs, tonight[key], machines[key]) for key, pairs in found.items() if pairs}


def _rounds(pairs: Sequence[tuple[float, float]], is_tonight: bool, machines: Iterable[Machine]) -> Rounds:
    seconds, calibrated = tuple(taken for taken, _ in pairs), tuple(taken / loop for taken, loop in pairs)
    return Rounds(seconds, calibrated, is_tonight, frozenset(machines))


def machine(record: Record) -> Machine:
    """Return what the record says of its machine; how many threads were allowed is no other machine."""
    cpu, cores, system = (str(record.machine.get(name, "")) for name in ("cpu", "cores", "system"))
    return cpu, cores, system


def prices(taken: dict[Key, Rounds], base: str) -> dict[Key, Price]:
    """Return every price, each relative to the same framing, edition and part on the base stack."""
    return {key: _price(one, taken.get((base, *key[1:])), key[0] == base) for key, one in taken.items()}


def _price(one: Rounds, base: Rounds | None, is_base: bool) -> Price:
    seconds, count = float(np.median(one.seconds)), len(one.seconds)
    if base is None:
        return Price(seconds, count, None, None, None, False)
    if is_base:
        return Price(seconds, count, 1.0, 1.0, 1.0, True)
    ratio, low, high = _ratio(one.calibrated, base.calibrated)
    return Price(seconds, count, ratio, low, high, _is_side_by_side(one, base))


def _is_side_by_side(one: Rounds, base: Rounds) -> bool:
    return one.is_tonight and base.is_tonight and len(one.machines | base.machines) == 1


def _ratio(here: Sequence[float], there: Sequence[float]) -> tuple[float, float | None, float | None]:
    ratio = float(np.median(here) / np.median(there))
    if min(len(here), len(there)) < 2:  # noqa: PLR2004 - a bootstrap of one round would say that it is exact
        return ratio, None, None
    found = stats.bootstrap(
        (here, there),
        lambda a, b, axis: np.median(a, axis=axis) / np.median(b, axis=axis),
        n_resamples=RESAMPLES,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return ratio, float(found.low), float(found.high)


def spell(price: Price | None, untimed: str = "absent") -> str:
    """Return the ratio in words: `0.26x`, with `~` before it where it was not measured side by side; else why there is none."""
    if price is None:
        return "not timed" if untimed == "absent" else f"price {untimed}"
    if price.ratio is None:
        return duration(price.seconds)
    return ("" if price.is_side_by_side else "~") + multiple(price.ratio)


def duration(seconds: float) -> str:
    """Return the seconds in a unit that gives three digits: `88.1 ms`, `1.29 s`."""
    for unit, size in (("s", 1.0), ("ms", 1e-3)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds / 1e-6:.3g} µs"


def spell_interval(price: Price) -> str:
    """Return the interval in words, "" where there is none: `0.24 to 0.29`."""
    if price.low is None or price.high is None or price.low == price.high:
        return ""
    return f"{multiple(price.low)[:-1]} to {multiple(price.high)[:-1]}"


def multiple(ratio: float) -> str:
    """Return a ratio in words, to two digits after the point, or as many as show two that are not zero: `0.26x`, `0.0041x`."""
    if ratio >= 10:  # noqa: PLR2004 - from here on the digits before the point say enough
        return f"{ratio:.0f}x"
    return f"{ratio:.{max(2, 1 - math.floor(math.log10(ratio)))}f}x"
