"""Reads records by the hundred thousand, ten times as fast as `harness.record`, which says what is wrong with a line."""

import gzip
import re
from collections.abc import Collection, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any, BinaryIO, cast

import msgspec

from harness import record
from harness.errors import RecordError
from harness.record import Question, Record


class _Question(msgspec.Struct):
    framing: msgspec.Raw
    seed: int
    engine: str
    purpose: str
    distributions: msgspec.Raw
    python: str
    device: str
    probes: int
    backend: str = ""


class _Curves(msgspec.Struct):
    epoch: msgspec.Raw = msgspec.Raw(b"[]")
    accuracy: msgspec.Raw = msgspec.Raw(b"[]")


class _Line(msgspec.Struct):
    stack: str
    invocation: str
    question: _Question
    program: str
    started: str
    seconds: dict[str, float | None]
    observations: dict[str, Any]
    curves: _Curves
    timings: dict[str, dict[str, list[float | None] | int | str]]
    machine: dict[str, Any]
    not_finite: list[str]
    schema: int


BUFFER = 1 << 20  # Bytes: a line is longer than the 8 kB that Python reads at a time.
NAMED = re.compile(rb'"invocation":\s*"([^"]*)"')
_decoder = msgspec.json.Decoder(_Line)
_curve = msgspec.json.Decoder(tuple[float | None, ...])


def read(path: Path, invocations: Collection[str] = ()) -> Iterator[Record]:
    """Yield the records of a file, packed by gzip or not, of some invocations or of all, with the curve of accuracy alone.

    RecordError where a line is none. A file that is not there holds none.
    """
    # Decoding takes a hundred times what looking for a text does: a history of many nights is passed over.
    wanted = {name.encode() for name in invocations}
    for where, line in _texts(path):
        if not wanted or _invocation(line) in wanted:
            yield _record(line, where)


def _invocation(line: bytes) -> bytes:
    found = NAMED.search(line)
    return found[1] if found else b""


def _texts(path: Path) -> Iterator[tuple[str, bytes]]:
    """Yield (place, line); a torn last line, which a kill leaves, is passed over."""
    try:
        with _opened(path) as file:
            for number, line in enumerate(file, start=1):
                if line.strip() and (line.endswith(b"\n") or _is_json(line)):
                    yield f"{path.name}, line {number}", line
    except FileNotFoundError:
        return
    except (OSError, EOFError) as error:
        raise RecordError(f"{path.name} cannot be read ({error}); give another file") from None


def _opened(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb", buffering=BUFFER)


def _is_json(line: bytes) -> bool:
    try:
        msgspec.json.decode(line)
    except msgspec.DecodeError:
        return False
    return True


def _record(line: bytes, where: str) -> Record:
    try:
        found = _decoder.decode(line)
        curves = {"epoch": _points(bytes(found.curves.epoch)), "accuracy": _curve.decode(found.curves.accuracy)}
    except msgspec.DecodeError as error:
        record.from_line(line.decode("utf-8", "replace"), where)  # Says what is wrong with it.
        raise RecordError(f"{where}: not a record that can be compared ({error}); remove the line") from None
    question = _question(found.question)
    if found.schema != record.SCHEMA or not all(isinstance(question.framing.get(name), str) for name in ("name", "edition")):
        record.from_line(line.decode("utf-8"), where)
    fields = msgspec.structs.asdict(found)
    return Record(**{**fields, "question": question, "curves": curves})


def _question(found: _Question) -> Question:
    framing, distributions = _plain(bytes(found.framing)), _plain(bytes(found.distributions))
    return Question(**{**msgspec.structs.asdict(found), "framing": framing, "distributions": distributions})


@lru_cache(maxsize=64)  # The epochs that a curve is drawn at are the same in all runs of a budget.
def _points(text: bytes) -> tuple[float | None, ...]:
    return _curve.decode(text)


@lru_cache(maxsize=4096)  # Thousands of runs share a framing and an environment.
def _plain(text: bytes) -> dict[str, Any]:
    found = msgspec.json.decode(text)
    if not isinstance(found, dict):
        raise RecordError(f"a record's framing or distributions are {text[:40]!r}; remove its line")
    return found
