"""A module that is run several times at once, each time over a share of what it was given; all print to the same place."""

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor


def run(module, shares, at_once=None):
    """Run `python -m MODULE WORD...` once for each share of words; return the worst exit code, -N of one killed by signal N.

    at_once: how many run beside each other, all if not given; the next share is run when one has ended. Each line that such a
    run prints must be written at once, so that none is torn by another's.
    """
    shares = [share for share in shares if share]
    with ThreadPoolExecutor(at_once or len(shares) or 1) as threads:
        # Within the pool, because an error here (^C) then takes back what has not begun.
        return max(
            threads.map(lambda share: subprocess.call([sys.executable, "-m", module, *share]), shares), key=abs, default=0
        )


def dealt(words, hands):
    """Return the words dealt out like cards, so that what lies together is spread."""
    return [list(words[hand::hands]) for hand in range(hands)]
