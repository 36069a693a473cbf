"""All cells of some runs: what they learnt, showed and cost."""

from collections.abc import Iterable

from harness.driver.compare import costs, series
from harness.driver.compare.series import Cell, Key
from harness.expectations import Declared
from harness.record import Record


def cells(declared: Declared, runs: Iterable[Record]) -> dict[str, dict[Key, Cell]]:
    """Return the cells of these runs by stack, that of the costs over all framings among them."""
    return {stack: costs.with_every(found) for stack, found in series.cells(declared, runs).items()}
