"""Pictures of what the networks learnt, as PNG. Draws records, and judges no more of them than right or wrong."""

import io
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from itertools import zip_longest
from statistics import median
from typing import NamedTuple

import matplotlib

matplotlib.use("Agg")  # No display is needed; before anything of matplotlib that would choose one.

from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Patch
from matplotlib.path import Path
from matplotlib.textpath import TextPath
from matplotlib.ticker import LogFormatter

from harness import framings
from harness.framings import Framing
from harness.record import Record

# Blue and vermilion are told apart by the colour-blind (Okabe and Ito), pale and dark in black and white too.
COLOURS = {"compiled": "#0072B2", "fit": "#D55E00"}
PALE, DARK, PAPER, INK = "#D6E6F4", "#A63603", "#FFFFFF", "#1A1A1A"
FIRST_ANSWER = "B"  # What the page says comes from a cold start, whatever the letter.
CELL = 0.23  # Inches: a letter of 7 points with air around it.
TALLEST = 30.0
WIDEST = 40  # Columns; a longer row of patterns goes on below.


class Grid(NamedTuple):
    """Answers as a table: a row for each run and a column for each question, with the letter that would be right."""

    rows: tuple[str, ...]
    columns: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...]
    wanted: tuple[str, ...]

    def pieces(self) -> list["Grid"]:
        """Return the grid cut into pieces of equal width that fit on a screen."""
        count = -(-len(self.columns) // WIDEST)
        width = -(-len(self.columns) // count)
        cuts = [slice(start, start + width) for start in range(0, len(self.columns), width)]
        return [Grid(self.rows, self.columns[c], tuple(r[c] for r in self.answers), self.wanted[c]) for c in cuts]

    def right(self, row: int) -> int:
        """Return how many answers of the row are right."""
        return sum(answer == wanted for answer, wanted in zip(self.answers[row], self.wanted, strict=True))


def draw(records: Sequence[Record]) -> dict[str, bytes]:
    """Return all pictures of an invocation by file name; none if nothing was trained at full budget."""
    learnt = [record for record in records if record.question.purpose == "learn"]
    if not learnt:
        return {}
    grids = {f"answers-{name}.png": answers(learnt, name) for name in framings_with_answers(learnt)}
    return {"learning-curves.png": learning_curves(learnt), **grids}


def learning_curves(records: Iterable[Record]) -> bytes:
    """Return a panel per framing: the loss over the epochs of every seed, the median in bold, a colour per engine."""
    learnt = [record for record in records if record.curves.get("loss")]
    names = [name for name in framings.NAMES if any(record.question.framing["name"] == name for record in learnt)]
    columns = min(3, len(names)) or 1
    figure = Figure(figsize=(4.2 * columns, 3.1 * -(-len(names) // columns) + 0.5), layout="constrained")
    panels = figure.subplots(-(-len(names) // columns) or 1, columns, squeeze=False).flat
    for panel, name in zip_longest(panels, names):
        if name is None:
            panel.set_axis_off()
        else:
            _loss_panel(panel, name, [record for record in learnt if record.question.framing["name"] == name])
    return _png(figure)


def answers(records: Iterable[Record], framing: str) -> bytes:
    """Return the letters that each run of the framing answered, by pattern; and its cold starts if it keeps state."""
    learnt = [record for record in records if _has_answers(record, framing)]
    learnt.sort(key=lambda record: (record.question.engine, record.question.seed))
    grids = {f"{framing}: the answer to every training pattern": pattern_grid(learnt)}
    # Without a state every start is cold, and a letter asked first is the training pattern again.
    if learnt[0].question.framing["stateful"] and any(record.look_up("cold_starts") for record in learnt):
        grids[f"{framing}: the answer to a letter asked first, where the page has {FIRST_ANSWER}"] = cold_grid(learnt)
    return _grids(grids)


def framings_with_answers(records: Iterable[Record]) -> list[str]:
    """Return the names of the framings that `answers` can draw, in the tutorial's order."""
    found = {record.question.framing["name"] for record in records if record.look_up("answers")}
    return [name for name in framings.NAMES if name in found]


def pattern_grid(records: Sequence[Record]) -> Grid:
    """Return the answers to the training patterns; those of mixed length are sorted by their last letter."""
    asked = framings.distinct(Framing(**records[0].question.framing))
    places = sorted(range(len(asked)), key=lambda place: _by_last_letter(asked[place][0]))
    if len({len(text) for text, _ in asked}) == 1:
        places = list(range(len(asked)))
    return Grid(
        rows=tuple(_run_name(record) for record in records),
        columns=tuple(asked[place][0] for place in places),
        answers=tuple(tuple(record.observations["answers"][place][1] for place in places) for record in records),
        wanted=tuple(asked[place][1] for place in places),
    )


def cold_grid(records: Sequence[Record]) -> Grid:
    """Return the answers to each letter asked right after a reset."""
    cold = [(record, record.observations["cold_starts"]) for record in records if record.look_up("cold_starts")]
    letters = tuple(cold[0][1])
    return Grid(
        rows=tuple(_run_name(record) for record, _ in cold),
        columns=letters,
        answers=tuple(tuple(starts[letter]["answer"] for letter in letters) for _, starts in cold),
        wanted=(FIRST_ANSWER,) * len(letters),
    )


def _has_answers(record: Record, framing: str) -> bool:
    return record.question.framing["name"] == framing and bool(record.look_up("answers"))


def _by_last_letter(text: str) -> tuple[str, int]:
    return text[-1], len(text)


def _run_name(record: Record) -> str:
    question = record.question
    return str(question.seed) if question.engine == "compiled" else f"{question.engine} {question.seed}"


def _loss_panel(panel: Axes, name: str, records: Sequence[Record]) -> None:
    for engine, colour in COLOURS.items():
        runs = [record for record in records if record.question.engine == engine]
        for record in runs:
            panel.plot(_epochs(record), _gaps(record.curves["loss"]), color=colour, linewidth=0.6, alpha=0.35)
        if runs:
            longest = max(runs, key=lambda record: len(record.curves["loss"]))
            label = f"{engine}, {len(runs)} seed{'s' * (len(runs) > 1)}"
            panel.plot(_epochs(longest), _medians(runs), color=colour, linewidth=2, label=label)
    panel.set_title(name, loc="left", fontsize=11, fontweight="bold")
    panel.set(xlabel="epoch", ylabel="loss", yscale="log")
    panel.yaxis.set_major_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
    panel.yaxis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.5)))
    panel.grid(axis="y", which="major", color="#DDDDDD", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    panel.legend(frameon=False, fontsize=8)


def _epochs(record: Record) -> Sequence[int]:
    return record.curves.get("epoch") or range(1, len(record.curves["loss"]) + 1)


def _gaps(values: Iterable[float | None]) -> list[float]:
    return [float("nan") if value is None else value for value in values]


def _medians(runs: Iterable[Record]) -> list[float]:
    points = zip_longest(*(record.curves["loss"] for record in runs))
    finite = [[value for value in values if value is not None] for values in points]
    return [median(values) if values else float("nan") for values in finite]


def _grids(grids: Mapping[str, Grid]) -> bytes:
    pieces = [(title * (n == 0), piece) for title, grid in grids.items() for n, piece in enumerate(grid.pieces())]
    heights = [min(TALLEST, CELL * len(piece.rows)) + _margin(piece) for _, piece in pieces]
    widest = max(len(piece.columns) for _, piece in pieces)
    figure = Figure(figsize=(max(7.0, CELL * widest + 1.8), sum(heights)), layout="constrained")
    panels = figure.subplots(len(pieces), 1, squeeze=False, height_ratios=heights).flat
    for panel, (title, piece) in zip(panels, pieces, strict=True):
        _letters(panel, piece)
        panel.set_title(title, loc="left", fontsize=10, fontweight="bold")
    keys = [Patch(color=PALE, label="right"), Patch(color=DARK, label="wrong")]
    figure.legend(handles=keys, loc="outside lower left", ncols=2, frameon=False, fontsize=8)
    return _png(figure)


def _margin(grid: Grid) -> float:
    return 0.85 + 0.07 * max(len(text) for text in grid.columns)


def _letters(panel: Axes, grid: Grid) -> None:
    right = [[answer == wanted for answer, wanted in zip(row, grid.wanted, strict=True)] for row in grid.answers]
    panel.pcolormesh(right, cmap=ListedColormap([DARK, PALE]), vmin=0, vmax=1, edgecolors=PAPER, linewidth=0.8)
    marks = {pair for row in zip(grid.answers, right, strict=True) for pair in zip(*row, strict=True)}
    for letter, is_right in sorted(marks):
        # One marker per letter: twenty thousand texts would take minutes.
        places = _places(grid.answers, right, letter, is_right)
        panel.scatter(*places, marker=_glyph(letter), s=150, color=INK if is_right else PAPER, linewidths=0, snap=False)
    _frame(panel, grid)
    for row in range(len(grid.rows)):
        text = f" {grid.right(row)} of {len(grid.columns)}"
        panel.text(len(grid.columns), row + 0.5, text, fontsize=7, va="center", clip_on=False)


def _frame(panel: Axes, grid: Grid) -> None:
    upright = max(map(len, grid.columns)) > 1
    panel.set_xticks([place + 0.5 for place in range(len(grid.columns))], grid.columns, fontsize=7)
    panel.tick_params(axis="x", rotation=90 if upright else 0)
    panel.set_yticks([place + 0.5 for place in range(len(grid.rows))], grid.rows, fontsize=7)
    panel.tick_params(length=0)
    panel.set_ylabel("seed", fontsize=8)
    panel.invert_yaxis()
    panel.spines[:].set_visible(False)


@cache
def _glyph(letter: str) -> Path:
    # matplotlib scales every marker to one size; the far corner, which draws nothing, keeps the letters in proportion.
    outline = TextPath((0, 0), letter, size=1, prop=FontProperties())
    box = outline.get_extents()
    centred = Path(outline.vertices - ((box.x0 + box.x1) / 2, (box.y0 + box.y1) / 2), outline.codes)
    return Path.make_compound_path(centred, Path([(0.95, 0.95)], [Path.MOVETO]))


def _places(
    answers: Sequence[Sequence[str]], right: Sequence[Sequence[bool]], letter: str, is_right: bool
) -> tuple[list[float], list[float]]:
    """Return the middles, across and down, of the cells that hold this letter."""
    cells = [
        (column + 0.5, row + 0.5)
        for row, given in enumerate(answers)
        for column, answer in enumerate(given)
        if answer == letter and right[row][column] == is_right
    ]
    return [across for across, _ in cells], [down for _, down in cells]


def _png(figure: Figure) -> bytes:
    content = io.BytesIO()
    figure.savefig(content, format="png", dpi=110, facecolor=PAPER)
    return content.getvalue()
