"""Puts a summary before a person. Everything in it was decided in `summary.py`."""

import sys
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from harness import framings
from harness.driver.errors import ReportError
from harness.driver.summary import Row, Summary, asked

COLOURS = {"met": "green", "missed": "bold red", "mended": "bold red", "known": "yellow", "absent": "yellow"}
COLUMNS = ("framing", "engine", "seeds", "accuracy", "band", "behaviours met", "seconds", "verdict")
RIGHT = ("seeds", "accuracy", "seconds")
PIPE_WIDTH = 120  # Nothing folds a pipe or a log; 80 columns would break the table.


def console(is_error: bool = False, width: int = PIPE_WIDTH) -> Console:
    """Return the console for standard output, or error: coloured only on a terminal, and not where NO_COLOR is set.

    width: of a line where there is no terminal.
    """
    stream = sys.stderr if is_error else sys.stdout
    return Console(stderr=is_error, highlight=False, width=None if stream.isatty() else width)


def empty_table() -> Table:
    """Return a table without lines, its columns two blanks apart, to be filled."""
    return Table(box=None, header_style="bold", padding=(0, 2, 0, 0), pad_edge=False)


def write(path: Path, content: str) -> None:
    """Write what a person asked to have in a file; ReportError where that cannot be."""
    try:
        path.write_text(content, encoding="utf-8")
    except OSError as error:
        raise ReportError(f"{path} cannot be written: {error.strerror}; name another file") from None


def show(summary: Summary, screen: Console) -> None:
    """Print the headline, the table, and a sentence for each thing that failed or could not be decided."""
    headline = f"{summary.stack}, {summary.started}, invocation {summary.invocation}: "
    screen.print(Text(headline).append(_word(summary.verdict)))
    screen.print(table(summary))
    for sentence in (*summary.failures, *summary.known, *summary.undecided):
        # Whole, so that it can be searched for and copied.
        screen.print(Text(sentence), soft_wrap=True)


def table(summary: Summary) -> Table:
    """Return the rows as a table for a terminal."""
    drawn = empty_table()
    for name in COLUMNS:
        drawn.add_column(name, justify="right" if name in RIGHT else "left")
    for row in summary.rows:
        drawn.add_row(*cells(row), _word(row.verdict))
    return drawn


def cells(row: Row) -> tuple[str, ...]:
    """Return the row as words, without its verdict."""
    older = "" if row.edition == framings.NEWEST_EDITION else f" ({row.edition})"
    cut = f" ({row.epochs} epochs)" if row.purpose == "check" else ""
    accuracy = percent(row.accuracy) if row.purpose == "learn" else ""
    counts = str(len(row.seeds)), accuracy, band(row), f"{row.met} of {row.of}", f"{row.seconds:.1f}"
    return (asked(row.framing, row.purpose) + older, row.engine + cut, *counts)


def percent(share: float | None) -> str:
    """Return a share of one as per cent; None, which was not finite, as such."""
    return "not finite" if share is None else f"{100 * share:.1f} %"


def band(row: Row) -> str:
    """Return the declared accuracies in words, empty where none is declared."""
    least, most = row.band
    if least is not None and most is not None:
        return f"{100 * least:.1f} to {percent(most)}"
    if least is not None:
        return f"at least {percent(least)}"
    return "" if most is None else f"at most {percent(most)}"


def as_json(summary: Summary) -> dict[str, Any]:
    """Return the summary as plain JSON values."""
    return {**summary._asdict(), "rows": [row._asdict() for row in summary.rows]}


def _word(verdict: str) -> Text:
    return Text(verdict, style=COLOURS[verdict])
