"""Runs `harness.selfcheck` in a stack's own environment and sums up what became of the faults. Reads lines, judges none."""

import json
import subprocess
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from harness.driver.errors import SelfcheckError
from harness.driver.running import Caller

MODULE = "harness.selfcheck"
CONTROL = "control"


class Outcome(NamedTuple):
    """What became of one fault: state is "caught", "survived", "equivalent" or "no place".

    by: the probe whose expectation was missed, or the way that is dearer; is_right: whether that should name it; seconds: from
    planting it to that.
    """

    fault: str
    kind: str
    says: str
    state: str
    by: str
    is_right: bool
    sentence: str
    seconds: float


class Sum(NamedTuple):
    """How many faults were planted, caught and named at a right stage; the survivors, and those that need not be caught.

    equivalent: a run proves that they change nothing; placeless: this framework has no place for them.
    """

    planted: int
    caught: int
    right: int
    survivors: tuple[str, ...]
    equivalent: tuple[str, ...]
    placeless: tuple[str, ...]

    @property
    def sentence(self) -> str:
        """The sum in words."""
        told = f"{self.caught} of {self.planted} faults caught, {self.right} of them named at the right stage"
        survived = f"; survived: {', '.join(self.survivors)}" if self.survivors else ""
        equivalent = f"; change nothing here: {', '.join(self.equivalent)}" if self.equivalent else ""
        placeless = f"; no place here for: {', '.join(self.placeless)}" if self.placeless else ""
        return told + survived + equivalent + placeless


def outcomes(caller: Caller, stack: str, faults: Sequence[str], jobs: int) -> Iterator[Outcome]:
    """Yield what becomes of each fault as soon as it is known.

    SelfcheckError where the environment gives up on the way, or misses something with nothing planted.
    """
    for found in run(caller, stack, MODULE, [str(jobs), *faults]):
        outcome = _outcome(found)
        if outcome and outcome.kind == CONTROL:
            _check_control(stack, outcome)
        elif outcome:
            yield outcome


def run(caller: Caller, stack: str, module: str, words: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Run a module in a stack's own environment, and yield each JSON object that it prints, line by line.

    SelfcheckError holds its last words where it gives up on the way.
    """
    last = ""
    with subprocess.Popen(
        caller.call(stack, words, "-qq", "-x", f"testenv:{stack}.commands=python -m {module} {{posargs}}"),
        cwd=caller.root,
        env=caller.environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        try:
            for line in process.stdout:
                found = _object(line)
                if found is not None:
                    yield found
                last = line.strip() or last
        finally:
            process.terminate()
    if process.returncode > 0:
        raise SelfcheckError(f"{module} ended early on {stack}: {last}")


def _check_control(stack: str, control: Outcome) -> None:
    if control.state == "caught":
        raise SelfcheckError(f"{stack} misses something with nothing planted, so no fault can be told: {control.sentence}")


def _object(line: str) -> dict[str, Any] | None:
    """Return the JSON object of a line, None where it holds no such thing, as the framework's own lines."""
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _outcome(found: dict[str, Any]) -> Outcome | None:
    """Return what an object tells of a fault, None where it tells of something else."""
    try:
        return Outcome(**found)
    except TypeError:
        return None


def total(found: Iterable[Outcome]) -> Sum:
    """Return the sum of what became of the faults."""
    every = list(found)
    planted = [one for one in every if one.state in ("caught", "survived")]
    caught = [one for one in planted if one.state == "caught"]
    return Sum(
        planted=len(planted),
        caught=len(caught),
        right=sum(one.is_right for one in caught),
        survivors=tuple(one.fault for one in planted if one.state == "survived"),
        equivalent=tuple(one.fault for one in every if one.state == "equivalent"),
        placeless=tuple(one.fault for one in every if one.state == "no place"),
    )
