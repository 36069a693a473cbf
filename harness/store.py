"""Records on disk: JSON lines, only ever appended to. A kill at any moment loses at most the line being written.

`.harness/records/STACK.jsonl` holds the records, `.harness/invocations/STACK.jsonl` when each invocation started and
finished. Every append takes the file's lock, so that several processes may write at once.
"""

import fcntl
import json
import os
import time
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path

from harness import record as records
from harness.errors import RecordError


def default_home(root):
    """Return where records live: $HARNESS_HOME, or `.harness` below the repository's root."""
    return Path(os.environ.get("HARNESS_HOME") or Path(root) / ".harness").absolute()


def append_line(path, line):
    """Append one line so that it is on disk, whole, when this returns. A torn tail that a kill left is dropped first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with open(str(path), "a+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        _mend_tail(file)
        file.write(line.encode("utf-8") + b"\n")
        file.flush()
        os.fsync(file.fileno())


def _mend_tail(file):
    if _ends_whole(file):
        return
    file.seek(0)
    content = file.read()
    tail = content[content.rfind(b"\n") + 1 :]
    if _is_json(tail):
        file.write(b"\n")
    else:
        file.truncate(len(content) - len(tail))


def _ends_whole(file):
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - 1))
    return file.read(1) in (b"", b"\n")


def _is_json(text):
    try:
        json.loads(text.decode("utf-8"))
    except ValueError:
        return False
    return True


def read_lines(path):
    """Yield (place, line) for each line; a torn last line, which a kill leaves, is passed over."""
    lines = _content(path).split(b"\n")
    for number, line in enumerate(lines, start=1):
        is_torn = number == len(lines) and not _is_json(line)
        if line.strip() and not is_torn:
            yield "{}, line {}".format(path.name, number), _text(line, path.name, number)


def _content(path):
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""
    except OSError as error:
        raise RecordError(f"{path.name} cannot be read: {error.strerror}") from None


def _text(line, name, number):
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        raise RecordError(f"{name}, line {number}: not a record, because it is not UTF-8; remove the line") from None


class Store:
    """The records and invocations of all stacks below one folder."""

    def __init__(self, home):
        self.home = Path(home)

    def records_path(self, stack):
        """Return the file that holds the stack's records."""
        return self.home / "records" / "{}.jsonl".format(stack)

    def stacks(self):
        """Return the names of the stacks that have records."""
        return sorted(path.stem for path in (self.home / "records").glob("*.jsonl"))

    def append(self, record):
        """Add a record to its stack's file."""
        append_line(self.records_path(record.stack), records.to_line(record))

    def read(self, stack, invocation=None):
        """Return the stack's records in the order written, of one invocation or of all; a broken line is a RecordError."""
        lines = read_lines(self.records_path(stack))
        # Decoding takes 0.3 ms a record; a history of many nights is passed over by its text.
        wanted = '"invocation":"{}"'.format(invocation) if invocation else ""
        found = [records.from_line(line, where) for where, line in lines if wanted in line]
        return [record for record in found if invocation in (None, record.invocation)]

    def invocations(self, stack):
        """Return the stack's invocations, oldest first: dicts of invocation, call, started, finished (None while not)."""
        known = {}
        for where, line in read_lines(self._invocations_path(stack)):
            event = _event(line, where)
            entry = known.setdefault(event["invocation"], {"finished": None})
            entry.update(event)
        return list(known.values())

    def start(self, stack, call, name):
        """Write down that the invocation of that name begins to answer `call` (a list of words)."""
        self._note(stack, {"invocation": name, "call": call, "started": utc_now()})

    def finish(self, stack, invocation):
        """Write down that the invocation has ended, whatever its verdict: it will not be resumed."""
        self._note(stack, {"invocation": invocation, "finished": utc_now()})

    def unfinished(self, stack, call):
        """Return the newest invocation of the same call (a list of words) if it neither finished nor still runs, or None."""
        same = [entry for entry in self.invocations(stack) if entry.get("call") == list(call)]
        newest = same[-1] if same else {"finished": True}
        return None if newest["finished"] or self._is_running(newest["invocation"]) else newest["invocation"]

    def note_latest(self, stack, invocation):
        """Keep the name of the invocation that the newest call of this stack makes; "" while it makes none."""
        path = self._latest_path(stack)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(invocation, encoding="utf-8")

    def latest(self, stack):
        """Return the name of the newest call's invocation, "" if it made none."""
        path = self._latest_path(stack)
        return path.read_text(encoding="utf-8") if path.exists() else ""

    def _latest_path(self, stack):
        return self.home / "latest" / stack

    @contextmanager
    def running(self, invocation):
        """Hold the invocation's lock while it runs, so that nobody else resumes it; a kill lets go of it."""
        path = self._lock_path(invocation)
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(str(path), "w") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                with suppress(FileNotFoundError):  # Cleaned away, or another that waited for the lock ended first.
                    path.unlink()

    def _is_running(self, invocation):
        try:
            with open(str(self._lock_path(invocation))) as file:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)  # Shared: two that look do not see each other.
        except FileNotFoundError:
            return False
        except BlockingIOError:
            return True
        return False

    def _lock_path(self, invocation):
        return self.home / "running" / invocation

    def _invocations_path(self, stack):
        return self.home / "invocations" / "{}.jsonl".format(stack)

    def _note(self, stack, event):
        append_line(self._invocations_path(stack), json.dumps(event, sort_keys=True))


def _event(line, where):
    try:
        event = json.loads(line)
        event["invocation"] = str(event["invocation"])
    except (ValueError, TypeError, KeyError):
        raise RecordError(f"invocations/{where}: not the start or the end of an invocation; remove the line") from None
    return event


def new_name():
    """Return a name for an invocation: its start in UTC, and six digits that tell apart what started together."""
    return "{}-{}".format(time.strftime("%Y%m%dT%H%M%S", time.gmtime()), uuid.uuid4().hex[:6])


def utc_now():
    """Return the time in UTC, to the second, as ISO 8601."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
