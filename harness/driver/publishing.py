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
        drawn = {
            one.name: artist.apply_async(_drawings, (declared, one)) for one in sorted(found, key=lambda one: one.name)[-1:]
        }
        from harness.driver import tracking  # noqa: PLC0415 - see above

        tracking.prepare(uri)
        with forked(WRITERS) as writers:
            tracker = tracking.Tracker(uri, writers)
            tracker.connect()
            new, bases = 0, _bases(found)
            for one in found:
                parent = publication.parent_of(declared, one.records, one.started, one.is_interrupted, bases[one.name])
                if not tracker.is_current(parent):
                    drawings = drawn.get(one.name) or artist.apply_async(_drawings, (declared, one))
                    new += tracker.publish(parent, partial(_files, one, home, drawings))
            return new


def _bases(found: Sequence[Invocation]) -> dict[str, str]:
    """Return, by name, the name of the invocation before it that its stack learnt in, "" of the first."""
    newest: dict[str, str] = {}
    bases = {}
    for one in sorted(found, key=lambda one: one.name):
        bases[one.name] = newest.get(one.stack, "")
        if any(each.question.purpose == "learn" for each in one.records):
            newest[one.stack] = one.name
    return bases


def _files(invocation: Invocation, home: Path, drawings: "AsyncResult[dict[str, bytes]]") -> dict[str, bytes]:
    return {**files(invocation, home), **drawings.get()}


def _drawings(declared: Declared, invocation: Invocation) -> dict[str, bytes]:
    """Return the pictures of an invocation, and the page of the report on it alone, by file name; none if it learnt nothing."""
    if all(one.question.purpose != "learn" for one in invocation.records):
        return {}
    # Here, so that only the process that draws waits for matplotlib and SciPy.
    from harness.driver import figures, report_page, sheets, sources  # noqa: PLC0415 - see above

    atlas = sheets.draw(declared, [sources.alone(invocation.records)], None, None, ())
    page = report_page.render(atlas._replace(invocation=invocation.name))
    return {**figures.draw(invocation.records), "report.html": page.encode()}


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
