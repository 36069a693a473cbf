"""The flow on one screen: a framing, an engine and a seed go in, a record comes out."""

import contextlib
import gc
import time
import warnings
from typing import NamedTuple

from harness import another_epoch, checks, contract, framings, machine, probes, releases, stages, store, training
from harness.errors import UserError, reason
from harness.record import LOOKS, NO_ERROR, Question, Record

CHECK_EPOCHS = 2
UNSEEN = (DeprecationWarning, PendingDeprecationWarning, ImportWarning, ResourceWarning)  # Python hides these from users.
MANY_STEPS = 100_000  # Variable length takes half a million, 10 s a seed compiled: fewer seeds, repeated in its check alone.


class Run(NamedTuple):
    """One run to be made: a whole published budget ("learn"), or a few epochs that are looked at closely ("check")."""

    framing: framings.Framing
    engine: str
    seed: int
    purpose: str = "learn"
    repeat: bool = False

    def question(self, backend):
        """Return what this run asks of the stack at hand; its digest finds the run again."""
        distributions = machine.distributions()
        return Question(
            framing=dict(self.framing._asdict()),
            seed=self.seed,
            engine=self.engine,
            purpose=self.purpose,
            distributions=distributions,
            python=machine.python_version(),
            device=backend.device(),
            probes=probes.version(self.purpose),
            backend=releases.chosen(distributions, backend.name),
        )


def plan(framing, seeds, engine):
    """Return the runs of one framing's whole budget; the first is repeated where that is affordable."""
    affordable = not takes_many_steps(framing) and engine == "compiled"
    return [Run(framing, engine, seed, "learn", affordable and seed == seeds[0]) for seed in seeds]


def takes_many_steps(framing):
    """Whether a whole budget is so long that fewer seeds are trained, and none is trained again."""
    return framings.steps(framing) > MANY_STEPS


def timing(framing, seed):
    """Return the run whose record holds the timings of one framing."""
    return Run(framing, "fit", seed, "time")


def check(framing, seed, engine):
    """Return the run that looks closely at two epochs: at what `fit` feeds, or at whether `compiled` agrees with it."""
    return Run(framing.replace(epochs=CHECK_EPOCHS), engine, seed, "check", repeat=True)


def look(edition, seed, engine, purpose):
    """Return the run that holds an engine against the reference ("stage"), or asks what everybody leans on ("contract")."""
    return Run(framings.named(framings.STAGES.name, edition), engine, seed, purpose)


@contextlib.contextmanager
def uncollected():
    """Have Python look for no garbage: its search through Theano's graphs took 5 of the 18 s of the stages there."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Laboratory:
    """A backend and its engines, kept over many runs so that each program is compiled once.

    is_enough: told the record of a contract so far, whether the rest of it need not be asked.
    """

    def __init__(self, backend, is_enough=lambda record: False):
        self.backend, self.is_enough = backend, is_enough
        self.engines = {name: training.ENGINES[name](backend) for name in backend.engines}

    def observe(self, run, stack, invocation, progress=lambda epoch: None):
        """Train, probe and write down one run as a Record; a run that raises becomes one that holds the error."""
        started = store.utc_now()
        try:
            return self._observe(run, stack, invocation, progress)._replace(started=started)
        except UserError:
            raise
        except Exception as error:  # noqa: BLE001 - what a stack cannot do is an observation, too
            return self._record(run, stack, invocation)._replace(started=started, observations={"error": reason(error)})

    def _observe(self, run, stack, invocation, progress):
        if run.purpose in LOOKS:
            return self._look(run, stack, invocation)
        with warnings.catch_warnings(record=True) as raised:
            warnings.simplefilter("always")
            for category in UNSEEN:
                warnings.simplefilter("ignore", category)
            trained = self.engines[run.engine].train(run.framing, run.seed, progress)
        probing = time.perf_counter()
        observations = dict(probes.observe(trained, run.purpose), error=NO_ERROR)
        seconds = dict(trained.seconds, probe=time.perf_counter() - probing)
        if (run.purpose, run.engine) == ("check", "fit"):
            observations.update(self._said(trained.network, raised))
        observations.update(self._checks(run, trained, observations))
        return self._record(run, stack, invocation)._replace(
            program=trained.program,
            seconds=seconds,
            observations=observations,
            curves=thinned(trained.curves),
        )

    def _look(self, run, stack, invocation):
        begun = time.perf_counter()
        # pytest keeps every warning: what a `fit` on PyTorch warns of is 28 kB a call that Keras has not kept.
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            found = self._stages(run) if run.purpose == "stage" else self._contract(run, stack, invocation)
        seconds = {"probe": time.perf_counter() - begun}
        return self._record(run, stack, invocation)._replace(seconds=seconds, observations=dict(found, error=NO_ERROR))

    def _stages(self, run):
        with uncollected():
            return stages.observe(self.engines[run.engine], run.seed)

    def _contract(self, run, stack, invocation):
        def is_enough(found):
            record = self._record(run, stack, invocation)
            return self.is_enough(record._replace(observations=dict(found, error=NO_ERROR)))

        return contract.observe(self.backend, is_enough)

    def time(self, run, stack, invocation, timings):
        """Write down the timings of one framing, {name: {"rounds": [seconds], "calibration": [seconds]}}, as a Record.

        With it, what this process took of memory so far, all framings together.
        """
        observations = {"peak_memory": machine.peak_memory()}
        return self._record(run, stack, invocation)._replace(timings=timings, observations=observations)

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

    def _said(self, network, raised):
        """What the listing became here: settings in effect, what had to be said differently, and the warnings it raised."""
        texts = ["{}: {}".format(one.category.__name__, (str(one.message).splitlines() or [""])[0]) for one in raised]
        differences = [dict(one._asdict()) for one in self.backend.differences]
        return {"defaults": network.defaults(), "differences": differences, "warnings": sorted(set(texts))}

    def _checks(self, run, trained, observations):
        """Return what a check looks at beside the probes, and what a whole run shows by being made again."""
        found, weights = {}, trained.network.weights()
        if run.purpose == "check" and run.engine == "compiled":
            found["agreement"] = checks.agreement(self.engines["fit"], self.engines["compiled"], run.framing, run.seed)
        elif run.purpose == "check":
            found = self._look_at_fit(run, trained)
        elif run.engine == "fit" and "compiled" in self.engines and not run.framing.shuffle:
            found["agreement"] = checks.same_loss(observations["loss"], self.engines["compiled"], run.framing, run.seed)
        if run.repeat:
            found["repeats"] = checks.repeats(self.engines[run.engine], run.framing, run.seed, weights)
        return found

    def _look_at_fit(self, run, trained):
        """The trained network first, because `order` seeds anew, which ends its life on TensorFlow 1."""
        steps, found = framings.steps(run.framing), {"moved": checks.moved(trained)}
        found["another_epoch"] = another_epoch.observe(trained.network, run.framing, trained.x, trained.y, steps)
        if run.framing.stateful:
            found["other_batch_size"] = checks.other_batch_size(trained.network, run.framing, trained.x)
        return dict(found, order=checks.order(self.backend, run.framing, run.seed))


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
