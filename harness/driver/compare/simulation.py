"""What `compare` says where the truth is known: seeds of one stack dealt to two sides, unchanged or moved by so much.

Every run that is dealt is a real one, from the records that the expectations were counted on, and no run is on both sides.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np

from harness import framings
from harness.driver.compare import differences, equivalence, lines, sequential, series, turned
from harness.driver.compare.metrics import Metric
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key
from harness.driver.compare.turned import Ratios
from harness.expectations import Declared
from harness.record import Record

# What a night trains: on so many stacks, so many runs of each framing, and so many of variable length (docs/comparing.md).
NIGHT = ((18, 20, 4), (11, 5, 1))
FEWEST = 5  # Values that differ; of fewer a standard deviation says little.
LONG = framings.VARIABLE_LENGTH.name

Pools = Mapping[str, Cell]


class Case(NamedTuple):
    """One metric of one framing that is followed, against so many runs of BASE.

    deviations: by how many standard deviations between seeds NEW is worse. share: of NEW's runs that show a behaviour, None
    where it is left as it is.
    """

    framing: str
    metric: Metric
    base: int
    deviations: float = 0.0
    share: float | None = None

    @property
    def change(self) -> str:
        """What is changed in NEW, in words."""
        if self.share is not None:
            return f"shown by {self.share:.0%}"
        return f"{self.deviations:g} deviations worse" if self.deviations else "none"

    def changed(self, values: np.ndarray, random: np.random.Generator) -> np.ndarray:
        """Return the metric's values as NEW would have them."""
        if self.share is not None:
            return (random.random(len(values)) < self.share).astype(float)
        scaled = equivalence.scaled(self.metric, values)
        moved = scaled - self.metric.better * self.deviations * float(np.nanstd(scaled))
        return np.exp(moved) if self.metric.is_log else moved


class Followed(NamedTuple):
    """What became of it: its word after the first look and after the last, and how many runs NEW had then."""

    first: str
    last: str
    runs: int


def pools(declared: Declared, folder: Path) -> dict[str, Cell]:
    """Return the reference runs of the newest edition by framing: the seeds that are dealt."""
    references = [one for several in declared.references.values() for one in several]
    files = {one.records for one in references if framings.NEWEST_EDITION in one.editions}
    found = [series.cells(declared, map(_of_any_probes, lines.read(folder / name))) for name in sorted(files)]
    return {key.framing: cell for stacks in found for cells in stacks.values() for key, cell in cells.items()}


def _of_any_probes(run: Record) -> Record:
    """Return a run as if all had been asked by the same probes: what earlier ones did not ask is not asked there."""
    return run._replace(question=run.question._replace(probes=0))


def cases(pools: Pools, base: int) -> list[Case]:
    """Return what is followed: each number that scatters, unchanged and two deviations worse; behaviours, shown by half.

    A framing of which there are not runs enough for both sides is left out.
    """
    deep = {name: cell for name, cell in pools.items() if len(cell.seeds) >= base + sequential.MOST}
    numbers = [Case(name, one, base) for name, cell in deep.items() for one in _scattering(cell)]
    shown = [Case(name, one, base) for name, cell in deep.items() for one in _always_shown(cell)]
    changed = [*(one._replace(deviations=2.0) for one in numbers), *(one._replace(share=0.5) for one in shown)]
    return [*numbers, *shown, *changed]


def _scattering(cell: Cell) -> list[Metric]:
    numbers = [one for one in cell.metrics.values() if one.family == "learning"]
    return [one for one in numbers if len(np.unique(_asked(cell, one))) > FEWEST]


def _asked(cell: Cell, metric: Metric) -> np.ndarray:
    values = cell.columns[metric.name]
    return values[~np.isnan(values)]


def _always_shown(cell: Cell) -> list[Metric]:
    behaviours = [one for one in cell.metrics.values() if one.family == "behaviours" and not one.is_fact]
    return [one for one in behaviours if (cell.columns[one.name] == 1).all()]


def numbered_night(pools: Pools, ratios: Ratios, false_alarms: float, seed: int, number: int) -> int:
    """Return how many alarms the night of that number raises."""
    return night(pools, ratios, false_alarms, np.random.default_rng([seed, 0, number]))


def numbered_deal(pools: Pools, cases: Sequence[Case], first: int, false_alarms: float, seed: int, number: int) -> Followed:
    """Return what became of the deal of that number; the cases take turns."""
    return follow(pools, cases[number % len(cases)], first, false_alarms, np.random.default_rng([seed, 1, number]))


def night(pools: Pools, ratios: Ratios, false_alarms: float, random: np.random.Generator) -> int:
    """Return how many alarms a night raises whose stacks are all unchanged, in what they learnt and in what they cost."""
    return differences.alarms(_night(pools, random), false_alarms) + turned.alarms(ratios, false_alarms, random)


def _night(pools: Pools, random: np.random.Generator) -> Iterator[Pair]:
    for stacks, runs, long_runs in NIGHT:
        for name, cell in [*pools.items()] * stacks:
            size = long_runs if name == LONG else runs
            yield _pair(name, cell, random.permutation(len(cell.seeds)), size, (size,))


def follow(pools: Pools, case: Case, first: int, false_alarms: float, random: np.random.Generator) -> Followed:
    """Return what `compare BASE NEW --until-decided` says of one metric, whose framing NEW has `first` runs of to begin with.

    The other framings stand beside it unchanged, because they share its budget.
    """
    others = [
        _pair(name, cell, random.permutation(len(cell.seeds)), 5, (5,)) for name, cell in pools.items() if name != case.framing
    ]
    cell = pools[case.framing]
    dealt, changed = random.permutation(len(cell.seeds)), _changed(cell, case, random)
    words: list[str] = []
    looks: list[int] = []
    for size in sequential.sizes(first):
        looks.append(size)
        pair = _pair(case.framing, cell, dealt, case.base, looks, changed)
        (found,) = differences.compare([pair, *others], false_alarms, partial(_is, case))
        words.append(found.word)
        if found.word != "undecided":
            break
    return Followed(words[0], words[-1], looks[-1])


def _is(case: Case, key: Key, metric: Metric) -> bool:
    return (key.framing, metric.name) == (case.framing, case.metric.name)


def _changed(cell: Cell, case: Case, random: np.random.Generator) -> Cell:
    name = case.metric.name
    return cell._replace(columns={**cell.columns, name: case.changed(cell.columns[name], random)})


def _pair(name: str, cell: Cell, dealt: np.ndarray, base: int, looks: Sequence[int], changed: Cell | None = None) -> Pair:
    """Return the first `base` of the dealt runs against those after them, as many as the last of `looks`, a batch for each."""
    key = Key(name, framings.NEWEST_EDITION, "learn", cell.question.engine)
    batches = [next(f"look {place}" for place, size in enumerate(looks) if run < size) for run in range(looks[-1])]
    new = dealt[base : base + looks[-1]]
    return Pair("dealt", key, series.part(cell, dealt[:base], ["base"] * base), series.part(changed or cell, new, batches))
