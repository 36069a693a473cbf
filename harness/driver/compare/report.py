"""A comparison as plain JSON values."""

from typing import Any

from harness import record
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.differences import Difference
from harness.driver.compare.sentences import sentence


def plain(found: Comparison) -> dict[str, Any]:
    """Return the comparison as JSON holds it; what is infinite, such as an epoch that never came, is null."""
    told = {
        "base": found.base,
        "new": found.new,
        "word": found.word,
        "counts": found.counts(),
        "false_alarms": found.false_alarms,
        "releases": {stack: list(moved) for stack, moved in found.releases.items()},
        "differences": [_difference(one) for one in found.differences],
    }
    return dict(record.finite(told)[0])


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "stack": one.stack,
        **one.key._asdict(),
        "metric": one.metric.name,
        "family": one.metric.family,
        "word": one.word,
        "rule": one.rule,
        "base": one.base._asdict(),
        "new": one.new._asdict(),
        "p": one.p,
        "effect": one.effect,
        "margin": one.margin,
        "is_on_log_scale": one.metric.is_log,
        "sentence": sentence(one),
    }
