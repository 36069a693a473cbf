"""Learning curves as drawings that stand in a cell: the median loss over the seeds, and the band around it."""

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from harness.driver.summary import many
from harness.record import Record

POINTS = 40  # More are not seen on a drawing as wide as a cell.
BAND = (10, 90)  # Percentiles: the nearest seed outside, so that at least four of five lie within, and of ten or fewer all.
WIDTH, HEIGHT = 120, 44
LEAST = 2.0**-24  # -log(1 - 2**-24): the least loss but zero, which has no logarithm, that a probability in float32 has.


class Curve(NamedTuple):
    """The loss of one cell's seeds in nats after each of some epochs: the edges of the band, and the median between them.

    What is not finite is infinite: a seed that diverged is the worst there is.
    """

    seeds: int
    epochs: tuple[int, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def sentence(self) -> str:
        """What the drawing shows, for who cannot see it."""
        first = f"{spell(self.middle[0])} after epoch {self.epochs[0]}"
        return f"median loss {first}, {self.end} after epoch {self.epochs[-1]}; the band there: {self.ends}"

    @property
    def end(self) -> str:
        """The median after the last epoch."""
        return spell(self.middle[-1])

    @property
    def ends(self) -> str:
        """The band after the last epoch, and of how many seeds it is: one has none."""
        band = f"{spell(self.low[-1])} to {spell(self.high[-1])}, " if self.seeds > 1 else ""
        return band + many(self.seeds, "seed")


def spell(loss: float) -> str:
    """Return a loss in three digits."""
    return f"{loss:.3g}" if math.isfinite(loss) else "not finite"


class Scale(NamedTuple):
    """What a column of drawings shares, so that they can be held against each other: its epochs, and its losses."""

    first: int
    last: int
    least: float
    most: float


def of(runs: Iterable[Record]) -> Curve | None:
    """Return the curve of runs of one framing and budget, None where no loss of theirs was kept."""
    by_epochs: dict[tuple[int, ...], list[Sequence[float | None]]] = {}
    for one in runs:
        losses = one.curves.get("loss") or ()
        epochs = tuple(one.curves.get("epoch") or range(1, len(losses) + 1))
        if losses and len(epochs) == len(losses):
            by_epochs.setdefault(epochs, []).append(losses)
    if not by_epochs:
        return None
    epochs, told = max(by_epochs.items(), key=lambda pair: len(pair[1]))
    places = np.unique(np.linspace(0, len(epochs) - 1, POINTS).round().astype(int))
    losses = np.array([[math.inf if one[place] is None else one[place] for place in places] for one in told])
    low, high = np.percentile(losses, BAND[0], axis=0, method="lower"), np.percentile(losses, BAND[1], axis=0, method="higher")
    drawn = (tuple(one.tolist()) for one in (low, np.median(losses, axis=0), high))
    return Curve(len(told), tuple(epochs[place] for place in places), *drawn)


def scale(column: Iterable[Curve | None]) -> Scale | None:
    """Return what the drawings of one framing share, None where there is none."""
    found = [one for one in column if one]
    if not found:
        return None
    losses = [max(value, LEAST) for one in found for value in (*one.low, *one.high) if math.isfinite(value)] or [1.0]
    return Scale(min(one.epochs[0] for one in found), max(one.epochs[-1] for one in found), min(losses), max(losses))


def middle(curve: Curve, shared: Scale) -> str:
    """Return the median as the points of an SVG line, in a box of WIDTH by HEIGHT."""
    return " ".join(_points(curve.epochs, curve.middle, shared))


def band(curve: Curve, shared: Scale) -> str:
    """Return the band as the points of an SVG polygon, there along its upper edge and back along its lower one."""
    there, back = _points(curve.epochs, curve.high, shared), _points(curve.epochs, curve.low, shared)
    return " ".join([*there, *reversed(back)])


def _points(epochs: Sequence[int], losses: Sequence[float], shared: Scale) -> list[str]:
    across = (np.array(epochs) - shared.first) / max(1, shared.last - shared.first)
    tall = np.log(shared.most / shared.least) or 1.0
    down = np.log(shared.most / np.clip(losses, shared.least, shared.most)) / tall
    return [f"{x:.1f},{y:.1f}" for x, y in zip(WIDTH * across, HEIGHT * down, strict=True)]
