"""Runs one command in a process group of its own, and ends that group with whoever asked for it, however that one ended.

Started as a script, with the command's words. Standard input is the leash: it closes when the other side lets go of it or is
killed, and then the whole group is killed. It imports nothing of ours, so that it starts in no time.
"""

import contextlib
import os
import signal
import subprocess
import sys
import threading

NOT_FOUND = 127  # As a shell has it.


def main(words: list[str]) -> int:
    """Run the command and return its exit code, 128 and the signal's number where a signal ended it."""
    try:
        child = subprocess.Popen(words, stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        sys.stderr.write(f"ERROR: {words[0]} cannot be run ({error.strerror})\n")
        return NOT_FOUND
    threading.Thread(target=_kill_when_let_go, args=(child.pid,), daemon=True).start()
    code = child.wait()
    _kill(child.pid)  # What it started and left behind would hold cores and memory of the next.
    return code if code >= 0 else 128 - code


def _kill_when_let_go(group: int) -> None:
    while os.read(0, 1):
        pass
    _kill(group)


def _kill(group: int) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
