"""Finds what MLflow does not show yet, with all that belongs to it, and hands it to `tracking.py`."""

import fcntl
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from multiprocessing.pool import AsyncResult
from pathlib import Path
from typing import IO, Any, NamedTuple

from harness import record
from harness.driver import publication
from harness.driver.errors import StoreError
from harness.driver.forking import forked
from harness.driver.publication import Made, Parent
from harness.expectations import Declared
from harness.record import Record
from harness.store import Store

WRITERS = 2  # MLflow spends 0.1 s of a processor on a run's 1000 points; a file of SQLite takes no more writers well.


class Invocation(NamedTuple):
    """The records of one call of the suite on one stack; it is interrupted where it never came to its end."""

    stack: str
    name: str
    records: tuple[Record, ...]
    started: str = ""
    is_interrupted: bool = False


def invocations(store: Store, stack: str) -> list[Invocation]:
    """Return the stack's invocations that have records, in the order of their last record: the newest is the last."""
    found: dict[str, list[Record]] = {}
    for one in store.read(stack):
        group = found.pop(one.invocation, [])
        group.append(one)
        found[one.invocation] = group
    noted = {entry["invocation"]: entry for entry in store.invocations(stack)}
    return [_invocation(stack, name, records, noted.get(name, {})) for name, records in found.items()]


def _invocation(stack: str, name: str, records: Sequence[Record], noted: Mapping[str, Any]) -> Invocation:
    # Records that were adopted from an earlier invocation started before this one did.
    return Invocation(stack, name, tuple(records), noted.get("started", ""), bool(noted) and not noted["finished"])


def publish(declared: Declared, found: Sequence[Invocation], home: Path, uri: str) -> int:
    """Bring MLflow up to date with these invocations and return how many runs were new; StoreError if it refuses."""
    with _alone(home), forked(1) as artist:
        # The newest is all but surely new to MLflow: its pictures are drawn while MLflow, for seconds, is imported.
        bases = _bases(found)
        newest = sorted(found, key=lambda one: one.name)[-1:]
        begun = {one.name: artist.apply_async(_made, (declared, one, bases[one.name])) for one in newest}
        from harness.driver import tracking  # noqa: PLC0415 - see above

        tracking.prepare(uri)
        with forked(WRITERS) as writers:
            tracker = tracking.Tracker(uri, writers)
            tracker.connect()
            new = 0
            for one in found:
                base = bases[one.name]
                parent = _parent(declared, one, base)
                if not tracker.is_current(parent):
                    made = begun.get(one.name) or artist.apply_async(_made, (declared, one, base))
                    new += tracker.publish(parent, partial(_with_files, one, home, made))
            return new


def _parent(declared: Declared, one: Invocation, base: Invocation | None) -> Parent:
    name, runs = (base.name, len(base.records)) if base else ("", 0)
    found = publication.parent_of(declared, one.records, one.started, one.is_interrupted, name)
    return found._replace(base_runs=runs)


def _bases(found: Sequence[Invocation]) -> dict[str, Invocation | None]:
    """Return, by name, the invocation before it that its stack learnt in; None for the first, and for what learnt nothing."""
    newest: dict[str, Invocation] = {}
    bases: dict[str, Invocation | None] = {}
    for one in sorted(found, key=lambda one: one.name):
        bases[one.name] = newest.get(one.stack) if _has_learnt(one) else None
        if _has_learnt(one):
            newest[one.stack] = one
    return bases


def _has_learnt(invocation: Invocation) -> bool:
    return any(one.question.purpose == "learn" for one in invocation.records)


def _with_files(invocation: Invocation, home: Path, made: "AsyncResult[Made]") -> Made:
    found = made.get()
    return found._replace(files={**files(invocation, home), **found.files})


def _made(declared: Declared, invocation: Invocation, base: Invocation | None) -> Made:
    """Return the pictures of an invocation that learnt, the page of the report on it alone, and what changed since its base."""
    if not _has_learnt(invocation):
        return Made({}, {}, {})
    # Here, so that only the process that draws waits for matplotlib and SciPy.
    from harness.driver import figures, report_page, sheets, sources  # noqa: PLC0415 - see above
    from harness.driver.compare import since  # noqa: PLC0415 - see above

    atlas = sheets.draw(declared, [sources.alone(invocation.records)], None, None, ())
    page = report_page.render(atlas._replace(invocation=invocation.name))
    drawn = {**figures.draw(invocation.records), "report.html": page.encode()}
    return Made(drawn, *(since.numbers(declared, base.records, invocation.records) if base else ({}, {})))


def files(invocation: Invocation, home: Path) -> dict[str, bytes]:
    """Return what is kept with an invocation, by file name: environment, records, and what the run left in `home`."""
    question = invocation.records[0].question
    environment = "".join(f"{name}=={version}\n" for name, version in sorted(question.distributions.items()))
    lines = "".join(record.to_line(one) + "\n" for one in invocation.records)
    left = {
        "transcript.txt": home / "transcripts" / f"{invocation.name}.txt",
        "benchmark.json": home / "benchmarks" / f"{invocation.name}.json",
    }
    kept = {name: path.read_bytes() for name, path in left.items() if path.exists()}
    return {"environment.txt": environment.encode(), "records.jsonl": lines.encode(), **kept}


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Hold the lock of publishing: two stacks that end at once must not make the same run twice."""
    with _lock(home) as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _lock(home: Path) -> IO[str]:
    try:
        home.mkdir(parents=True, exist_ok=True)
        return (home / "publishing.lock").open("w")
    except OSError as error:
        words = f"{home} cannot be written to ({error.strerror}); set HARNESS_HOME to a folder to write in"
        raise StoreError(f"nothing was published, because {words}") from None
