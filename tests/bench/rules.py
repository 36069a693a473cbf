# /// script
# requires-python = ">=3.11"
# dependencies = [
#   "apache-otava>=0.8", "asv>=0.6.6", "mlperf-logging>=4.1", "msgspec", "numpy", "packaging", "rich", "scipy",
#   "statsmodels", "tomlkit",
# ]
# ///
"""The rules of other tools and ours on the same real series: how often each is wrong, and what it finds.

`uv run tests/bench/rules.py`, at the root of the repository. Each tool runs from its own package, at its own defaults. A series
is the final loss of a framing: 30 reference seeds for BASE, 5 others for NEW, unchanged, or lower by two standard deviations
(of the logarithm; lower, because MLPerf's rule looks for nothing else).
"""

import argparse
import logging
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from asv import _stats, step_detect
from mlperf_logging.rcp_checker.rcp_checker import RCP_Checker
from otava.series import Metric as OtavaMetric
from otava.series import Series
from rich.console import Console
from rich.progress import track
from rich.table import Table

from harness import declarations
from harness.driver.compare import metrics, sequential, simulation
from harness.driver.compare.simulation import Case

BASE, NEW, SHIFT = 30, 5, 2.0
FALSE_ALARMS = 0.01
FACTOR = 1.1  # What `asv compare` asks beside its test.

Rule = Callable[[np.ndarray, np.ndarray], bool]


def asv_compare(base: np.ndarray, new: np.ndarray) -> bool:
    """`asv compare`: Mann's and Whitney's test at 0.002, and a factor of 1.1 between the medians."""
    ratio = np.median(new) / np.median(base)
    is_large = max(ratio, 1 / ratio) > FACTOR
    return bool(is_large and _stats.is_different(list(base), list(new), None, None))


def asv_test(base: np.ndarray, new: np.ndarray) -> bool:
    """The same test without the factor."""
    return bool(_stats.is_different(list(base), list(new), None, None))


def asv_steps(base: np.ndarray, new: np.ndarray) -> bool:
    """`asv publish`: a step where NEW begins, or a run beside it."""
    steps = step_detect.detect_steps([*base, *new])
    return any(abs(first - len(base)) <= 1 for first, *_ in steps[1:])


def otava(base: np.ndarray, new: np.ndarray) -> bool:
    """Otava: a change point where NEW begins, or a run beside it."""
    values = [*map(float, base), *map(float, new)]
    series = Series("loss", None, list(range(len(values))), {"loss": OtavaMetric(-1)}, {"loss": values}, {})
    return any(abs(one.index - len(base)) <= 1 for one in series.analyze().change_points["loss"])


def otava_anywhere(base: np.ndarray, new: np.ndarray) -> bool:
    """Otava: a change point anywhere, which is what its users are told."""
    values = [*map(float, base), *map(float, new)]
    series = Series("loss", None, list(range(len(values))), {"loss": OtavaMetric(-1)}, {"loss": values}, {})
    return bool(series.analyze().change_points["loss"])


def mlperf(base: np.ndarray, new: np.ndarray) -> bool:
    """MLPerf's reference convergence points: a submission of five runs that converges too fast."""
    checker = object.__new__(RCP_Checker)
    checker.alpha, checker.tolerance, checker.verbose, checker.submission_runs = 0.05, 1e-6, False, len(new)
    checker.benchmark, checker.ruleset = "resnet", "4.1.0"
    record = {"Benchmark": "resnet", "BS": 1, "Epochs to converge": list(map(float, base))}
    checker.rcp_data = {"reference": record}
    checker.compute_rcp_stats()
    return not checker._eval_submission_record(record, list(map(float, new)), "")[0]


OTHERS: dict[str, Rule] = {
    "asv compare": asv_compare,
    "asv's test alone": asv_test,
    "asv's steps": asv_steps,
    "Otava, where NEW begins": otava,
    "Otava, anywhere": otava_anywhere,
    "MLPerf RCP (one-sided)": mlperf,
}


def main() -> None:
    """Deal, ask every rule, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--deals", type=int, default=100, help="of each framing")
    deals = parser.parse_args().deals
    logging.disable(logging.INFO)
    pools = simulation.pools(declarations.load(), declarations.FOLDER)
    deep = [name for name, cell in pools.items() if len(cell.seeds) >= BASE + sequential.MOST]
    counts = {rule: [0, 0] for rule in [*OTHERS, "harness compare", "harness compare --until-decided"]}
    for number in track(range(deals), console=Console(stderr=True)):
        for name in deep:
            for place, deviations in enumerate((0.0, -SHIFT)):
                _ask(pools, Case(name, metrics.LOSS, BASE, deviations), number, place, counts)
    _print(counts, deals * len(deep))


def _ask(pools: simulation.Pools, case: Case, number: int, place: int, counts: dict[str, list[int]]) -> None:
    losses = pools[case.framing].columns["loss"]
    dealt = np.random.default_rng([number, place]).permutation(len(losses))
    moved = case.changed(losses, np.random.default_rng(0))
    base, new = losses[dealt[:BASE]], moved[dealt[BASE : BASE + NEW]]
    for name, rule in OTHERS.items():
        counts[name][place] += rule(base, new)
    found = simulation.follow(pools, case, NEW, FALSE_ALARMS, np.random.default_rng([number, place]))
    counts["harness compare"][place] += found.first in ("better", "worse")
    counts["harness compare --until-decided"][place] += found.last in ("better", "worse")


def _print(counts: dict[str, list[int]], of: int) -> None:
    table = Table(
        "rule", "says changed, and nothing did", "finds 2 deviations", title=f"{of} series each", title_justify="left"
    )
    for name, (false, found) in counts.items():
        table.add_row(name, f"{false / of:.1%}", f"{found / of:.1%}")
    Console().print(table)


if __name__ == "__main__":
    main()
