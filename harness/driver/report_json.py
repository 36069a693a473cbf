"""The atlas as plain JSON values, for programs."""

from collections.abc import Mapping
from typing import Any

from harness import record
from harness.driver.atlas import Atlas
from harness.driver.compare import report


def plain(atlas: Atlas) -> Any:
    """Return the atlas as dicts, lists, texts and numbers; what is not finite is null, and a sentence stands with its facts."""
    compared = {name: found and report.plain(found) for name, found in (("since", atlas.since), ("costs", atlas.costs))}
    return record.finite(_plain({**atlas._asdict(), **compared}))[0]


def _plain(value: Any) -> Any:
    if hasattr(value, "_asdict"):
        sentence = {"sentence": value.sentence} if hasattr(value, "sentence") else {}
        return _plain({**value._asdict(), **sentence})
    if isinstance(value, Mapping):
        return {key: _plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(inner) for inner in value]
    return value
