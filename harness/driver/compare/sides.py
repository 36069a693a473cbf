"""What BASE and NEW name: a stack, a day, the baseline, an invocation, a file of records, or a run of MLflow."""

import re
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path

from harness.driver.compare import baselines, lines
from harness.driver.compare.series import Cell, Key
from harness.driver.errors import ChoiceError
from harness.record import Record
from harness.store import Store

DAY = re.compile(r"\d{4}-\d{2}-\d{2}(T[\d:]*Z?)?")
INVOCATION = re.compile(r"\d{8}T\d{6}-[0-9a-f]{6}")
MLFLOW_RUN = re.compile(r"[0-9a-f]{32}")
BASELINE = "baseline"
ALLOWED = "a stack, STACK@DAY, a day such as 2026-11-22, `baseline`, an invocation, a file of records, or a run of MLflow"
SOME = 8  # Stacks that a sentence names.

Cells = dict[str, dict[Key, Cell]]


def choose(text: str, store: Store, expectations: Path) -> Iterator[Record]:
    """Yield the runs that the text names, or raise ChoiceError. expectations: the folder that the baselines lie in."""
    is_empty = True
    for run in _runs(text, store, expectations):
        is_empty = False
        yield run
    if is_empty:
        raise ChoiceError(f"{text!r} names no records; allowed is {ALLOWED} (stacks with records: {_some(store.stacks())})")


def _runs(text: str, store: Store, expectations: Path) -> Iterator[Record]:
    stack, _, day = text.partition("@")
    if stack in store.stacks() and (not day or DAY.fullmatch(day)):
        return (run for run in _of(store, [stack]) if run.started.startswith(day))
    if DAY.fullmatch(text):
        return (run for run in _of(store, store.stacks()) if run.started.startswith(text))
    if INVOCATION.fullmatch(text):
        return (run for run in _of(store, store.stacks()) if run.invocation == text)
    if text == BASELINE:
        return baselines.runs(expectations)
    if MLFLOW_RUN.fullmatch(text):
        return _published(text)
    return lines.read(Path(text)) if Path(text).is_file() else iter(())


def _published(run: str) -> Iterator[Record]:
    # Here, because MLflow takes seconds to import.
    from harness.driver import location, tracking  # noqa: PLC0415 - see above

    with tempfile.TemporaryDirectory() as folder:
        yield from lines.read(tracking.records_of(location.tracking_uri(), run, Path(folder)))


def _of(store: Store, stacks: Iterable[str]) -> Iterator[Record]:
    for stack in stacks:
        yield from lines.read(store.records_path(stack))


def _some(stacks: list[str]) -> str:
    more = [f"and {len(stacks) - SOME} more"] if len(stacks) > SOME else []
    return ", ".join([*stacks[:SOME], *more]) or "none; `tox -e tf2` makes some"


def together(base: Cells, new: Cells) -> list[tuple[str, dict[Key, Cell], dict[Key, Cell]]]:
    """Return (stack of NEW, its cells in BASE, its cells in NEW); one stack on each side stand against each other."""
    if len(base) == len(new) == 1:
        ((_, before),), ((stack, after),) = base.items(), new.items()
        return [(stack, before, after)]
    common = [stack for stack in new if stack in base]
    if not common:
        raise ChoiceError(
            f"BASE holds {_some([*base])} and NEW {_some([*new])}: several stacks are compared by name, and they share none"
        )
    return [(stack, base[stack], new[stack]) for stack in common]
