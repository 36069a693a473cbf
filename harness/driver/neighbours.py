"""Which stack another is compared with, and which of its distributions are other ones."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from packaging.version import InvalidVersion, Version

from harness import releases
from harness.driver.sources import Source
from harness.record import Question

# What may move a result. All else that is installed serves these.
NAMED = ("tensorflow", "keras", "tf-keras", "theano", "jax", "torch", "numpy")
ORDERED = ("tensorflow", "keras")


class Difference(NamedTuple):
    """One distribution, or Python, in two stacks; None where it is not installed."""

    name: str
    before: str | None
    after: str | None

    @property
    def sentence(self) -> str:
        """The difference in words."""
        return f"{self.name} {self.before or 'none'} -> {self.after or 'none'}"


def installed(source: Source) -> dict[str, str]:
    """Return the versions of the named distributions and of Python (two numbers) that the stack's newest record proves."""
    if not source.records:
        return {}
    return versions(source.records[-1].question)


def versions(question: Question) -> dict[str, str]:
    """Return the versions of the named distributions in use and of Python (two numbers) that a question was asked of."""
    in_use = releases.in_use(question.distributions, question.backend)
    return {**named(in_use), "python": ".".join(question.python.split(".")[:2])}


def named(distributions: Mapping[str, str]) -> dict[str, str]:
    """Return the versions of the named distributions among these."""
    known = releases.installed(distributions)
    return {name: known[name] for name in NAMED if name in known}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what differs between two stacks, the distributions before Python."""
    names = [name for name in (*NAMED, "python") if before.get(name) != after.get(name)]
    return tuple(Difference(name, before.get(name), after.get(name)) for name in names)


def pairs(sources: Sequence[Source], newest: str) -> list[tuple[Source, Source]]:
    """Return each source that recorded something with the one that it is compared with, (before, after)."""
    here = {source.stack: source for source in sources if source.records}
    found = nearest({stack: installed(source) for stack, source in here.items()}, newest)
    return [(here[before], here[after]) for after, before in found.items()]


def nearest(known: Mapping[str, Mapping[str, str]], newest: str) -> dict[str, str]:
    """Return by stack the one that it is compared with; known: what each has installed, in the declared order.

    That is, of those that stand before it in time, the one from which the fewest distributions differ; of several, the last.
    """
    order, found = in_time(known, newest), {}
    for place, after in enumerate(order[1:], start=1):
        latest_first = reversed(order[:place])
        found[after] = min(latest_first, key=lambda one: len(_named(known[one], known[after])))
    return found


def _named(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [one for one in differences(before, after) if one.name != "python"]


def in_time(known: Mapping[str, Mapping[str, str]], newest: str) -> list[str]:
    """Return the stacks as they are declared, but the newest behind all whose TensorFlow or Keras is older.

    It is declared first because it is the main job; nothing came before it in time that stands after it in the file.
    """
    rest = [stack for stack in known if stack != newest]
    older = [stack for stack in rest if newest in known and _is_older(_versions(known[stack]), _versions(known[newest]))]
    if not older:
        return list(known)
    place = rest.index(older[-1]) + 1
    return [*rest[:place], newest, *rest[place:]]


def _is_older(here: Sequence[Version] | None, newest: Sequence[Version] | None) -> bool:
    return here is not None and newest is not None and list(here) < list(newest)


def _versions(found: Mapping[str, str]) -> list[Version] | None:
    """Return the versions of TensorFlow and Keras, or None where one of them is not installed or not a version."""
    try:
        return [Version(found[name]) for name in ORDERED]
    except (KeyError, InvalidVersion):
        return None
