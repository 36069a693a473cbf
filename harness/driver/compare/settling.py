"""Where nothing is decided: which stack trains how many more seeds of which framing, and about how long that takes."""

import math
import subprocess
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from harness import seeds
from harness.driver import running
from harness.driver.compare import sequential
from harness.driver.compare.comparison import Comparison
from harness.driver.compare.pairs import Pair
from harness.driver.compare.series import Cell
from harness.driver.errors import SettlingError

FIRST = 5  # A side that has fewer runs than this is brought to it first.


class More(NamedTuple):
    """Seeds that one stack is to train of one framing and edition by one engine. seconds: by what its runs took."""

    stack: str
    framing: str
    edition: str
    engine: str
    seeds: tuple[int, ...]
    seconds: float

    @property
    def sentence(self) -> str:
        """What is to be trained, in words."""
        return f"{self.stack} trains {self.framing} ({self.engine}) with seeds {seeds.spell(self.seeds)}"

    @property
    def words(self) -> list[str]:
        """What tox is told after `--`."""
        chosen = f"{self.framing} and {self.engine} and not check"
        return ["tests/suite/test_framings.py", "-k", chosen, "--edition", self.edition, "--seeds", seeds.spell(self.seeds)]


def plan(found: Comparison, pairs: Iterable[Pair], base: str | None, new: str) -> list[More]:
    """Return what would tell most: more seeds of each framing of which something is undecided, none once there are sixty.

    base: the stack of BASE, None where it cannot train any more, such as a file. NEW always trains, so that each look is paid.
    """
    open_ = {one.key for one in found.differences if one.word == "undecided"}
    asked = [pair for pair in pairs if pair.key in open_ and pair.key.purpose == "learn" and pair.is_main]
    return [one for pair in asked for one in _of(pair, base, new)]


def _of(pair: Pair, base: str | None, new: str) -> list[More]:
    if pair.base is None or pair.new is None or len(pair.new.seeds) >= sequential.MOST:
        return []
    target = max(FIRST, next(size for size in sequential.sizes(len(pair.new.seeds)) if size > len(pair.new.seeds)))
    used = {*pair.base.seeds, *pair.new.seeds}
    sides = [(new, pair.new), *([(base, pair.base)] if base else [])]
    return [_more(pair, stack, cell, target, max(used)) for stack, cell in sides if len(cell.seeds) < target]


def _more(pair: Pair, stack: str, cell: Cell, target: int, last: int) -> More:
    chosen = tuple(range(last + 1, last + 1 + target - len(cell.seeds)))
    each = sum(cell.seconds) / len(cell.seconds)
    return More(stack, pair.key.framing, pair.key.edition, cell.question.engine, chosen, each * len(chosen))


def train(several: Sequence[More], home: Path, root: Path, environ: Mapping[str, str], is_quiet: bool) -> None:
    """Have tox train all of it, one after the other; SettlingError where one fails. What was trained is kept in any case."""
    for one in several:
        quiet = ["--colored", "no", "-x", f"testenv:{one.stack}.commands_post="]
        words = [*running.tox(environ), "run", "-qq", "-e", one.stack, *quiet, "--", *one.words]
        there = running.environment(environ, home, root)
        code = subprocess.run(words, cwd=root, env=there, stdout=sys.stderr if is_quiet else None, check=False).returncode
        if code > 1:  # 1: something was missed, which is what is asked about here.
            raise SettlingError(f"{one.sentence}: it ended with exit code {code}; `tox -e {one.stack}` says why")


def announcement(several: Sequence[More]) -> str:
    """Return what is about to be trained, and about how long that takes."""
    minutes = math.ceil(sum(one.seconds for one in several) / 60)
    about = "about a minute" if minutes == 1 else f"about {minutes} minutes"
    return "\n".join([*(one.sentence for one in several), f"{about} of training, beside starting each stack"])
