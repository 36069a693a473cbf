"""How often is a change stated between two stacks that are equal? Asked of the reference seeds, dealt to both.

`tox exec -e driver -- python -m tests.bench.neighbours --deals 100000`: the final losses and accuracies of five framings, each
deal so many seeds to either stack, as `harness report` compares a stack with the one before it. Printed are the share of deals
with a change, and that of nights of thirty stacks.
"""

import argparse
import gzip
import json
import random
from statistics import mean, median

from scipy.stats import beta

from harness.driver import changes
from harness.driver.changes import Change, Comparison, Sample
from harness.driver.compare import budget
from harness.invocation import ROOT

REFERENCES = ("naive", "feature_window", "time_steps", "within_batch", "stateful-50")
SEEDS = 400  # Of each reference.
PAIRS = 29  # Of neighbours, in a night of thirty stacks.


def references(names=REFERENCES):
    """Return {name: [(loss, accuracy) of each reference seed]}."""
    lines = {name: gzip.decompress((ROOT / f"expectations/records/{name}.jsonl.gz").read_bytes()) for name in names}
    found = {name: [json.loads(line)["observations"] for line in text.splitlines()] for name, text in lines.items()}
    return {name: [(one["loss"], one["accuracy"]) for one in several] for name, several in found.items()}


def dealt(pool, sizes, draw):
    """Return two Samples of these sizes, of seeds that no two share."""
    drawn = draw.sample(pool, sum(sizes))
    return [Sample("fit", *zip(*part, strict=True)) for part in (drawn[: sizes[0]], drawn[sizes[0] :])]


def compared(name, one, other):
    """Return the Change between two Samples, without a p, which takes a thousand times as long to tell."""
    return Change(
        framing=name,
        edition="",
        units=0,
        stacks=("", ""),
        engines=("fit", "fit"),
        seeds=(len(one.losses), len(other.losses)),
        accuracies=(mean(one.accuracies), mean(other.accuracies)),
        losses=(median(one.losses), median(other.losses)),
        p=1.0,
        is_apart=changes.is_apart(one.losses, other.losses),
        differences=(),
    )


def is_stated(pools, sizes, draw):
    """Whether a change is stated between two stacks of which neither changed."""
    pairs = {name: dealt(pool, sizes, draw) for name, pool in pools.items()}
    found = {name: compared(name, *pair) for name, pair in pairs.items()}
    if not any(changes.is_large(one) for one in found.values()):
        return False
    chances = {name: changes.chance(*pair) for name, pair in pairs.items()}
    every = [Comparison(one._replace(p=chances[name][0]), chances[name][1]) for name, one in found.items()]
    able = [every[place] for place in budget.decidable([one.least for one in every], changes.LEVEL)]
    return any(one.p <= changes.LEVEL and changes.is_large(one) for one in changes.corrected(able))


def main():
    """Deal, and print the shares."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--deals", type=int, default=10000, help="(default: %(default)s)")
    parser.add_argument("--sizes", nargs=2, type=int, default=(5, 5), help="seeds of either stack (default: 5 5)")
    asked = parser.parse_args()
    if asked.deals < 1 or min(asked.sizes) < 1 or sum(asked.sizes) > SEEDS:
        parser.error(f"--deals and --sizes must be 1 or more, and both sizes {SEEDS} seeds at most")
    sizes, draw, pools = asked.sizes, random.Random(1), references()
    stated = sum(is_stated(pools, sizes, draw) for _ in range(asked.deals))
    most = beta.ppf(0.95, stated + 1, asked.deals - stated)  # Clopper and Pearson, 1934.
    share = stated / asked.deals
    night, worst = (1 - (1 - each) ** PAIRS for each in (share, most))
    print(
        f"{stated} of {asked.deals} deals state a change: {share:.3%}, at most {most:.3%} with 95 % confidence; of nights of "
        f"thirty stacks {night:.2%}, at most {worst:.2%}"
    )


if __name__ == "__main__":
    main()
