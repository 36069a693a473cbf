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
BOUND = r"(<=|>=|==|!=|<|>)([0-9]+(?:\.[0-9]+)*(?:\.?[a-z]+[0-9]*)?)"
REQUIREMENT = re.compile(r"^(?:(![a-z0-9-]+)|([a-z0-9-]+)((?:{0}(?:,{0})*)?))$".format(BOUND))
BACKENDS = "tensorflow", "jax", "torch"  # Of which Keras 3 takes one.
# Builds of the same release under a name of their own: a candidate of TensorFlow brings Keras' nightly one.
ALIASES = {"keras-nightly": "keras", "tf-nightly": "tensorflow", "tensorflow-cpu": "tensorflow"}


def key(version):
    """Return what sorts as the release does: its numbers without trailing zeros, and whether it is final."""
    numbers, rest = re.match(r"((?:\d+(?:\.\d+)*)?)(.*)", version).groups()  # Of what has no number, nothing is later.
    parts = [int(part) for part in numbers.split(".") if part]
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


def is_met(requirement, versions):
    """Return whether {name: version} holds the named distribution within the bounds; `!name` wants it missing.

    `python` is a name like others.
    """
    missing, name, bounds = REQUIREMENT.match(requirement).groups()[:3]
    if missing:
        return missing[1:] not in versions
    if name not in versions:
        return False
    return all(COMPARISONS[sign](key(versions[name]), key(bound)) for sign, bound in re.findall(BOUND, bounds))


def installed(distributions):
    """Return {name: version} with what bears another name called by its plain one, too."""
    plain = {ALIASES[name]: version for name, version in distributions.items() if name in ALIASES}
    return dict(plain, **distributions)


def chosen(distributions, backend):
    """Return the backend where others are installed that this Keras could have taken, "" where there was nothing to choose."""
    known = installed(distributions)
    has_choice = len(set(BACKENDS) & set(known)) > 1 and key(known.get("keras", "")) >= key("3")
    return backend if has_choice else ""


def in_use(distributions, backend):
    """Return {name: version} without the backends beside the chosen one ("" for no choice): they compute nothing."""
    idle = set(BACKENDS) - {backend} if backend else ()
    return {name: version for name, version in installed(distributions).items() if name not in idle}


def of_question(question):
    """Return {name: version} of what a record's question was asked of."""
    return dict(in_use(question.distributions, question.backend), python=question.python)


def all_met(requirements, versions):
    """Return whether {name: version} meets all requirements."""
    return all(is_met(requirement, versions) for requirement in requirements)
