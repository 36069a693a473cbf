"""What changed in the life of a stack, night by night: to the last bit where it repeats itself, else by a vote of detectors."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from statsmodels.stats.multitest import multipletests

from harness.driver import neighbours
from harness.driver import nights as nights_
from harness.driver.compare import changepoints, costs, equivalence, lines, nightly, reading
from harness.driver.compare.life import Life
from harness.driver.compare.metrics import MEMORY, Metric
from harness.driver.compare.sentences import unit
from harness.driver.compare.series import Cell, Key
from harness.driver.stacks import NEWEST
from harness.errors import RecordError
from harness.expectations import Declared
from harness.record import Question, Record
from harness.store import Store

ALPHA = 0.05  # The chance of one or more false changes in a stack's whole history; a thousand shuffles bear thirty series.
RECENT = 20  # Nights that a report looks back on, so that it takes no longer the longer there are nights.
FAMILIES = ("learning", "cost")  # Behaviours and answers are told by `compare`, run by run.


class Night(NamedTuple):
    """One invocation of a stack: its name, its day, and what it learnt and cost."""

    invocation: str
    day: str
    cells: dict[Key, Cell]


class Event(NamedTuple):
    """A night from which on something is other. metric: None where the weights are other to the last bit.

    releases: what was installed anew that night, in words. p: corrected for all series of the stack, None where nothing is
    left to chance. before, after: the metric's middle in the nights up to then and from then on.
    """

    key: Key
    metric: Metric | None
    invocation: str
    day: str
    releases: tuple[str, ...]
    p: float | None = None
    before: float | None = None
    after: float | None = None


def of(declared: Declared, store: Store, several: Iterable[nights_.Night], stack: str) -> tuple[Life, list[Night], list[Event]]:
    """Return the life of a stack, its runs, and all changes in what it learnt and, over nights, cost."""
    runs = nights(declared, lines.read(store.records_path(stack)))
    found = events([*runs, *priced(declared, store, several, stack)])
    return _life(stack, runs, found), runs, found


def lives(declared: Declared, store: Store, several: Sequence[nights_.Night]) -> tuple[Life, ...]:
    """Return the life of every stack that learnt in two of the newest nights of the last one's edition, or more of them.

    What it cost is left out: `harness history` tells.
    """
    alike = [one for one in several if one.edition == several[-1].edition][-RECENT:]
    names: dict[str, dict[str, None]] = {}
    for job in nightly.learnt(alike):
        names.setdefault(job.stack, {})[job.invocation] = None
    return tuple(_over(declared, store, stack, mine) for stack, mine in names.items() if len(mine) > 1)


def _over(declared: Declared, store: Store, stack: str, names: Collection[str]) -> Life:
    try:
        runs = nights(declared, lines.read(store.records_path(stack), names))
    except RecordError as error:  # It costs its own stack's history, and no report.
        return Life(stack, 0, "", "", (str(error),))
    return _life(stack, runs, events(runs))


def _life(stack: str, runs: Sequence[Night], found: Sequence[Event]) -> Life:
    first, last = (runs[0].day[:10], runs[-1].day[:10]) if runs else ("", "")
    return Life(stack, len(runs), first, last, tuple(lines_of(found)), _can_tell(runs))


def _can_tell(told: Sequence[Night]) -> bool:
    """Whether a change would have been told: from some nights on, and from the second of a stack that repeats itself."""
    pairs = [(one.cells, other.cells) for one, other in zip(told, told[1:], strict=False)]
    repeats = any(_is_moved(one[key], other[key]) is False for one, other in pairs for key in one.keys() & other.keys())
    return repeats or len(told) >= changepoints.FEWEST


def nights(declared: Declared, runs: Iterable[Record]) -> list[Night]:
    """Return the invocations of one stack that learnt something, oldest first."""
    groups: dict[str, list[Record]] = {}
    for run in runs:
        groups.setdefault(run.invocation, []).append(run)
    found = [(min(one.started for one in group), name, group) for name, group in groups.items()]
    told = (Night(name, day, _cells(declared, group)) for day, name, group in sorted(found, key=lambda one: one[:2]))
    return [night for night in told if night.cells]


def _cells(declared: Declared, group: Sequence[Record]) -> dict[Key, Cell]:
    (found,) = reading.cells(declared, group).values()
    return {key: cell for key, cell in found.items() if key.purpose != costs.PURPOSE}


def priced(declared: Declared, store: Store, several: Iterable[nights_.Night], stack: str) -> list[Night]:
    """Return the nights that timed a stack and the newest one, with what it cost as a multiple of that on their machine."""
    found = []
    for night in several if stack != NEWEST else ():
        mine, newest = (_timed(declared, store, night, one) for one in (stack, NEWEST))
        cells = {
            key: _ratio(cell, newest[key]) for key, cell in mine.items() if key in newest and not costs.apart(cell, newest[key])
        }
        found += [Night(night.name, night.started, cells)] if cells else []
    return found


def _timed(declared: Declared, store: Store, night: nights_.Night, stack: str) -> dict[Key, Cell]:
    jobs = [job for job in night.jobs if (job.stack, job.phase) == (stack, "price") and job.invocation]
    runs = [one for job in jobs for one in lines.read(store.records_path(stack), (job.invocation,))]
    return reading.cells(declared, runs).get(stack, {})


def _ratio(cell: Cell, newest: Cell) -> Cell:
    """Return the cell with one value of each metric: its median over the newest's."""
    common = [name for name in cell.columns if name in newest.columns and name != MEMORY.name]  # Of no framing by itself.
    ratios = {name: float(np.median(cell.columns[name]) / np.median(newest.columns[name])) for name in common}
    columns = {name: np.array([ratio]) for name, ratio in ratios.items()}
    metrics = {name: cell.metrics[name] for name in common}  # Each is a series, and each counts where p is corrected.
    return cell._replace(seeds=cell.seeds[:1], digests=("",), metrics=metrics, columns=columns)


def events(told: Sequence[Night]) -> list[Event]:
    """Return all changes of a stack, the oldest first; a cell is compared with its like in the night before that had one."""
    keys = dict.fromkeys(key for night in told for key in night.cells)
    bits = [event for key in keys for event in _bits(key, [night for night in told if key in night.cells])]
    return sorted([*bits, *_voted(keys, told)], key=lambda one: one.day)


def _bits(key: Key, told: Sequence[Night]) -> Iterator[Event]:
    """Yield the nights in which a seed came out otherwise, of a stack that repeats itself, or was never seen not to."""
    steps = [(before.cells[key], night.cells[key], night) for before, night in zip(told, told[1:], strict=False)]
    repeats = any(_is_moved(one, other) is False for one, other, _ in steps)
    races = any(_is_moved(one, other) and not _installed_anew(one, other) for one, other, _ in steps)
    for one, other, night in steps:
        if _is_moved(one, other) and (repeats or not races):
            yield Event(key, None, night.invocation, night.day, _installed_anew(one, other))


def _is_moved(one: Cell, other: Cell) -> bool | None:
    """Whether a seed that both trained came out otherwise, None where they share none."""
    before, after = _digests(one), _digests(other)
    common = before.keys() & after.keys()
    return any(before[seed] != after[seed] for seed in common) if common else None


def _digests(cell: Cell) -> Mapping[int, str]:
    return {seed: digest for seed, digest in zip(cell.seeds, cell.digests, strict=True) if digest}


def _voted(keys: Iterable[Key], told: Sequence[Night]) -> list[Event]:
    """Return the changes of all series, corrected for one another after Holm; one in which nothing is found counts, too."""
    series = [one for key in keys for one in _series(key, [night for night in told if key in night.cells])]
    found = [(one, changepoints.find(one.scaled)) for one in series]
    p = [changes[0].p if changes else 1.0 for _, changes in found]
    corrected = multipletests(p, method="holm")[1] if p else []
    able = [(one, changes, float(each)) for (one, changes), each in zip(found, corrected, strict=True) if each <= ALPHA]
    return [_event(one, change.place, each) for one, changes, each in able for change in changes]


class _Series(NamedTuple):
    """One metric over the nights that have it: its middle in each, and the same on its scale."""

    key: Key
    metric: Metric
    nights: tuple[Night, ...]
    middles: tuple[float, ...]

    @property
    def scaled(self) -> np.ndarray:
        return equivalence.scaled(self.metric, np.minimum(self.middles, np.finfo(float).max))  # Infinitely late is very late.


def _series(key: Key, told: Sequence[Night]) -> Iterator[_Series]:
    metrics = {name: metric for night in told for name, metric in night.cells[key].metrics.items() if metric.family in FAMILIES}
    for name, metric in metrics.items():
        here = tuple(night for night in told if len(_values(night.cells[key], name)))
        yield _Series(key, metric, here, tuple(equivalence.middle(metric, _values(night.cells[key], name)) for night in here))


def _event(one: _Series, place: int, p: float) -> Event:
    before, night = one.nights[place - 1], one.nights[place]
    anew = _installed_anew(before.cells[one.key], night.cells[one.key])
    sides = (float(np.median(one.middles[:place])), float(np.median(one.middles[place:])))
    return Event(one.key, one.metric, night.invocation, night.day, anew, p, *sides)


def _values(cell: Cell, name: str) -> np.ndarray:
    values = cell.columns.get(name, np.empty(0))
    return values[~np.isnan(values)]


def _installed_anew(before: Cell, after: Cell) -> tuple[str, ...]:
    """Return what differs in what was installed, the frameworks and NumPy alone where they do."""
    moved = neighbours.differences(*(_named(cell.question) for cell in (before, after)))
    one, other = before.question.distributions, after.question.distributions
    names = [name for name in {**one, **other} if one.get(name) != other.get(name)]
    others = (f"{name} {one.get(name, 'none')} -> {other.get(name, 'none')}" for name in names)
    return tuple(each.sentence for each in moved) or tuple(others)


def _named(question: Question) -> dict[str, str]:
    # From night to night of one stack Python's third number is all that moves.
    return {**neighbours.versions(question), "python": question.python}


def lines_of(found: Sequence[Event]) -> list[str]:
    """Return the changes in lines, those of one night that say the same in one."""
    said: dict[tuple[str, str], list[str]] = {}
    for one in found:
        said.setdefault((f"{one.day[:16].replace('T', ' ')} ({one.invocation})", _what(one)), []).append(one.key.framing)
    return [f"{when}: {', '.join(dict.fromkeys(framings))} {what}" for (when, what), framings in said.items()]


def _what(one: Event) -> str:
    installed = ", ".join(one.releases) or "nothing else was installed"
    if one.metric is None:
        return f"({one.key.engine}) came out otherwise from the same seeds; {installed}"
    moved = " -> ".join(unit(one.metric, side) for side in (one.before, one.after) if side is not None)
    return f"({one.key.engine}) {one.metric.name}: {moved}, p = {one.p:.2g}; {installed}"
