"""What is installed is what was declared, no more and no less: an observer must not change what it observes."""

import re

import pytest
from packaging.requirements import Requirement

from harness import machine
from harness.invocation import ROOT


def locked(stack):
    """Return {name: version} of the stack's lock, as it applies to this Python; None where the stack has no lock."""
    path = ROOT / "ci" / "locks" / "{}.txt".format(stack)
    if not path.exists():
        return None
    lines = [line.rstrip(" \\") for line in path.read_text().splitlines() if re.match(r"[a-z0-9]", line)]
    found = [Requirement(line) for line in lines]
    return {entry.name: str(entry.specifier)[2:] for entry in found if not entry.marker or entry.marker.evaluate()}


def test_the_installed_set_is_the_locked_one(request):
    stack = request.config.harness_choice.stack
    wanted = locked(stack)
    if wanted is None:
        pytest.skip("no lock for a stack named {!r}".format(stack))
    assert machine.distributions() == wanted
