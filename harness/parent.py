"""A process that must not outlive the one that started it."""

import os
import signal
import threading
import time

SECONDS_BETWEEN_LOOKS = 0.2


def end_with_parent():
    """Kill this process soon after its parent is gone: a run that nobody waits for holds the lock of its invocation."""
    parent = os.getppid()
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent):
    while os.getppid() == parent:
        time.sleep(SECONDS_BETWEEN_LOOKS)
    os.kill(os.getpid(), signal.SIGKILL)
