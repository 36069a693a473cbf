"""What each framing costs, part by part, with nothing else running. No test fails on seconds.

A calibration loop, the same for every stack, is timed before each round, so that hours and machines can be compared. Where
`compare` times two stacks, their rounds are taken in turns.
"""

import os
from functools import partial
from typing import Any, NamedTuple

import pytest

from harness import pipeline, training, turns
from harness.calibration import calibrate
from harness.errors import TurnsError, reason

BRIEF = 25  # Rows that a network is made ready with, and about as many steps of a brief `fit`, of many steps an epoch.
# Of one step an epoch, 25 epochs took 0.75 s of Keras 3.15, half of all seconds of a pair of processes. Of five, the ratios of
# 230 pairs of an unchanged tf2 scatter by 7 %, those of the other framings by 9.
MOST_EPOCHS = 5


class Ready(NamedTuple):
    """A network that was trained, asked and evaluated once over the first rows of its framing, and those rows."""

    network: Any
    x: Any
    y: Any


@pytest.fixture(scope="module")
def timings(invocation):
    """{framing: {name: {"rounds": [seconds], "calibration": [seconds]}}}, written down as records when all are taken."""
    taken = {}
    yield taken
    for framing, parts in taken.items():
        invocation.write_timings(pipeline.timing(framing, 1), parts)


@pytest.fixture(scope="session")
def turn():
    """Turns with the process that another stack is timed in, where there is one."""
    try:
        found = turns.joined(os.environ)
    except TurnsError as error:
        pytest.exit(str(error), returncode=2)
    yield found
    found.leave()


@pytest.fixture
def take(benchmark, timings, turn, framing, request):
    """What times `work` over so many rounds, a calibration before each, and keeps every round, divided by what `per` counts."""
    place = request.session.items.index(request.node)

    def taken(name, work, rounds, per=1):
        calibration = []
        benchmark.group = name
        with turn.taken("{:03d} {} {}".format(place, framing.name, name)) as begin:

            def setup():
                begin()
                calibration.append(calibrate())

            benchmark.pedantic(work, setup=setup, rounds=rounds)
        seconds = [one / per for one in benchmark.stats.stats.data]
        found = {"rounds": seconds, "calibration": calibration, **({"turns": turn.took} if turn.took else {})}
        timings.setdefault(framing, {})[name] = found
        return found

    return taken


@pytest.fixture(scope="module")
def networks():
    """Networks that were made ready, by framing: making one costs a second of tracing."""
    return {}


@pytest.fixture
def ready(framing, laboratory, networks, request):
    """A Ready network of the framing."""
    if framing not in networks:
        try:
            networks[framing] = made_ready(framing, laboratory.backend)
        except Exception as error:
            question = pipeline.Run(framing, "fit", 1).question(laboratory.backend)
            skip_where_known(request.config.harness_declared, question, reason(error))
            raise
    return networks[framing]


def made_ready(framing, backend):
    x, y = (array[:BRIEF] for array in backend.arrays(framing))
    backend.seed(1)
    network = backend.build(framing)
    network.fit(x, y, framing.batch_size, framing.shuffle)
    network.predict(x[:1], 1)
    network.evaluate(x, y, framing.batch_size)
    return Ready(network, x, y)


def skip_where_known(declared, question, error):
    """Skip what is known to end with this very error; the run that learns is judged by it, and what cannot run has no price."""
    framing = question.framing
    asked = declared.of(framing["name"], framing["edition"], question.engine, question.purpose)
    for known in [entry.deviation(question) for entry in asked if entry.probe == "error"]:
        if known and known.allows(error):
            pytest.skip("known here: {} ({})".format(known.why, known.link))


def test_build_and_first_step(framing, take, laboratory):
    x, y = laboratory.backend.arrays(framing)
    rows = framing.batch_size

    def work():
        laboratory.backend.build(framing).fit(x[:rows], y[:rows], rows, shuffle=False)

    take("build_and_first_step", work, rounds=3)


@pytest.mark.slow  # No part of a plain run, which has nobody to take turns with.
def test_brief_fit(framing, take, ready):
    # What `compare` times in turns: the shorter a round, the more alike is what else happens in both. In one pair of processes
    # of tf2 rounds of four seconds were 20 % apart, in the next, beside the same other work, rounds of a tenth 3 %.
    epochs = min(BRIEF * framing.batch_size // len(ready.x), MOST_EPOCHS)
    work = partial(ready.network.fit, ready.x, ready.y, framing.batch_size, framing.shuffle, epochs)
    take("brief_fit", work, rounds=16)


def test_epoch_of_fit(framing, take, laboratory, ready):
    # As published: many epochs a call, whose own 50 ms (TensorFlow 2) would hide them, but one a call where state is kept.
    epochs = 1 if framing.stateful or pipeline.takes_many_steps(framing) else 10
    work = partial(ready.network.fit, *laboratory.backend.arrays(framing), framing.batch_size, framing.shuffle, epochs)
    take("epoch_of_fit", work, rounds=3, per=epochs)


def test_predict_one_letter(take, ready):
    work = partial(ready.network.predict, ready.x[:1], 1)
    take("predict_one_letter", work, rounds=16)


def test_evaluate(framing, take, laboratory, ready):
    work = partial(ready.network.evaluate, *laboratory.backend.arrays(framing), framing.batch_size)
    take("evaluate", work, rounds=3)


def test_compiled_steps(framing, take, laboratory):
    if "compiled" not in laboratory.engines:
        pytest.skip("this stack has fit alone")
    network, program, slots = laboratory.engines["compiled"].prepared(framing)
    network.restart(network.weights(), slots)
    rows, resets, _ = next(training.pieces(framing, 1))
    work = partial(program.train, rows, resets)
    work()
    take("compiled_steps", work, rounds=5)["steps"] = len(rows)
