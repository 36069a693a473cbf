"""Records of several stacks and the night that they were made in, as short as a test can have them."""

import json

from factories import a_record

from harness import framings, probes
from harness.driver.nights import Job, Night
from harness.driver.sources import Outcome, Source

NAIVE, STATEFUL = framings.NAIVE, framings.STATEFUL
SMALL = framings.named("stateful", "2017-03")
STARTED = "2026-11-22T20:00:00Z"


def versions(tensorflow="2.21.0", keras="3.15.1", numpy="2.4.6", **others):
    """Return what is installed; None leaves a distribution out."""
    found = {"tensorflow": tensorflow, "keras": keras, "numpy": numpy, **others}
    return {name.replace("_", "-"): version for name, version in found.items() if version}


def learnt(stack, seed, loss=0.5, accuracy=0.84, framing=NAIVE, engine="compiled", installed=None, **changes):
    """Return a run at full budget; an invocation named after the stack unless another is given."""
    question = {"framing": framing, "seed": seed, "engine": engine, "distributions": installed or versions()}
    observations = {"accuracy": accuracy, "loss": loss, **changes.pop("observations", {})}
    changes = {"invocation": stack, "started": STARTED, **changes}
    return a_record(stack=stack, question=question, observations=observations, curves={}, **changes)


def ended(stack, seed, error, **changes):
    """Return a run that ended with an error, and so observed nothing else."""
    return learnt(stack, seed, **changes)._replace(observations={"error": error})


def checked(stack, framing=NAIVE, invocation=None, **observations):
    """Return a check of two epochs through `fit`."""
    question = {"framing": framing.replace(epochs=2), "seed": 1, "engine": "fit", "purpose": "check"}
    return a_record(stack=stack, invocation=invocation or stack, question=question, observations=observations, started=STARTED)


def asked_of(stack, clauses, invocation=None):
    """Return what the clauses of the contract say."""
    question = {"framing": framings.STAGES, "seed": 1, "engine": "fit", "purpose": "contract"}
    found = {"contract": clauses}
    return a_record(
        stack=stack, invocation=invocation or stack, question=question, observations=found, curves={}, started=STARTED
    )


def timed(stack, seconds=(0.1, 0.1, 0.1), loops=(0.001, 0.001, 0.001), framing=NAIVE, invocation=None):
    """Return the timings of `fit` and, a tenth of them, of `predict`."""
    question = {"framing": framing, "engine": "fit", "purpose": "time", "probes": probes.version("time")}
    fit = {"rounds": list(seconds), "calibration": list(loops)}
    predict = {"rounds": [one / 10 for one in seconds], "calibration": list(loops)}
    timings = {"epoch_of_fit": fit, "predict_one_letter": predict, "compiled_steps": {**fit, "steps": 25}}
    name = invocation or stack
    return a_record(stack=stack, invocation=name, question=question, observations={}, timings=timings, started=STARTED)


def job(stack, phase="learn", state="done", reason="", invocation=None, **changes):
    """Return a job of a night; its invocation bears the stack's name where it was done."""
    name = invocation if invocation is not None else stack if state == "done" else ""
    return Job(stack, phase, state, 0 if state == "done" else 1, 60.0, reason, name)._replace(**changes)


def write_night(
    store, *jobs, name="2026-11-22", started=STARTED, edition=framings.NEWEST_EDITION, finished="2026-11-22T23:30:00Z"
):
    """Write a night beside the records."""
    night = Night(name, started, finished, 240, (), edition)
    content = {**night._asdict(), "jobs": [one._asdict() for one in jobs]}
    path = store.home / "nights" / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))


def fill(store, *records):
    """Write the records into the store."""
    for record in records:
        store.append(record)


def source(stack, *records, is_timed_tonight=True):
    """Return what a night would have gathered for a stack."""
    judged = tuple(one for one in records if one.question.purpose != "time")
    timings = tuple(one for one in records if one.question.purpose == "time")
    outcomes = (Outcome("done", "", frozenset()),)
    return Source(stack, "", outcomes, "", judged, timings, is_timed_tonight, (), judged)


def seeds(stack, losses, accuracies=None, **changes):
    """Return a run of each loss, with seeds from 1."""
    pairs = zip(losses, accuracies or [1.0] * len(losses), strict=True)
    return [learnt(stack, seed, loss, accuracy, **changes) for seed, (loss, accuracy) in enumerate(pairs, start=1)]
