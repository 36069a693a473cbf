"""Re-derives the numbers of `expectations/` from the records that they name, so that nobody has to believe them."""

import gzip
from collections.abc import Iterable, Iterator, Sequence
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import tomlkit

from harness import declarations, framings, judging, record, seeds
from harness.declarations import SUITE_FILE
from harness.driver.errors import ReferenceRecordsError
from harness.expectations import Declared, Deviation, Expectation, Reference
from harness.record import JUDGED, Record
from harness.store import Store

DIGITS = 6
KNOWN = "records/stacks.jsonl.gz"
ENDS = {"at_least": ROUND_FLOOR, "at_most": ROUND_CEILING}


class Change(NamedTuple):
    """A number in a declaration that is not what the records say, in its entry or in the entry's `known` of that place."""

    file: str
    number: int
    key: str
    stated: float | None
    derived: float
    known: int | None = None

    @property
    def sentence(self) -> str:
        """The difference in words."""
        stated = "missing" if self.stated is None else self.stated
        known = "" if self.known is None else f", known {self.known + 1}"
        return f"expectations/{self.file}, expect {self.number}{known}: {self.key} is {stated}, the records say {self.derived}"


def differences(folder: Path) -> list[Change]:
    """Return all numbers in the folder that are not what their records say; without those a ReferenceRecordsError."""
    declared = declarations.load(folder)
    entries = declared.expectations
    derived = [change for entry in entries for change in _changes(folder, declared, entry)]
    # An entry of the suite's file stands for all framings: once is enough.
    return list(dict.fromkeys(derived + [change for entry in entries for change in _changes_of_known(folder, entry)]))


def write(folder: Path, changes: Iterable[Change]) -> None:
    """Put the derived numbers into the files, and leave everything else in them as it is."""
    for change in changes:
        path = folder / change.file
        content = tomlkit.parse(path.read_text(encoding="utf-8"))
        table = _tables(content, "expect")[change.number - 1]
        place = table if change.known is None else table["known"][change.known]
        place[change.key] = change.derived
        path.write_text(tomlkit.dumps(content), encoding="utf-8")


def replace_references(folder: Path, store: Store, stack: str, invocation: str, is_more: bool = False) -> list[str]:
    """Make an invocation's full runs the reference of their framings and editions, and return the files written.

    is_more: beside the runs that are the reference already, but for seeds that were trained again.
    """
    learnt = [one for one in store.read(stack, invocation) if one.question.purpose == "learn"]
    if not learnt:
        raise ReferenceRecordsError(f"no run at full budget in invocation {invocation} of {stack}; `harness judge` lists them")
    groups: dict[tuple[str, str], list[Record]] = {}
    for one in learnt:
        groups.setdefault((one.question.framing["name"], one.question.framing["edition"]), []).append(one)
    declared = declarations.load(folder)
    return [_replace_reference(folder, declared, *place, group, is_more) for place, group in sorted(groups.items())]


def add_to_known(folder: Path, store: Store, stack: str, invocation: str) -> str:
    """Add an invocation's runs to those that known deviations are counted on, and return the file written."""
    target = folder / KNOWN
    older = _read(target) if target.exists() else ()
    judged = [one for one in store.read(stack, invocation) if one.question.purpose in JUDGED]
    if not judged:
        raise ReferenceRecordsError(f"no run that is judged in invocation {invocation} of {stack}; `harness judge` lists them")
    kept = {(one.digest, one.invocation): one for one in (*older, *judged)}
    target.write_bytes(_packed(kept[key] for key in sorted(kept)))
    return f"expectations/{KNOWN}"


def _changes_of_known(folder: Path, entry: Expectation) -> Iterator[Change]:
    for place, deviation in enumerate(entry.known):
        values = _values_of_known(folder, entry, deviation) if deviation.records else []
        for key, number in (("shown", sum(map(entry.is_shown_by, values))), ("of", len(values))):
            if values and getattr(deviation, key) != number:
                yield Change(entry.file, entry.number, key, getattr(deviation, key), number, place)


def _values_of_known(folder: Path, entry: Expectation, deviation: Deviation) -> list[Any]:
    entries = [entry._replace(framing=name) for name in framings.NAMES] if entry.file == SUITE_FILE else [entry]
    runs = [one for one in _read(folder / deviation.records) if any(judging.was_asked(each, one) for each in entries)]
    # A stack that repeats its weights bit for bit adds nothing in its second night.
    apart = {(one.stack, one.question.seed, one.look_up("weights_digest")): one for one in runs}
    values = [one.look_up(entry.probe) for one in apart.values() if entry.deviation(one.question) == deviation]
    if not values:
        where = ", ".join(deviation.where)
        raise ReferenceRecordsError(f"{entry.place}: no run in expectations/{deviation.records} is of {where}")
    return values


def _changes(folder: Path, declared: Declared, entry: Expectation) -> Iterator[Change]:
    if not entry.is_share and not entry.quantiles:
        return
    asked = _asked(folder, declared, entry)
    values = [one.look_up(entry.probe) for one in asked]
    derived = _quantiles(entry.quantiles, values)
    changed = entry._replace(**derived)
    if entry.is_share:
        derived = {**derived, "shown": sum(changed.is_shown_by(value) for value in values), "of": len(values)}
    for key, number in derived.items():
        if getattr(entry, key) != number:
            yield Change(entry.file, entry.number, key, getattr(entry, key), number)


def _asked(folder: Path, declared: Declared, entry: Expectation) -> list[Record]:
    reference = _reference(declared, entry)
    wanted = set(seeds.parse(reference.seeds))
    answered = [one for one in _read(folder / reference.records) if judging.was_asked(entry, one)]
    found = {one.question.seed: one for one in answered if one.question.seed in wanted}
    missing = wanted - set(found)
    if missing:
        raise ReferenceRecordsError(
            f"{entry.place}: {entry.probe} was not observed in seeds {seeds.spell(missing)} of expectations/{reference.records}"
        )
    return list(found.values())


def _reference(declared: Declared, entry: Expectation) -> Reference:
    for reference in declared.references.get(entry.framing, ()):
        if set(reference.editions) & set(entry.editions):
            return reference
    raise ReferenceRecordsError(f"{entry.place}: its file has no [[reference]] of edition {' or '.join(entry.editions)}")


def _read(path: Path) -> tuple[Record, ...]:
    try:
        return _unpacked(path.read_bytes(), path.name)
    except FileNotFoundError:
        raise ReferenceRecordsError(
            f"expectations/records/{path.name} is missing; restore it, or give --from-invocation"
        ) from None
    except (OSError, EOFError, ValueError) as error:
        raise ReferenceRecordsError(
            f"expectations/records/{path.name} is not gzip of JSON lines ({error}); restore it"
        ) from None


@cache  # Many entries are counted on one file.
def _unpacked(content: bytes, name: str) -> tuple[Record, ...]:
    lines = gzip.decompress(content).decode("utf-8").splitlines()
    return tuple(record.from_line(line, f"{name}, line {number}") for number, line in enumerate(lines, start=1))


def _quantiles(quantiles: Sequence[float], values: Iterable[float | None]) -> dict[str, Any]:
    """One quantile bounds from above, two from both sides; a value that was not finite lies within no bounds."""
    finite = [value for value in values if value is not None]
    ends = list(ENDS)[-len(quantiles) :] if quantiles else []
    taken = [float(np.quantile(finite, quantile, method="inverted_cdf")) for quantile in quantiles]
    return {end: outward(value, ENDS[end]) for end, value in zip(ends, taken, strict=True)}


def outward(value: float, rounding: str) -> float:
    """Return the value in six significant digits, rounded such that it still lies within the bound."""
    exact = Decimal(repr(value))
    return float(exact.quantize(Decimal(1).scaleb(exact.adjusted() - DIGITS + 1), rounding=rounding))


def _replace_reference(
    folder: Path, declared: Declared, framing: str, edition: str, group: Sequence[Record], is_more: bool
) -> str:
    path = folder / f"{framing}.toml"
    places = [place for place, one in enumerate(declared.references.get(framing, ())) if edition in one.editions]
    if not places:
        raise ReferenceRecordsError(f"expectations/{path.name} has no [[reference]] of edition {edition}; add one")
    content = tomlkit.parse(path.read_text(encoding="utf-8"))
    table = _tables(content, "reference")[places[0]]
    target = folder / str(table["records"])
    chosen = _one_engine([*(_read(target) if is_more else ()), *group])
    table["seeds"] = seeds.spell(one.question.seed for one in chosen)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(_packed(chosen))
    path.write_text(tomlkit.dumps(content), encoding="utf-8")
    return f"expectations/{table['records']}"


def _one_engine(group: Sequence[Record]) -> list[Record]:
    """The records of the engine with most seeds, in the order of seeds: a seed must not count once for each engine."""
    engines: dict[str, dict[int, Record]] = {}
    for one in group:
        engines.setdefault(one.question.engine, {})[one.question.seed] = one
    most = max(engines.values(), key=len)
    return [most[seed] for seed in sorted(most)]


def _packed(records: Iterable[Record]) -> bytes:
    # No time in the archive, so that the same records are the same bytes; no curves, which no expectation speaks of.
    lines = [record.to_line(_without_curves(one)) for one in records]
    return gzip.compress("".join(line + "\n" for line in lines).encode(), mtime=0)


def _without_curves(one: Record) -> Record:
    return one._replace(curves={}, not_finite=[path for path in one.not_finite if not path.startswith("curves.")])


def _tables(content: tomlkit.TOMLDocument, key: str) -> Any:
    return content[key]
