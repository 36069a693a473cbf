"""Learning curves as drawings that stand in a cell: the median loss over the seeds, and the band that most seeds keep to."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from harness.driver.printing import many
from harness.record import Record

POINTS = 40  # More are not seen on a drawing as wide as a cell.
BAND = (10, 90)  # Per cent of the seeds below either edge.
WIDTH, HEIGHT = 120, 44
LEAST = 1e-6  # A loss in float32 is zero where the answer is certain, and zero has no logarithm.


class Curve(NamedTuple):
    """The loss of one cell's seeds in nats after each of some epochs: the edges of the band, and the median between them."""

    seeds: int
    epochs: tuple[int, ...]
    low: tuple[float, ...]
    middle: tuple[float, ...]
    high: tuple[float, ...]

    @property
    def sentence(self) -> str:
        """What the drawing shows, for who cannot see it."""
        first, last = f"{self.middle[0]:.3g} after {self._after(0)}", f"{self.middle[-1]:.3g} after {self._after(-1)}"
        return f"median loss {first}, {last}; {BAND[0]} to {BAND[1]} % of seeds: {self.ends}"

    @property
    def ends(self) -> str:
        """The band after the last epoch, and of how many seeds it is: one has none."""
        band = f"{self.low[-1]:.3g} to {self.high[-1]:.3g}, " if self.seeds > 1 else ""
        return band + many(self.seeds, "seed")

    def _after(self, place: int) -> str:
        return f"epoch {self.epochs[place]}"


class Scale(NamedTuple):
    """What a column of drawings shares, so that they can be held against each other: its epochs, and its losses."""

    first: int
    last: int
    least: float
    most: float


def of(runs: Iterable[Record]) -> Curve | None:
    """Return the curve of runs of one framing, None where none of them has a finite loss."""
    told = [one.curves for one in runs if one.curves.get("loss")]
    if not told:
        return None
    longest = max(told, key=lambda one: len(one["loss"]))
    count = len(longest["loss"])
    losses = np.full((len(told), count), np.nan)
    for row, one in zip(losses, told, strict=True):
        row[: len(one["loss"])] = [np.nan if value is None else value for value in one["loss"]]
    epochs = np.array(longest.get("epoch") or range(1, count + 1))
    places = np.unique(np.linspace(0, count - 1, POINTS).round().astype(int))
    places = places[np.isfinite(losses[:, places]).any(axis=0)]
    if not len(places):
        return None
    edges = np.nanpercentile(losses[:, places], (BAND[0], 50, BAND[1]), axis=0)
    return Curve(len(told), tuple(epochs[places].tolist()), *(tuple(edge.tolist()) for edge in edges))


def scale(column: Iterable[Curve | None]) -> Scale | None:
    """Return what the drawings of one framing share, None where there is none."""
    found = [one for one in column if one]
    if not found:
        return None
    return Scale(
        min(one.epochs[0] for one in found),
        max(one.epochs[-1] for one in found),
        min(map(_positive, (value for one in found for value in one.low))),
        max(map(_positive, (value for one in found for value in one.high))),
    )


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
    down = np.log(shared.most / np.array([_positive(value) for value in losses])) / tall
    return [f"{x:.1f},{y:.1f}" for x, y in zip(WIDTH * across, HEIGHT * down, strict=True)]


def _positive(loss: float) -> float:
    return max(loss, LEAST)
