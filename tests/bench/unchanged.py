"""Is a stack that did not change ever called dearer, or cheaper, than itself? Asked by fresh processes each time.

`tox exec -e driver -- python -m tests.bench.unchanged tf2 --home DIR`: pairs of processes of tf2 take turns, with nothing
planted. Every six that follow one another are one comparison, and the same pairs are told of by nines and by fourteens, as many
as `compare` looks at in a night. Two pairs at once, so that each has the other beside it; a pair takes a minute. What DIR
holds is not timed again. Exit code 1 if anything is told, which a comparison may do by chance in at most 0.2, 0.07 and
0.03 % of cases: its part of `--false-alarms` 0.01, and of that the look's.
"""

import argparse
import gzip
import json
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from scipy.stats import beta

from harness import declarations
from harness.declarations import FOLDER
from harness.driver import neighbours
from harness.driver.compare import reading, sequential, turned
from harness.driver.compare.pairs import TOLD
from harness.driver.compare.relay import together
from harness.driver.running import PAIRS
from harness.invocation import ROOT
from harness.store import Store
from tests.bench.slower import STACKS, timed, words

LOOKS = [size for size in sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED) if size <= PAIRS]
CALLED = ("worse", "better")


def one_pair(home, python, number):
    """Time one pair of processes into a folder of its own, unless it is there; the other begins in every second pair."""
    place, store = home / f"{number:03d}", Store(home / f"{number:03d}.part")
    if place.exists():
        return
    shutil.rmtree(store.home, ignore_errors=True)  # What an interrupted call left.
    order = STACKS if number % 2 == 0 else STACKS[::-1]
    codes = together([partial(timed, python, store.home, "", stack) for stack in order])
    if any(codes):
        sys.exit(f"pair {number}: the processes ended with exit codes {codes}; see what `tox -e` of the stack says")
    store.home.rename(place)
    print(f"pair {number} is timed", flush=True)


def told(home, numbers):
    """Return {"part, framing": words} of what `compare` says of these pairs."""
    with tempfile.TemporaryDirectory() as place:
        store = Store(Path(place))
        for number in numbers:
            pair = Store(home / f"{number:03d}")
            for record in [one for stack in STACKS for one in pair.read(stack)]:
                store.append(record)
        return words(store, TOLD)


def keep(home, stack, pairs, path):
    """Write down how far the second process of each pair lies above the first, and what they ran on."""
    ratios = {}
    for number in range(pairs):
        store, declared = Store(home / f"{number:03d}"), declarations.load(FOLDER)
        base, new = (reading.cells(declared, store.read(one))[one] for one in STACKS)
        found = turned.told(base, new)
        if number and {framing: set(parts) for framing, parts in found.items()} != {one: set(ratios[one]) for one in ratios}:
            sys.exit(f"pair {number} tells of other calls than those before it; remove {home / f'{number:03d}'}")
        for framing, parts in found.items():
            for name, ratio in parts.items():
                ratios.setdefault(framing, {}).setdefault(name, []).append(round(ratio, 5))
    question = next(iter(base.values())).question
    machines = sorted({machine for cell in base.values() for machine in cell.machines})
    ran = {"stack": stack, "installed": neighbours.versions(question), "probes": question.probes, "machines": machines}
    path.write_bytes(gzip.compress(json.dumps({**ran, "ratios": ratios}).encode(), mtime=0))


def followed(home, size, pairs):
    """Print what is told of each so many pairs that follow one another, and return how many comparisons called anything."""
    groups = [range(first, first + size) for first in range(0, pairs - size + 1, size)]
    found = [told(home, group) for group in groups]
    called = [{name: word for name, word in one.items() if word.startswith(CALLED)} for one in found]
    counts = Counter(word.split()[0] for one in found for word in one.values())
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
    parser.add_argument("--keep", type=Path, help="write there what each pair cost, for `harness simulate`")
    parser.add_argument("--home", type=Path, required=True, help="keep the pairs there, and go on with those that are there")
    asked = parser.parse_args()
    python = ROOT / ".tox" / asked.stack / "bin" / "python"
    if not python.exists():
        parser.error(f"{asked.stack} has no environment here; `tox -e {asked.stack} --notest` makes it")
    if asked.keep and not asked.keep.parent.is_dir():
        parser.error(f"--keep {asked.keep}: there is no folder {asked.keep.parent}")
    if asked.pairs < min(LOOKS) or asked.at_once < 1:
        parser.error(f"--pairs must be {min(LOOKS)} or more, of fewer nothing is told; --at-once 1 or more")
    with ThreadPoolExecutor(asked.at_once) as threads:
        list(threads.map(partial(one_pair, asked.home, str(python)), range(asked.pairs)))
    if asked.keep:
        keep(asked.home, asked.stack, asked.pairs, asked.keep)
    sys.exit(int(sum(followed(asked.home, size, asked.pairs) for size in LOOKS if size <= asked.pairs) > 0))


if __name__ == "__main__":
    main()
