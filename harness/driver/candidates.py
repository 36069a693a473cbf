"""The stacks that a night may ask: whether each can run here, what its lock pins, and which of the others came before it."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from harness import lock
from harness.driver import location, neighbours, stacks
from harness.driver.schedule import Candidate
from harness.driver.stacks import NEWEST, Stack

DIGEST_LENGTH = 16


def candidates(chosen: Sequence[Stack]) -> list[Candidate]:
    """Return a candidate for each of these stacks, in their order."""
    missing = {one.name: "" if stacks.find_python(one.python) else _no_python(one) for one in chosen}
    beside = _beside([one for one in chosen if not missing[one.name]])
    return [
        Candidate(one.name, tuple(one.requires), _digest(one), missing[one.name], beside.get(one.name, "")) for one in chosen
    ]


def _no_python(stack: Stack) -> str:
    return f"no Python {' or '.join(stack.python)} was found here"


def _beside(here: Sequence[Stack]) -> dict[str, str]:
    """Return by stack the one before it, as their locks tell; one that is resolved afresh is taken to be near the newest."""
    declared = [one.name for one in stacks.load()]
    found = {one.name: lock.pinned(_lock(one.name if one.locked else NEWEST)) or {} for one in here}
    known = {name: neighbours.named(found[name]) for name in sorted(found, key=declared.index) if found[name]}
    return neighbours.nearest(known, NEWEST)


def _lock(name: str) -> Path:
    return location.ROOT / "ci" / "locks" / f"{name}.txt"


def _digest(stack: Stack) -> str:
    path = _lock(stack.name)
    if not stack.locked or not path.exists():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:DIGEST_LENGTH]
