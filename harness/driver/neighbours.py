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
    """Return the versions of the named distributions and of Python (two numbers) that a question was asked of."""
    known = releases.installed(question.distributions)
    found = {name: known[name] for name in NAMED if name in known}
    return {**found, "python": ".".join(question.python.split(".")[:2])}


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> tuple[Difference, ...]:
    """Return what differs between two stacks, the distributions before Python."""
    names = [name for name in (*NAMED, "python") if before.get(name) != after.get(name)]
    return tuple(Difference(name, before.get(name), after.get(name)) for name in names)


def pairs(sources: Sequence[Source], newest: str) -> list[tuple[Source, Source]]:
    """Return each source with the one that it is compared with, (before, after).

    That is, of those that stand before it, the one from which the fewest distributions differ; of several, the last.
    """
    known = {source.stack: installed(source) for source in sources if source.records}
    order = in_time([source for source in sources if source.records], newest)
    found = []
    for place, after in enumerate(order[1:], start=1):
        distances = [(len(_named(known[one.stack], known[after.stack])), -index) for index, one in enumerate(order[:place])]
        found.append((order[-min(distances)[1]], after))
    return found


def _named(before: Mapping[str, str], after: Mapping[str, str]) -> list[Difference]:
    return [one for one in differences(before, after) if one.name != "python"]


def in_time(sources: Sequence[Source], newest: str) -> list[Source]:
    """Return the sources as they are declared, but the newest stack behind all whose TensorFlow or Keras is older.

    It is declared first because it is the main job; nothing came before it in time that stands after it in the file.
    """
    own = [source for source in sources if source.stack == newest]
    rest = [source for source in sources if source.stack != newest]
    older = [source for source in rest if own and _is_older(_versions(source), _versions(own[0]))]
    if not older:
        return list(sources)
    place = rest.index(older[-1]) + 1
    return [*rest[:place], *own, *rest[place:]]


def _is_older(here: Sequence[Version] | None, newest: Sequence[Version] | None) -> bool:
    return here is not None and newest is not None and list(here) < list(newest)


def _versions(source: Source) -> list[Version] | None:
    """Return the versions of TensorFlow and Keras, or None where one of them is not installed or not a version."""
    found = installed(source)
    try:
        return [Version(found[name]) for name in ORDERED]
    except (KeyError, InvalidVersion):
        return None
