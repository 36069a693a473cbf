"""A second process that makes long runs while the first goes on. Orders come in and news goes out as JSON lines.

An order is {"run", "stack", "invocation", "home"}; news is {"epoch": n}, {"done": digest} or {"failed": sentence}.
"""

import json
import os
import subprocess
import sys

from harness import backend, framings, machine, pipeline
from harness.errors import reason
from harness.parent import end_with_parent
from harness.store import Store

EPOCHS_BETWEEN_NEWS = 5


def main():
    """Serve orders from standard input until it closes; whatever else prints goes to standard error."""
    end_with_parent()
    news = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    machine.distributions()  # Looked at before a framework puts folders of its own on the path.
    laboratory = pipeline.Laboratory(backend.load())
    for line in sys.stdin:
        _tell(news, _serve(laboratory, json.loads(line), news))


def _serve(laboratory, order, news):
    run = run_of(order["run"])

    def progress(epoch):
        if epoch % EPOCHS_BETWEEN_NEWS == 0:
            _tell(news, {"epoch": epoch})

    try:
        record = laboratory.observe(run, order["stack"], order["invocation"], progress)
    except Exception as error:  # noqa: BLE001 - whatever the framework raised is the news
        return {"failed": reason(error)}
    progress(0)  # A worker whose parent was killed ends here, before it writes what a resumed run writes too.
    Store(order["home"]).append(record)
    return {"done": record.digest}


def _tell(news, event):
    news.write(json.dumps(event) + "\n")
    news.flush()


def run_of(fields):
    """Return the Run that `order` wrote as a dict."""
    return pipeline.Run(framings.Framing(**fields["framing"]), *[fields[name] for name in pipeline.Run._fields[1:]])


class Worker:
    """The other end: one such process, given one run at a time."""

    def __init__(self, root):
        self.root = root
        self.process = None

    def make(self, run, stack, invocation, home, on_epoch):
        """Have one run made and written to the store at `home`; return None, or the sentence that says why it failed."""
        fields = dict(run._asdict(), framing=dict(run.framing._asdict()))
        order = {"run": fields, "stack": stack, "invocation": invocation, "home": str(home)}
        try:
            self._start()
            self.process.stdin.write(json.dumps(order) + "\n")
            self.process.stdin.flush()
            return self._listen(on_epoch)
        except (OSError, ValueError) as error:
            if self.process is None:
                return reason(error)
            self.process.kill()
            return "the second process ended ({})".format(self.process.wait())

    def _start(self):
        if self.process is None:
            words = [sys.executable, "-m", "harness.worker"]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
            self.process = subprocess.Popen(words, cwd=str(self.root), universal_newlines=True, **pipes)

    def _listen(self, on_epoch):
        for line in self.process.stdout:
            event = json.loads(line)
            if "epoch" not in event:
                return event.get("failed")
            on_epoch(event["epoch"])
        return "the second process ended ({})".format(self.process.wait())

    @property
    def has_ended(self):
        """Whether the process was started and is no more."""
        return self.process is not None and self.process.poll() is not None

    def stop(self):
        """End the process at once; what it was making is lost, what it made is in the store."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()


if __name__ == "__main__":
    main()
