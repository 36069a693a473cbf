"""A comparison as plain JSON values."""

import math
from typing import Any

from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import Difference, Side
from harness.driver.compare.sentences import sentence


def plain(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON holds it; what is infinite, such as an epoch that never came, is null."""
    return {
        "base": found.base,
        "new": found.new,
        "word": found.word,
        "counts": found.counts(),
        "false_alarms": found.false_alarms,
        "releases": {stack: list(moved) for stack, moved in found.releases.items()},
        "differences": [_difference(one) for one in found.differences],
    }


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "stack": one.stack,
        **one.key._asdict(),
        "metric": one.metric.name,
        "family": one.metric.family,
        "word": one.word,
        "rule": one.rule,
        "base": _side(one.base),
        "new": _side(one.new),
        "p": one.p,
        "effect": _finite(one.effect),
        "margin": one.margin,
        "is_on_log_scale": one.metric.is_log,
        "sentence": sentence(one),
    }


def _side(side: Side) -> dict[str, Any]:
    return {**side._asdict(), "middle": _finite(side.middle)}


def _finite(value: float | None) -> float | None:
    return value if value is None or math.isfinite(value) else None
