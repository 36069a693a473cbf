"""What we said would happen, as values: `harness/declarations.py` reads them from `expectations/`."""

from typing import Any, NamedTuple, Optional

from harness import framings, releases, seeds

ENGINES = ("fit", "compiled")


class Deviation(NamedTuple):
    """Where an expectation is known not to hold, and why; `link` leads to the report or the release that says so.

    With `shown` and `of`, that share of the runs in `records` showed what was declared all the same, and Fisher's exact test
    judges the new ones; without, none may. `framings` limits it to some of them; `instead` is the one value that runs which
    deviate may show; a text may go on after it, as the error that a stack gives.
    """

    where: tuple
    why: str
    link: str
    shown: Optional[int] = None
    of: Optional[int] = None
    records: str = ""
    framings: tuple = (*framings.NAMES, framings.STAGES.name)
    instead: Any = None

    def allows(self, value):
        """Return whether a run that deviates may show this value."""
        if isinstance(self.instead, str) and isinstance(value, str):
            return value.startswith(self.instead)
        return self.instead is None or value == self.instead

    def covers(self, question):
        """Return whether it is known of the stack and the framing that were asked."""
        return question.framing["name"] in self.framings and releases.all_met(self.where, releases.of_question(question))


class Expectation(NamedTuple):
    """One declared truth about the runs of one framing.

    Exactly one of `equals` and the pair `at_least`, `at_most` (either may be missing) says which values show it.
    With `shown` and `of`, that share of the reference seeds showed it and Fisher's exact test judges the new ones;
    without, every run must show it. Where `quantiles` are given, the bounds are those quantiles of the reference seeds.
    `holds` is False where the tutorial's sentence (`page`) turned out false. `where` limits it to stacks that meet all of
    these requirements; `known` are the stacks that are known to deviate.
    """

    framing: str
    file: str
    number: int
    claim: str
    probe: str
    equals: Any = None
    at_least: Optional[float] = None
    at_most: Optional[float] = None
    shown: Optional[int] = None
    of: Optional[int] = None
    quantiles: tuple = ()
    holds: bool = True
    page: str = ""
    purpose: str = "learn"
    editions: tuple = framings.EDITIONS
    engines: tuple = ENGINES
    where: tuple = ()
    known: tuple = ()

    def speaks_of(self, question):
        """Return whether it is declared of the stack that was asked."""
        return releases.all_met(self.where, releases.of_question(question))

    def is_judged_by_share(self, deviation):
        """Whether a test judges how many runs show it, where this Deviation is known of the stack (None: none is)."""
        return self.is_share if deviation is None else bool(deviation.of)

    def deviation(self, question):
        """Return the Deviation that is known of the stack that was asked, or None."""
        return next((one for one in self.known if one.covers(question)), None)

    @property
    def is_share(self):
        """Whether it is judged over many seeds by a share; otherwise every run must show it."""
        return self.of is not None

    @property
    def place(self):
        """The file and the entry that declare it."""
        return "expectations/{}, expect {}".format(self.file, self.number)

    def is_shown_by(self, value):
        """Return whether an observed value is the declared one; None (not finite) never is."""
        if value is None:
            return False
        if self.equals is not None:
            return value == self.equals and isinstance(value, bool) == isinstance(self.equals, bool)
        if not isinstance(value, (int, float)):
            return False
        return (self.at_least is None or value >= self.at_least) and (self.at_most is None or value <= self.at_most)

    @property
    def wanted(self):
        """The declared value in words."""
        if self.equals is not None:
            return repr(self.equals)
        sides = (("at least", self.at_least), ("at most", self.at_most))
        return " and ".join("{} {:g}".format(word, value) for word, value in sides if value is not None)


class Reference(NamedTuple):
    """The records and seeds that the numbers of some editions were counted on."""

    editions: tuple
    records: str
    seeds: str


class Declared(NamedTuple):
    """All that `expectations/` says: the expectations, their references and the false alarms allowed per clean run."""

    expectations: tuple
    references: dict
    false_alarms: float

    def of(self, framing, edition, engine, purpose):
        """Return what is expected of one framing, edition, engine and purpose, in the files' order."""
        entries = [entry for entry in self.expectations if (entry.framing, entry.purpose) == (framing, purpose)]
        return [entry for entry in entries if edition in entry.editions and engine in entry.engines]

    def alpha(self, edition):
        """Return the false-alarm rate of one share, so that a whole clean run keeps the budget.

        One engine trains many seeds of a framing on any stack; the other's single seed cannot miss a share.
        """
        entries = [entry for entry in self.expectations if edition in entry.editions]
        shares = [entry for entry in entries if entry.is_share or any(one.of for one in entry.known)]
        return self.false_alarms / max(1, len(shares))

    def reference_seeds(self, framing, edition):
        """Return the set of seeds that set the numbers of this framing and edition."""
        for reference in self.references.get(framing, ()):
            if edition in reference.editions:
                return set(seeds.parse(reference.seeds))
        return set()
