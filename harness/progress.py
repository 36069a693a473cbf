"""What is going on right now: one line that is written over on a terminal, a line a minute where there is none."""

import time

SECONDS_BETWEEN_LINES = {True: 0.2, False: 60.0}


class Progress:
    """Says what runs, how many of how many are made and for how long, through pytest's terminal reporter."""

    def __init__(self, config):
        self.reporter = config.pluginmanager.getplugin("terminalreporter")
        self.capture = config.pluginmanager.getplugin("capturemanager")
        self.on_terminal = self.reporter is not None and bool(self.reporter.isatty)
        self.started = self.last = time.monotonic()
        self.width = 0

    def say(self, text):
        """Show the text if the last one has stood long enough; nothing where pytest is told to be quiet."""
        now = time.monotonic()
        if now - self.last < SECONDS_BETWEEN_LINES[self.on_terminal]:
            return
        self.last = now
        line = "[{:4.0f} s] {}".format(now - self.started, text)
        if self.on_terminal:
            self._write("\r" + line.ljust(self.width))
            self.width = len(line)
        else:
            self._write("\n" + line + "\n")

    def announce(self, text):
        """Print a line that stays."""
        self.clear()
        self._write("\n" + text + "\n")

    def clear(self):
        """Wipe the line away, so that what pytest prints next stands alone."""
        if self.on_terminal and self.width:
            self._write("\r" + " " * self.width + "\r")
            self.width = 0

    def _write(self, text):
        if self.reporter is None:
            return
        if self.capture is None:
            self.reporter.write(text, flush=True)
            return
        with self.capture.global_and_fixture_disabled():
            self.reporter.write(text, flush=True)
