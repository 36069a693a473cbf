"""Does the harness stay silent? Asks the untouched framework of this environment over and over, with another seed each time.

`python -m harness.clean FIRST LAST` makes the quick stages and the contract once for each seed, writes one line of JSON for
each: the seed, the probe that missed what is declared (none, if all is well), its sentence, and the seconds it took.
"""

import json
import sys
import time

from harness import backend, declarations, machine, pipeline, selfcheck


def run(declared, laboratory, seed):
    """Return what one clean run of the quick stages says, as plain values."""
    started = time.perf_counter()
    by, sentence = selfcheck.missed(declared, laboratory, selfcheck.looks(laboratory.backend.engines, seed))
    return {"seed": seed, "by": by, "sentence": sentence, "seconds": round(time.perf_counter() - started, 2)}


def main():
    """Make one run for each seed between the two that the command line names."""
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    declared, laboratory = declarations.load(), pipeline.Laboratory(backend.load())
    first, last = map(int, sys.argv[1:])
    for seed in range(first, last + 1):
        sys.stdout.write(json.dumps(run(declared, laboratory, seed)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
