"""From runs to columns of numbers: for each framing on each stack, one column for each metric, a row for each run."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from statistics import median
from typing import NamedTuple

import numpy as np

from harness import framings, judging
from harness.driver import prices
from harness.driver.compare import metrics
from harness.driver.compare.metrics import ACCURACY, LOSS, Metric
from harness.errors import RecordError, reason
from harness.expectations import Declared, Expectation
from harness.record import LOOKS, Question, Record

BANDS = ("accuracy", "loss")  # Their declared bands say less than the numbers do.
NOT_ASKED = math.nan


class Key(NamedTuple):
    """What is held against its like: runs of one framing and edition, by one engine, for one purpose."""

    framing: str
    edition: str
    purpose: str
    engine: str


class Cell(NamedTuple):
    """The runs of one key on one stack, each once: a run that came out the same to the last bit says nothing new.

    All were asked the same of the same distributions. seconds: that each took in all; started: when, in UTC. batches: their
    invocations. digests: of the weights, "" where none was taken. columns: by name, a value for each run, NaN where it was not
    asked. known: by name, what is declared to deviate on this stack, and its link. said: by name, what a stage or a clause says
    where it is not as declared; what is declared to say otherwise is not known then. machines: those that they ran on. turns:
    those in which each was timed beside another stack, "" where it was not. rounds: by part, the seconds of each that was.
    """

    question: Question
    seeds: tuple[int, ...]
    seconds: tuple[float, ...]
    started: tuple[str, ...]
    batches: tuple[str, ...]
    digests: tuple[str, ...]
    metrics: dict[str, Metric]
    columns: dict[str, np.ndarray]
    known: dict[str, str]
    said: dict[str, str]
    machines: frozenset[str]
    turns: tuple[str, ...]
    rounds: tuple[dict[str, list[float | None]], ...]


def part(cell: Cell, places: Sequence[int] | np.ndarray, batches: Sequence[str]) -> Cell:
    """Return the runs at these places of a cell, as if each had come in the batch that stands at its own."""
    return cell._replace(
        seeds=tuple(cell.seeds[place] for place in places),
        seconds=tuple(cell.seconds[place] for place in places),
        started=tuple(cell.started[place] for place in places),
        batches=tuple(batches),
        digests=tuple(cell.digests[place] for place in places),
        turns=tuple(cell.turns[place] for place in places),
        rounds=tuple(cell.rounds[place] for place in places),
        columns={name: values[np.asarray(places, int)] for name, values in cell.columns.items()},
    )


Reader = Callable[[Record], float]


class _Row(NamedTuple):
    seed: int
    seconds: float
    started: str
    batch: str
    digest: str
    turns: str
    rounds: dict[str, list[float | None]]
    values: dict[str, float]


class _Rows:
    """The runs of one cell while they are read."""

    def __init__(self, declared: Declared, question: Question) -> None:
        self.question, self.entries, self.said = question, _entries(declared, question), dict[str, str]()
        readers = _readers(self.entries, question)
        # By name, whose hash is kept: that of a Metric is reckoned anew at each of millions of looks.
        self.metrics = {metric.name: metric for metric in readers}
        self.readers, self.known = {metric.name: read for metric, read in readers.items()}, _known(self.entries, question)
        self.rows: dict[tuple[int, str, int], _Row] = {}
        self.machines: set[str] = set()
        self.newest = ""

    def add(self, run: Record) -> None:
        self.newest = max(self.newest, run.started)
        digest = run.look_up("weights_digest") or ""
        # Without a digest it cannot be known to be the same run again.
        key = run.question.seed, digest, 0 if digest else len(self.rows)
        if key not in self.rows:
            self.machines.add(", ".join(prices.machine(run)))
            self.rows[key] = self._row(run, digest)
            if run.question.purpose in LOOKS:
                self._hear(run)

    def _hear(self, run: Record) -> None:
        for entry in self.entries:
            name, value, deviation = _name(entry), run.look_up(entry.probe), entry.deviation(self.question)
            if value in (None, judging.NOT_ASKED) or entry.is_shown_by(value):
                continue
            self.said[name] = str(value)
            if deviation and not deviation.allows(value):
                self.known.pop(name, None)

    def _row(self, run: Record, digest: str) -> _Row:
        try:
            seconds = sum(filter(None, run.seconds.values()))
            values = {name: read(run) for name, read in self.readers.items()}
            for metric, value in (*_answers(run), *_costs(run)):
                values[metric.name] = value
                self.metrics[metric.name] = metric
            turns = _turns(run)
            rounds = {name: timing["rounds"] for name, timing in run.timings.items()} if turns else {}
        except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
            whose = f"{run.stack}, invocation {run.invocation}, {run.question.framing['name']}, seed {run.question.seed}"
            raise RecordError(f"{whose}: not what a run records ({reason(error)}); remove the line") from None
        return _Row(run.question.seed, seconds, run.started, run.invocation, digest, turns, rounds, values)

    def cell(self) -> Cell:
        rows = tuple(self.rows.values())
        asked: dict[str, float] = {}
        for row in rows:
            asked.update(dict.fromkeys(row.values, NOT_ASKED))
        # A row at a time, by the order that all have in common: asking each for each of a hundred names takes seconds.
        table = np.array([[*{**asked, **row.values}.values()] for row in rows], float)
        return Cell(
            question=self.question,
            seeds=tuple(row.seed for row in rows),
            seconds=tuple(row.seconds for row in rows),
            started=tuple(row.started for row in rows),
            batches=tuple(row.batch for row in rows),
            digests=tuple(row.digest for row in rows),
            metrics={name: self.metrics[name] for name in asked},
            columns=dict(zip(asked, np.ascontiguousarray(table.T), strict=True)),
            known=self.known,
            said=self.said,
            machines=frozenset(self.machines),
            turns=tuple(row.turns for row in rows),
            rounds=tuple(row.rounds for row in rows),
        )


def cells(declared: Declared, runs: Iterable[Record]) -> dict[str, dict[Key, Cell]]:
    """Return the cells of these runs by stack.

    Where several questions were asked of a stack, or several sets of distributions were installed, the newest counts.
    """
    found: dict[tuple[str, Key], list[_Rows]] = {}
    for run in runs:
        question = run.question
        key = Key(question.framing["name"], question.framing["edition"], question.purpose, question.engine)
        asked = found.setdefault((run.stack, key), [])
        # From the newest back: the next run mostly asks what the one before it did, often by the very same dictionaries.
        same = _of_any_seed(question)
        rows = next((rows for rows in reversed(asked) if _of_any_seed(rows.question) == same), None)
        if rows is None:
            rows = _Rows(declared, question)
            asked.append(rows)
        rows.add(run)
    by_stack: dict[str, dict[Key, Cell]] = {}
    for (stack, key), asked in found.items():
        by_stack.setdefault(stack, {})[key] = max(asked, key=lambda rows: rows.newest).cell()
    return by_stack


def _of_any_seed(question: Question) -> Question:
    """Return what is asked of every seed alike."""
    return question._replace(seed=0)


def _entries(declared: Declared, question: Question) -> list[Expectation]:
    framing = question.framing
    asked = declared.of(framing["name"], framing["edition"], question.engine, question.purpose)
    return [one for one in asked if one.speaks_of(question)]


def _readers(entries: Sequence[Expectation], question: Question) -> dict[Metric, Reader]:
    """Return how each declared metric is read off a run of this question."""
    learnt = {ACCURACY: _accuracy, LOSS: _loss, **_epochs(entries)} if question.purpose == "learn" else {}
    behaviours = [one for one in entries if not (one.probe in BANDS and one.quantiles)]
    return {**learnt, **{metrics.behaviour(_name(one), _is_fact(one, question), one.claim): _shows(one) for one in behaviours}}


def _known(entries: Sequence[Expectation], question: Question) -> dict[str, str]:
    found = {_name(one): one.deviation(question) for one in entries}
    return {name: f"{one.why} ({one.link})" for name, one in found.items() if one}


def _name(entry: Expectation) -> str:
    return f"{entry.probe} is {entry.wanted}"


def _is_fact(entry: Expectation, question: Question) -> bool:
    return not entry.is_judged_by_share(entry.deviation(question))


def _accuracy(run: Record) -> float:
    return NOT_ASKED if run.error else run.look_up("accuracy") or 0.0


def _loss(run: Record) -> float:
    """Return the final loss; one that is not finite is the worst there is."""
    if run.error:
        return NOT_ASKED
    found = run.look_up("loss")
    return math.inf if found is None else float(found)


def _epochs(entries: Sequence[Expectation]) -> dict[Metric, Reader]:
    """Return the metric of how soon the declared band of accuracies is reached, none where none is declared."""
    targets = [one.at_least for one in entries if one.probe == "accuracy" and one.quantiles and one.at_least]
    return {metrics.epochs_to(target): _first_epoch(target) for target in targets[:1]}


def _first_epoch(target: float) -> Reader:
    def read(run: Record) -> float:
        curves = run.curves
        if run.error or not curves.get("accuracy"):
            return NOT_ASKED
        pairs = zip(curves["epoch"], curves["accuracy"], strict=False)
        return next((float(epoch or 0) for epoch, accuracy in pairs if (accuracy or 0.0) >= target), math.inf)

    return read


def _shows(entry: Expectation) -> Reader:
    path = f"observations.{entry.probe}"

    def read(run: Record) -> float:
        value = run.look_up(entry.probe)
        if value in (None, judging.NOT_ASKED) and path not in run.not_finite:
            return NOT_ASKED
        return float(entry.is_shown_by(value))

    return read


def _answers(run: Record) -> Iterator[tuple[Metric, float]]:
    """Yield for each pattern that was asked, and that a letter follows, its metric and whether that letter came."""
    found = run.look_up("answers") if run.question.purpose == "learn" else None
    sequence = str(run.question.framing.get("sequence", framings.ALPHABET))
    for pattern, letter, _ in found or ():
        metric, right = _asked(sequence, pattern)
        if right:
            yield metric, float(letter == right)


@cache
def _asked(sequence: str, pattern: str) -> tuple[Metric, str]:
    """Return the metric of a pattern's answer, and the letter that follows the pattern in a sequence, "" where none does."""
    _, _, rest = sequence.partition(pattern)
    return metrics.answer(pattern), rest[:1]


def _costs(run: Record) -> Iterator[tuple[Metric, float]]:
    """Yield what each timed part costs, in calibration loops: the median of its rounds, which share a process; and memory."""
    found = [(metrics.cost(name), _loops(timing)) for name, timing in run.timings.items()]
    memory = run.look_up(metrics.MEMORY.name) if found else None
    return ((metric, value) for metric, value in (*found, (metrics.MEMORY, memory)) if value)


def _turns(run: Record) -> str:
    """Return the turns in which every part of this run was timed, "" where one was not."""
    found = {timing.get("turns", "") for timing in run.timings.values()}
    return found.pop() if len(found) == 1 else ""


def _loops(timing: Mapping[str, Sequence[float | None]]) -> float | None:
    pairs = zip(timing.get("rounds", ()), timing.get("calibration", ()), strict=False)
    found = [taken / loop for taken, loop in pairs if taken and loop]
    return median(found) if found else None
