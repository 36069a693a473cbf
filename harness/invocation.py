"""One call of the suite on one stack: which runs it holds, which are made already, and who makes the rest.

Short runs are made here; long ones (a whole budget through `fit`, or half a million compiled steps) by a second process
meanwhile, and here too once nothing else is left to do. Every record is on disk before the next run begins.
"""

import threading
from collections import deque
from pathlib import Path

from harness import framings, record
from harness.errors import reason
from harness.worker import Worker

ROOT = Path(__file__).resolve().parent.parent
# Seconds a training step takes, to tell long runs from short: TensorFlow 2.21 on one core of a shared x86-64 machine.
STEP_SECONDS = {"fit": 3.7e-3, "compiled": 20e-6}
CONTRACT_SECONDS = 120.0  # On such a machine: 75 on TensorFlow 2.21, 190 on 2.15, where begun last it was all that still ran.
LONG_SECONDS = 5.0


def is_long(run):
    """Whether it takes more than a few seconds and vouches for nothing: a whole budget, or the contract. Checks come first."""
    return run.purpose in ("learn", "contract") and seconds_of(run) > LONG_SECONDS


def seconds_of(run):
    """Return roughly how long a run takes, to tell long from short and to begin with the longest."""
    return CONTRACT_SECONDS if run.purpose == "contract" else framings.steps(run.framing) * STEP_SECONDS[run.engine]


class Invocation:
    """Makes the runs of one call, remembers their records by digest and tells `progress` on the main thread."""

    def __init__(self, store, stack, name, laboratory, progress, processes=2):
        self.store, self.stack, self.name, self.laboratory, self.progress = store, stack, name, laboratory, progress
        self.records = {entry.digest: entry for entry in store.read(stack, name)}
        self.waiting, self.tried, self.failures, self.elsewhere = deque(), set(), {}, ""
        self.worker, self.thread, self.processes = Worker(ROOT), None, processes

    def digest(self, run):
        """Return the digest of the run's question on this stack."""
        return record.digest(run.question(self.laboratory.backend))

    def is_made(self, run):
        """Whether this invocation holds the run's record."""
        return self.digest(run) in self.records

    def adopt_older(self, runs):
        """Take over records that earlier invocations hold for these runs (`--reuse`)."""
        older = {entry.digest: entry for entry in self.store.read(self.stack)}
        for run in runs:
            digest = self.digest(run)
            if digest in older and digest not in self.records:
                self._keep(older[digest]._replace(invocation=self.name))

    def begin_long(self, runs):
        """Put the long ones among these runs aside, and let the second process, if there is one, begin with the longest."""
        missing = [run for run in runs if is_long(run) and not self.is_made(run)]
        self.waiting.extend(sorted(missing, key=seconds_of, reverse=True))
        if self.waiting and self.processes > 1:
            self.thread = threading.Thread(target=self._feed_worker, daemon=True)
            self.thread.start()

    def make(self, run):
        """Make a run now unless it is made, or failed, already; a long one waits for `finish_long`."""
        if not is_long(run) and not self.is_made(run) and run not in self.tried:
            self.tried.add(run)
            self._observe(run)

    def make_rest(self, runs):
        """Make what nobody made yet of these runs, long or short: `-k` with the name of a clause leaves out what makes them."""
        for run in runs:
            self.make(run)
        self.finish_long(runs)

    def finish_long(self, runs):
        """Wait until the long ones among these runs are made, and meanwhile make here what is left of all, beside the worker.

        Where none of them is long, nothing is waited for: the second process goes on while short runs are made here.
        """
        if not any(is_long(run) for run in runs):
            return
        while self.waiting or self.thread is not None:
            for run in iter(lambda: _taken(self.waiting.pop), None):
                self._try(run)
            if self.thread is not None:
                self._wait_for_worker()

    def _wait_for_worker(self):
        self.thread.join(0.5)
        self.progress.say(self._with_elsewhere("waiting for the second process"))
        if not self.thread.is_alive() and not self.waiting:
            self.thread = None
            self.records.update((entry.digest, entry) for entry in self.store.read(self.stack, self.name))

    def reasons(self, runs):
        """Return why those of these runs that failed left no record, a sentence each."""
        return [self.failures[run] for run in runs if run in self.failures]

    def write_timings(self, run, timings):
        """Write down the timings of one framing as the record of their own run."""
        self._keep(self.laboratory.time(run, self.stack, self.name, timings))

    def stop(self):
        """End the second process; a run it is in the middle of is lost."""
        self.waiting.clear()
        self.worker.stop()

    def _try(self, run):
        try:
            self._observe(run)
        except Exception as error:  # noqa: BLE001 - the test of the run's own series tells it
            self.failures[run] = reason(error)

    def _observe(self, run):
        def progress(epoch):
            self.progress.say(self._with_elsewhere(_doing(run, epoch)))

        self._keep(self.laboratory.observe(run, self.stack, self.name, progress))

    def _keep(self, entry):
        self.store.append(entry)
        self.records[entry.digest] = entry

    def _feed_worker(self):
        for run in iter(lambda: _taken(self.waiting.popleft), None):
            failure = self.worker.make(run, self.stack, self.name, self.store.home, self._hear_from(run))
            if self.worker.has_ended:
                self.waiting.append(run)
                break
            if failure:
                self.failures[run] = failure
        self.elsewhere = ""

    def _hear_from(self, run):
        def hear(epoch):
            self.elsewhere = _doing(run, epoch)

        return hear

    def _with_elsewhere(self, here):
        return "{}; beside it {}".format(here, self.elsewhere) if self.elsewhere else here


def _taken(take):
    """Return what `take` gives, None once both processes have emptied the queue."""
    try:
        return take()
    except IndexError:
        return None


def _doing(run, epoch):
    framing = run.framing
    return "{} {} seed {}: epoch {} of {}".format(framing.name, run.engine, run.seed, epoch, framing.epochs)
