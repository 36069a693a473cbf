"""What changed in one invocation of a stack since the one before it, in words and counts that a table can show."""

from collections.abc import Sequence

from harness.driver.compare import costs, differences, pairs, reading, view
from harness.driver.compare.asked import FALSE_ALARMS
from harness.driver.compare.comparison import Comparison, decided
from harness.expectations import Declared
from harness.record import Record

PREFIX = "since_base"


def numbers(declared: Declared, base: Sequence[Record], new: Sequence[Record]) -> tuple[dict[str, float], dict[str, str]]:
    """Return how many metrics became what, and the worst word of all and of each framing, by what MLflow is to call them.

    Of what both were asked, but for costs; neither where that is nothing. base, new: the records of one stack.
    """
    found = _comparison(declared, base, new)
    if not found.differences:
        return {}, {}
    counts = found.counts()
    words = {framing: _worst(several) for (_, framing), several in view.rows(found.differences).items()}
    metrics = {f"{PREFIX}.{word.replace(' ', '_')}": float(counts.get(word, 0)) for word in differences.WORDS}
    return metrics, {PREFIX: found.word, **{f"{PREFIX}.{framing}": word for framing, word in words.items()}}


def _comparison(declared: Declared, base: Sequence[Record], new: Sequence[Record]) -> Comparison:
    stack = new[0].stack
    before, after = (reading.cells(declared, records).get(stack, {}) for records in (base, new))
    both = [one for one in pairs.pairs(stack, before, after) if one.base and one.new and one.key.purpose != costs.PURPOSE]
    return decided(base[0].invocation, new[0].invocation, [(stack, before, after)], both, FALSE_ALARMS)


def _worst(several: Sequence[differences.Difference]) -> str:
    return min((one.word for one in several), key=differences.WORDS.index)
