"""What is called a change where there is none: stacks left as they were, and the runs of one night dealt to two sides."""

import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np

from harness.driver.compare import differences, nightly, pairs, series
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key
from harness.driver.nights import Night
from harness.driver.trials import NightTrial
from harness.expectations import Declared
from harness.store import Store

FEWEST = 4  # Runs that can be dealt: of two against two rank sums tell nothing, but facts do.
ALARMS = ("better", "worse")


def trial(
    declared: Declared, store: Store, night: Night, expectations: Path, false_alarms: float, since: Comparison | None
) -> NightTrial:
    """Return what a night called better or worse; since: what it was found to differ in from those before."""
    sides = dealt(declared, store, night, expectations)
    alike = since.unchanged if since else frozenset()
    odd = [one.stack for one in since.differences if one.word in ALARMS] if since else []
    return NightTrial(
        night=night.name,
        unchanged=len(alike),
        false_alarms=sum(stack in alike for stack in odd),
        moved=len(since.releases) - len(alike) if since else 0,
        alarms=sum(stack not in alike for stack in odd),
        dealt=sum(len(pair.metrics) for pair in sides),
        dealt_alarms=differences.alarms(sides, false_alarms),
    )


def dealt(declared: Declared, store: Store, night: Night, expectations: Path) -> list[Pair]:
    """Return the night's runs of each stack against one another: half of the seeds, chosen by the night's name."""
    random = np.random.default_rng(zlib.crc32(night.name.encode()))
    found = []
    for job in nightly.learnt([night]):
        halves = _halves(nightly.cells(declared, store, job.stack, job.invocation, expectations), random)
        found += [pair for pair in pairs.pairs(job.stack, *halves) if pair.base and pair.new]
    return found


def _halves(cells: Mapping[Key, Cell], random: np.random.Generator) -> Iterator[dict[Key, Cell]]:
    deep = {key: (cell, random.permutation(len(cell.seeds))) for key, cell in cells.items() if len(cell.seeds) >= FEWEST}
    for side in range(2):
        yield {key: _part(cell, order[side::2], str(side)) for key, (cell, order) in deep.items()}


def _part(cell: Cell, places: np.ndarray, batch: str) -> Cell:
    return series.part(cell, places, [batch] * len(places))
