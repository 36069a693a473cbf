"""Does the harness stay silent? Asks the untouched framework of this environment over and over, with another seed each time.

`python -m harness.clean JOBS [stages] SEED...` makes the quick stages and, without that word, the contract once for each seed,
writes one line of JSON for each: the seed, the probe that missed what is declared (none, if all is well), its sentence, the
seconds it took, which of the stages that agree was nearest to its tolerance, and how near, and what was asked.
"""

import json
import sys
import time

from harness import backend, beside, declarations, framings, machine, pipeline, selfcheck
from harness.diagnosis import AGREES
from harness.parent import end_with_parent
from harness.record import LOOKS

ALONE = framings.STAGES.name  # The word that leaves the contract out.


def run(declared, laboratory, seed, purposes=LOOKS):
    """Return what one clean run of the quick stages, or of those of these purposes, says, as plain values."""
    started = time.perf_counter()
    looks = [one for one in selfcheck.looks(laboratory.backend.engines, seed) if one.purpose in purposes]
    records = list(selfcheck.observed(laboratory, looks))
    by, sentence = selfcheck.missed(declared, records)
    off, nearest = max(agreeing(records), default=(0.0, ""))
    seconds = round(time.perf_counter() - started, 2)
    found = {"seed": seed, "by": by, "sentence": sentence, "seconds": seconds, "off": round(off, 4), "nearest": nearest}
    return dict(found, asked=" and ".join(purposes))


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
    jobs, words = int(sys.argv[1]), sys.argv[2:]
    begin, seeds = (words[:1], words[1:]) if words[:1] == [ALONE] else ([], words)
    if jobs > 1:
        sys.exit(beside.run("harness.clean", [["1", *begin, *share] for share in beside.dealt(seeds, jobs) if share]))
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    declared, laboratory = declarations.load(), pipeline.Laboratory(backend.load())
    for seed in map(int, seeds):
        sys.stdout.write(json.dumps(run(declared, laboratory, seed, LOOKS[:1] if begin else LOOKS)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
