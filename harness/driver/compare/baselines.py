"""What was accepted as right: the records that later runs are held against, and why. A change of it is a change of files.

`expectations/baselines/baselines.toml` lists what was accepted, oldest first; the last entry of a stack is in force, the others
stay. Its records lie beside it.
"""

import gzip
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import tomlkit

from harness import record, seeds
from harness.driver.compare import lines
from harness.driver.errors import BaselineError
from harness.record import JUDGED, Record

FOLDER = "baselines"
LIST = "baselines.toml"
KEYS = ("stack", "accepted", "why", "runs", "seeds", "records")


class Baseline(NamedTuple):
    """What was accepted of one stack, and when (UTC, to the second). records: the file's name."""

    stack: str
    accepted: str
    why: str
    runs: int
    seeds: str
    records: str


def read_all(expectations: Path) -> list[Baseline]:
    """Return all that was ever accepted, oldest first; a list that cannot be read is a BaselineError."""
    path = expectations / FOLDER / LIST
    if not path.exists():
        return []
    try:
        tables = tomlkit.parse(path.read_text(encoding="utf-8")).unwrap().get("baseline", [])
        return [_baseline(number, table) for number, table in enumerate(tables, start=1)]
    except (ValueError, AttributeError, OSError) as error:
        raise BaselineError(f"expectations/{FOLDER}/{LIST} cannot be read as TOML: {error}") from None


def _baseline(number: int, table: dict[str, Any]) -> Baseline:
    if set(table) != set(KEYS):
        where = f"expectations/{FOLDER}/{LIST}, baseline {number}"
        raise BaselineError(f"{where}: keys are {', '.join(sorted(table))}; allowed are {', '.join(KEYS)}")
    return Baseline(**table)


def in_force(expectations: Path) -> dict[str, Baseline]:
    """Return the baseline of each stack that has one."""
    return {one.stack: one for one in read_all(expectations)}


def runs(expectations: Path, stack: str | None = None) -> Iterator[Record]:
    """Yield the runs of the baselines in force, of one stack or of all."""
    for name, one in in_force(expectations).items():
        if stack in (None, name):
            path = expectations / FOLDER / one.records
            if not path.exists():
                raise BaselineError(f"expectations/{FOLDER}/{one.records} is not there, but {LIST} names it; restore it")
            yield from lines.read(path)


def accept(expectations: Path, found: Iterable[Record], why: str, now: str) -> list[Baseline]:
    """Make these runs the baseline of their stacks, and return what was written; those that measure seconds are left out.

    BaselineError where none is left, or they cannot be written; what was accepted before is in force then.
    """
    by_stack: dict[str, list[Record]] = {}
    for one in found:
        if one.question.purpose in JUDGED:
            by_stack.setdefault(one.stack, []).append(one)
    if not by_stack:
        raise BaselineError("these runs only measure seconds, which no baseline holds; name some that learnt")
    earlier = [one.stack for one in read_all(expectations)]
    new = [_baseline_of(several, earlier.count(stack) + 1, why, now) for stack, several in by_stack.items()]
    try:
        _write(expectations / FOLDER, new, by_stack)
    except OSError as error:
        raise BaselineError(f"expectations/{FOLDER} cannot be written ({error.strerror}); make it writable") from None
    return new


def _write(folder: Path, new: Iterable[Baseline], by_stack: Mapping[str, Iterable[Record]]) -> None:
    """Write the records first, so that the list names none that is not there."""
    folder.mkdir(parents=True, exist_ok=True)
    for accepted in new:
        text = "".join(record.to_line(each) + "\n" for each in by_stack[accepted.stack])
        # No time in it: the same runs, the same bytes.
        (folder / accepted.records).write_bytes(gzip.compress(text.encode(), mtime=0))
    _add(folder / LIST, new)


def _baseline_of(several: Sequence[Record], number: int, why: str, now: str) -> Baseline:
    stack, learnt = several[0].stack, {one.question.seed for one in several if one.question.purpose == "learn"}
    return Baseline(stack, now, why, len(several), seeds.spell(learnt), f"{stack}-{number}.jsonl.gz")


def _add(path: Path, new: Iterable[Baseline]) -> None:
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    tables = document.setdefault("baseline", tomlkit.aot())
    for one in new:
        tables.append(tomlkit.item(one._asdict()))
    whole = path.with_suffix(".new")
    whole.write_text(tomlkit.dumps(document), encoding="utf-8")
    whole.replace(path)
