"""What `compare` says where the truth is known: seeds of one stack dealt to two sides, unchanged or moved by so much.

Every run that is dealt is a real one, from the records that the expectations were counted on, and no run is on both sides.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from harness import framings
from harness.driver.compare import differences, equivalence, lines, sequential, series
from harness.driver.compare.metrics import Metric
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key
from harness.expectations import Declared

# What a night trains: on so many stacks, so many runs of each framing, and so many of variable length (docs/comparing.md).
NIGHT = ((18, 20, 4), (11, 5, 1))
LONG = framings.VARIABLE_LENGTH.name

Pools = Mapping[str, Cell]
Change = Callable[[np.ndarray, np.random.Generator], np.ndarray]


class Case(NamedTuple):
    """What is followed: one metric of one framing, changed or not, against so many runs."""

    framing: str
    metric: str
    base: int
    change: Change | None


class Followed(NamedTuple):
    """What became of it: its word after the first look and after the last, and how many runs NEW had then."""

    first: str
    last: str
    runs: int


def pools(declared: Declared, folder: Path) -> dict[str, Cell]:
    """Return the reference runs of the newest edition by framing: the seeds that are dealt."""
    references = [one for several in declared.references.values() for one in several]
    files = {one.records for one in references if framings.NEWEST_EDITION in one.editions}
    found = [series.cells(declared, lines.read(folder / name)) for name in sorted(files)]
    return {key.framing: cell for stacks in found for cells in stacks.values() for key, cell in cells.items()}


def night(pools: Pools, false_alarms: float, random: np.random.Generator) -> int:
    """Return how many alarms a night raises whose stacks are all unchanged."""
    return differences.alarms(_night(pools, random), false_alarms)


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
        (found,) = differences.compare([pair, *others], false_alarms, lambda one: _is(one, case))
        words.append(found.word)
        if found.word != "undecided":
            break
    return Followed(words[0], words[-1], looks[-1])


def _is(one: differences.Difference, case: Case) -> bool:
    return (one.key.framing, one.metric.name) == (case.framing, case.metric)


def _changed(cell: Cell, case: Case, random: np.random.Generator) -> Cell:
    if case.change is None:
        return cell
    return cell._replace(columns={**cell.columns, case.metric: case.change(cell.columns[case.metric], random)})


def _pair(name: str, cell: Cell, dealt: np.ndarray, base: int, looks: Sequence[int], changed: Cell | None = None) -> Pair:
    """Return the first `base` of the dealt runs against those after them, as many as the last of `looks`, a batch for each."""
    key = Key(name, framings.NEWEST_EDITION, "learn", cell.question.engine)
    batches = [next(f"look {place}" for place, size in enumerate(looks) if run < size) for run in range(looks[-1])]
    new = dealt[base : base + looks[-1]]
    return Pair("dealt", key, _part(cell, dealt[:base], ["base"] * base), _part(changed or cell, new, batches))


def _part(cell: Cell, places: np.ndarray, batches: Sequence[str]) -> Cell:
    return cell._replace(
        seeds=tuple(cell.seeds[place] for place in places),
        seconds=tuple(cell.seconds[place] for place in places),
        batches=tuple(batches[: len(places)]),
        digests=tuple(cell.digests[place] for place in places),
        columns={name: values[places] for name, values in cell.columns.items()},
    )


def shifted(metric: Metric, deviations: float) -> Change:
    """Return the change that makes a metric worse by so many standard deviations between seeds, on its scale."""

    def change(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
        scaled = equivalence.scaled(metric, values)
        moved = scaled - metric.better * deviations * float(np.nanstd(scaled))
        return np.exp(moved) if metric.is_log else moved

    return change


def shown_by(share: float) -> Change:
    """Return the change after which that share of the runs shows a behaviour."""

    def change(values: np.ndarray, random: np.random.Generator) -> np.ndarray:
        return (random.random(len(values)) < share).astype(float)

    return change
