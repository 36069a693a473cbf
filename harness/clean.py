"""Does the harness stay silent? Asks the untouched framework of this environment over and over, with another seed each time.

`python -m harness.clean JOBS SEED...` makes the quick stages and the contract once for each seed, writes one line of JSON for
each: the seed, the probe that missed what is declared (none, if all is well), its sentence, the seconds it took, and which of
the stages that agree was nearest to its tolerance, and how near.
"""

import json
import sys
import time

from harness import backend, beside, declarations, machine, pipeline, selfcheck
from harness.diagnosis import AGREES
from harness.parent import end_with_parent


def run(declared, laboratory, seed):
    """Return what one clean run of the quick stages says, as plain values."""
    started = time.perf_counter()
    records = list(selfcheck.observed(laboratory, selfcheck.looks(laboratory.backend.engines, seed)))
    by, sentence = selfcheck.missed(declared, records)
    off, nearest = max(agreeing(records), default=(0.0, ""))
    seconds = round(time.perf_counter() - started, 2)
    return {"seed": seed, "by": by, "sentence": sentence, "seconds": seconds, "off": round(off, 4), "nearest": nearest}


def agreeing(records):
    """Yield (units of the tolerance, stage and engine) of every stage that agrees."""
    for record in records:
        words, off = (record.observations.get(name, {}) for name in ("stages", "stages_off"))
        for stage in words:
            if words[stage] == AGREES:
                yield off[stage], "{}, {}".format(stage, record.question.engine)


def main():
    """Make one run for each seed that the command line names, in so many processes at once."""
    end_with_parent()
    jobs, seeds = int(sys.argv[1]), sys.argv[2:]
    if jobs > 1:
        sys.exit(beside.run("harness.clean", beside.dealt(seeds, jobs)))
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    declared, laboratory = declarations.load(), pipeline.Laboratory(backend.load())
    for seed in map(int, seeds):
        sys.stdout.write(json.dumps(run(declared, laboratory, seed)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
