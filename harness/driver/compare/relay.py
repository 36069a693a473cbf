"""Leads two processes to one another, and lets the one that is left go on alone."""

import contextlib
import socket
import tempfile
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from pathlib import Path
from typing import TypeVar

from harness.store import new_name

T = TypeVar("T")
BOTH = 2
PIECE = 4096


class Relay:
    """A socket that two processes join. What one says is handed to the other; where one is gone the other is told."""

    def __init__(self, path: Path) -> None:
        self.path, self.server = path, socket.socket(socket.AF_UNIX)
        self.is_over = self.is_closed = False
        self.lock = threading.Lock()  # Of who has joined: whom nobody leads must be left, and nobody else.
        self.joined: list[socket.socket] = []
        self.server.bind(str(path))
        self.server.listen(BOTH)
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()

    def hang_up(self) -> None:
        """Lead nobody to another any more: who waits for one that never came goes on alone, and who comes later, too."""
        with self.lock:
            self.is_over = True
            if len(self.joined) < BOTH:
                _leave(self.joined)

    def close(self) -> None:
        """Let nobody join any more."""
        self.is_over = self.is_closed = True
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as last:
            last.connect(str(self.path))  # Which wakes `accept` everywhere, where to close it does not.
            self.thread.join()
        _leave(self.joined)
        for one in (self.server, *self.joined):
            one.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while not self.is_closed:
                self._join(self.server.accept()[0])

    def _join(self, one: socket.socket) -> None:
        with self.lock:
            self.joined.append(one)
            if self.is_over:
                _leave([one])
            elif len(self.joined) == BOTH:
                self._lead()

    def _lead(self) -> None:
        for one, other in zip(self.joined, reversed(self.joined), strict=True):
            threading.Thread(target=_hand_on, args=(one, other), daemon=True).start()


def _leave(several: Iterable[socket.socket]) -> None:
    for one in several:
        with contextlib.suppress(OSError):
            one.shutdown(socket.SHUT_RDWR)


def _hand_on(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        for piece in iter(lambda: one.recv(PIECE), b""):
            other.sendall(piece)
    _leave([other])


def together(calls: Sequence[Callable[[str], T]]) -> list[T]:
    """Make two calls at once, each of which is told its place in the turns (`turns.VARIABLE`), and return what they give."""
    # A folder of its own in the one for temporary files, because a socket's path has room for a hundred letters.
    with tempfile.TemporaryDirectory() as folder:
        line = Relay(Path(folder) / new_name())
        try:
            with ThreadPoolExecutor(len(calls)) as pool:
                ended = [pool.submit(call, f"{place} {line.path}") for place, call in enumerate(calls)]
                try:
                    wait(ended, return_when=FIRST_COMPLETED)
                finally:
                    line.hang_up()
        finally:
            line.close()
    return [each.result() for each in ended]
