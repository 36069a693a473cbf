"""What stands in a row of the atlas, from one stack's records and what was declared. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import mean, median
from typing import Any, NamedTuple

from harness import framings, judging
from harness.driver import curves, starts, summary
from harness.driver.atlas import BEHAVIOURS, Behaviour, Cell, Judgement, Row, worst
from harness.driver.prices import Key, Price
from harness.driver.sources import UNFINISHED, Outcome, Source
from harness.expectations import Declared, Expectation
from harness.judging import Verdict
from harness.record import Question, Record

NOT_RUN = "no full run of it here"


class Columns(NamedTuple):
    """What all rows of one edition share: its framings, and every price."""

    edition: str
    framings: tuple[str, ...]
    prices: Mapping[Key, Price]


def row(declared: Declared, source: Source, columns: Columns) -> Row:
    """Return one stack's row: a cell for each framing, never an empty one."""
    groups = summary.grouped(source.records)
    outcome = source.outcome(columns.edition)
    found = [_of(groups, name, columns.edition) for name in columns.framings]
    cells = tuple(_cell(declared, source, columns, outcome, *one) for one in zip(columns.framings, found, strict=True))
    stages = tuple(one for group in _of(groups, framings.STAGES.name, columns.edition) for one in _judged(declared, group))
    judged = [*stages, *(one for cell in cells for one in cell.judgements)]
    unmade = [outcome.state] if outcome.state in UNFINISHED else []
    priced = source.price_outcome(columns.edition)
    unpriced = priced.reason if priced.state == "failed" else ""
    if unpriced:
        unmade.append("failed")
    return Row(
        stack=source.stack,
        verdict=worst([cell.verdict for cell in cells] + [one.verdict for one in stages] + unmade),
        state=outcome.state,
        reason=outcome.reason,
        unpriced=unpriced,
        since=source.since,
        cells=cells,
        stages=stages,
        behaviours=tuple(behaviours(judged, _unmade(declared, source, columns, outcome))),
    )


def _of(groups: Iterable[Sequence[Record]], name: str, edition: str) -> list[Sequence[Record]]:
    asked = [(group, group[0].question.framing) for group in groups]
    return [group for group, framing in asked if (framing["name"], framing["edition"]) == (name, edition)]


def _cell(
    declared: Declared, source: Source, columns: Columns, outcome: Outcome, name: str, groups: Sequence[Sequence[Record]]
) -> Cell:
    learnt: Sequence[Record] = max((one for one in groups if one[0].question.purpose == "learn"), key=len, default=())
    judgements = tuple(one for group in groups for one in _judged(declared, group))
    errors = tuple(Counter(error for error in (one.error for one in learnt) if error).most_common())
    missing = [_word_of_missing(outcome)] if not learnt else [] if judgements else ["failed" if errors else "none"]
    accuracies, losses = _values(learnt, "accuracy"), _values(learnt, "loss")
    fit, predict = (columns.prices.get((source.stack, name, columns.edition, part)) for part in ("fit", "predict"))
    return Cell(
        framing=name,
        verdict=worst([one.verdict for one in judgements] + missing),
        reason="" if learnt else outcome.reason or NOT_RUN,
        engine=learnt[0].question.engine if learnt else "",
        seeds=len(learnt),
        errors=errors,
        accuracy=mean(accuracies) if accuracies else None,
        lowest=min(accuracies, default=None),
        loss=median(losses) if losses else None,
        curve=curves.of(learnt),
        starts=starts.count(learnt),
        fit=fit,
        predict=predict,
        untimed=_untimed(source.price_outcome(columns.edition).state, fit),
        judgements=judgements,
    )


def _word_of_missing(outcome: Outcome) -> str:
    return outcome.state if outcome.state in UNFINISHED else "absent"


def _untimed(state: str, fit: Price | None) -> str:
    if state == "failed" or (fit is None and state in UNFINISHED):
        return state
    return "" if fit else "absent"


def _unmade(declared: Declared, source: Source, columns: Columns, outcome: Outcome) -> dict[str, str]:
    """Return the word for each column of behaviours that something is declared of for which no run was made."""
    asked_of = (*columns.framings, framings.STAGES.name)
    here = [one for one in declared.expectations if one.framing in asked_of and columns.edition in one.editions]
    records = [one.question for one in source.records]
    made = {(one.framing["name"], one.purpose, one.engine) for one in records if one.framing["edition"] == columns.edition}
    asked = {one.engine: one for one in records}  # All that is known of what the stack can be asked.
    unmade = [entry for entry in here if not asked or _wants(entry, asked.values(), made)]
    return dict.fromkeys((behaviour_of(one.probe) for one in unmade), _word_of_missing(outcome))


def _wants(entry: Expectation, asked: Iterable[Question], made: set[tuple[str, str, str]]) -> bool:
    """Whether it speaks of an engine of this stack, and of no run that was made."""
    wanted = {
        (entry.framing, entry.purpose, one.engine) for one in asked if one.engine in entry.engines and entry.speaks_of(one)
    }
    return bool(wanted) and not wanted & made


def _values(records: Iterable[Record], path: str) -> list[float]:
    return [value for value in (one.look_up(path) for one in records) if value is not None]


def _judged(declared: Declared, group: Sequence[Record]) -> Iterable[Judgement]:
    framing = group[0].question.framing
    return [_judgement(framing, verdict) for verdict in judging.judge_all(declared, group)]


def _judgement(framing: Mapping[str, Any], verdict: Verdict) -> Judgement:
    entry: Any = verdict.expectation
    return Judgement(
        framing=framing["name"],
        edition=framing["edition"],
        verdict=verdict.name,
        claim=entry.claim,
        page=entry.page,
        holds=entry.holds,
        probe=entry.probe,
        where=(entry.file, entry.number),
        engine=verdict.engine,
        shown=verdict.shown,
        of=verdict.of,
        sentence=verdict.sentence,
        why=getattr(verdict.deviation, "why", ""),
        link=getattr(verdict.deviation, "link", ""),
    )


def behaviours(judgements: Iterable[Judgement], unmade: Mapping[str, str]) -> Iterable[Behaviour]:
    """Return each group of behaviours with its worst verdict.

    Where a stack has none on it: the word for what was not made, and "none" where nothing is declared.
    """
    found: dict[str, list[str]] = {name: [] for name in BEHAVIOURS}
    for one in judgements:
        found.setdefault(behaviour_of(one.probe), []).append(one.verdict)
    otherwise = {name: unmade.get(name, "none") for name in found}
    return [Behaviour(name, worst(words or [otherwise[name]]), words.count("met"), len(words)) for name, words in found.items()]


def behaviour_of(probe: str) -> str:
    """Return the column of a probe, its own name where it stands in none."""
    name = probe.split(".", maxsplit=1)[0]
    return next((column for column, names in BEHAVIOURS.items() if name in names), name)
