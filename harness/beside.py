"""A module that is run several times at once, each time over a share of what it was given; all print to the same place."""

import subprocess
import sys


def run(module, shares):
    """Run `python -m MODULE 1 WORD...` once for each share of words; return the worst exit code, -N of one killed by signal N.

    Each line that such a run prints must be written at once, so that none is torn by another's.
    """
    started = [subprocess.Popen([sys.executable, "-m", module, "1", *share]) for share in shares if share]
    return max((process.wait() for process in started), key=abs, default=0)


def dealt(words, hands):
    """Return the words dealt out like cards, so that what lies together is spread."""
    return [list(words[hand::hands]) for hand in range(hands)]
