"""What pytest printed, kept beside the records; without colours, and without the paths and names of this machine."""

import os
import platform
import re

# What `Progress` wrote over itself: a line with the time before it, or the spaces that wiped it away.
OVERWRITTEN = re.compile(r"\r(?:\[ *\d+ s\] [^\r\n]*| *)(?=\r)")
ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")


class Transcript:
    """Keeps a copy of all that the terminal reporter writes from now on."""

    def __init__(self, reporter):
        self.parts = []
        write = reporter._tw.write

        def kept(text, **markup):
            self.parts.append(text)
            write(text, **markup)

        reporter._tw.write = kept

    def save(self, path, root):
        """Write what was kept so far to the path, anew."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(without_names("".join(self.parts), str(root)), encoding="utf-8")


def without_names(text, root):
    """Return the text without colours and overwritten lines, with `.`, `~` and `host` for what names this machine."""
    text = ANSI.sub("", text)
    text = OVERWRITTEN.sub("", text).replace("\r", "")
    names = ((root, "."), (os.path.expanduser("~"), "~"), (platform.node(), "host"))
    for name, instead in names:
        if len(name) > 1:
            text = text.replace(name, instead)
    return text
