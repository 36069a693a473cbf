"""What a person's code has to say differently on a stack, what warns there, and which defaults changed without a word."""

import json
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from harness.driver.sources import Source
from harness.record import Record

ABSENT = "not there"
ERROR_LENGTH = 300
Texts = tuple[str, ...]


class Saying(NamedTuple):
    """Something that the listing had to say differently, and the error that it gave as published."""

    topic: str
    listing: str
    said: str
    error: str
    framings: tuple[str, ...]


class Warned(NamedTuple):
    """A warning that the published listing raised, in which framings."""

    text: str
    framings: tuple[str, ...]


class Default(NamedTuple):
    """A default whose value, as the built objects show it, is another one than on the newest stack."""

    name: str
    here: str
    newest: str
    framings: tuple[str, ...]


class Adaptations(NamedTuple):
    """All of it for one stack. `is_compared` says whether the newest stack's defaults were there to compare with."""

    sayings: tuple[Saying, ...]
    warnings: tuple[Warned, ...]
    defaults: tuple[Default, ...]
    is_observed: bool
    is_compared: bool


def of(source: Source, newest: Source | None) -> Adaptations:
    """Return what a stack's checks through `fit` saw, its defaults held against the newest stack's, framing by framing."""
    here, there = _defaults(source), _defaults(newest) if newest else {}
    sayings, warnings = _merged(source, "differences", _saying), _merged(source, "warnings", _warning)
    return Adaptations(
        sayings=tuple(Saying(topic, listing, said, error, names) for (topic, listing, said, error), names in sayings),
        warnings=tuple(Warned(text, names) for (text,), names in warnings),
        defaults=tuple(_changed(here, there)),
        is_observed=any(_observed(record) for record in _checks(source)),
        is_compared=bool(set(here) & set(there)),
    )


def _checks(source: Source) -> list[Record]:
    return [one for one in source.records if (one.question.purpose, one.question.engine) == ("check", "fit")]


def _observed(record: Record) -> bool:
    return any(record.look_up(name) is not None for name in ("differences", "warnings", "defaults"))


def _merged(source: Source, name: str, spell: Callable[[Any], Texts]) -> list[tuple[Texts, tuple[str, ...]]]:
    """Return each different thing once, with the framings that it was seen in."""
    found: dict[Texts, dict[str, None]] = {}
    for record in _checks(source):
        for entry in record.look_up(name) or ():
            found.setdefault(spell(entry), {})[record.question.framing["name"]] = None
    return [(key, tuple(names)) for key, names in found.items()]


def _saying(entry: dict[str, Any]) -> Texts:
    return tuple(_line(entry.get(key) or "-") for key in ("topic", "listing", "said", "error"))


def _warning(text: str) -> Texts:
    return (_line(text),)


def _line(text: Any) -> str:
    words = " ".join(str(text).split())
    return words if len(words) <= ERROR_LENGTH else words[:ERROR_LENGTH] + " ..."


def _defaults(source: Source) -> dict[str, dict[str, Any]]:
    return {one.question.framing["name"]: one.look_up("defaults") or {} for one in _checks(source) if one.look_up("defaults")}


def _changed(here: dict[str, dict[str, Any]], there: dict[str, dict[str, Any]]) -> Iterable[Default]:
    found: dict[tuple[str, str, str], list[str]] = {}
    for framing in [name for name in here if name in there]:
        for name in sorted({*here[framing], *there[framing]}):
            values = _value(here[framing], name), _value(there[framing], name)
            if values[0] != values[1]:
                found.setdefault((name, *values), []).append(framing)
    return [Default(*key, tuple(names)) for key, names in found.items()]


def _value(defaults: dict[str, Any], name: str) -> str:
    return json.dumps(defaults[name], sort_keys=True) if name in defaults else ABSENT
