"""Puts a comparison before a person. Everything in it was decided before."""

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness.driver import printing, summary
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import WORDS, Difference
from harness.driver.compare.metrics import FAMILIES
from harness.driver.compare.sentences import NOTHING, merged

COLOURS = {"worse": "bold red", "better": "green", "same": "green", "undecided": "yellow", "gone": "yellow"}
# Told one by one; of the others the table's counts are enough. Of what is new, those that do not hold.
SPOKEN = ("worse", "new", "better", "gone", "not comparable")
MOST = 40  # Lines of one word.


def show(comparison: Comparison, screen: Console, is_all: bool) -> None:
    """Print what differs between the two, a table, and a sentence for whatever is not the same."""
    headline = Text(f"{comparison.base} -> {comparison.new}: ")
    screen.print(headline.append(_counted(comparison.counts())))
    for line in moved(comparison):
        screen.print(line, soft_wrap=True)
    screen.print(table(comparison))
    for word in WORDS if is_all else SPOKEN:
        _tell(word, told(comparison, word, is_all), screen, is_all)
    undecided = comparison.counts().get("undecided", 0)
    if undecided and not is_all:
        screen.print(f"{undecided} undecided: too few runs; --until-decided makes more, --all tells which", soft_wrap=True)


def moved(comparison: Comparison) -> list[str]:
    """Return which releases differ, stack by stack; of several stacks those alone where some do."""
    found = {stack: ", ".join(several) for stack, several in comparison.releases.items()}
    is_alone = len(found) == 1
    return [f"{stack}: {several or 'the same releases'}" for stack, several in found.items() if several or is_alone]


def told(comparison: Comparison, word: str, is_all: bool = False) -> list[str]:
    """Return the lines of one word, with their stacks where there are several."""
    return merged(of_word(comparison, word, is_all), has_stacks=len(comparison.releases) > 1)


def of_word(comparison: Comparison, word: str, is_all: bool = False) -> list[Difference]:
    """Return the differences of one word that are told; of what is new those that do not hold, unless all are asked for."""
    found = [one for one in comparison.differences if one.word == word]
    return found if is_all or word != "new" else [one for one in found if one.is_lost]


def _tell(word: str, lines: Sequence[str], screen: Console, is_all: bool) -> None:
    shown = lines if is_all else lines[:MOST]
    for line in shown:
        screen.print(Text(word, style=COLOURS.get(word, "")).append(f": {line}"), soft_wrap=True)
    if len(lines) > len(shown):
        screen.print(f"{word}: {len(lines) - len(shown)} more; --all tells them", soft_wrap=True)


def table(comparison: Comparison) -> Table:
    """Return a row for each framing, its families across; of several stacks those framings alone that are not all the same."""
    several = len(comparison.releases) > 1
    families = [family for family in FAMILIES if any(one.metric.family == family for one in comparison.differences)]
    drawn = printing.empty_table()
    for name in (*(["stack"] if several else []), "framing", "runs", *families):
        drawn.add_column(name, justify="right" if name == "runs" else "left")
    for (stack, framing), found in rows(comparison.differences).items():
        if several and all(one.word == "same" for one in found):
            continue
        by_family = ([one for one in found if one.metric.family == family] for family in families)
        cells = [_counted(comparison.counts(group)) if group else Text("") for group in by_family]
        drawn.add_row(*([stack] if several else []), framing, runs_of(found), *cells)
    return drawn


def rows(found: Iterable[Difference]) -> dict[tuple[str, str], list[Difference]]:
    """Return the differences by stack and framing; the contract stands by itself."""
    several: dict[tuple[str, str], list[Difference]] = {}
    for one in found:
        several.setdefault((one.stack, summary.asked(one.key.framing, one.key.purpose)), []).append(one)
    return several


def runs_of(found: Iterable[Difference]) -> str:
    """Return how many runs BASE and NEW have, in words: of processes that timed, where nothing but costs is told."""
    several = list(found)
    counted = [one for one in several if one.metric.family != "cost"] or several
    base, new = (max(counts) for counts in zip(*((one.base.runs, one.new.runs) for one in counted), strict=True))
    return f"{base}, {new}"


def _counted(counts: dict[str, int]) -> Text:
    text = Text()
    for word, count in counts.items():
        text.append(", " if text else "").append(f"{count} {word}", style=COLOURS.get(word, ""))
    return text if text else Text(NOTHING)
