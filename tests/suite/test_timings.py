"""What each framing costs, part by part, with nothing else running. No test fails on seconds.

A calibration loop, the same for every stack, is timed before each round, so that hours and machines can be compared.
"""

from functools import partial

import pytest

from harness import pipeline, training
from harness.calibration import calibrate
from harness.errors import reason


@pytest.fixture(scope="module")
def timings(invocation):
    """{framing: {name: {"rounds": [seconds], "calibration": [seconds]}}}, written down as records when all are taken."""
    taken = {}
    yield taken
    for framing, parts in taken.items():
        invocation.write_timings(pipeline.timing(framing, 1), parts)


def take(benchmark, timings, framing, name, work, rounds, per=1):
    """Time `work` over so many rounds, a calibration before each, and keep every round, divided by what `per` counts."""
    calibration = []

    def setup():
        calibration.append(calibrate())

    benchmark.group = name
    benchmark.pedantic(work, setup=setup, rounds=rounds)
    parts = timings.setdefault(framing, {})
    parts[name] = {"rounds": [seconds / per for seconds in benchmark.stats.stats.data], "calibration": calibration}


@pytest.fixture(scope="module")
def networks():
    """Networks that were made ready, by framing: making one costs a second of tracing."""
    return {}


@pytest.fixture
def ready(framing, laboratory, networks, request):
    """A network that has taken its first steps, predicted and evaluated once, with its data."""
    if framing not in networks:
        try:
            networks[framing] = made_ready(framing, laboratory.backend)
        except Exception as error:
            question = pipeline.Run(framing, "fit", 1).question(laboratory.backend)
            skip_where_known(request.config.harness_declared, question, reason(error))
            raise
    return networks[framing]


def made_ready(framing, backend):
    trained = training.Fit(backend).train(framing.replace(epochs=1), 1)
    trained.network.predict(trained.x[:1], 1)
    trained.network.evaluate(trained.x, trained.y, framing.batch_size)
    return trained


def skip_where_known(declared, question, error):
    """Skip what is known to end with this very error; the run that learns is judged by it, and what cannot run has no price."""
    framing = question.framing
    asked = declared.of(framing["name"], framing["edition"], question.engine, question.purpose)
    for known in [entry.deviation(question) for entry in asked if entry.probe == "error"]:
        if known and known.allows(error):
            pytest.skip("known here: {} ({})".format(known.why, known.link))


def test_build_and_first_step(framing, benchmark, timings, laboratory):
    x, y = laboratory.backend.arrays(framing)
    rows = framing.batch_size

    def work():
        laboratory.backend.build(framing).fit(x[:rows], y[:rows], rows, shuffle=False)

    take(benchmark, timings, framing, "build_and_first_step", work, rounds=3)


def test_epoch_of_fit(framing, benchmark, timings, ready):
    # As published: many epochs a call, whose own 50 ms (TensorFlow 2) would hide them, but one a call where state is kept.
    epochs = 1 if framing.stateful or pipeline.takes_many_steps(framing) else 10
    work = partial(ready.network.fit, ready.x, ready.y, framing.batch_size, framing.shuffle, epochs)
    take(benchmark, timings, framing, "epoch_of_fit", work, rounds=3, per=epochs)


def test_predict_one_letter(framing, benchmark, timings, ready):
    work = partial(ready.network.predict, ready.x[:1], 1)
    take(benchmark, timings, framing, "predict_one_letter", work, rounds=10)


def test_evaluate(framing, benchmark, timings, ready):
    work = partial(ready.network.evaluate, ready.x, ready.y, framing.batch_size)
    take(benchmark, timings, framing, "evaluate", work, rounds=3)


def test_compiled_steps(framing, benchmark, timings, laboratory):
    if "compiled" not in laboratory.engines:
        pytest.skip("this stack has fit alone")
    network, program, slots = laboratory.engines["compiled"].prepared(framing)
    network.restart(network.weights(), slots)
    rows, resets, _ = next(training.pieces(framing, 1))
    work = partial(program.train, rows, resets)
    work()
    take(benchmark, timings, framing, "compiled_steps", work, rounds=5)
    timings[framing]["compiled_steps"]["steps"] = len(rows)
