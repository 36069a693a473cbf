"""What calls cost on two stacks: comparable only where they were timed in turns, and best told from all framings together.

No calibration loop makes up for another machine, nor for what else a shared one does a second later.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from statistics import median

import numpy as np
from scipy.stats import trim_mean

from harness.driver.compare import sequential, series
from harness.driver.compare.metrics import MEMORY, Metric
from harness.driver.compare.series import Cell, Key

EVERY = "every framing"  # Of what is slower in all of them, the mean of a process scatters least.
PURPOSE = "time"
# What a process tells once: of one framing alone its scatter says little, and it holds all memory at a time.
ONCE = ("build_and_first_step", MEMORY.name)

Rounds = Mapping[str, Sequence[float | None]]


def with_every(cells: dict[Key, Cell]) -> dict[Key, Cell]:
    """Return the cells with one more, of the geometric means over all framings of each process that timed them all."""
    timed = {key: cell for key, cell in cells.items() if key.purpose == PURPOSE and key.framing != EVERY}
    groups: dict[Key, list[Cell]] = {}
    for key, cell in timed.items():
        groups.setdefault(key._replace(framing=EVERY), []).append(cell)
    return {**cells, **{key: _mean(several) for key, several in groups.items() if len(several) > 1}}


def _mean(several: Sequence[Cell]) -> Cell:
    first = several[0]
    batches = [batch for batch in first.batches if all(batch in cell.batches for cell in several)]
    names = [name for name in first.metrics if all(name in cell.metrics for cell in several)]
    parts = [series.part(cell, [cell.batches.index(batch) for batch in batches], batches) for cell in several]
    columns = {name: np.exp(np.mean([np.log(part.columns[name]) for part in parts], axis=0)) for name in names}
    question = first.question._replace(framing={"name": EVERY, "edition": first.question.framing["edition"]})
    metrics = {name: first.metrics[name] for name in names}
    return parts[0]._replace(question=question, metrics=metrics, columns=columns, digests=("",) * len(batches))


def in_turns(base: dict[Key, Cell], new: dict[Key, Cell]) -> tuple[dict[Key, Cell], dict[Key, Cell]]:
    """Return both sides with, of what was timed, those processes alone that took turns, the n-th with the n-th.

    What took none stays as it is.
    """
    one, other = (_timed(side) for side in (base, new))
    together = {key: _together(base[key], new[key]) for key in one if key in other}
    took = {key: both for key, both in together.items() if both[0].turns}
    if not took:
        return base, new
    is_alike = set(one) == set(other)  # Else one process did more than the other.
    there, here = (_of_processes(with_every({key: both[side] for key, both in took.items()}), is_alike) for side in (0, 1))
    return {**base, **there}, {**new, **here}


def _timed(cells: Iterable[Key]) -> list[Key]:
    return [key for key in cells if key.purpose == PURPOSE and key.framing != EVERY]


def _of_processes(cells: dict[Key, Cell], is_alike: bool) -> dict[Key, Cell]:
    """Return the cells with what a process tells once told of every framing together alone, where they stand there.

    is_alike: whether both processes did the same, without which their memory cannot be compared.
    """
    unlike = () if is_alike else (MEMORY.name,)
    once = ONCE if any(key.framing == EVERY for key in cells) else ()
    return {key: _without(cell, unlike if key.framing == EVERY else (*unlike, *once)) for key, cell in cells.items()}


def _without(cell: Cell, names: Sequence[str]) -> Cell:
    return _with(cell, cell.columns, {name: metric for name, metric in cell.metrics.items() if name not in names})


def _with(cell: Cell, columns: Mapping[str, np.ndarray], metrics: dict[str, Metric]) -> Cell:
    return cell._replace(metrics=metrics, columns={name: columns[name] for name in metrics})


def are_paired(base: Cell, new: Cell) -> bool:
    """Whether the n-th run of one took turns with the n-th of the other."""
    return base.turns == new.turns and all(base.turns) and bool(base.turns)


def _together(base: Cell, new: Cell) -> tuple[Cell, Cell]:
    """Return the runs of both that took turns, with what each cost in seconds of BASE."""
    here = {turns: place for place, turns in enumerate(new.turns)}
    places = [(place, here[turns]) for place, turns in enumerate(base.turns) if turns and turns in here]
    told = places[: sequential.whole(len(places))]
    one, other = (_at(cell, [both[side] for both in told]) for side, cell in ((0, base), (1, new)))
    common = [name for name in base.metrics if name in new.metrics]
    timed = [name for name in common if any(name in rounds for rounds in one.rounds)]
    costs = {name: np.array([_costs(*both, name) for both in zip(one.rounds, other.rounds, strict=True)]) for name in timed}
    seconds, dearer = ({name: column[:, place] for name, column in costs.items()} for place in (0, 1))
    metrics = {name: base.metrics[name] for name in common if name in timed or name == MEMORY.name}
    return _with(one, {**one.columns, **seconds}, metrics), _with(other, {**other.columns, **dearer}, metrics)


def _costs(base: Rounds, new: Rounds, name: str) -> tuple[float, float]:
    """Return what one part cost in two processes, the second by its rounds over those next to them.

    By the interquartile mean of the ratios' logarithms: it scatters a fifth less than their median (six pairs of processes).
    """
    pairs = [(ours, theirs) for ours, theirs in zip(base.get(name, ()), new.get(name, ()), strict=False) if ours and theirs]
    if not pairs:
        return math.nan, math.nan
    seconds = median(ours for ours, _ in pairs)
    return seconds, seconds * math.exp(trim_mean([math.log(theirs / ours) for ours, theirs in pairs], 0.25))


def _at(cell: Cell, places: Sequence[int]) -> Cell:
    """Return the runs at these places, each as a batch of its own: an interrupted invocation goes on in other turns."""
    return series.part(cell, places, [cell.turns[place] for place in places])


def apart(base: Cell, new: Cell) -> str:
    """Return why two cells were not timed in one night side by side, "" where they were; history follows their ratio."""
    if len(base.machines | new.machines) > 1:
        return f"timed on other machines: {', '.join(sorted(base.machines | new.machines))}"
    first, last = max(min(side.started) for side in (base, new)), min(max(side.started) for side in (base, new))
    return "" if first <= last else "timed apart, one stack after the other"
