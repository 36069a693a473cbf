"""Processes for what takes the time of a processor. Forked, because to import anew what they need takes seconds."""

import gc
import multiprocessing
import signal
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.pool import Pool


@contextmanager
def forked(processes: int) -> Iterator[Pool]:
    """Hold a pool that knows all that this process has imported by now; open no connection before, none may cross.

    Ctrl-C is this process's to answer; the pool goes when it leaves.
    """
    with warnings.catch_warnings():
        # Python 3.12 warns of NumPy's idle threads; they hold no lock here.
        warnings.simplefilter("ignore", DeprecationWarning)
        gc.freeze()  # A collection in one of them looks at nothing of ours, which it would copy.
        pool = multiprocessing.get_context("fork").Pool(processes, signal.signal, (signal.SIGINT, signal.SIG_IGN))
    with pool:
        yield pool
