"""What each framing costs, part by part, with nothing else running. No test fails on seconds.

A calibration loop, the same for every stack, is timed before each round, so that hours and machines can be compared. Where
`compare` times two stacks, their rounds are taken in turns.
"""

import os
import time
from contextlib import contextmanager
from functools import partial
from typing import Any, NamedTuple

import numpy as np
import pytest

from harness import pipeline, training, turns
from harness.calibration import calibrate
from harness.errors import TurnsError, reason

BRIEF = 25  # Rows that a network is made ready with, and about as many steps of an epoch of a brief `fit`.
# Of one step an epoch, 25 epochs took 0.75 s of Keras 3.15, half of all seconds of a pair of processes. Of five, the ratios of
# 230 pairs of an unchanged tf2 scatter by 7 %, those of the other framings by 9.
FEWEST_EPOCHS, MOST_EPOCHS = 2, 5  # The first holds the beginning of `fit`, which on Keras 3 costs less than an epoch does.
ROUNDS = 16  # Of 300 pairs of an unchanged tf2 the ratios of `predict` scatter by 11 %, by 16 of the first eight rounds alone.


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

    def taken(name, work, rounds=ROUNDS, per=1):
        benchmark.group = name
        where = "{:03d} {} {}".format(place, framing.name, name)
        seconds, calibration = in_turns(benchmark, turn, where, work, rounds)
        found = {"rounds": [one / per for one in seconds], "calibration": calibration}
        found.update({"turns": turn.took} if turn.took else {})
        timings.setdefault(framing, {})[name] = found
        return found

    return taken


def in_turns(benchmark, turn, where, work, rounds):
    """Return (seconds of each round, those of the calibration before it); an error is raised once all rounds were taken.

    So the other stays in step, and takes its turns at the next part.
    """
    calibration, errors = [], []
    with turn.taken(where) as begin:

        def setup():
            begin()
            calibration.append(calibrate())

        benchmark.pedantic(partial(_attempted, work, errors), setup=setup, rounds=rounds)
    if errors:
        raise errors[0]
    return benchmark.stats.stats.data, calibration


def _attempted(work, errors):
    try:
        work()
    except Exception as error:  # noqa: BLE001 - `take` raises it
        errors.append(error)


@pytest.fixture(scope="module")
def networks():
    """Networks that took a first step, and Ready ones, by framing: making one costs a second of tracing."""
    return {}


@pytest.fixture
def possible(framing, laboratory, request):
    """What skips where the block in it ends with an error that is declared here."""

    @contextmanager
    def asked():
        try:
            yield
        except Exception as error:
            question = pipeline.Run(framing, "fit", 1).question(laboratory.backend)
            skip_where_known(request.config.harness_declared, question, reason(error))
            raise

    return asked


@pytest.fixture
def ready(framing, laboratory, networks, possible):
    """A Ready network of the framing."""
    if not isinstance(networks.get(framing), Ready):
        with possible():
            network = networks.get(framing) or first_step(framing, laboratory.backend)
            networks[framing] = made_ready(framing, laboratory.backend, network)
    return networks[framing]


def first_step(framing, backend):
    """Return a network of the framing that was built, and took one step."""
    x, y = (array[: framing.batch_size] for array in backend.arrays(framing))
    backend.seed(1)
    network = backend.build(framing)
    network.fit(x, y, framing.batch_size, shuffle=False)
    return network


def made_ready(framing, backend, network):
    x, y = (array[:BRIEF] for array in backend.arrays(framing))
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


def test_build_and_first_step(framing, take, laboratory, networks, possible):
    # Cold, so once a process; how it goes on is told by the parts below.
    def work():
        networks[framing] = first_step(framing, laboratory.backend)

    with possible():
        take("build_and_first_step", work, rounds=1)


@pytest.mark.slow  # No part of a plain run, which has nobody to take turns with.
def test_brief_fit(framing, take, ready, timings):
    # What `compare` times in turns: the shorter a round, the more alike is what else happens in both. In one pair of processes
    # of tf2 rounds of four seconds were 20 % apart, in the next, beside the same other work, rounds of a tenth 3 %.
    epochs, ended = max(FEWEST_EPOCHS, min(BRIEF * framing.batch_size // len(ready.x), MOST_EPOCHS)), []

    def end(epoch):
        ended.append(time.perf_counter())

    work = partial(ready.network.fit, ready.x, ready.y, framing.batch_size, framing.shuffle, epochs, end)
    found = take("brief_fit", work)
    ends = np.reshape(ended, (-1, epochs))
    timings[framing]["later_epoch"] = dict(found, rounds=list((ends[:, -1] - ends[:, 0]) / (epochs - 1)))


def test_epoch_of_fit(framing, take, laboratory, ready):
    # As published: many epochs a call, whose own 50 ms (TensorFlow 2) would hide them, but one a call where state is kept.
    epochs = 1 if framing.stateful or pipeline.takes_many_steps(framing) else 10
    work = partial(ready.network.fit, *laboratory.backend.arrays(framing), framing.batch_size, framing.shuffle, epochs)
    take("epoch_of_fit", work, rounds=3, per=epochs)


def test_predict_one_letter(take, ready):
    work = partial(ready.network.predict, ready.x[:1], 1)
    take("predict_one_letter", work)


def test_evaluate(framing, take, ready):
    # Half as many rounds, because each is longer than one of `predict`; both together take half of a pair's minute as it is.
    take("evaluate", partial(ready.network.evaluate, ready.x, ready.y, framing.batch_size), rounds=ROUNDS // 2)


def test_compiled_steps(framing, take, laboratory):
    if "compiled" not in laboratory.engines:
        pytest.skip("this stack has fit alone")
    network, program, slots = laboratory.engines["compiled"].prepared(framing)
    network.restart(network.weights(), slots)
    rows, resets, _ = next(training.pieces(framing, 1))
    work = partial(program.train, rows, resets)
    work()
    take("compiled_steps", work, rounds=5)["steps"] = len(rows)
