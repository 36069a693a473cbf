"""The atlas as values: stacks down, framings and behaviours across, and the words that may stand in a cell."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from harness import judging
from harness.driver.adaptations import Adaptations
from harness.driver.changes import Compared
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.life import Life
from harness.driver.curves import Curve
from harness.driver.nights import Night
from harness.driver.prices import Price
from harness.driver.starts import Starts
from harness.driver.trust import Trust

# From worst to best, the judge's words and those for what could not be judged: none of the latter is ever a pass.
# "none" stands where there is nothing to judge.
WORDS = ("missed", "mended", "failed", "running", "waiting", "left out", "absent", "known", "met", "none")
FAILING = (*judging.FAILING, "failed")
# What the probes ask, in columns. A probe that stands nowhere here has a column of its own.
BEHAVIOURS = {
    "runs": ("error",),
    "learns": (
        "accuracy",
        "loss",
        "right",
        "wrong",
        "wrong_in_first_half",
        "answers",
        "demonstration",
        "scattered_right",
        "moved",
    ),
    "cold start": ("cold_starts", "cold_starts_all_b", "new_start"),
    "warm start": ("warm_start", "control_start", "constant_letter", "free_run"),
    "state": ("state", "other_batch_size"),
    "rows": ("neighbours",),
    "order": ("order",),
    "repeats": ("repeats", "weights_digest"),
    "engines": ("agreement",),
    "reference": ("stages", "stages_off", "another_epoch"),
    "contract": ("contract",),
    "as built": ("parameters", "data_as_declared", "forget_bias", "learning_rate", "accuracy_off", "loss_off", "implied_loss"),
}


class Judgement(NamedTuple):
    """One verdict, with what was declared. why and link are those of a declared deviation, "" where there is none."""

    framing: str
    edition: str
    verdict: str
    claim: str
    page: str
    holds: bool
    probe: str
    where: tuple[str, int]
    engine: str
    shown: int
    of: int
    sentence: str
    why: str
    link: str


class Behaviour(NamedTuple):
    """One column of behaviours in one stack's row: its worst verdict, and how many of its expectations were met."""

    name: str
    verdict: str
    met: int
    of: int


class Cell(NamedTuple):
    """One framing on one stack. accuracy and lowest: mean and minimum of the engine with most seeds; loss: its median.

    reason says why there is no run. errors: those that ended runs, and how many, the commonest first. untimed says why there
    is no price, or that a round of it failed. `starts` is None where no letter was asked, `curve` where nothing was learnt.
    """

    framing: str
    verdict: str
    reason: str
    engine: str
    seeds: int
    errors: tuple[tuple[str, int], ...]
    accuracy: float | None
    lowest: float | None
    loss: float | None
    curve: Curve | None
    starts: Starts | None
    fit: Price | None
    predict: Price | None
    untimed: str
    judgements: tuple[Judgement, ...]

    @property
    def met(self) -> int:
        """How many expectations were met."""
        return sum(one.verdict == "met" for one in self.judgements)

    @property
    def erring(self) -> int:
        """How many of the seeds ended with an error."""
        return sum(times for _, times in self.errors)


class Row(NamedTuple):
    """One stack in one edition. verdict: the worst of its cells and its state; reason: why the stack did not get to its end.

    unpriced: why its price failed, "" where it did not; since: the days of its records where they are not of the night.
    stages: what was judged of the stages, which are no framing's.
    """

    stack: str
    verdict: str
    state: str
    reason: str
    unpriced: str
    since: str
    cells: tuple[Cell, ...]
    stages: tuple[Judgement, ...]
    behaviours: tuple[Behaviour, ...]

    @property
    def judgements(self) -> list[Judgement]:
        """Everything that was judged of this stack: its stages, then framing by framing."""
        return [*self.stages, *(one for cell in self.cells for one in cell.judgements)]

    @property
    def is_failing(self) -> bool:
        """Whether it failed, or something was missed or mended, or was declared and not observed, as the suite has it.

        That a stack is not here, or had no turn, is no failure.
        """
        judged = {one.verdict for one in self.judgements}
        return self.verdict in FAILING or "absent" in judged


class Sheet(NamedTuple):
    """All stacks in one edition of the tutorial. units are those of each framing; `keras_3` is priced against LAST_KERAS_2."""

    edition: str
    framings: tuple[str, ...]
    units: tuple[int, ...]
    rows: tuple[Row, ...]
    compared: Compared
    keras_3: Mapping[str, tuple[Price | None, ...]]


class Stack(NamedTuple):
    """What is known of a stack, whatever the edition."""

    name: str
    why: str
    installed: Mapping[str, str]
    adaptations: Adaptations


class Atlas(NamedTuple):
    """Everything that the report shows. night is None where no night was run; unseen: declared, and never run here.

    invocation: the one that all of it is of, "" where it is of a night, or of the newest of each stack.
    since: what changed since the night before, None where there was none. lives: of the stacks that ran more than once.
    trust: how often the harness itself was wrong so far. costs: what calls cost beside the stack before, None where no two
    took turns.
    """

    verdict: str
    night: Night | None
    sheets: tuple[Sheet, ...]
    stacks: tuple[Stack, ...]
    unseen: tuple[str, ...]
    since: Comparison | None = None
    lives: tuple[Life, ...] = ()
    trust: Trust | None = None
    invocation: str = ""
    costs: Comparison | None = None

    @property
    def is_failing(self) -> bool:
        """Whether a stack is failing, or something got worse since the night before."""
        if self.since and self.since.exit_code == 1:
            return True
        return any(row.is_failing for sheet in self.sheets for row in sheet.rows)


def worst(words: Iterable[str]) -> str:
    """Return the worst of the words, "absent" if there are none."""
    return min(words, key=WORDS.index, default="absent")
