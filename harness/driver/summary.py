"""What an invocation came to: rows per framing and engine, and sentences of what was missed. Decides, never prints."""

from collections.abc import Iterable, Iterator, Sequence
from statistics import mean
from typing import Any, NamedTuple

import numpy as np

from harness import framings, judging
from harness.expectations import Declared, Expectation
from harness.judging import Verdict
from harness.record import JUDGED, LOOKS, Record

RESAMPLES = 2000
LONGEST = 200  # Characters of what a probe says, in a line about it.


def asked(framing: str, purpose: str) -> str:
    """Return what runs of a framing for a purpose are called: the contract has a name of its own."""
    return purpose if purpose == "contract" else framing


class Row(NamedTuple):
    """The runs of one framing and edition by one engine, all learnt in full or all cut short as a check.

    accuracy, lowest: mean and minimum over the seeds, 0 to 1, None where nothing finite was observed; interval: of the mean,
    with 95 % confidence, None of fewer than two seeds; band: the least and most accuracy declared; met, of: expectations met
    and judged; seconds: all training together, of a stage all it took.
    """

    framing: str
    edition: str
    engine: str
    purpose: str
    epochs: int
    seeds: tuple[int, ...]
    accuracy: float | None
    lowest: float | None
    interval: tuple[float, float] | None
    band: tuple[float | None, float | None]
    met: int
    of: int
    seconds: float
    verdict: str


class Summary(NamedTuple):
    """One invocation of one stack: its rows, its worst verdict and the sentences that a person must read."""

    stack: str
    invocation: str
    started: str
    verdict: str
    rows: tuple[Row, ...]
    failures: tuple[str, ...]
    undecided: tuple[str, ...]
    known: tuple[str, ...] = ()

    @property
    def is_failing(self) -> bool:
        """Whether something was missed or mended."""
        return self.verdict in judging.FAILING


def summarise(declared: Declared, records: Sequence[Record], started: str = "") -> Summary:
    """Return the summary of one invocation's records, at least one; it started with the first where nothing is said."""
    groups = [(group, verdicts_of(declared, group)) for group in grouped(records)]
    verdicts = [verdict for _, judged in groups for verdict in judged]
    return Summary(
        stack=records[0].stack,
        invocation=records[0].invocation,
        started=started or min(record.started for record in records),
        verdict=judging.worst([verdict.name for verdict in verdicts]),
        rows=tuple(_row(declared, group, judged) for group, judged in groups),
        failures=tuple(f"{v.name}: {v.sentence}" for v in verdicts if v.name in judging.FAILING),
        undecided=tuple(_undecided(groups)),
        known=tuple(_known(groups)),
    )


def grouped(records: Iterable[Record]) -> list[list[Record]]:
    """Return the judged records in groups of framing, edition, purpose and engine; the last of a seed counts."""
    groups: dict[tuple[Any, ...], dict[int, Record]] = {}
    for record in records:
        if record.question.purpose in JUDGED:
            groups.setdefault(_place(record), {})[record.question.seed] = record
    return [list(groups[place].values()) for place in sorted(groups)]


def verdicts_of(declared: Declared, group: Sequence[Record]) -> list[Verdict]:
    """Return the verdicts over the records of one group."""
    return list(judging.judge_all(declared, group))


def _place(record: Record) -> tuple[Any, ...]:
    question = record.question
    name = question.framing["name"]
    # A sequence of one's own may come under a new name; it goes to the end.
    order = framings.NAMES.index(name) if name in framings.NAMES else len(framings.NAMES)
    return order, name, question.framing["edition"], JUDGED.index(question.purpose), question.engine


def _row(declared: Declared, group: Sequence[Record], verdicts: Sequence[Verdict]) -> Row:
    question = group[0].question
    accuracies = [record.look_up("accuracy") for record in group if record.look_up("accuracy") is not None]
    return Row(
        framing=question.framing["name"],
        edition=question.framing["edition"],
        engine=question.engine,
        purpose=question.purpose,
        epochs=question.framing["epochs"],
        seeds=tuple(sorted(record.question.seed for record in group)),
        accuracy=mean(accuracies) if accuracies else None,
        lowest=min(accuracies, default=None),
        interval=_interval(accuracies),
        band=_band(declared.of(question.framing["name"], question.framing["edition"], question.engine, question.purpose)),
        met=sum(verdict.name == "met" for verdict in verdicts),
        of=len(verdicts),
        seconds=sum(record.seconds.get("train") or record.seconds.get("probe") or 0.0 for record in group),
        verdict=judging.worst([verdict.name for verdict in verdicts]),
    )


def _interval(values: Sequence[float]) -> tuple[float, float] | None:
    """Return where the mean lies, by the percentiles of means that are drawn anew from the same values (Efron 1979).

    As scipy.stats.bootstrap has it, whose import takes longer than all else that `publish` does after a short run.
    """
    if len(values) < 2:  # noqa: PLR2004 - a lone value does not say how far others lie
        return None
    draws = np.random.default_rng(0).choice(np.asarray(values, float), (RESAMPLES, len(values))).mean(axis=1)
    low, high = np.quantile(draws, [0.025, 0.975])
    return float(low), float(high)


def _band(expectations: Iterable[Expectation]) -> tuple[float | None, float | None]:
    bands = [(one.at_least, one.at_most) for one in expectations if one.probe == "accuracy"]
    # The widest statement first: one with both ends says more than a median or a floor.
    return min(bands, key=lambda band: band.count(None), default=(None, None))


def _known(groups: Iterable[tuple[Sequence[Record], Sequence[Verdict]]]) -> Iterator[str]:
    """Each reason once, with what deviates for it, and of stages and clauses what the first of them says."""
    named: dict[tuple[str, str], list[str]] = {}
    said: dict[tuple[str, str], str] = {}
    for group, verdicts in groups:
        for verdict in verdicts:
            if verdict.name == "known":
                probe, reason = verdict.expectation.probe, (verdict.deviation.why, verdict.deviation.link)
                is_look = verdict.expectation.purpose in LOOKS
                named.setdefault(reason, []).append(probe if is_look else verdict.expectation.framing)
                said.setdefault(reason, f" [{_short(str(group[-1].look_up(probe)))}]" if is_look else "")
    for (why, link), names in named.items():
        yield f"known of {', '.join(dict.fromkeys(names))}: {why} ({link}){said[why, link]}"


def _short(words: str) -> str:
    """The first words of a message: a framework's error may hold whole arrays."""
    return words if len(words) <= LONGEST else words[: LONGEST - 3].rstrip() + "..."


def _undecided(groups: Iterable[tuple[Sequence[Record], Sequence[Verdict]]]) -> Iterator[str]:
    counts: dict[int, list[str]] = {}
    for group, verdicts in _fullest(groups):
        for verdict in verdicts:
            if verdict.of and verdict.is_undecidable:
                counts.setdefault(verdict.of, []).append(group[0].question.framing["name"])
    for seeds, names in sorted(counts.items()):
        whose = f"{many(len(names), 'share')} of {', '.join(dict.fromkeys(names))}"
        yield f"{whose} cannot be missed with {many(seeds, 'seed')}; give more --seeds"


def _fullest(groups: Iterable[tuple[Sequence[Record], Sequence[Verdict]]]) -> Iterable[Any]:
    """Of each framing the engine with most seeds: what one seed of `fit` leaves open, `compiled` has decided."""
    fullest: dict[tuple[str, str], Any] = {}
    for group, verdicts in groups:
        question = group[0].question
        place = question.framing["name"], question.purpose
        if len(group) > len(fullest.get(place, ((), ()))[0]):
            fullest[place] = group, verdicts
    return fullest.values()


def many(count: int, noun: str) -> str:
    """Return a number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
