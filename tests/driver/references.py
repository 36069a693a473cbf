"""Runs from the reference records, as those of other stacks."""

import gzip

from harness import record
from harness.declarations import FOLDER

RECORDS = FOLDER / "records"


def runs(name, numbers, stack, invocation="20250102T030405-aaaaaa", **changes):
    """Return so many reference runs of a framing as those of a stack; `changes` replaces observations."""
    found = []
    with gzip.open(RECORDS / f"{name}.jsonl.gz", "rt") as file:
        for number, line in enumerate(file, start=1):
            one = record.from_line(line, f"line {number}")
            if one.question.seed in numbers:
                observed = {**one.observations, **{key: change(one) for key, change in changes.items()}}
                found.append(one._replace(stack=stack, invocation=invocation, observations=observed))
    return found
