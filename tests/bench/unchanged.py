"""Is a stack that did not change ever called dearer, or cheaper, than itself? Asked by fresh processes each time.

`tox exec -e driver -- python -m tests.bench.unchanged tf2`: pairs of processes of tf2 take turns, with nothing planted. Every
six that follow one another are one comparison, and the same pairs are told of by nines and by fourteens, as many as `compare`
looks at in a night. Two pairs at once, so that each has the other beside it; a pair takes a minute. What each pair cost is
written to `--keep` when it ends, where `harness simulate` draws it from; a later call goes on from there, on any machine. Exit
code 1 if anything is told, which a comparison may do by chance in at most 0.2, 0.07 and 0.03 % of cases: its part of
`--false-alarms` 0.01, and of that the look's.
"""

import argparse
import gzip
import json
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np
from scipy.stats import beta

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import neighbours
from harness.driver.compare import differences, reading, sequential, turned
from harness.driver.compare.relay import together
from harness.driver.running import PAIRS
from harness.invocation import ROOT
from harness.store import Store
from tests.bench.slower import STACKS, timed

LOOKS = [size for size in sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED) if size <= PAIRS]
FALSE_ALARMS = 0.01
CALLED = ("worse", "better")


def one_pair(stack, kept, number):
    """Time one pair of processes; the other begins in every second pair."""
    order = STACKS if number % 2 == 0 else STACKS[::-1]
    python = str(ROOT / ".tox" / stack / "bin" / "python")
    with tempfile.TemporaryDirectory() as home:
        codes = together([partial(timed, python, Path(home), "", one) for one in order])
        if any(codes):
            sys.exit(f"pair {number}: the processes ended with exit codes {codes}; see what `tox -e {stack}` says")
        kept.add(*of_pair(Store(Path(home)), stack))


def of_pair(store, stack):
    """Return how far the second process of a pair lies above the first, and what both ran on."""
    declared = declarations.load(FOLDER)
    base, new = (reading.cells(declared, store.read(one))[one] for one in STACKS)
    question = next(iter(base.values())).question
    ran = {"stack": stack, "installed": neighbours.versions(question), "probes": question.probes}
    return turned.told(base, new), ran, sorted({machine for cell in base.values() for machine in cell.machines})


class Kept:
    """The file that what each pair cost is written to; one writes at a time."""

    def __init__(self, path, fresh):
        self.path, self.lock = path, threading.Lock()
        self.content = {} if fresh or not path.exists() else json.loads(gzip.decompress(path.read_bytes()))

    @property
    def ratios(self):
        """{framing: {metric: [logarithms, one a pair]}}."""
        return self.content.get("ratios", {})

    def __len__(self):
        return max((len(values) for parts in self.ratios.values() for values in parts.values()), default=0)

    def add(self, found, ran, machines):
        """Write down one more pair, of the same calls on the same versions as those before it."""
        with self.lock:
            calls = {framing: set(parts) for framing, parts in found.items()}
            if not self.content:
                self.content = {**ran, "machines": [], "ratios": {one: {name: [] for name in found[one]} for one in found}}
            before = {name: self.content[name] for name in ran}
            if before != ran or calls != {framing: set(parts) for framing, parts in self.ratios.items()}:
                sys.exit(f"{self.path} holds pairs of {before}, or of other calls; now it is {ran}: begin anew with --fresh")
            for framing, parts in found.items():
                for name, ratio in parts.items():
                    self.ratios[framing][name].append(round(ratio, 5))
            self.content["machines"] = sorted({*self.content["machines"], *machines})
            part = self.path.with_suffix(".part")
            part.write_bytes(gzip.compress(json.dumps(self.content).encode(), mtime=0))
            part.replace(self.path)
            print(f"pairs timed: {len(self)}", flush=True)


def told(ratios, places):
    """Return {"part, framing": word} of what `compare` says of these pairs."""
    found = differences.compare(turned.pairs(ratios, places, np.ones(len(places))), FALSE_ALARMS)
    return {f"{one.metric.name}, {one.key.framing}": one for one in found}


def followed(ratios, size, pairs):
    """Print what is told of each so many pairs that follow one another, and return how many comparisons called anything."""
    groups = [range(first, first + size) for first in range(0, pairs - size + 1, size)]
    found = [told(ratios, list(group)) for group in groups]
    called = [{name: f"{one.word}, p = {one.p:.2g}" for name, one in lines.items() if one.word in CALLED} for lines in found]
    counts = Counter(one.word for lines in found for one in lines.values())
    alarms = sum(bool(one) for one in called)
    most = beta.ppf(0.95, alarms + 1, len(groups) - alarms) if alarms < len(groups) else 1.0  # Clopper and Pearson, 1934.
    print(
        f"{len(groups)} comparisons of {size} pairs each, {alarms} of them called anything dearer or cheaper: at most "
        f"{most:.1%} do, with 95 % confidence; by line: {dict(counts)}"
    )
    for group, one in zip(groups, called, strict=True):
        if one:
            print(f"pairs {group[0]} to {group[-1]}: {one}")
    return alarms


def main():
    """Time, and tell of every comparison."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stack", help="whose environment in .tox is asked, as tf2")
    parser.add_argument("--pairs", type=int, default=300, help="fifty comparisons of six (default: %(default)s)")
    parser.add_argument("--at-once", type=int, default=2, help="pairs at once (default: %(default)s)")
    parser.add_argument("--keep", type=Path, default=FOLDER / turned.FILE, help="where what each pair cost is written")
    parser.add_argument("--fresh", action="store_true", help="begin anew, and forget what is written there")
    asked = parser.parse_args()
    if not (ROOT / ".tox" / asked.stack / "bin" / "python").exists():
        parser.error(f"{asked.stack} has no environment here; `tox -e {asked.stack} --notest` makes it")
    if not asked.keep.parent.is_dir():
        parser.error(f"--keep {asked.keep}: there is no folder {asked.keep.parent}")
    if asked.pairs < min(LOOKS) or asked.at_once < 1:
        parser.error(f"--pairs must be {min(LOOKS)} or more, of fewer nothing is told; --at-once 1 or more")
    kept = Kept(asked.keep, asked.fresh)
    with ThreadPoolExecutor(asked.at_once) as threads:
        list(threads.map(partial(one_pair, asked.stack, kept), range(len(kept), asked.pairs)))
    ratios = {framing: {name: np.array(values) for name, values in parts.items()} for framing, parts in kept.ratios.items()}
    sys.exit(int(sum(followed(ratios, size, asked.pairs) for size in LOOKS if size <= asked.pairs) > 0))


if __name__ == "__main__":
    main()
