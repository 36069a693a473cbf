"""One job as a process: tox in a process group of its own, its output in a log, its seconds and memory watched."""

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from harness import transcript
from harness.driver import guardian
from harness.driver.compare.asked import FALSE_ALARMS
from harness.driver.nights import Job, Night

# What tells a nested tox that it is part of the outer one, and what would colour a log.
NOT_HANDED_ON = re.compile(r"TOX_.*|_TOX_.*|VIRTUAL_ENV|FORCE_COLOR|HARNESS_HOST_PYTHON|COVERAGE_.*")
# What `harness.progress` prints once a minute where there is no terminal.
PROGRESS = re.compile(r"\[ *\d+ s\] (.*)")
MODULE = [sys.executable, "-m", "harness.driver.commands"]
HOST = "HARNESS_HOST_PYTHON"
SECONDS_TO_DIE = 10.0
PAIRS = 14  # Of processes, in a night: at the look before, nine, a tenth was told of one pair of stacks (docs/comparing.md).
TIMINGS = "tests/suite/test_timings.py"
PRICED = "epoch_of_fit or predict_one_letter"
TURNS = ("build_and_first_step", "brief_fit", "predict_one_letter", "evaluate")  # What two stacks time in turns.
IN_TURNS = " or ".join(TURNS)


def words(job: Job, night: Night) -> list[str]:
    """Return the words that name what this job does; its night's name keeps the next from going on with what it began."""
    if job.beside:
        return [*comparison(job, night), "--pairs", str(PAIRS)]
    if job.phase == "price":
        # The parts that the atlas draws: an epoch of fit, one predict. The others would take twice as long again.
        return [TIMINGS, "-k", PRICED, "--edition", night.edition, "--night", night.name]
    return ["tests/suite/test_framings.py", "--processes", "1", "--edition", night.edition, "--night", night.name]


def comparison(job: Job, night: Night) -> list[str]:
    """Return the words that have it decided what a stack costs beside another, within their part of the night's budget."""
    part = f"{FALSE_ALARMS / sum(bool(one.beside) for one in night.jobs):.3g}"
    asked = ["--costs", "--until-decided", "--edition", night.edition, "--false-alarms", part]
    return ["compare", job.beside, job.stack, *asked]


def tox(environ: Mapping[str, str]) -> list[str]:
    """Return how tox is called: by the Python that runs it, which tox.ini names, else as found on PATH, else by this Python."""
    host = environ.get(HOST)
    if host:
        return [host, "-m", "tox"]
    found = shutil.which("tox", path=environ.get("PATH"))
    return [found] if found else [sys.executable, "-m", "tox"]


class Caller(NamedTuple):
    """Where tox is called from, with what around it, and where what it runs keeps its records."""

    root: Path
    environ: Mapping[str, str]
    home: Path

    def command(self, job: Job, night: Night) -> list[str]:
        """Return the words that run this job of a night; nothing is published after it, because several end at once."""
        if job.beside:
            return [*MODULE, *words(job, night)]
        return self.call(job.stack, words(job, night), "--colored", "no")

    def call(self, stack: str, words: Sequence[str], *options: str) -> list[str]:
        """Return the words by which tox runs a stack, and publishes nothing after it."""
        return [*tox(self.environ), "run", "-e", stack, "-x", f"testenv:{stack}.commands_post=", *options, "--", *words]

    def environment(self, keeps_host: bool = False) -> dict[str, str]:
        """Return the environment of what is run: ours, less what the tox around us set, and with the same records.

        keeps_host: for what calls tox itself.
        """
        kept = {name: value for name, value in self.environ.items() if not NOT_HANDED_ON.fullmatch(name)}
        if keeps_host and HOST in self.environ:
            kept[HOST] = self.environ[HOST]
        places = self.environ.get("PATH", os.defpath).split(os.pathsep)
        path = os.pathsep.join(place for place in places if not place.startswith(str(self.root / ".tox")))
        return {**kept, "PATH": path, "HARNESS_HOME": str(self.home), "NO_COLOR": "1"}


class Process:
    """A command that runs, until it ends or `stop` is called; it never outlives this process."""

    def __init__(self, words: Sequence[str], folder: Path, environ: Mapping[str, str], log: Path) -> None:
        self.started, self.lines, self.doing = time.monotonic(), list[str](), ""
        log.parent.mkdir(parents=True, exist_ok=True)
        # In a session of its own, so that Ctrl-C on a terminal reaches only us, who then let go of it.
        self.process = subprocess.Popen(
            [sys.executable, guardian.__file__, *words],
            cwd=folder,
            env=dict(environ),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            text=True,
            encoding="utf-8",
            errors="replace",
        )
        self.reader = threading.Thread(target=self._read, args=(log, str(folder)), daemon=True)
        self.reader.start()

    @property
    def seconds(self) -> float:
        """For how long it has run."""
        return time.monotonic() - self.started

    def poll(self) -> int | None:
        """Return its exit code once all that it printed is in the log, None while it runs."""
        code = self.process.poll()
        if code is not None:
            self.reader.join(SECONDS_TO_DIE)
        return code

    def memory(self) -> int:
        """Return the bytes that it and all that it started hold, pages that they share counted for each."""
        total = 0
        try:
            family = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return 0
        for one in family:
            try:
                total += one.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        return total

    def let_go(self) -> None:
        """Have it killed, with all that it started; returns at once."""
        if self.process.stdin and not self.process.stdin.closed:
            self.process.stdin.close()

    def stop(self) -> None:
        """Kill it with all that it started, and wait until it is gone, or seconds have passed."""
        self.let_go()
        with contextlib.suppress(subprocess.TimeoutExpired):  # It hangs in the kernel; the night goes on without it.
            self.process.wait(SECONDS_TO_DIE)
        self.reader.join(SECONDS_TO_DIE)

    def _read(self, log: Path, root: str) -> None:
        with log.open("a", encoding="utf-8") as file:
            for line in self.process.stdout or ():
                kept = transcript.without_names(line, root).rstrip("\n")
                file.write(kept + "\n")
                file.flush()
                self.lines.append(kept)
                found = PROGRESS.match(kept)
                self.doing = found[1] if found else self.doing
