"""What the harness was found to catch and to miss, kept beside the records: planted faults, clean runs, unchanged nights.

`.harness/trials/faults/STACK.jsonl`, `clean/STACK.jsonl` and `nights.jsonl` hold an object a line and are only appended to; of
one fault, seed or night the newest line counts.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple, TypeVar

from harness import store
from harness.driver.clean_runs import CleanRun
from harness.driver.errors import TrialError
from harness.driver.selfchecks import Outcome


class NightTrial(NamedTuple):
    """How many metrics a night called better or worse.

    unchanged: the stacks in which the same was installed as in the night before; false_alarms: metrics of these. moved, alarms:
    those in which something else was, and metrics of these. dealt: metrics of the night's own runs, dealt to two sides by
    chance; dealt_alarms: how many of these.
    """

    night: str
    unchanged: int
    false_alarms: int
    moved: int
    alarms: int
    dealt: int
    dealt_alarms: int


Trial = Outcome | CleanRun | NightTrial
Kind = TypeVar("Kind", Outcome, CleanRun, NightTrial)
FOLDER, FAULTS, CLEAN, NIGHTS = "trials", "faults", "clean", "nights"


def keep(home: Path, name: str, one: Trial) -> None:
    """Add one trial to those of this name, "nights" or "faults/tf2"; TrialError where nothing can be written."""
    path = _path(home, name)
    try:
        store.append_line(path, json.dumps(one._asdict()))
    except OSError as error:
        where = f"trials cannot be kept in {path.parent} ({error.strerror})"
        raise TrialError(f"{where}; set HARNESS_HOME to another folder") from None


def kept(home: Path, name: str, told: Iterable[Kind]) -> Iterator[Kind]:
    """Yield what is told, each once it is kept."""
    for one in told:
        keep(home, name, one)
        yield one


def read(home: Path, name: str, kind: type[Kind]) -> list[Kind]:
    """Return the trials of this name, the newest of each fault, seed or night; TrialError where a line is none."""
    found: dict[object, Kind] = {}
    for where, line in store.read_lines(_path(home, name)):
        try:
            one = kind(**json.loads(line))
        except (TypeError, ValueError):
            raise TrialError(f"{FOLDER}/{where}: not written by this harness; remove the line") from None
        found[one[0]] = one
    return list(found.values())


def stacks(home: Path, sort: str) -> list[str]:
    """Return the stacks of which there are trials of this sort, FAULTS or CLEAN."""
    return sorted(path.stem for path in (home / FOLDER / sort).glob("*.jsonl"))


def _path(home: Path, name: str) -> Path:
    return home / FOLDER / f"{name}.jsonl"
