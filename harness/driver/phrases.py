"""Words for what stands in the atlas, the same in the terminal and on the page."""

from collections import Counter
from collections.abc import Iterable

from harness.driver import prices
from harness.driver.adaptations import Adaptations
from harness.driver.atlas import WORDS, Atlas, Behaviour, Cell, Judgement, Row, Sheet, Stack
from harness.driver.changes import Compared
from harness.driver.nights import Night
from harness.driver.sources import UNFINISHED
from harness.driver.stacks import LAST_KERAS_2, NEWEST
from harness.driver.starts import Count
from harness.driver.summary import many

PARTS = {"fit": "Price of an epoch of fit", "predict": "Price of predict for one letter"}
KERAS_3 = f"Price of Keras 3: an epoch of fit, {LAST_KERAS_2} being 1, timed side by side"
SINCE = "What changed since the night before"
COSTS = "What calls cost, beside the stack before, timed in turns"
LIVES = "What changed over the runs of each stack"
CUT = 60  # Signs of an error or a reason in a cell; elsewhere it stands whole.
TOLD = ("missed", "mended", "absent", "known")  # Verdicts whose sentences a person must read.
RULE = (
    "How a change is told from chance: the seeds of a stack are held against those of the stack before it that differs in "
    "the fewest distributions, framing by framing, by an exact permutation test of final loss and accuracy (both engines "
    "train the same network; where one engine has too few seeds on a side, fit stands against compiled). A change is stated "
    "where p, corrected for the framings of the two (Holm), is at most 5 %, and accuracy moved by 10 points, the loss by a "
    "factor of 1.6, or the losses lie well further apart than they spread: of nights of thirty equal stacks at most 1 in 380 "
    "states one (1 of 20 pairs at worst, where stacks race)."
)
PRICES = (
    "Prices are medians of rounds, each over a calibration loop timed just before it, relative to {base}, with a 95 % "
    "bootstrap interval; ~ stands before those that were not timed in one night and on one machine with {base}. Each process "
    "is timed alone, and of that the interval knows nothing: two of one stack came out up to 1.3 times apart. What took "
    "turns is told to a tenth."
)
# A night of tf2 and of tf2 with a dearer predict, 27 November 2026: fit 1.14 to 1.30 times alone, 0.96 to 1.01 in turns.
ALONE = "each process alone: 1.3 times may be chance"


def headline(atlas: Atlas) -> str:
    """Return which night or invocation this is, without its verdict."""
    if atlas.invocation:
        return f"Invocation {atlas.invocation} of {atlas.stacks[0].name}"
    if atlas.night is None:
        return "No night yet: the newest runs of each stack"
    night = atlas.night
    end = f"to {moment(night.finished)}" if night.finished else "not finished"
    return f"Night {night.name}, from {moment(night.started)} {end} (UTC), {many(night.budget_minutes, 'minute')} allowed"


def moment(stamp: str) -> str:
    """Return a time in UTC as the day and the minute."""
    return stamp[:16].replace("T", " ")


def tally(rows: Iterable[Row]) -> str:
    """Return how many stacks have which word, worst first: `31 stacks: 1 missed, 30 met`."""
    found = Counter(row.verdict for row in rows)
    parts = ", ".join(f"{found[word]} {word}" for word in WORDS if found[word])
    return f"{many(sum(found.values()), 'stack')}: {parts}"


def title(sheet: Sheet) -> str:
    """Return the edition in words, with what it is known for."""
    sizes = dict(zip(sheet.framings, sheet.units, strict=False))
    stateful = f", stateful with {sizes['stateful']} units" if "stateful" in sizes else ""
    return f"Edition {sheet.edition}{stateful}"


def has_no_changes(compared: Compared) -> str:
    """Return the sentence that stands where nothing changed."""
    return (
        f"nothing that is more than chance, in {many(compared.decided, 'comparison')}"
        if compared.decided
        else "nothing to compare: it takes two stacks with several seeds each"
    )


def undecided(compared: Compared) -> str:
    """Return what had too few seeds to show any change, "" where nothing had."""
    found = Counter(one.framing for one in compared.undecided)
    parts = ", ".join(f"{name} ({many(times, 'pair')})" for name, times in found.items())
    return f"too few seeds to tell a change from chance: {parts}" if found else ""


def unfinished(rows: Iterable[Row]) -> list[tuple[str, str, str]]:
    """Return (word, stack, reason) of the stacks that did not get to their end, or whose price failed."""
    states = [(row.state, row.stack, row.reason) for row in rows if row.state in UNFINISHED]
    return states + [("failed", row.stack, f"price: {row.unpriced}") for row in rows if row.unpriced]


def untimed(night: Night | None) -> list[str]:
    """Return which stacks of a night did not come to the end of their turns and why, those of one reason in one line."""
    found: dict[tuple[str, str], list[str]] = {}
    for job in night.jobs if night else ():
        if job.beside and job.state != "done":
            found.setdefault((job.state, job.reason), []).append(f"{job.beside} -> {job.stack}")
    return [f"{state}: {', '.join(names)}" + (f": {reason}" if reason else "") for (state, reason), names in found.items()]


def told(rows: Iterable[Row]) -> list[tuple[str, Judgement]]:
    """Return (stacks, judgement) of everything missed, mended, not observed or known, the worst first.

    What was not observed reads the same on every stack, and stands once for all.
    """
    found: dict[tuple[str, str], tuple[Judgement, dict[str, None]]] = {}
    for row in rows:
        for one in [one for one in row.judgements if one.verdict in TOLD]:
            found.setdefault((one.verdict, one.sentence), (one, {}))[1][row.stack] = None
    told = [(", ".join(stacks), one) for one, stacks in found.values()]
    return sorted(told, key=lambda pair: WORDS.index(pair[1].verdict))


def sentence(stacks: str, one: Judgement) -> str:
    """Return the verdict in whole; only the sentence of what was not observed does not name its stacks."""
    return f"{one.verdict}: {one.sentence}" + (f" [{stacks}]" if one.verdict == "absent" else "")


def accuracy(cell: Cell) -> str:
    """Return the mean accuracy as per cent, "" where nothing was learnt, or no run came to its end."""
    if cell.seeds == cell.erring:
        return ""
    return "not finite" if cell.accuracy is None else percent(cell.accuracy)


def error(cell: Cell) -> str:
    """Return the commonest error in short, with how many runs ended with one where not all did; "" where none did."""
    if not cell.errors:
        return ""
    some = "" if cell.erring == cell.seeds else f"{cell.erring} of {cell.seeds}: "
    return some + cut(cell.errors[0][0])


def errors(rows: Iterable[Row]) -> list[tuple[str, str, str, str]]:
    """Return (stack, framing, how many runs, the whole error) of every error that ended a run."""
    found = [(row.stack, cell, *pair) for row in rows for cell in row.cells for pair in cell.errors]
    return [(stack, cell.framing, f"{times} of {many(cell.seeds, 'run')}", whole) for stack, cell, whole, times in found]


def cut(text: str) -> str:
    """Return the beginning of a text in one line, to be read in a cell."""
    line = " ".join(text.split())
    return line if len(line) <= CUT else line[:CUT].rstrip() + "…"


def percent(share: float) -> str:
    """Return a share of one as per cent, with a digit after the point where it is not 0."""
    return f"{100 * share:.1f}".removesuffix(".0") + " %"


def start(cell: Cell) -> str:
    """Return the commonest answer to a cold K and how it goes on, "" where single letters were not asked."""
    return cell.starts.new_start.answer if cell.starts else ""


def price(cell: Cell) -> str:
    """Return what `fit` costs relative to the newest stack, or why that is not known."""
    return prices.spell(cell.fit, cell.untimed)


def behaviour(one: Behaviour) -> str:
    """Return the verdict with how many of its expectations were met."""
    if not one.of:
        return one.verdict
    return f"met {one.of}" if one.met == one.of else f"{one.verdict} {one.met}/{one.of}"


def behaviours(sheet: Sheet) -> tuple[list[str], list[tuple[str, list[tuple[str, str]]]]]:
    """Return the names of the columns, and for each stack (its name, (verdict, words) in each column)."""
    names = list(dict.fromkeys(one.name for row in sheet.rows for one in row.behaviours))
    found = [(row.stack, {one.name: (one.verdict, behaviour(one)) for one in row.behaviours}) for row in sheet.rows]
    return names, [(stack, [row.get(name, ("none", "none")) for name in names]) for stack, row in found]


def of(count: Count | None) -> str:
    """Return the commonest answer and how many gave it: `BCDEF 20/20`; a dash where it was not asked."""
    return f"{count.answer} {count.agreeing}/{count.of}" if count else "-"


def right(count: Count | None) -> str:
    """Return how many gave the answer of a network that keeps its state: `20/20`."""
    return f"{count.right}/{count.of}" if count else "-"


def keeps_state(sheet: Sheet, place: int) -> bool:
    """Whether some stack was asked for warm starts in this framing: only then cold starts have one right answer."""
    found = [row.cells[place].starts for row in sheet.rows]
    return any(one and one.warm_start for one in found)


def adapted(stacks: Iterable[Stack]) -> list[tuple[list[str], Adaptations]]:
    """Return what code meets on which stacks, those alike together; nothing of stacks where it meets nothing."""
    found: dict[tuple[tuple[str, ...], ...], tuple[list[str], Adaptations]] = {}
    for stack in stacks:
        met = stack.adaptations
        key = tuple(
            tuple(one[:-1]) for part in (met.sayings, met.warnings, met.defaults) for one in part
        )  # Wherever it is met.
        if key:
            found.setdefault(key, ([], met))[0].append(stack.name)
    return list(found.values())


def unobserved(stacks: Iterable[Stack]) -> str:
    """Return the sentence that names the stacks whose warnings and defaults nobody looked at, "" where there are none."""
    names = [stack.name for stack in stacks if not stack.adaptations.is_observed]
    return f"not looked at (no check through fit noted warnings and defaults): {', '.join(names)}" if names else ""


def base() -> str:
    """Return the sentence on prices."""
    return PRICES.format(base=NEWEST)
