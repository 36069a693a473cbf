"""Does the harness notice? Plants one fault after the other into the framework of this environment and judges what it sees.

`python -m harness.selfcheck JOBS [FAULT...]` writes one line of JSON for each: its name and kind, whether it was caught, by
what, and after how many seconds. The suite's parts are asked in its own order, until one misses what was declared. First of all
nothing is planted: where that is "caught" too, no fault can be told from the stack itself. Each has a process of its own,
because TensorFlow 2.15 keeps some 3 GB of what a contract traced.
"""

import json
import sys
import time

from harness import backend, beside, declarations, faults, framings, judging, machine, pipeline
from harness.faults import equivalence, prices
from harness.parent import end_with_parent

MODULE = "harness.selfcheck"
STACK, INVOCATION = "selfcheck", "selfcheck"
SEED = 1
ALONE = "alone"  # The word before the one name that a process of its own is given.
UNTOUCHED = faults.Fault("untouched", "control", "nothing is planted", (), lambda site: None)


def looks(engines, seed):
    """Yield the quick stages: each engine against the reference, then the contract."""
    for engine in engines:
        yield pipeline.look(framings.NEWEST_EDITION, seed, engine, "stage")
    yield pipeline.look(framings.NEWEST_EDITION, seed, "fit", "contract")


def runs(engines):
    """Yield the runs of the suite that take seconds, in its order: the quick stages, then the checks of every framing."""
    yield from looks(engines, SEED)
    for framing in framings.framings(framings.NEWEST_EDITION):
        for engine in engines:
            yield pipeline.check(framing, SEED, engine)


def caught(declared, framework):
    """Return (what was missed first, its sentence) of the framework as it is now, two empty texts where nothing is."""
    laboratory = pipeline.Laboratory(framework, lambda record: is_missed(declared, record))
    return missed(declared, observed(laboratory, runs(framework.engines)))


def is_missed(declared, record):
    """Whether a record misses what is declared, so that the rest of its contract need not be asked."""
    return any(verdict.name == "missed" for verdict in judging.judge_all(declared, [record]))


def observed(laboratory, asked):
    """Yield the record of each run, made only when it is asked for."""
    for run in asked:
        yield laboratory.observe(run, STACK, INVOCATION)


def missed(declared, records):
    """Return (the probe, the sentence) of the first expectation that a record misses, two empty texts where none does.

    What is declared to deviate and no longer does stands behind what is missed: a fault can hide what is known.
    """
    for record in records:
        verdicts = judging.judge_all(declared, [record])
        for verdict in sorted(verdicts, key=lambda one: one.name == "mended"):
            if verdict.name in judging.FAILING:
                return verdict.expectation.probe, verdict.sentence
    return "", ""


def check(declared, keras, fault):
    """Return what became of one fault, as plain values: its name, its state, by what it was caught, after how many seconds."""
    started = time.perf_counter()
    try:
        state, by, sentence = _became(declared, keras, fault)
    except faults.NoPlaceError as reason:
        state, by, sentence = "no place", "", str(reason)
    return {
        "fault": fault.name,
        "kind": fault.kind,
        "says": fault.says,
        "state": state,
        "by": by,
        "is_right": by.split(".")[-1] in fault.stages,
        "sentence": sentence,
        "seconds": round(time.perf_counter() - started, 2),
    }


def _became(declared, keras, fault):
    """Return (state, by what, sentence): what no part of the suite misses may still be dearer, or change nothing at all.

    Only of a fault in the cost is the price asked: the plant itself makes others dearer. And only of one that fit, predict and
    evaluate would show is it proved that nothing changes.
    """
    with faults.planted(fault, keras):
        # Loaded anew, because the functions of data and seeds are taken from Keras then.
        by, sentence = caught(declared, backend.load())
    if not by and fault.kind in ("cost", UNTOUCHED.kind):
        by, sentence = prices.dearer(fault, keras)
    if by:
        return "caught", by, sentence
    if fault.kind in equivalence.KINDS and equivalence.is_proved(fault, keras):
        return "equivalent", by, sentence
    return "survived", by, sentence


def main():
    """Check that nothing is caught where nothing is planted; then the faults named, all where none is, so many at once."""
    end_with_parent()
    jobs, names = sys.argv[1], sys.argv[2:]
    if jobs == ALONE:
        sys.exit(alone(*names))
    chosen = [[ALONE, fault.name] for fault in faults.FAULTS if not names or fault.name in names]
    sys.exit(beside.run(MODULE, [[ALONE, UNTOUCHED.name]]) or beside.run(MODULE, chosen, int(jobs)))


def alone(name):
    """Check one fault and print what became of it; return the exit code, 1 if nothing was planted and something was caught."""
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    fault = next(one for one in (UNTOUCHED, *faults.FAULTS) if one.name == name)
    found = check(declarations.load(), backend.load().keras, fault)
    sys.stdout.write(json.dumps(found) + "\n")
    sys.stdout.flush()
    return int(fault is UNTOUCHED and found["state"] == "caught")


if __name__ == "__main__":
    main()
