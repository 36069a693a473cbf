"""Which releases a sentence speaks of: requirements such as `keras>=2.0.9,<2.2.6`, held against what is installed.

A small part of PEP 440, because an environment under test need not have `packaging`: numbers, and that a pre-release comes
before its release.
"""

import operator
import re

from harness.errors import ExpectationError

COMPARISONS = {
    ">=": operator.ge, "<=": operator.le, "==": operator.eq, "!=": operator.ne, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
REQUIREMENT = re.compile(r"^(!?[a-z0-9-]+)((?:[<>=!]=?[0-9][0-9a-z.]*,?)*)$")
CONDITION = re.compile(r"([<>=!]=?)([0-9][0-9a-z.]*)")


def key(version):
    """Return what sorts as the release does: its numbers without trailing zeros, and whether it is final."""
    numbers, rest = re.match(r"(\d+(?:\.\d+)*)(.*)", version).groups()
    parts = [int(part) for part in numbers.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return parts, not re.match(r"\.?(a|b|rc|dev)", rest)


def check(requirement, where):
    """Raise an ExpectationError unless the text is a requirement; `where` names the file and the entry."""
    if not isinstance(requirement, str) or not REQUIREMENT.match(requirement):
        raise ExpectationError(
            f"expectations/{where}: where has {requirement!r}; "
            "allowed are a name and bounds, as in 'keras>=2.0.9,<2.2.6', or '!keras'"
        )


def is_met(requirement, installed):
    """Return whether {name: version} holds the named distribution within the bounds; `!name` wants it missing.

    `python` is a name like others.
    """
    name, bounds = REQUIREMENT.match(requirement).groups()
    if name.startswith("!"):
        return name[1:] not in installed
    if name not in installed:
        return False
    return all(COMPARISONS[sign](key(installed[name]), key(bound)) for sign, bound in CONDITION.findall(bounds))


def of_question(question):
    """Return {name: version} of what a record's question was asked of."""
    return dict(question.distributions, python=question.python)


def all_met(requirements, installed):
    """Return whether {name: version} meets all requirements."""
    return all(is_met(requirement, installed) for requirement in requirements)
