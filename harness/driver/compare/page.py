"""What a comparison says on the page of the report: words alone, for the template to put in their places."""

from collections.abc import Iterable
from typing import NamedTuple

from harness.driver.compare import view
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.metrics import FAMILIES
from harness.driver.compare.sentences import counted

MOST = 60  # Lines of one word; the command tells all.


class Told(NamedTuple):
    """How many metrics there are of one word, lines of them: as many as a person reads, and how many lines more there are."""

    word: str
    metrics: int
    lines: tuple[str, ...]
    more: int


class Section(NamedTuple):
    """What stands on the page. rows: those of framings in which something is not the same, (stack, framing, runs, families)."""

    counts: str
    false_alarms: str
    moved: tuple[str, ...]
    told: tuple[Told, ...]
    rows: tuple[tuple[str, str, str, tuple[str, ...]], ...]
    families: tuple[str, ...]
    calls: tuple[tuple[str, str], ...]


def section(found: Comparison) -> Section:
    """Return what the page says of a comparison."""
    return Section(
        counts=counted(found.counts()),
        false_alarms=f"{100 * found.false_alarms:g} %",
        moved=tuple(view.moved(found)),
        told=tuple(_told(found, word) for word in view.SPOKEN if view.told(found, word)),
        rows=tuple(_rows(found)),
        families=FAMILIES,
        calls=tuple((stack, found.calls[stack]) for stack in to_look_at(found)),
    )


def to_look_at(found: Comparison) -> list[str]:
    """Return the stacks of which something is worse or not decided, and which a command compares alone."""
    words = ("worse", "undecided")
    return [
        stack for stack in dict.fromkeys(one.stack for one in found.differences if one.word in words) if stack in found.calls
    ]


def _told(found: Comparison, word: str) -> Told:
    lines = view.told(found, word)
    return Told(word, len(view.of_word(found, word)), tuple(lines[:MOST]), max(0, len(lines) - MOST))


def _rows(found: Comparison) -> Iterable[tuple[str, str, str, tuple[str, ...]]]:
    for (stack, framing), group in view.rows(found.differences).items():
        if any(one.word != "same" for one in group):
            families = ([one for one in group if one.metric.family == family] for family in FAMILIES)
            yield stack, framing, view.runs_of(group), tuple(counted(found.counts(one)) if one else "" for one in families)
