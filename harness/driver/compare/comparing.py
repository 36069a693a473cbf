"""From two names to a comparison: records are read, sorted into cells, paired, and decided together."""

from collections.abc import Callable, Sequence

from harness.declarations import FOLDER
from harness.driver.compare import costs, pairs, reading, settling, sides
from harness.driver.compare.asked import Asked
from harness.driver.compare.comparison import Comparison, decided
from harness.driver.compare.pairs import Pair
from harness.driver.compare.settling import More
from harness.driver.compare.sides import Cells
from harness.driver.errors import ChoiceError, SettlingError
from harness.driver.forking import forked
from harness.expectations import Declared
from harness.store import Store


def compare(asked: Asked, store: Store, declared: Declared) -> tuple[Comparison, list[Pair]]:
    """Return the comparison of what BASE and NEW name; ChoiceError where that is nothing, or nothing that both have."""
    with forked(2) as pool:  # Of a hundred thousand records nearly all of the time goes into reading.
        found = pool.starmap(_cells, [(text, store, declared) for text in (asked.base, asked.new)])
    together = sides.together(*found)
    paired = [pair for stack, before, after in together for pair in pairs.pairs(stack, before, after)]
    chosen = [pair for pair in paired if _is_asked(pair, asked)]
    if not chosen:
        wanted = " of ".join([*asked.framings, *([f"edition {asked.edition}"] if asked.edition else [])])
        run = "timed run" if asked.is_cost else "run"
        raise ChoiceError(f"neither {asked.base} nor {asked.new} has a {run} of {wanted or 'any framing'}")
    return decided(asked.base, asked.new, together, chosen, asked.false_alarms), chosen


def _cells(text: str, store: Store, declared: Declared) -> Cells:
    return reading.cells(declared, sides.choose(text, store, FOLDER))


def settle(
    asked: Asked, store: Store, declared: Declared, train: Callable[[Sequence[More]], None]
) -> tuple[Comparison, list[Pair]]:
    """Compare, have `train` train more seeds where nothing is decided, and compare again, until all is or no more would tell.

    NEW must be a stack. BASE trains, too, where it is one.
    """
    stacks = store.stacks()
    if asked.new not in stacks:
        raise ChoiceError(f"NEW is {asked.new!r}; only a stack can train more seeds (known: {', '.join(stacks) or 'none'})")
    last: list[More] = []
    while True:
        found, paired = compare(asked, store, declared)
        more = settling.plan(found, paired, asked.base if asked.base in stacks else None, asked.new, asked.most_timed)
        if not more:
            return found, paired
        if more == last:
            raise SettlingError(f"{more[0].sentence}: it recorded nothing; {store.home / 'compare'} has what it said")
        train(more)
        last = more


def _is_asked(pair: Pair, asked: Asked) -> bool:
    is_named = not asked.framings or pair.key.framing in asked.framings
    return is_named and asked.edition in (None, pair.key.edition) and (not asked.is_cost or pair.key.purpose == costs.PURPOSE)
