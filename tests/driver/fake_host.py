"""A Python whose tox is the fake, what the fake's jobs leave behind, and a view and a clock for a test's night."""

import sys
from pathlib import Path

import psutil
import pytest

from harness.driver import running

FAKE = Path(__file__).with_name("fake_tox.py")


class Aged(running.Process):
    """A process that has run for two hours as soon as it says that it waits, so that no test waits for a limit."""

    waits = "waiting for a second process"

    @property
    def seconds(self):
        """Two hours more than it ran once it waits."""
        return super().seconds + (7200.0 if self.doing == self.waits else 0.0)


class Silent:
    """A view that shows nothing and remembers how many jobs ran at once, and which beside a price."""

    def __init__(self):
        self.most, self.beside_price = 0, 0

    def begun(self, job):
        """Say nothing."""

    def ended(self, night, job):
        """Say nothing."""

    def show(self, night, running, minutes_to_go):
        """Count what runs."""
        self.most = max(self.most, len(running))
        if any(night.jobs[place].phase == "price" for place in running):
            self.beside_price = max(self.beside_price, len(running) - 1)


@pytest.fixture
def host(tmp_path):
    """The path of a program that is called as Python is, and runs the fake."""
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} "$@"\n')
    path.chmod(0o755)
    return str(path)


def is_running(pid):
    """Say whether a process is there and still runs; it may end while it is looked at."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def processes(home):
    """Return the processes of all jobs that still run."""
    return [pid for pid in map(int, (home / "pids.txt").read_text().split()) if is_running(pid)]
