"""What became of a job, from how its process ended and what it printed. Pure: the same ending always reads the same."""

import re
import signal
from collections.abc import Sequence
from typing import NamedTuple

from harness.driver.summary import Summary

JUDGED = (0, 1)  # The suite's exit codes that hold a verdict; 2 is a wrong call.
SIGNALS = {int(one) for one in signal.Signals}
INTERRUPTED = 130  # As a shell tells of a process that Ctrl-C ended.
BY_SIGNAL = 128  # What a shell adds to a signal's number; tox prints it negative, and gives 256 less it as its own code.
TOX_EXIT = re.compile(r"\S+: exit -(\d+) \(")
COMMANDS_BEGIN = re.compile(r"\S+: commands\[0\]>")  # tox prints it once the environment is installed.
TOX_TALK = re.compile(r"\S+: (exit|FAIL|OK|SKIP|commands|install|skip|remove|recreate|venv)|evaluation failed|congratulations")
SAID = re.compile(r"(?:ERROR|harness): *(?! |stack \S+, edition)(.*)")  # Not the suite's first line, which tells of no failure.
EXCEPTION = re.compile(r"(?:E +)?([A-Za-z_.]*(?:Error|Exception|Interrupt|Exit)\b.*)")
REFUSED = re.compile(r"(?:error|ERROR|\N{MULTIPLICATION SIGN}):? +(.*)")  # uv, pip, and uv as it was until 2025.
CAUSE = re.compile(r"(?:cause:|╰─▶) +(.*)")
NO_PYTHON = re.compile(r"\S+: (skipped because .*)")
ANYTHING = re.compile(r"(.+)")
LONGEST = 300


class Outcome(NamedTuple):
    """A job's last state, and one sentence why, "" where all went well."""

    state: str
    reason: str


def outcome(phase: str, code: int, summary: Summary | None, lines: Sequence[str]) -> Outcome:
    """Return what became of a job that ended by itself; summary: of what it recorded, None where it recorded nothing."""
    number = signal_of(code, lines)
    if number:
        return Outcome("failed", _killed(number))
    skipped = [found[1] for found in map(NO_PYTHON.match, lines) if found]
    if skipped:
        return Outcome("absent", _short(skipped[-1]))
    if not any(COMMANDS_BEGIN.match(line) for line in lines):
        return Outcome("failed", f"does not install: {_refusal(lines) or f'tox ended with exit code {code}'}")
    is_judged = summary is not None and code in JUDGED
    if not is_judged or (phase == "price" and code):
        return Outcome("failed", why(lines) or f"ended with exit code {code} and recorded nothing")
    return Outcome("done", _missed(summary, lines) if code else "")


def compared(code: int, headline: str, lines: Sequence[str]) -> Outcome:
    """Return what became of a job that compared two stacks: done where it printed what begins so; no word is a failure."""
    number = signal_of(code, lines)
    if number:
        return Outcome("failed", _killed(number))
    is_told = any(line.startswith(headline) for line in lines)
    return Outcome("done", "") if is_told else Outcome("failed", why(lines) or f"ended with exit code {code} and said nothing")


def signal_of(code: int, lines: Sequence[str]) -> int:
    """Return the number of the signal that ended the job, or the command in it that tox tells of; 0 where none did."""
    told = [int(found[1]) for found in map(TOX_EXIT.match, lines) if found]
    number = told[-1] if told else code - BY_SIGNAL
    return number if number in SIGNALS else 0


def _killed(number: int) -> str:
    if number == signal.SIGKILL:
        return "killed (out of memory?)"
    return f"crashed: {signal.strsignal(number)} ({signal.Signals(number).name})"


def _missed(summary: Summary | None, lines: Sequence[str]) -> str:
    if summary is None or not summary.failures:
        return why(lines)
    first, *others = summary.failures
    return _short(first) + (f" (and {len(others)} more)" if others else "")


def why(lines: Sequence[str]) -> str:
    """Return the line that says most about a failure: the last that the harness said, else an exception's, else the last."""
    return _last(lines, SAID) or _last(lines, EXCEPTION) or _last(lines, ANYTHING)


def _refusal(lines: Sequence[str]) -> str:
    """What the installer said, and the first cause that it gave."""
    said, causes = _last(lines, REFUSED), [found[1] for found in map(CAUSE.match, map(str.strip, lines)) if found]
    if said and causes:
        return _short(f"{said.rstrip(':')}: {causes[0]}")
    return said or _last(lines, ANYTHING)


def _last(lines: Sequence[str], pattern: re.Pattern[str]) -> str:
    told = [line.strip() for line in lines if not TOX_TALK.match(line.strip())]
    found = [match[1] for match in map(pattern.match, told) if match]
    return _short(found[-1]) if found else ""


def _short(sentence: str) -> str:
    return sentence if len(sentence) <= LONGEST else sentence[: LONGEST - 3] + "..."
