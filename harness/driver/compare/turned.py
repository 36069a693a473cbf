"""What calls of an unchanged stack cost, pair by pair of processes that took turns: nights without a change are dealt from it.

`tests/bench/unchanged.py --keep` writes them down.
"""

import gzip
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np

from harness import framings
from harness.driver.compare import costs, differences, metrics, sequential
from harness.driver.compare.metrics import MEMORY, Metric
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key
from harness.driver.running import PAIRS
from harness.record import Question

FILE = Path("records/turns.json.gz")
NEIGHBOURS = 28  # Pairs of stacks in a night of 29, each of which has its even part of the budget.

Ratios = Mapping[str, Mapping[str, np.ndarray]]  # By framing and metric, how far NEW lies above BASE in each pair: a logarithm.


def told(base: dict[Key, Cell], new: dict[Key, Cell]) -> dict[str, dict[str, float]]:
    """Return by framing and metric how far NEW lies above BASE (a logarithm), of one pair of processes that took turns."""
    there, here = costs.in_turns(base, new)
    timed = {key.framing: (cell, here[key]) for key, cell in there.items() if key.purpose == costs.PURPOSE}
    return {name: _ratios(*both) for name, both in timed.items() if costs.are_paired(*both)}


def _ratios(base: Cell, new: Cell) -> dict[str, float]:
    return {name: math.log(new.columns[name][0] / column[0]) for name, column in base.columns.items()}


def load(folder: Path) -> Ratios:
    """Return what the folder of expectations keeps of them."""
    kept = json.loads(gzip.decompress((folder / FILE).read_bytes()))
    return {name: {metric: np.array(values) for metric, values in parts.items()} for name, parts in kept["ratios"].items()}


def alarms(ratios: Ratios, false_alarms: float, random: np.random.Generator) -> int:
    """Return how many alarms the costs of one night raise in which no stack changed."""
    return sum(_followed(ratios, false_alarms / NEIGHBOURS, random) for _ in range(NEIGHBOURS))


def _followed(ratios: Ratios, false_alarms: float, random: np.random.Generator) -> int:
    """Return what two stacks raise, looked at as a night does; which process of a pair is BASE is drawn, too."""
    count = len(next(iter(next(iter(ratios.values())).values())))
    places, signs = random.permutation(count)[:PAIRS], random.choice((-1.0, 1.0), PAIRS)
    looks = (size for size in sequential.sizes(sequential.FIRST_TIMED, PAIRS) if size <= PAIRS)
    found = (differences.alarms(pairs(ratios, places[:size], signs[:size]), false_alarms) for size in looks)
    return next((alarms for alarms in found if alarms), 0)


def pairs(ratios: Ratios, places: Sequence[int] | np.ndarray, signs: np.ndarray) -> Iterator[Pair]:
    """Yield what `compare` would hold against each other of these pairs of processes; where a sign is -1, NEW is BASE."""
    for framing, parts in ratios.items():
        moved = {name: np.exp(signs * values[places]) for name, values in parts.items()}
        base, new = (_cell(framing, columns) for columns in (dict.fromkeys(moved, np.ones(len(places))), moved))
        yield Pair("dealt", Key(framing, framings.NEWEST_EDITION, costs.PURPOSE, "fit"), base, new, is_paired=True)


def _cell(framing: str, columns: Mapping[str, np.ndarray]) -> Cell:
    names: Sequence[str] = [str(place) for place in range(len(next(iter(columns.values()))))]
    question = Question({"name": framing, "edition": framings.NEWEST_EDITION}, 1, "fit", costs.PURPOSE, {}, "", "", 0)
    return Cell(
        question=question,
        seeds=(1,) * len(names),
        seconds=(0.0,) * len(names),
        started=("",) * len(names),
        batches=tuple(names),
        digests=("",) * len(names),
        metrics={name: _metric(name) for name in columns},
        columns=dict(columns),
        known={},
        said={},
        machines=frozenset(),
        turns=tuple(names),
        rounds=({},) * len(names),
    )


def _metric(name: str) -> Metric:
    return MEMORY if name == MEMORY.name else metrics.cost(name)
