"""Which issues a night opens, updates and closes: one issue for each regression, known by a hidden line in its text. Pure."""

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from harness import framings, judging
from harness.driver.nights import Job, Night
from harness.judging import Verdict

BROKEN = (*judging.FAILING, "failed")  # The worst first.
SETTLED = ("met", "known")
TAKE_TURNS = "take turns with "
HIDDEN = re.compile(r"<!-- lstm-harness: (\{.*?\}) -->")


class Place(NamedTuple):
    """What makes two regressions the same. A job that failed as a whole has no framing, and its phase for a probe."""

    stack: str
    framing: str
    probe: str
    edition: str


class Finding(NamedTuple):
    """What a night says of one place: a verdict's name, or "failed" for a whole job; seen: when that night started."""

    place: Place
    name: str
    sentence: str
    seen: str


class Issue(NamedTuple):
    """An open issue, as the tracker has it."""

    number: int
    title: str
    body: str


class Action(NamedTuple):
    """What the tracker is told: to "open" or "update" an issue with this text, or to "close" it with this comment."""

    what: str
    number: int | None
    title: str
    text: str


def of_verdict(stack: str, edition: str, verdict: Verdict, seen: str) -> Finding:
    """Return what a verdict over a stack's records of one edition says."""
    expectation: Any = verdict.expectation
    place = Place(stack, expectation.framing, expectation.probe, edition)
    return Finding(place, verdict.name, f"{verdict.name}: {verdict.sentence}", seen)


def of_job(job: Job, night: Night) -> Finding:
    """Return what the end of a job says of itself; what its records miss is told by their verdicts."""
    place = Place(job.stack, "", f"{TAKE_TURNS}{job.beside}" if job.beside else job.phase, night.edition)
    return Finding(place, "failed" if job.is_broken else "met", f"{job.state}: {job.reason}", night.started)


def actions(findings: Iterable[Finding], issues: Sequence[Issue]) -> list[Action]:
    """Return what is to be done so that each regression has one open issue, and no issue is open that holds no more.

    An issue of which these findings say nothing, or that no longer was observed, stays as it is.
    """
    found: dict[Place, list[Finding]] = {}
    for finding in findings:
        found.setdefault(finding.place, []).append(finding)
    known, doubles = _by_place(issues)
    told = [action for place in sorted(found) for action in _of_place(place, found[place], known.get(place))]
    return told + doubles


def _by_place(issues: Sequence[Issue]) -> tuple[dict[Place, Issue], list[Action]]:
    known: dict[Place, Issue] = {}
    doubles = []
    for issue in sorted(issues, key=lambda issue: issue.number):
        place = place_of(issue)
        if place in known:
            doubles.append(Action("close", issue.number, issue.title, f"The same as #{known[place].number}."))
        elif place is not None:
            known[place] = issue
    return known, doubles


def place_of(issue: Issue) -> Place | None:
    """Return what the issue is about, None if its text holds no hidden line of ours."""
    fields = _hidden(issue)
    values = [fields.get(name) for name in Place._fields]
    return Place(*map(str, values)) if all(isinstance(value, str) for value in values) else None


def _hidden(issue: Issue) -> Mapping[str, Any]:
    match = HIDDEN.search(issue.body)
    try:
        fields = json.loads(match[1]) if match else {}
    except ValueError:
        return {}
    return fields if isinstance(fields, dict) else {}


def _of_place(place: Place, findings: Sequence[Finding], issue: Issue | None) -> list[Action]:
    broken = [finding for finding in findings if finding.name in BROKEN]
    seen = max(finding.seen for finding in findings)
    if broken:
        since = str(_hidden(issue).get("since", seen)) if issue else seen
        title, text = _title(place, broken), _text(place, broken, since, seen)
        if issue is None:
            return [Action("open", None, title, text)]
        same = (issue.title, issue.body.replace("\r\n", "\n").strip()) == (title, text.strip())
        return [] if same else [Action("update", issue.number, title, text)]
    if issue is None or not all(finding.name in SETTLED for finding in findings):
        return []
    how = (
        "a known deviation is declared for it" if any(finding.name == "known" for finding in findings) else "all is as declared"
    )
    return [Action("close", issue.number, issue.title, f"In the night of {seen} {how}.")]


def _title(place: Place, broken: Sequence[Finding]) -> str:
    older = "" if place.edition == framings.NEWEST_EDITION else f" ({place.edition})"
    if not place.framing:
        return f"{place.stack}: the job to {place.probe} fails{older}"
    name = min((finding.name for finding in broken), key=BROKEN.index)
    return f"{place.stack}: {place.framing} {place.probe} is {name}{older}"


def _again(place: Place) -> str:
    """Return the command that shows it again."""
    only = f" -k {place.framing}" if place.framing else ""
    older = "" if place.edition == framings.NEWEST_EDITION else f" --edition {place.edition}"
    if place.probe.startswith(TAKE_TURNS):
        base = place.probe.removeprefix(TAKE_TURNS)
        return f"tox -e driver -- compare {base} {place.stack} --costs --until-decided{older}"
    return f"tox -e {place.stack} --{only}{older}"


def _text(place: Place, broken: Sequence[Finding], since: str, seen: str) -> str:
    hidden = json.dumps({**place._asdict(), "since": since}, sort_keys=True)
    sentences = "\n".join(f"- {sentence}" for sentence in sorted({finding.sentence for finding in broken}))
    return f"""<!-- lstm-harness: {hidden} -->
{sentences}

First seen in the night of {since}, last seen in that of {seen}. To see it again:

```sh
{_again(place)}
```

The nightly run keeps this text up to date, and closes the issue when all is as declared again.
"""
