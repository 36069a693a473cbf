"""What a night tells of two stacks: each against its baseline, or else the night before, and what each costs beside another."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from harness.driver import running
from harness.driver.compare import baselines, lines, pairs, reading
from harness.driver.compare.comparison import Comparison, decided
from harness.driver.compare.costs import PURPOSE
from harness.driver.compare.series import Cell, Key
from harness.driver.compare.sides import BASELINE
from harness.driver.nights import Job, Night
from harness.expectations import Declared
from harness.store import Store

BEFORE = "the night before"  # Or, of stacks that have one, the baseline.
PREVIOUS = "the stack before"
CALL = "tox -e driver -- compare"

Cells = dict[Key, Cell]


def since(
    declared: Declared, store: Store, nights: Sequence[Night], expectations: Path, false_alarms: float
) -> Comparison | None:
    """Return what changed since the nights before the last of these, None where nothing can be held against it."""
    if not nights:
        return None
    *earlier, tonight = [one for one in nights if one.edition == nights[-1].edition]
    accepted = baselines.in_force(expectations)
    newest = {job.stack: job.invocation for job in learnt(earlier)}
    sides: list[tuple[str, Cells, Cells]] = []
    calls: dict[str, str] = {}
    for job in learnt([tonight]):
        base = BASELINE if job.stack in accepted else newest.get(job.stack, "")
        before = cells(declared, store, job.stack, base, expectations)
        if before:
            sides.append((job.stack, before, cells(declared, store, job.stack, job.invocation, expectations)))
            calls[job.stack] = f"{CALL} {base} {job.invocation}"
    if not sides:
        return None
    paired = [pair for side in sides for pair in pairs.pairs(*side)]
    return decided(BEFORE, tonight.name, sides, paired, false_alarms)._replace(calls=calls)


def costs(declared: Declared, store: Store, nights: Sequence[Night], false_alarms: float) -> Comparison | None:
    """Return what each stack of the last of these nights costs against the one that it takes turns with, None of none.

    Of all turns that both took on what they have installed now, those of earlier nights, too.
    """
    jobs = [job for night in nights[-1:] for job in night.jobs if job.beside]
    timed = {stack: _timed(declared, store, stack, nights[-1].edition) for job in jobs for stack in (job.beside, job.stack)}
    sides = [(job.stack, timed[job.beside], timed[job.stack]) for job in jobs]
    paired = [pair for side in sides for pair in pairs.pairs(*side) if pair.is_paired]
    told = {pair.stack for pair in paired}
    if not told:
        return None
    calls = {job.stack: f"{CALL} {job.beside} {job.stack} --costs --until-decided" for job in jobs}
    found = decided(PREVIOUS, nights[-1].name, [side for side in sides if side[0] in told], paired, false_alarms)
    return found._replace(calls=calls)


def _timed(declared: Declared, store: Store, stack: str, edition: str) -> Cells:
    """Return the cells of what a stack cost in turns."""
    names = [one["invocation"] for one in store.invocations(stack) if running.IN_TURNS in one["call"]]
    runs = lines.read(store.records_path(stack), names) if names else ()
    found = reading.cells(declared, runs).get(stack, {})
    return {key: cell for key, cell in found.items() if (key.purpose, key.edition) == (PURPOSE, edition)}


def learnt(several: Iterable[Night]) -> list[Job]:
    """Return the jobs that trained something and came to their end, the oldest night's first."""
    return [job for night in several for job in night.jobs if job.phase == "learn" and job.state == "done" and job.invocation]


def cells(declared: Declared, store: Store, stack: str, name: str, expectations: Path) -> Cells:
    """Return the cells of a stack's baseline, or of one of its invocations; none of no name."""
    if not name:
        return {}
    is_accepted = name == BASELINE
    found = baselines.runs(expectations, stack) if is_accepted else lines.read(store.records_path(stack), (name,))
    return reading.cells(declared, found).get(stack, {})
