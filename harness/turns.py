"""Two processes that are timed in turns, round by round, so that whatever else a machine does meanwhile meets both alike.

Rounds of what is compared are interleaved (Abedi and Brecht, Conducting repeatable experiments in highly variable cloud
computing environments, ICPE 2017). While one takes a round the other waits; what neither times goes on between two meetings.
"""

import os
import socket
from contextlib import contextmanager

from harness.errors import TurnsError

NEXT = "next"
VARIABLE = "HARNESS_TURNS"  # Who begins (0 or 1), and the socket that leads to the other; its file is called as the turns are.


def joined(environ):
    """Return the Turns that the environment names, or Alone where it names none; TurnsError where it is no such thing."""
    text = environ.get(VARIABLE)
    if not text:
        return Alone()
    place, _, path = text.partition(" ")
    if place not in ("0", "1"):
        raise TurnsError("{} is {!r}; allowed is 0 or 1, a space, and the path of a socket".format(VARIABLE, text))
    line = socket.socket(socket.AF_UNIX)
    try:
        line.connect(path)
    except OSError as error:
        line.close()
        raise TurnsError("{}: nobody listens at {} ({})".format(VARIABLE, path, error.strerror)) from None
    return Turns(os.path.basename(path), line, place == "0")


class Alone:
    """Nobody else is timed: every turn is ours. took: the turns of the last part, "" of none."""

    took = ""

    @contextmanager
    def taken(self, where):
        """Yield what is to be called before each round of a part; `where` is its place and name."""
        yield _nothing

    def leave(self):
        """Nobody is there who would go on alone."""


def _nothing():
    """What is called before a round that waits for nobody."""


class Turns:
    """Turns with one other process, over a socket, part by part in an order that both have in common.

    A part that the other leaves out is timed alone, while the other waits at its next one; where the other is gone, all are.
    took: the name of the turns after a part in which both took them, "" after one that was timed alone.
    """

    def __init__(self, name, line, is_first):
        self.name, self.line, self.is_first = name, line, is_first
        self.heard, self.ahead, self.is_alone, self.is_begun, self.took = line.makefile("r"), "", False, False, ""

    @contextmanager
    def taken(self, where):
        """Yield what is to be called before each round of a part; both meet before the first, and part after the last."""
        is_met, self.is_begun = self._meets(where), False
        try:
            yield self._begin if is_met else _nothing
        except BaseException:
            self.leave()
            raise
        if is_met:
            self._pass_on()
            if self.is_first:
                self._wait()
        self.took = self.name if is_met and not self.is_alone else ""

    def leave(self):
        """Go on alone from here; the other does, too."""
        self.is_alone = True
        self.line.close()
        self.heard.close()

    def _meets(self, where):
        """Whether the other is at this part, too, once it is there or beyond; parts stand in the order of their texts."""
        self._say(where)
        while not self.is_alone:
            other, self.ahead = self.ahead or self._told(), ""
            if other == where:
                return True
            if not other:
                self.leave()
            elif other > where:
                self.ahead = other
                return False
        return False

    def _begin(self):
        if self.is_begun:
            self._pass_on()
        if self.is_begun or not self.is_first:
            self._wait()
        self.is_begun = True

    def _pass_on(self):
        self._say(NEXT)

    def _wait(self):
        if not self.is_alone and self._told() != NEXT:
            self.leave()

    def _say(self, word):
        if not self.is_alone:
            try:
                self.line.sendall("{}\n".format(word).encode("utf-8"))
            except OSError:
                self.leave()

    def _told(self):
        """Return what the other says next, "" where it is gone."""
        try:
            return self.heard.readline().rstrip("\n")
        except OSError:
            return ""
