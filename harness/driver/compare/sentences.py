"""A difference in plain words: what it was, what it is, and the rule that says so."""

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence

from harness.driver.compare import costs, differences
from harness.driver.compare.differences import Difference, Side
from harness.driver.compare.metrics import ACCURACY, MEMORY, Metric
from harness.driver.prices import multiple
from harness.driver.summary import asked, many

NOTHING = "nothing in common"
MEBIBYTE = 2**20


def sentence(one: Difference) -> str:
    """Return the difference of one metric in a line, without its stack."""
    return f"{asked(one.key.framing, one.key.purpose)} {_what(one)}"


def counted(counts: Mapping[str, int]) -> str:
    """Return how many there are of each word."""
    return ", ".join(f"{count} {word}" for word, count in counts.items()) or NOTHING


def merged(found: Iterable[Difference], has_stacks: bool) -> list[str]:
    """Return the differences in lines, those that say the same of several framings or stacks in one.

    A call that costs otherwise in all framings together is told so, with what it does in each. found: of one word.
    """
    several, said = list(found), dict[str, dict[str, list[str]]]()
    parts = _parts(several)
    folded = {id(part) for mine in parts.values() for part in mine}
    for one in [one for one in several if id(one) not in folded]:
        what = _what(one, parts.get(_call(one), ()))
        stacks = said.setdefault(what, {}).setdefault(asked(one.key.framing, one.key.purpose), [])
        stacks += [one.stack] if one.stack not in stacks else []
    return [line for what, framings in said.items() for line in _lines(what, framings, has_stacks)]


def _call(one: Difference) -> tuple[str, str, str]:
    return one.stack, one.key.edition, one.metric.name


def _parts(found: Iterable[Difference]) -> dict[tuple[str, str, str], list[Difference]]:
    """Return by call those of single framings, of each that is among these for all framings together."""
    several = [one for one in found if one.key.purpose == costs.PURPOSE and one.effect is not None]
    every = {_call(one) for one in several if one.key.framing == costs.EVERY}
    return {call: [one for one in several if _call(one) == call and one.key.framing != costs.EVERY] for call in every}


def _lines(what: str, framings: Mapping[str, Sequence[str]], has_stacks: bool) -> Iterator[str]:
    by_stacks: dict[tuple[str, ...], list[str]] = {}
    for framing, stacks in framings.items():
        by_stacks.setdefault(tuple(stacks), []).append(framing)
    for stacks, names in by_stacks.items():
        yield (f"{', '.join(stacks)}: " if has_stacks else "") + f"{', '.join(names)} {what}"


def _what(one: Difference, parts: Sequence[Difference] = ()) -> str:
    if one.is_clause:
        engine = f" ({one.new.engine or one.base.engine})" if one.key.purpose == "stage" else ""
        return f'{one.metric.name.partition(" is ")[0].rpartition(".")[2]}{engine}: "{one.metric.claim}" {_holds(one)}'
    engines = dict.fromkeys(side.engine for side in (one.base, one.new) if side.engine)
    if one.word == "not comparable":
        return f"({' against '.join(engines)}): {one.rule}"  # Of every metric alike.
    if one.metric.family == "cost" and one.effect is not None:
        each = ", ".join(f"{part.key.framing} {_multiple(part)}" for part in parts)
        return f"{one.metric.name.replace('_', ' ')}: {_times(one)}{each and f': {each}'}; {_rule(one)}"
    known = f"; known here: {one.known}" if one.known and one.word != "same" else ""
    moved = f"{spell(one.metric, one.base)} -> {spell(one.metric, one.new)}"
    claimed = f' ("{one.metric.claim}")' if one.metric.claim and one.word != "same" else ""
    return f"({' against '.join(engines)}) {one.metric.name}{claimed}: {moved}; {_rule(one)}{known}"


def _holds(one: Difference) -> str:
    because = f": {one.known}" if one.known else f', but says "{one.said}"' if one.said else ""
    before = f": {one.known_before}" if one.known_before else " it did not"
    words = {
        "worse": f"holds no more{because}",
        "better": f"holds now; before{before}",
        "gone": "was asked before, and is not now",
        "new": "was not asked before, and holds" if one.new.middle else f"was not asked before, and does not hold{because}",
        "same": "holds as before" if one.new.middle else f"does not hold, as before{because}",
    }
    return words[one.word]


def _times(one: Difference) -> str:
    return f"{_multiple(one)} times what it cost ({many(one.new.runs, 'pair')} of processes in turns)"


def _multiple(one: Difference) -> str:
    return multiple(math.exp(one.effect or 0.0))[:-1]


def spell(metric: Metric, side: Side) -> str:
    """Return the middle of one side in the unit of its metric, and of how many runs it is."""
    value = side.middle
    if value is None:
        return "nothing"
    if metric.is_share:
        return f"{round(value * side.runs)} of {many(side.runs, 'run')}"
    return f"{unit(metric, value)} ({many(side.runs, 'run')})"


def unit(metric: Metric, value: float) -> str:
    """Return a value in the unit of its metric."""
    if metric == ACCURACY:
        return f"{100 * value:.1f} %"
    if metric == MEMORY:
        return f"{value / MEBIBYTE:.0f} MiB"
    if metric.family == "cost":
        return multiple(value)
    return "never" if math.isinf(value) else f"{value:.3g}"


def _rule(one: Difference) -> str:
    if one.word == "undecided":
        return f"p = {_chance(one.p)}, and less than {_margin(one)} is not shown either"
    if one.rule in (differences.TESTED, differences.PAIRED):
        return f"p = {_chance(one.p)} by {one.rule}, corrected for the whole table"
    if one.rule == differences.EQUIVALENT:
        return f"less than {_margin(one)} lies between them (95 %)"
    return one.rule


def _margin(one: Difference) -> str:
    margin = one.margin or 0.0
    if one.metric.is_share:
        return f"{margin:.0%} of the runs"
    if one.metric.is_log:
        return f"a factor of {math.exp(margin):.2f}"
    return f"{100 * margin:.1f} points"


def _chance(p: float | None) -> str:
    return "1" if p is None or p > 0.995 else f"{p:.1g}" if p < 0.01 else f"{p:.2f}"  # noqa: PLR2004 - digits of a p
