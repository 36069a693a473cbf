"""Where nothing is decided: which stack trains how many more seeds of which framing, and about how long that takes."""

import math
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harness import seeds
from harness.driver import running
from harness.driver.compare import costs, sequential
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell, Key
from harness.driver.errors import SettlingError

SECONDS_TO_TIME = 25.0  # Of one process, the start of its framework among them: 20 to 40 on two cores.
FIRST = 5  # A side that has fewer runs than this is brought to it first.


class More(NamedTuple):
    """What one stack is to do: train seeds, or time. words: what tox is told after `--`; seconds: by what its runs took."""

    stack: str
    does: str
    words: tuple[str, ...]
    seconds: float

    @property
    def sentence(self) -> str:
        """What is to be done, in words."""
        return f"{self.stack} {self.does}"


def plan(found: Comparison, pairs: Iterable[Pair], base: str | None, new: str) -> list[More]:
    """Return what would tell most: of each framing that holds something undecided more seeds, and costs timed in turns.

    base: the stack of BASE, None where it cannot run any more, such as a file. NEW always trains, so that each look is paid.
    """
    asked = [pair for pair in pairs if pair.is_main and pair.base and pair.new]
    open_ = {one.key for one in found.differences if one.word == "undecided"}
    more = [one for pair in asked if pair.key in open_ and pair.key.purpose == "learn" for one in _training(pair, base, new)]
    timed = [pair for pair in asked if pair.key.purpose == costs.PURPOSE and (pair.key in open_ or pair.unlike)]
    return [*more, *(_timing(timed, base, new) if base else [])]


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
    told = ("-k", f"{key.framing} and {engine} and not check", "--edition", key.edition, "--seeds", chosen)
    does = f"trains {key.framing} ({engine}) with seeds {chosen}"
    return More(stack, does, ("tests/suite/test_framings.py", *told), count * sum(cell.seconds) / len(cell.seconds))


def _timing(timed: Sequence[Pair], base: str, new: str) -> list[More]:
    """Return processes that time, in turns, as BASE, NEW, NEW, BASE: what drifts meanwhile meets both alike."""
    runs = min((len(pair.new.batches) for pair in timed if pair.new), default=sequential.MOST_TIMED)
    target = next((size for size in sequential.sizes(sequential.FIRST_TIMED, sequential.MOST_TIMED) if size > runs), runs)
    told = ("tests/suite/test_timings.py", "-k", running.PRICED, "--edition", timed[0].key.edition if timed else "")
    turns = [side for turn in range(target - runs) for side in ((base, new) if turn % 2 == 0 else (new, base))]
    return [More(stack, "times fit and predict of every framing", told, SECONDS_TO_TIME) for stack in turns]


def train(several: Sequence[More], home: Path, root: Path, environ: Mapping[str, str], tell: Callable[[str], None]) -> None:
    """Have tox run all of it, one after the other, each into a log; SettlingError where one cannot run.

    What was recorded is kept in any case. tell: is told what ended, and after how many seconds.
    """
    for one in several:
        began, log = time.monotonic(), home / "compare" / f"{one.stack}.log"
        log.parent.mkdir(parents=True, exist_ok=True)
        quiet = ["--colored", "no", "-x", f"testenv:{one.stack}.commands_post="]
        words = [*running.tox(environ), "run", "-e", one.stack, *quiet, "--", *one.words]
        with log.open("w") as file:
            there = running.environment(environ, home, root)
            code = subprocess.run(words, cwd=root, env=there, stdout=file, stderr=subprocess.STDOUT, check=False).returncode
        if code > 1:  # 1: something was missed, which is what is asked about here.
            raise SettlingError(f"{one.sentence}: it ended with exit code {code}; {log} says why")
        tell(f"{one.sentence}: {time.monotonic() - began:.0f} s")


def announcement(several: Sequence[More]) -> str:
    """Return what is about to be run, and about how long that takes."""
    minutes = math.ceil(sum(one.seconds for one in several) / 60)
    about = "about a minute" if minutes == 1 else f"about {minutes} minutes"
    counted = Counter(one.sentence for one in several)
    lines = [sentence if count == 1 else f"{sentence}, {count} times in turns" for sentence, count in counted.items()]
    return "\n".join([*lines, f"{about}, beside starting each stack"])
