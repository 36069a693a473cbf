"""What MLflow is to show of some records: runs as plain values. Knows nothing of MLflow itself."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timezone
from itertools import groupby
from statistics import median
from typing import Any, NamedTuple

from harness import judging, record
from harness.driver import summary
from harness.expectations import Declared
from harness.record import JUDGED, Record

CURVES = ("loss", "accuracy")
METRICS = ("accuracy", "loss")
PACKAGES = ("tensorflow", "keras", "numpy")
FROM_FRAMING = ("edition", "units", "epochs", "batch_size", "shuffle", "stateful", "window")


class Point(NamedTuple):
    """One value of one metric at one epoch; `at` is milliseconds since 1970."""

    key: str
    value: float
    step: int
    at: int


class Child(NamedTuple):
    """One record as a run of MLflow. `key` finds it again, whatever else is said of it."""

    key: str
    name: str
    record: Record
    verdict: str

    @property
    def status(self) -> str:
        """MLflow's word for how the run ended."""
        return "FAILED" if self.verdict in judging.FAILING else "FINISHED"


class Parent(NamedTuple):
    """One invocation of one stack as a run of MLflow; started and ended are milliseconds since 1970.

    base_runs: how many runs that has which it is compared with.
    """

    key: str
    name: str
    started: int
    ended: int
    status: str
    params: dict[str, str]
    metrics: dict[str, float]
    tags: dict[str, str]
    children: tuple[Child, ...]
    base_runs: int = 0

    @property
    def fingerprint(self) -> str:
        """16 hexadecimal digits that change with anything that MLflow should show of this invocation."""
        children = sorted((child.key, child.verdict) for child in self.children)
        shown = [self.status, self.params, self.metrics, self.tags, children, self.base_runs]
        return _digest(json.dumps(shown, sort_keys=True))


class Made(NamedTuple):
    """What takes long to make of an invocation: files by name; metrics and tags of how it stands against the one before it."""

    files: dict[str, bytes]
    metrics: dict[str, float]
    tags: dict[str, str]


def parent_of(declared: Declared, records: Sequence[Record], started_at: str, is_interrupted: bool, base: str = "") -> Parent:
    """Return how MLflow shows the records of one invocation; base: the name of the one before it, which it is compared with."""
    whole = summary.summarise(declared, records, started_at)
    started = milliseconds(whole.started)
    return Parent(
        key=f"{whole.stack} {whole.invocation}",
        name=f"{whole.stack} {datetime.fromtimestamp(started / 1000, timezone.utc):%Y-%m-%d %H:%M}",
        started=started,
        ended=max(ended(record) for record in records),
        status="KILLED" if is_interrupted else "FAILED" if whole.is_failing else "FINISHED",
        params=environment_params(records[0]),
        metrics={**_aggregates(whole.rows), **_timings(records)},
        tags={**_tags(whole, records), **({"base": base} if base else {})},
        children=children_of(declared, records),
    )


def _tags(whole: summary.Summary, records: Iterable[Record]) -> dict[str, str]:
    worst: dict[str, list[str]] = {}
    for row in [row for row in whole.rows if row.of]:
        worst.setdefault(summary.asked(row.framing, row.purpose), []).append(row.verdict)
    verdicts = {f"verdict.{asked}": judging.worst(words) for asked, words in worst.items()}
    # What only measured has no verdict.
    said = {"verdict": whole.verdict, **verdicts} if whole.rows else {}
    purposes = ", ".join(sorted({one.question.purpose for one in records}))
    return {**said, "stack": whole.stack, "invocation": whole.invocation, "purpose": purposes}


def children_of(declared: Declared, records: Iterable[Record]) -> tuple[Child, ...]:
    """Return a child for each record that is judged; one written twice is shown once."""
    judged = [record for record in records if record.question.purpose in JUDGED]
    children = [Child(_key(one), _name(one), one, judging.verdict_of_run(declared, one)) for one in judged]
    return tuple({child.key: child for child in children}.values())


def environment_params(one: Record) -> dict[str, str]:
    """Return what all runs of an invocation share; "none" for a package that is not installed."""
    question = one.question
    versions = {name: question.distributions.get(name, "none") for name in PACKAGES}
    return {"environment": one.stack, "python": question.python, "device": question.device, **versions}


def params_of(one: Record) -> dict[str, str]:
    """Return the parameters of one run."""
    question = one.question
    framing = {name: str(question.framing[name]) for name in FROM_FRAMING}
    asked = {"framing": question.framing["name"], "seed": str(question.seed), "engine": question.engine}
    return {**environment_params(one), **framing, **asked, "program": one.program, "purpose": question.purpose}


def tags_of(child: Child) -> dict[str, str]:
    """Return the tags of one run, all but the one that ties it to its parent."""
    one = child.record
    tags = {"verdict": child.verdict, "digest": one.digest, "invocation": one.invocation, "stack": one.stack}
    # Paths of points are folded into their curve: hundreds of them would not fit in a tag.
    lost = sorted({".".join(part for part in path.split(".") if not part.isdigit()) for path in one.not_finite})
    return {**tags, "not_finite": ", ".join(lost)} if lost else tags


def points_of(one: Record) -> list[Point]:
    """Return all metrics of one run: the final ones at the last epoch, and the curves; without what is not finite."""
    end, last = ended(one), one.question.framing["epochs"]
    final = {name: one.look_up(name) for name in METRICS} | {"fit_seconds": one.seconds.get("train")}
    points = [Point(name, value, last, end) for name, value in final.items() if value is not None]
    for name in CURVES:
        points += _curve(f"train_{name}", one, one.curves.get(name, []))
    return points


def milliseconds(text: str) -> int:
    """Return ISO 8601 in UTC as milliseconds since 1970."""
    return int(datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def ended(one: Record) -> int:
    """Return when the run ended, in milliseconds since 1970."""
    return milliseconds(one.started) + int(1000 * sum(one.seconds.values()))


def _curve(name: str, one: Record, values: Sequence[float | None]) -> list[Point]:
    epochs = one.curves.get("epoch") or range(1, len(values) + 1)
    started, length = milliseconds(one.started), ended(one) - milliseconds(one.started)
    last = max(epochs, default=1)
    points = zip(epochs, values, strict=False)
    return [Point(name, value, epoch, started + length * epoch // last) for epoch, value in points if value is not None]


def _name(one: Record) -> str:
    question = one.question
    check = " check" if question.purpose == "check" else ""
    return f"{summary.asked(question.framing['name'], question.purpose)} {question.engine}{check} seed {question.seed}"


def _key(one: Record) -> str:
    return _digest(record.to_line(one))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _aggregates(rows: Sequence[summary.Row]) -> dict[str, float]:
    # The rows of one framing lie together, what learnt in full first and `compiled` before `fit`: the first has the
    # bare name, so that the metric means the same in every invocation that ran the main job.
    found: dict[str, float] = {}
    for asked, alike in groupby(rows, key=lambda row: summary.asked(row.framing, row.purpose)):
        for number, row in enumerate(alike):
            found.update(_of_row(_prefix(asked, number, row), row))
    return found


def _prefix(asked: str, number: int, row: summary.Row) -> str:
    if row.purpose == "check":
        return f"{asked}.{row.engine}_check"
    return asked if number == 0 else f"{asked}.{row.engine}"


def _of_row(prefix: str, row: summary.Row) -> dict[str, float]:
    numbers: dict[str, float] = {
        "seeds": len(row.seeds),
        "behaviours_met": row.met,
        "behaviours": row.of,
        "fit_seconds": row.seconds,
    }
    low, high = row.interval or (None, None)
    found = {"accuracy_mean": row.accuracy, "accuracy_min": row.lowest, "accuracy_low": low, "accuracy_high": high}
    accuracy = found if row.purpose == "learn" else {}
    if row.of:
        numbers["behaviours_share"] = row.met / row.of
    return {f"{prefix}.{name}": float(value) for name, value in {**accuracy, **numbers}.items() if value is not None}


def _timings(records: Iterable[Record]) -> dict[str, float]:
    rounds: dict[str, list[float]] = {}
    for name, seconds in _rounds(records):
        rounds.setdefault(name, []).extend(seconds)
    return {f"{name}_seconds_median": median(seconds) for name, seconds in rounds.items() if seconds}


def _rounds(records: Iterable[Record]) -> Iterable[tuple[str, list[float]]]:
    for one in records:
        timings: Mapping[str, Any] = one.timings
        for name, timing in timings.items():
            yield f"{one.question.framing['name']}.{name}", timing["rounds"]
            yield "calibration", timing.get("calibration", [])
