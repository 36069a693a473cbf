"""One run, written down. Everything outside learns of a run from this value alone.

Schema 1. A record is one line of JSON without NaN or infinity. Its digest names the question that was asked, never the
answer or what anybody thinks of it, so that a changed threshold orphans nothing and a changed framing is another question.
"""

import hashlib
import json
import math
from typing import NamedTuple, Optional

from harness.errors import RecordError

SCHEMA = 1
DIGEST_LENGTH = 16
JUDGED = ("learn", "check", "stage", "contract")
LOOKS = ("stage", "contract")  # Purposes whose probes say in words what they found.
NO_ERROR = "none"  # What a run that came to its end observed.


class Question(NamedTuple):
    """What was asked of a stack: the same question may be asked again, and may get another answer.

    purpose: "learn" trains the whole budget, "check" a few steps to compare engines and look at `fit`, "stage" holds
    the framework against the reference, "contract" asks what everybody leans on, "time" measures. backend: what computes, where
    Keras found others beside it that it could have taken; else "".
    """

    framing: dict
    seed: int
    engine: str
    purpose: str
    distributions: dict
    python: str
    device: str
    probes: int
    backend: str = ""


class Record(NamedTuple):
    """What came out: observations, curves (per epoch), timings (seconds), and where and when they were made.

    `program` says what ran the engine: "fit", "xla", "function" or "scan". `not_finite` lists the paths whose NaN or infinite
    values are written as null.
    """

    stack: str
    invocation: str
    question: Question
    program: str
    started: str
    seconds: dict
    machine: dict
    observations: dict
    curves: dict
    timings: dict
    not_finite: list
    schema: int = SCHEMA

    @property
    def digest(self):
        """The question's digest: 16 hexadecimal digits."""
        return digest(self.question)

    @property
    def error(self):
        """The error that ended the run, "" where none did; records from before errors were kept have none."""
        found = self.look_up("error")
        return "" if found in (None, NO_ERROR) else str(found)

    def look_up(self, path):
        """Return the observation at a dotted path, None where this record has none (or it was not finite)."""
        value = self.observations
        for key in path.split("."):
            value = value.get(key) if isinstance(value, dict) else None
        return value


def digest(question):
    """Return the first 16 hexadecimal digits of SHA-256 over the question as canonical JSON."""
    canonical = json.dumps(_asked(question), sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8")).hexdigest()[:DIGEST_LENGTH]


def _asked(question):
    """Return the question as a dict, without what nobody had to choose, so that its digest stays what it was."""
    return {name: value for name, value in question._asdict().items() if value or name not in Question._field_defaults}


def finite(value, path=""):
    """Return (value with NaN and infinities as None, list of the dotted paths where they stood)."""
    if isinstance(value, float) and not math.isfinite(value):
        return None, [path]
    if isinstance(value, dict):
        pairs = {key: finite(inner, _join(path, key)) for key, inner in value.items()}
        return {key: pair[0] for key, pair in pairs.items()}, _all_paths(pairs.values())
    if isinstance(value, (list, tuple)):
        pairs = [finite(inner, _join(path, index)) for index, inner in enumerate(value)]
        return [pair[0] for pair in pairs], _all_paths(pairs)
    return value, []


def _join(path, key):
    return "{}.{}".format(path, key) if path else str(key)


def _all_paths(pairs):
    return [path for _, paths in pairs for path in paths]


def to_line(record):
    """Return the record as one line of JSON, without the line's end; values that are not finite become null."""
    fields = record._asdict()
    fields["question"] = _asked(record.question)
    fields, paths = finite(fields)
    fields["not_finite"] = sorted(set(fields["not_finite"]) | set(paths))
    fields["digest"] = record.digest
    return json.dumps(fields, sort_keys=True, separators=(",", ":"), allow_nan=False)


def from_line(line, where):
    """Return the record that the line holds; `where` (file and line) opens the sentence of every RecordError."""
    fields = _decode(line, where)
    _refuse_other_schemas(fields.get("schema"), where)
    stated = fields.pop("digest", None)
    question = _build(Question, fields.pop("question", None), "{}: question".format(where), Question._field_defaults)
    record = _build(Record, dict(fields, question=question), where)
    if stated != record.digest:
        raise RecordError(f"{where}: digest {stated} does not fit its question ({record.digest}); the line was changed by hand")
    return record


def _decode(line, where):
    try:
        fields = json.loads(line, parse_constant=_refuse_constant)
    except ValueError as error:
        raise RecordError(f"{where}: not a record, because it is not JSON ({error}); remove the line") from None
    if not isinstance(fields, dict):
        raise RecordError(f"{where}: not a record but a {type(fields).__name__}; remove the line")
    return fields


def _refuse_constant(word):
    raise ValueError("{} is no JSON number".format(word))


def _refuse_other_schemas(schema: Optional[int], where):
    if type(schema) is int and schema > SCHEMA:
        raise RecordError(
            f"{where}: written by a newer harness (record schema {schema}, this one reads up to {SCHEMA}); update the harness"
        )
    if type(schema) is not int or schema != SCHEMA:
        raise RecordError(f"{where}: record schema {schema!r} is unknown, allowed is {SCHEMA}; remove the line")


def _build(kind, fields, where, defaults=()):
    if not isinstance(fields, dict):
        raise RecordError(f"{where}: expected an object, got {fields!r}; remove the line")
    fields = dict(defaults, **fields)
    missing = sorted(set(kind._fields) - set(fields))
    unknown = sorted(set(fields) - set(kind._fields))
    if missing or unknown:
        raise RecordError(f"{where}: not a record; missing keys {missing}, unknown keys {unknown}; remove the line")
    for name, wanted in kind.__annotations__.items():
        _check_kind(name, fields[name], wanted, where)
    return kind(**fields)


def _check_kind(name, value, wanted, where):
    if not isinstance(value, wanted) or isinstance(value, bool):
        raise RecordError(f"{where}: {name} is {value!r}; allowed is of kind {wanted.__name__}; remove the line")
    for key in ("name", "edition") if name == "framing" else ():
        if not isinstance(value.get(key), str):
            raise RecordError(f"{where}: framing has {key} {value.get(key)!r}; allowed is a text; remove the line")
