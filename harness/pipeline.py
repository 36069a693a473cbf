"""The flow on one screen: a framing, an engine and a seed go in, a record comes out."""

import time
from typing import NamedTuple

from harness import checks, framings, machine, probes, store, training
from harness.record import Question, Record

CHECK_EPOCHS = 2
STEPS_WORTH_REPEATING = 100_000  # Variable length takes half a million: 10 s a seed, repeated in its check instead.


class Run(NamedTuple):
    """One run to be made: a whole published budget ("learn"), or a few epochs that compare the engines ("check")."""

    framing: framings.Framing
    engine: str
    seed: int
    purpose: str = "learn"
    repeat: bool = False

    def question(self, backend):
        """Return what this run asks of the stack at hand; its digest finds the run again."""
        return Question(
            framing=dict(self.framing._asdict()),
            seed=self.seed,
            engine=self.engine,
            purpose=self.purpose,
            distributions=machine.distributions(),
            python=machine.python_version(),
            device=backend.device(),
            probes=probes.VERSION,
        )


def plan(framing, seeds, engine):
    """Return the runs of one framing's whole budget; the first is repeated where that is affordable."""
    affordable = framings.steps(framing) <= STEPS_WORTH_REPEATING and engine == "compiled"
    return [Run(framing, engine, seed, "learn", affordable and seed == seeds[0]) for seed in seeds]


def timing(framing, seed):
    """Return the run whose record holds the timings of one framing."""
    return Run(framing, "fit", seed, "time")


def check(framing, seed):
    """Return the run that looks at two epochs of `fit` and compares the engines."""
    return Run(framing.replace(epochs=CHECK_EPOCHS), "fit", seed, "check", repeat=True)


class Laboratory:
    """A backend and its engines, kept over many runs so that each program is compiled once."""

    def __init__(self, backend):
        self.backend = backend
        self.engines = {name: engine(backend) for name, engine in training.ENGINES.items()}

    def observe(self, run, stack, invocation, progress=lambda epoch: None):
        """Train, probe and write down one run as a Record."""
        started = store.utc_now()
        trained = self.engines[run.engine].train(run.framing, run.seed, progress)
        probing = time.perf_counter()
        observations = probes.observe(trained, run.purpose)
        seconds = dict(trained.seconds, probe=time.perf_counter() - probing)
        observations.update(self._checks(run, trained, observations))
        return self._record(run, stack, invocation)._replace(
            program=trained.program,
            started=started,
            seconds=seconds,
            observations=observations,
            curves=thinned(trained.curves),
        )

    def time(self, run, stack, invocation, timings):
        """Write down the timings of one framing, {name: {"rounds": [seconds], "calibration": [seconds]}}, as a Record."""
        return self._record(run, stack, invocation)._replace(timings=timings)

    def _record(self, run, stack, invocation):
        return Record(
            stack=stack,
            invocation=invocation,
            question=run.question(self.backend),
            program=run.engine,
            started=store.utc_now(),
            seconds={},
            machine=dict(machine.machine(), threads=self.backend.threads()),
            observations={},
            curves={},
            timings={},
            not_finite=[],
        )

    def _checks(self, run, trained, observations):
        """Return what a check looks at beside the probes, and what a whole run shows by being made again."""
        found, weights = {}, trained.network.weights()
        if run.purpose == "check":
            found = self._compare_engines(run)
        elif run.engine == "fit" and not run.framing.shuffle:
            found["agreement"] = checks.same_loss(observations["loss"], self.engines["compiled"], run.framing, run.seed)
        if run.purpose == "check" and run.framing.stateful:
            found["other_batch_size"] = checks.other_batch_size(trained.network, run.framing, trained.x)
        if run.repeat:
            found["repeats"] = checks.repeats(self.engines[run.engine], run.framing, run.seed, weights)
        return found

    def _compare_engines(self, run):
        fit, compiled = self.engines["fit"], self.engines["compiled"]
        agreement = checks.agreement(fit, compiled, run.framing, run.seed)
        return {"agreement": agreement, "order": checks.order(self.backend, run.framing, run.seed)}


def thinned(curves, points=500):
    """Return the curves with at most 500 points, evenly chosen with the last among them, and the epochs they stand at."""
    length = max([len(values) for values in curves.values()] or [0])
    count = min(points, length)
    epochs = sorted({round((index + 1) * length / count) for index in range(count)})
    chosen = {name: [_short(values[epoch - 1]) for epoch in epochs] for name, values in curves.items()}
    return dict(chosen, epoch=epochs)


def _short(value):
    """Six significant digits: float32 holds seven, and a curve is looked at, not computed with."""
    return float("{:.6g}".format(value))
