"""Records of the naive framing, as a short main job would leave them."""

from factories import a_record

from harness import framings

STACK = "tf2"
FIRST, SECOND = "20250102T030405-aaaaaa", "20250103T030405-bbbbbb"
NAIVE = framings.NAIVE
ANSWERS = [[text, letter, 0.9] for text, letter in framings.patterns(NAIVE)]


def learnt(seed, accuracy=0.84, loss=0.5, invocation=FIRST, **changes):
    """Return a run at full budget."""
    observations = {"accuracy": accuracy, "loss": loss, "answers": ANSWERS}
    curves = {"loss": [3.0, 2.0, 1.0, 0.5], "accuracy": [0.0, 0.4, 0.8, 0.84], "epoch": [1, 100, 300, 500]}
    question = {"framing": NAIVE, "seed": seed}
    return a_record(stack=STACK, invocation=invocation, question=question, observations=observations, curves=curves, **changes)


def checked(seed=1):
    """Return a check of two epochs through `fit`."""
    question = {"framing": NAIVE.replace(epochs=2), "seed": seed, "engine": "fit", "purpose": "check"}
    return a_record(stack=STACK, invocation=FIRST, question=question, program="fit", observations={})


def looked(engine, purpose):
    """Return what the stages or the contract say through an engine."""
    question = {"framing": framings.STAGES, "seed": 1, "engine": engine, "purpose": purpose}
    return a_record(stack=STACK, invocation=FIRST, question=question, observations={}, curves={})


def timed():
    """Return the timings of an invocation."""
    question = {"framing": NAIVE, "engine": "fit", "purpose": "time"}
    timings = {"epoch": {"rounds": [0.1, 0.3, 0.2], "calibration": [0.01]}}
    return a_record(stack=STACK, invocation=FIRST, question=question, observations={}, curves={}, seconds={}, timings=timings)


def fill(store, *records):
    """Write the records into the store, three runs, a check and the timings where none are given."""
    for record in records or (learnt(1), learnt(2), learnt(3), checked(), timed()):
        store.append(record)
