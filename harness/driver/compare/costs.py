"""What calls cost on two stacks: comparable only where they were timed side by side, and best told from all framings together.

No calibration loop makes up for another machine, nor for what else a shared one does at another hour.
"""

from collections.abc import Sequence

import numpy as np

from harness.driver.compare import series
from harness.driver.compare.series import Cell, Key

EVERY = "every framing"  # Of what is slower in all of them, the mean of a process scatters least.
PURPOSE = "time"


def with_every(cells: dict[Key, Cell]) -> dict[Key, Cell]:
    """Return the cells with one more, of the geometric means over all framings of each process that timed them all."""
    timed = {key: cell for key, cell in cells.items() if key.purpose == PURPOSE}
    groups: dict[Key, list[Cell]] = {}
    for key, cell in timed.items():
        groups.setdefault(key._replace(framing=EVERY), []).append(cell)
    return {**cells, **{key: _mean(several) for key, several in groups.items() if len(several) > 1}}


def _mean(several: Sequence[Cell]) -> Cell:
    first = several[0]
    batches = [batch for batch in first.batches if all(batch in cell.batches for cell in several)]
    names = [name for name in first.metrics if all(name in cell.metrics for cell in several)]
    parts = [series.part(cell, [cell.batches.index(batch) for batch in batches], batches) for cell in several]
    columns = {name: np.exp(np.mean([np.log(part.columns[name]) for part in parts], axis=0)) for name in names}
    question = first.question._replace(framing={"name": EVERY, "edition": first.question.framing["edition"]})
    metrics = {name: first.metrics[name] for name in names}
    return parts[0]._replace(question=question, metrics=metrics, columns=columns, digests=("",) * len(batches))


def apart(base: Cell, new: Cell) -> str:
    """Return why the costs of two cells cannot be held against each other, "" where they were timed side by side."""
    if len(base.machines | new.machines) > 1:
        return f"timed on other machines: {', '.join(sorted(base.machines | new.machines))}"
    first, last = max(min(side.started) for side in (base, new)), min(max(side.started) for side in (base, new))
    return "" if first <= last else "timed apart, one stack after the other; --until-decided times them in turns"
