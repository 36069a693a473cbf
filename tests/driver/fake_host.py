"""A Python whose tox is the fake, and what the fake's jobs leave behind."""

import sys
from pathlib import Path

import psutil
import pytest

FAKE = Path(__file__).with_name("fake_tox.py")


@pytest.fixture
def host(tmp_path):
    """The path of a program that is called as Python is, and runs the fake."""
    path = tmp_path / "python"
    path.write_text(f'#!/bin/sh\nexec {sys.executable} {FAKE} "$@"\n')
    path.chmod(0o755)
    return str(path)


def processes(home):
    """Return the processes of all jobs that are still there."""
    pids = [int(line) for line in (home / "pids.txt").read_text().split()]
    return [pid for pid in pids if psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE]
