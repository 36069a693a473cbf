"""Is a stack that did not change ever called dearer, or cheaper, than itself? Asked by fresh processes each time.

`tox exec -e driver -- python -m tests.bench.unchanged tf2 --home DIR`: pairs of processes of tf2 take turns, none planted.
Every six that follow one another are one comparison, and so are every nine and every fourteen: as many as `compare` looks at
in a night. Two pairs at once, so that each has the other beside it; a pair takes a minute. What DIR holds is not timed
again. Exit code 1 if anything is ever told.
"""

import argparse
import shutil
import sys
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from harness.driver.compare import sequential
from harness.driver.compare.relay import together
from harness.driver.running import PAIRS
from harness.invocation import ROOT
from harness.store import Store
from tests.bench.slower import PARTS, STACKS, timed, words

LOOKS = [size for size in sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED) if size <= PAIRS]
CALLED = ("worse", "better")


def one_pair(home, python, number):
    """Time one pair of processes into a folder of its own, unless it is there; the other begins in every second pair."""
    store = Store(home / f"{number:03d}")
    if all(store.read(stack) for stack in STACKS):
        return
    shutil.rmtree(store.home, ignore_errors=True)
    order = STACKS if number % 2 == 0 else STACKS[::-1]
    codes = together([partial(timed, python, store.home, "", stack) for stack in order])
    if any(codes):
        sys.exit(f"pair {number}: the processes ended with exit codes {codes}; see what `tox -e` of the stack says")
    print(f"pair {number} is timed", flush=True)


def told(home, numbers):
    """Return {"part, framing": words} of what `compare` says of these pairs."""
    with tempfile.TemporaryDirectory() as place:
        store = Store(Path(place))
        for number in numbers:
            pair = Store(home / f"{number:03d}")
            for record in [one for stack in STACKS for one in pair.read(stack)]:
                store.append(record)
        return {f"{part}, {name}": word for part in PARTS.values() for name, word in words(store, part).items()}


def followed(home, size, pairs):
    """Print what is told of each so many pairs that follow one another, and return how many comparisons called anything."""
    groups = [range(first, first + size) for first in range(0, pairs - size + 1, size)]
    found = [told(home, group) for group in groups]
    called = [{name: word for name, word in one.items() if word.startswith(CALLED)} for one in found]
    counts = Counter(word.split()[0] for one in found for word in one.values())
    alarms = sum(bool(one) for one in called)
    print(f"{len(groups)} comparisons of {size} pairs each, {alarms} of them called anything dearer or cheaper; {dict(counts)}")
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
    parser.add_argument("--home", type=Path, required=True, help="keep the pairs there, and go on with those that are there")
    asked = parser.parse_args()
    python = ROOT / ".tox" / asked.stack / "bin" / "python"
    if not python.exists():
        parser.error(f"{asked.stack} has no environment here; `tox -e {asked.stack} --notest` makes it")
    with ThreadPoolExecutor(asked.at_once) as threads:
        list(threads.map(partial(one_pair, asked.home, str(python)), range(asked.pairs)))
    sys.exit(int(sum(followed(asked.home, size, asked.pairs) for size in LOOKS) > 0))


if __name__ == "__main__":
    main()
