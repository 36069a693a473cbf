"""Is a tenth more told, and is nothing told where nothing is dearer? One stack against itself, on this machine as it is.

`tox exec -e driver -- python -m tests.bench.slower tf2 predict`: pairs of processes of tf2 take turns, one of each pair with a
`predict` that is planted to cost a tenth more, and after so many pairs as `compare --until-decided` looks at it is told what
`compare` says. The parts that are left as they are show that nothing is told where nothing is dearer: each pair of them is
dealt by chance to BASE and NEW, fifty times. (How often t is wrong in the long run tests/driver/test_paired.py counts.) A pair
takes about a minute. Exit code 1 if the tenth is not told, or ever told where there is none.
"""

import argparse
import math
import os
import random
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from harness import declarations, turns
from harness.declarations import FOLDER
from harness.driver.compare import comparing, sequential
from harness.driver.compare.asked import Asked
from harness.driver.compare.pairs import TOLD
from harness.driver.compare.relay import together
from harness.driver.running import IN_TURNS
from harness.invocation import ROOT
from harness.store import Store
from tests.bench import planted

# What each plant makes a tenth dearer, and what else it may.
PARTS = {"predict": "predict_one_letter", "fit": "brief_fit", "epoch": "later_epoch", "evaluate": "evaluate"}
BESIDE = {"fit": ("build_and_first_step",), "epoch": ("brief_fit",)}
STACKS = ("base", "slower")
DEALS = 50


def timed(python, home, plant, stack, place):
    """Run one process that times, and return its exit code; a stack of this name has no lock, so none is proved."""
    there = {**os.environ, "HARNESS_HOME": str(home), turns.VARIABLE: place, "TF_CPP_MIN_LOG_LEVEL": "3"}
    there[planted.VARIABLE] = plant if stack == "slower" else ""
    words = ["tests/suite/test_timings.py", "-k", IN_TURNS, "--stack", stack]
    call = [python, "-m", "harness", "-p", "tests.bench.planted", *words]
    return subprocess.run(
        call, cwd=ROOT, env=there, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT, check=False
    ).returncode


def words(store, parts):
    """Return {"part, framing": its word, how many times as dear it is, and p} of these parts, as `compare` tells it."""
    found, _ = comparing.compare(Asked(*STACKS, (), None, 0.01, is_cost=True), store, declarations.load(FOLDER))
    told = [one for one in found.differences if one.metric.name in parts]
    return {f"{one.metric.name}, {one.key.framing}": spelled(one) for one in told}


def spelled(one):
    """Return a difference in a few words."""
    return f"{one.word} ({math.exp(one.effect or 0.0):.3f}, p = {1.0 if one.p is None else one.p:.2g})"


def dealt(records, parts, number):
    """Return what `compare` says of the parts where each pair of processes is dealt to BASE and NEW by chance."""
    draw, swapped = random.Random(number), {}
    with tempfile.TemporaryDirectory() as home:
        store = Store(Path(home))
        for record in records:
            name, *others = {timing.get("turns", "") for timing in record.timings.values()}
            if others or not name:  # The other process of its pair was gone.
                continue
            is_swapped = swapped.setdefault(name, draw.random() < 0.5)
            stack = STACKS[1 - STACKS.index(record.stack)] if is_swapped else record.stack
            store.append(record._replace(stack=stack))
        return words(store, parts)


def followed(store, python, plant, pairs):
    """Time so many pairs, and print after each look what is told of the planted part."""
    looks = [*sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED)]
    for number in range(pairs):
        order = STACKS if number % 2 == 0 else STACKS[::-1]
        codes = together([partial(timed, python, store.home, plant, stack) for stack in order])
        if any(codes):
            sys.exit(f"pair {number + 1}: the processes ended with exit codes {codes}; see what `tox -e` of the stack says")
        print(f"pair {number + 1} of {pairs}", flush=True)
        if number + 1 in looks or number + 1 == pairs:
            print(words(store, [PARTS[plant]]), flush=True)


def main():
    """Time, deal, and tell."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("stack", help="whose environment in .tox is asked, as tf2")
    parser.add_argument("plant", choices=PARTS)
    parser.add_argument("--pairs", type=int, default=9, help="0 tells of the records in --home (default: %(default)s)")
    parser.add_argument("--home", type=Path, help="keep the records there, and go on with those that are there")
    asked = parser.parse_args()
    python = ROOT / ".tox" / asked.stack / "bin" / "python"
    if not python.exists():
        parser.error(f"{asked.stack} has no environment here; `tox -e {asked.stack} --notest` makes it")
    store = Store(asked.home or Path(tempfile.mkdtemp()))
    if asked.pairs < 1 and not all(store.read(stack) for stack in STACKS):
        parser.error(f"--pairs {asked.pairs}: {store.home} holds no records to tell of; give a number of pairs")
    print(f"records are kept in {store.home}; --home goes on with them", flush=True)
    followed(store, str(python), asked.plant, asked.pairs)
    records = [one for stack in STACKS for one in store.read(stack)]
    rest = [part for part in TOLD if part not in (PARTS[asked.plant], *BESIDE.get(asked.plant, ()))]
    told = words(store, [PARTS[asked.plant]])
    again = [dealt(records, rest, number) for number in range(DEALS)]
    alarms = sum(any(word.startswith(("worse", "better")) for word in one.values()) for one in again)
    print(f"{asked.plant} costs a tenth more: {told}")
    print(f"{', '.join(rest)}, left as they are and dealt {DEALS} times: {alarms} alarms")
    sys.exit(int(alarms > 0 or not any(word.startswith("worse") for word in told.values())))


if __name__ == "__main__":
    main()
