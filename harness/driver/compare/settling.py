"""Where nothing is decided: which stack trains how many more seeds of which framing, and about how long that takes."""

import math
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from harness import probes, seeds, turns
from harness.driver import running
from harness.driver.compare import costs, sequential
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.pairs import Pair
from harness.driver.compare.relay import together
from harness.driver.compare.series import Cell, Key
from harness.driver.errors import SettlingError
from harness.driver.running import Caller

SECONDS_TO_TIME = 60.0  # Of two processes, the start of their frameworks among them: 60 to 71 on two cores with nothing beside.
FIRST = 5  # A side that has fewer runs than this is brought to it first.


class More(NamedTuple):
    """What one stack is to do, or two in turns: train seeds, or time.

    words: what tox is told after `--`; seconds: by what its runs took; beside: the stack that takes turns, "" where none does.
    """

    stack: str
    does: str
    words: tuple[str, ...]
    seconds: float
    beside: str = ""

    @property
    def stacks(self) -> tuple[str, ...]:
        """The one that begins, and the other where there is one."""
        return (self.stack, self.beside) if self.beside else (self.stack,)

    @property
    def sentence(self) -> str:
        """What is to be done, in words."""
        return f"{' and '.join(sorted(self.stacks))} {self.does}"


def plan(
    found: Comparison, pairs: Iterable[Pair], base: str | None, new: str, most_timed: int = sequential.MOST_TIMED
) -> list[More]:
    """Return what would tell most: of each framing that holds something undecided more seeds, and costs timed in turns.

    base: the stack of BASE, None where it cannot run any more, such as a file. NEW always trains, so that each look is paid.
    most_timed: pairs of processes, at most.
    """
    asked = [pair for pair in pairs if pair.is_main and pair.base and pair.new]
    open_ = {one.key for one in found.differences if one.word == "undecided"}
    more = [one for pair in asked if pair.key in open_ and pair.key.purpose == "learn" for one in _training(pair, base, new)]
    timed = [pair for pair in asked if pair.key.purpose == costs.PURPOSE]
    took = [pair for pair in timed if _took_turns(pair)]  # What took none beside these cannot: one of the stacks leaves it out.
    wanted = [pair for pair in took if pair.key in open_] if took else timed
    return [*more, *(_timing(wanted, base, new, most_timed) if base else [])]


def _took_turns(pair: Pair) -> bool:
    """Whether both took turns at all that turns tell today; what they told before does not decide the rest."""
    return pair.is_paired and pair.new is not None and pair.new.question.probes == probes.version(costs.PURPOSE)


def _training(pair: Pair, base: str | None, new: str) -> list[More]:
    assert pair.base and pair.new  # noqa: S101 - for mypy; `plan` has asked
    if len(pair.new.seeds) >= sequential.MOST:
        return []
    target = max(FIRST, next(size for size in sequential.sizes(len(pair.new.seeds)) if size > len(pair.new.seeds)))
    last = max(*pair.base.seeds, *pair.new.seeds)
    sides = [(new, pair.new), *([(base, pair.base)] if base else [])]
    return [_seeds(pair.key, stack, cell, target - len(cell.seeds), last) for stack, cell in sides if len(cell.seeds) < target]


def _seeds(key: Key, stack: str, cell: Cell, count: int, last: int) -> More:
    chosen = seeds.spell(range(last + 1, last + 1 + count))
    engine = cell.question.engine
    told = ("-k", f"{key.framing} and {engine} and not check", "--edition", key.edition, "--every-seed", "--seeds", chosen)
    does = f"trains {key.framing} ({engine}) with seeds {chosen}"
    return More(stack, does, ("tests/suite/test_framings.py", *told), count * sum(cell.seconds) / len(cell.seconds))


def _timing(timed: Sequence[Pair], base: str, new: str, most: int) -> list[More]:
    """Return pairs of processes that take turns, begun by BASE and by NEW in turn."""
    if not timed:
        return []
    runs = min(len(pair.new.turns) if pair.new and _took_turns(pair) else 0 for pair in timed)
    target = next((size for size in sequential.sizes(sequential.FIRST_TIMED, most) if size > runs), runs)
    told = (running.TIMINGS, "-k", running.IN_TURNS, "--edition", timed[0].key.edition)
    both = [(base, new) if number % 2 == 0 else (new, base) for number in range(runs, target)]
    return [More(one, "time every framing in turns", told, SECONDS_TO_TIME, other) for one, other in both]


def train(caller: Caller, several: Sequence[More], tell: Callable[[str], None]) -> None:
    """Have tox run all of it, one after the other, each into a log; SettlingError where one cannot run.

    What was recorded is kept in any case. tell: is told what ended, and after how many seconds.
    """
    for one in several:
        began = time.monotonic()
        runs = [partial(_run, caller, one.words, stack) for stack in one.stacks]
        for code, log in together(runs) if one.beside else [runs[0]("")]:
            if code > 1:  # 1: something was missed, which is what is asked about here.
                raise SettlingError(f"{one.sentence}: it ended with exit code {code}; {log} says why")
        tell(f"{one.sentence}: {time.monotonic() - began:.0f} s")


def _run(caller: Caller, words: Sequence[str], stack: str, place: str) -> tuple[int, Path]:
    """Have tox run one stack; return its exit code, and the log of what it printed. place: in the turns, "" for none."""
    log = caller.home / "compare" / f"{stack}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    call, there = caller.call(stack, words, "--colored", "no"), {**caller.environment(), turns.VARIABLE: place}
    with log.open("w") as file:
        ended = subprocess.run(call, cwd=caller.root, env=there, stdout=file, stderr=subprocess.STDOUT, check=False)
    return ended.returncode, log


def announcement(several: Sequence[More]) -> str:
    """Return what is about to be run, and about how long that takes."""
    minutes = math.ceil(sum(one.seconds for one in several) / 60)
    about = "about a minute" if minutes == 1 else f"about {minutes} minutes"
    counted = Counter(one.sentence for one in several)
    lines = [sentence if count == 1 else f"{sentence}, {count} times" for sentence, count in counted.items()]
    return "\n".join([*lines, f"{about}, beside starting each stack"])
