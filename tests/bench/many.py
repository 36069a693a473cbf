"""What comparing many records costs: `tox exec -e driver -- python tests/bench/many.py`, a few minutes.

Twice as many each time, half of them BASE's and half NEW's: the reference runs of all framings over and over, each under a
seed of its own and with the curves of a stored run. Told is the time of the whole call, and the most memory that its processes
held at once (resident, summed up, so that what they share counts for each).
"""

import json
import os
import tempfile
import time
from collections.abc import Iterator
from itertools import count, cycle, islice
from pathlib import Path

import psutil

from harness import record
from harness.declarations import FOLDER
from harness.driver.compare import lines
from harness.store import Store

COUNTS = (12_500, 25_000, 50_000, 100_000)
FRAMINGS = ("feature_window", "naive", "stateful-50", "time_steps", "variable_length", "within_batch")
POINTS = 500
LEFT = [1 / (1 + point / 50) for point in range(POINTS)]  # To be learned.
CURVES = {
    "loss": [round(3.2 * left, 5) for left in LEFT],
    "accuracy": [round(1 - left, 5) for left in LEFT],
    "epoch": list(range(1, POINTS + 1)),
}
LOOK_SECONDS = 0.05


def runs(stack: str) -> Iterator[str]:
    """Yield lines of this stack without end, framing by framing in turns, every one under a seed of its own."""
    known = [list(lines.read(FOLDER / "records" / f"{name}.jsonl.gz")) for name in FRAMINGS]
    in_turns = cycle([one for together in zip(*known, strict=False) for one in together])
    for seed, one in zip(count(1), in_turns):
        question = one.question._replace(seed=seed)
        yield record.to_line(one._replace(stack=stack, question=question, curves=CURVES))


def fill(home: Path, number: int) -> None:
    """Write so many records, half of them of each side."""
    for stack in ("base", "new"):
        path = Store(home).records_path(stack)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join(islice(runs(stack), number // 2)) + "\n", encoding="utf-8")


def compared(home: Path) -> tuple[float, float, int]:
    """Return (seconds, GB at once, how many comparisons were decided) of one call."""
    environ, started, most = {**os.environ, "HARNESS_HOME": str(home)}, time.perf_counter(), 0
    with tempfile.TemporaryFile() as told:
        call = psutil.Popen(["harness", "compare", "base", "new", "--json"], env=environ, stdout=told)
        while call.poll() is None:
            most = max(most, _resident(call))
            time.sleep(LOOK_SECONDS)
        seconds = time.perf_counter() - started
        told.seek(0)
        return seconds, most / 1e9, len(json.load(told)["differences"])


def _resident(call: psutil.Popen) -> int:
    try:
        return sum(one.memory_info().rss for one in [call, *call.children(recursive=True)])
    except psutil.Error:  # One of them has just ended.
        return 0


def main() -> None:
    """Print a line for each number of records."""
    print("records     MB  seconds   GB  comparisons")
    for number in COUNTS:
        with tempfile.TemporaryDirectory() as folder:
            home = Path(folder)
            fill(home, number)
            size = sum(path.stat().st_size for path in home.rglob("*.jsonl")) / 1e6
            seconds, memory, decided = compared(home)
            print(f"{number:7,} {size:6,.0f} {seconds:8.1f} {memory:4.2f} {decided:12}", flush=True)


if __name__ == "__main__":
    main()
