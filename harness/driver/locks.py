"""The locks of the declared stacks: how one is made, and whether one still says what is declared."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from harness.driver import resolving, stacks
from harness.driver.location import ROOT
from harness.driver.resolving import Question
from harness.driver.stacks import SPELLED, Declaration, Stack

FOLDER = ROOT / "ci" / "locks"


def path(stack: Stack, folder: Path = FOLDER) -> Path:
    """Return where the stack's lock is kept."""
    return folder / f"{stack.name}.txt"


def make(stack: Stack, observer: Sequence[str], lock: str, is_upgrade: bool = False) -> str:
    """Return the text of the stack's lock; versions in the present one stay where they can. LockError if there is none.

    What the stack requires is resolved as of its day, and then what the harness needs is put beside it, of today: so pytest
    is never older than it must, and nothing of the framework is younger than it was.
    """
    builds_with = stacks.find_python(stack.python)
    question = Question(
        stack.requires, stack.python, find_links=stack.find_links, builds_with=builds_with, is_upgrade=is_upgrade
    )
    if stack.as_of:
        dated = resolving.resolve(question._replace(as_of=stack.as_of), lock)
        question = question._replace(pinned="\n".join(str(pin) for pin in pins(dated)))
    return resolving.resolve(question._replace(requires=(*stack.requires, *observer)), lock)


def write(stack: Stack, observer: Sequence[str], is_upgrade: bool = False, folder: Path = FOLDER) -> str:
    """Resolve the stack and write its lock; return a sentence that says what became of it."""
    lock = path(stack, folder)
    before = lock.read_text(encoding="utf-8") if lock.exists() else ""
    after = make(stack, observer, before, is_upgrade)
    lock.write_text(after, encoding="utf-8")
    return f"ci/locks/{lock.name}: {len(pins(after))} distributions, " + ("as before" if after == before else "written")


def pins(text: str) -> list[Requirement]:
    """Return what a lock pins, in its order, without the hashes."""
    return [Requirement(line.rstrip(" \\")) for line in text.splitlines() if re.match(r"[a-z0-9]", line)]


def faults(declared: Declaration, chosen: Sequence[Stack], folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each of the stacks whose lock does not hold what is declared. Resolves nothing."""
    found = [_fault(stack, declared.observer, path(stack, folder)) for stack in chosen if stack.locked]
    return [fault for fault in found if fault]


def strays(declared: Declaration, folder: Path = FOLDER) -> list[str]:
    """Return a sentence for each lock that belongs to no locked stack."""
    known = {path(stack, folder) for stack in declared.stacks if stack.locked}
    found = sorted(set(folder.iterdir()) - known)
    return [f"ci/locks/{one.name} is the lock of no stack in {SPELLED}; remove it" for one in found]


def _fault(stack: Stack, observer: Sequence[str], lock: Path) -> str | None:
    remedy = f"`tox -e driver -- lock {stack.name}` makes it anew"
    if not lock.exists():
        return f"ci/locks/{lock.name} is missing; {remedy}"
    pinned = pins(lock.read_text(encoding="utf-8"))
    for wanted in _applying((*stack.requires, *observer), stack.python):
        versions = [pin for pin in pinned if canonicalize_name(pin.name) == canonicalize_name(wanted.name)]
        if not versions:
            return f"ci/locks/{lock.name} pins no {wanted.name}, and {SPELLED} requires {wanted}; {remedy}"
        for pin in versions:
            if not wanted.specifier.contains(_pinned_version(pin), prereleases=True):
                return f"ci/locks/{lock.name} pins {pin}, and {SPELLED} requires {wanted}; {remedy}"
    return None


def _applying(requires: Sequence[str], python: Sequence[str]) -> Iterator[Requirement]:
    for wanted in map(Requirement, requires):
        # Not micro releases: no marker of ours asks for one.
        if wanted.marker is None or any(wanted.marker.evaluate({"python_version": version}) for version in python):
            yield wanted


def _pinned_version(pin: Requirement) -> str:
    return str(pin.specifier).removeprefix("==")
