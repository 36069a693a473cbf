"""The suite's options and its one invocation, as a pytest plugin (pytest 7.0.1 ignores the options of a conftest)."""

import os
from typing import NamedTuple

import pytest

from harness import backend, benchmarks, declarations, expectations, framings, lock, machine, pipeline, record, releases, seeds
from harness.errors import SeedsError, UserError
from harness.invocation import ROOT, Invocation
from harness.progress import Progress
from harness.store import Store, default_home, new_name
from harness.transcript import Transcript

# What a plain call trains through its main engine: where there is `fit` alone, five seeds take as long as all else together.
DEFAULT_SEEDS = {"compiled": "1-20", "fit": "1-5"}
ERROR = "error"  # The probe of how a run ended.
FEWER = 5  # A framing of many steps is trained for one seed in five.


class Series(NamedTuple):
    """The runs of one framing that one engine makes for one purpose."""

    framing: framings.Framing
    engine: str
    purpose: str
    seeds: tuple

    @property
    def runs(self):
        """The runs in order of their seeds."""
        if self.purpose == "check":
            return [pipeline.check(self.framing, seed, self.engine) for seed in self.seeds]
        if self.purpose in record.LOOKS:
            return [pipeline.look(self.framing.edition, seed, self.engine, self.purpose) for seed in self.seeds]
        return pipeline.plan(self.framing, self.seeds, self.engine)

    @property
    def label(self):
        """How the series is called in a test's name."""
        words = (self.framing.name, self.engine) + ((self.purpose,) if self.purpose != "learn" else ())
        return "-".join(words)


class Choice(NamedTuple):
    """What this call asks of a stack with these engines: an edition, seeds, and whether all framings run as written.

    every_seed: each seed through each engine, where else few are trained because they take long.
    """

    stack: str
    edition: str
    seeds: tuple
    as_written: bool
    reuse: bool
    calibrate: bool
    declared: expectations.Declared
    engines: tuple
    every_seed: bool = False

    @property
    def main_engine(self):
        """The engine that learns from all seeds: the compiled one, or `fit` where that is all there is."""
        return self.engines[-1]

    def series(self):
        """Return all series: the stages, framing by framing the checks and what each engine learns, then the contract."""
        found = [series for framing in framings.framings(self.edition) for series in self._series_of(framing)]
        if self.calibrate:
            return found
        asked = framings.named(framings.STAGES.name, self.edition)
        stages = [Series(asked, engine, "stage", self.seeds[:1]) for engine in self.engines]
        return [*stages, *found, Series(asked, "fit", "contract", self.seeds[:1])]

    def _series_of(self, framing):
        is_thinned = pipeline.takes_many_steps(framing) and not self.every_seed
        chosen = self.seeds[: -(-len(self.seeds) // FEWER)] if is_thinned else self.seeds
        main = Series(framing, self.main_engine, "learn", chosen)
        if self.calibrate:
            return [main]
        found = [Series(framing, engine, "check", self.seeds[:1]) for engine in self.engines] + [main]
        if self.main_engine != "fit" and (framing.stateful or self.as_written or self.every_seed):
            found.append(Series(framing, "fit", "learn", self.seeds if self.every_seed else self.seeds[:1]))
        return found


def pytest_addoption(parser):
    """Declare the suite's options."""
    group = parser.getgroup("harness", "what is trained and judged")
    plain = "{compiled}; where there is fit alone, {fit}".format(**DEFAULT_SEEDS)
    group.addoption("--seeds", help="seeds to train and judge: 7, 1-20 or 1-3,8 (default: {})".format(plain))
    group.addoption(
        "--edition",
        default=framings.NEWEST_EDITION,
        help="edition of the tutorial: {} (default: %(default)s)".format(", ".join(framings.EDITIONS)),
    )
    group.addoption(
        "--as-written", action="store_true", help="also train all six listings whole, through fit (15 to 40 minutes)"
    )
    group.addoption("--every-seed", action="store_true", help="each seed through each engine, however long it takes (with -k)")
    group.addoption("--reuse", action="store_true", help="take over the records of earlier runs that asked the same")
    group.addoption("--processes", type=int, default=2, help="1: no second process for long runs (default: %(default)s)")
    group.addoption("--calibrate", action="store_true", help="only train, judge nothing: records for `harness derive`")
    group.addoption("--night", metavar="NAME", help="the night that this call is part of: only in it is the call resumed")
    group.addoption(
        "--stack",
        default=os.environ.get("TOX_ENV_NAME", "here"),
        help="name of the stack (default: the tox environment's)",
    )


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config):
    """Read what the call asks for; what a user got wrong ends here with one sentence and exit code 2."""
    config.addinivalue_line("markers", "slow: proves the harness itself on a real framework; not part of a plain run")
    if config.option.help:
        return
    try:
        config.harness_declared = declarations.load()
        framings.framings(config.option.edition)
        _choice(config, ("fit",))  # What a user got wrong is told before a framework is loaded, which takes seconds.
        config.harness_store = store = Store(default_home(ROOT))
        stack = config.option.stack
        store.read(stack)  # A broken line is told now, before anything is trained.
        lock.prove(stack, lock.pinned(ROOT / "ci" / "locks" / "{}.txt".format(stack)), machine.distributions())
        config.harness_backend = backend.load()
        config.harness_choice = _choice(config, config.harness_backend.engines)
        store.note_latest(stack, "")
        unfinished = store.unfinished(stack, call_of(config))
        config.harness_resumed, config.harness_name = bool(unfinished), unfinished or new_name()
        benchmarks.keep(config.option, store.home / "benchmarks" / "{}.json".format(config.harness_name))
    except UserError as error:
        raise pytest.UsageError(str(error)) from None
    except OSError as error:
        raise pytest.UsageError(
            f"records cannot be kept in HARNESS_HOME ({error.strerror}); choose a folder to write in"
        ) from None


@pytest.hookimpl(tryfirst=True)
def pytest_sessionstart(session):
    """Copy what is printed from here on."""
    reporter = session.config.pluginmanager.getplugin("terminalreporter")
    session.config.harness_transcript = Transcript(reporter) if reporter else None


def _choice(config, engines):
    option = config.option
    declared = config.harness_declared
    chosen = tuple(seeds.parse(option.seeds or DEFAULT_SEEDS[engines[-1]]))
    if not option.calibrate:
        _refuse_reference_seeds(declared, option.edition, chosen)
    flags = option.as_written, option.reuse, option.calibrate
    return Choice(option.stack, option.edition, chosen, *flags, declared, engines, option.every_seed)


def _refuse_reference_seeds(declared, edition, chosen):
    for name in framings.NAMES:
        both = sorted(set(chosen) & declared.reference_seeds(name, edition))
        if both:
            raise SeedsError(
                f"--seeds got {seeds.spell(chosen)}, but {seeds.spell(both)} set the numbers of expectations/{name}.toml "
                "and cannot judge them; choose others"
            )


def pytest_report_header(config):
    """Say what is about to be asked of what."""
    choice = config.harness_choice
    return "harness: stack {}, edition {}, seeds {}".format(choice.stack, choice.edition, seeds.spell(choice.seeds))


def pytest_generate_tests(metafunc):
    """Give a test of `series` all series of the call, and one of `expectation` all that is declared about them."""
    choice = metafunc.config.harness_choice
    if "expectation" in metafunc.fixturenames:
        pairs = [] if choice.calibrate else _declared_pairs(choice)
        metafunc.parametrize(("series", "expectation"), pairs, ids=["{}-{}".format(s.label, _slug(e)) for s, e in pairs])
    elif "series" in metafunc.fixturenames:
        found = choice.series()
        metafunc.parametrize("series", found, ids=[series.label for series in found])
    elif "framing" in metafunc.fixturenames:
        found = [] if choice.calibrate else framings.framings(choice.edition)
        # Framing by framing: on TensorFlow 1 a new one's seed ends the life of the networks before it.
        metafunc.parametrize("framing", found, ids=[framing.name for framing in found], scope="module")


def pytest_collection_modifyitems(items):
    """Put the stages first, judged before anything is trained in full: they say in seconds where a framework is wrong."""
    items.sort(key=lambda item: getattr(_parameters(item).get("series"), "purpose", "") != "stage")


def _declared_pairs(choice):
    distributions = machine.distributions()
    # What Keras takes by itself, which is not loaded yet.
    chosen = releases.chosen(distributions, os.environ.get("KERAS_BACKEND") or "tensorflow")
    declared, installed = choice.declared, dict(releases.in_use(distributions, chosen), python=machine.python_version())
    return [
        (series, expectation)
        for series in choice.series()
        for expectation in declared.of(series.framing.name, choice.edition, series.engine, series.purpose)
        if releases.all_met(expectation.where, installed)
    ]


def _slug(expectation):
    return "{}-{}".format(expectation.number, expectation.probe)


@pytest.fixture(scope="session")
def declared(request):
    """What `expectations/` says."""
    return request.config.harness_choice.declared


@pytest.fixture(scope="session")
def errors_of(request, declared):
    """What gives the expectations on how a series' runs end, where `-k` left out the tests that would tell."""
    return untold_errors(request.session.items, declared)


def untold_errors(items, declared):
    """Return a function: series -> the expectations on how its runs end, none where one of these tests asks them."""
    asked = [_parameters(item) for item in items if "expectation" in _parameters(item)]
    told = {each["series"] for each in asked if each["expectation"].probe == ERROR}

    def find(series):
        entries = declared.of(series.framing.name, series.framing.edition, series.engine, series.purpose)
        return [] if series in told else [one for one in entries if one.probe == ERROR]

    return find


@pytest.fixture(scope="session")
def laboratory(request):
    """The framework of this environment and its engines."""
    return pipeline.Laboratory(request.config.harness_backend)


@pytest.fixture(scope="session")
def invocation(request, laboratory):
    """This call's runs: resumed if the same call did not finish before, begun otherwise."""
    config, choice = request.config, request.config.harness_choice
    selected = [_parameters(item).get("series") for item in request.session.items]
    runs = [run for series in dict.fromkeys(selected) if isinstance(series, Series) for run in series.runs]
    store, progress = config.harness_store, Progress(config)
    with store.running(config.harness_name):
        if not config.harness_resumed:
            store.start(choice.stack, call_of(config), config.harness_name)
        store.note_latest(choice.stack, config.harness_name)
        processes = config.option.processes
        config.harness_invocation = Invocation(store, choice.stack, config.harness_name, laboratory, progress, processes)
        try:
            yield _begun(config.harness_invocation, runs, choice.reuse)
        finally:
            config.harness_invocation.stop()


def _begun(invocation, runs, reuse):
    if reuse:
        invocation.adopt_older(runs)
    made = sum(invocation.is_made(run) for run in runs)
    if made:
        invocation.progress.announce("{} of {} runs are made already; going on with the rest".format(made, len(runs)))
    invocation.begin_long(runs)
    return invocation


def _parameters(item):
    return item.callspec.params if hasattr(item, "callspec") else {}


def call_of(config):
    """Return the words that make two calls the same: the suite's own arguments, as given."""
    return [str(word) for word in config.invocation_params.args]


def pytest_sessionfinish(session, exitstatus):
    """Write down that the invocation has ended, unless it was interrupted."""
    invocation = getattr(session.config, "harness_invocation", None)
    if invocation is not None and exitstatus in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        invocation.store.finish(invocation.stack, invocation.name)


def pytest_unconfigure(config):
    """Keep the transcript of an invocation, however it ended."""
    transcript = getattr(config, "harness_transcript", None)
    if transcript is not None and hasattr(config, "harness_invocation"):
        path = config.harness_store.home / "transcripts" / "{}.txt".format(config.harness_name)
        transcript.save(path, ROOT)


@pytest.hookimpl(optionalhook=True)
def pytest_benchmark_update_machine_info(config, machine_info):
    """Keep the host's name out of the benchmark's JSON."""
    machine_info.pop("node", None)
