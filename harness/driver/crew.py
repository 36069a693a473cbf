"""Who does the work of a night: tox, one process a job. What a job recorded decides what became of it."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from harness.driver import endings, nights, running, summary
from harness.driver.night_run import Running
from harness.driver.nights import Job, Night
from harness.driver.running import Caller
from harness.driver.summary import Summary
from harness.errors import UserError
from harness.expectations import Declared
from harness.store import Store


class Asked(NamedTuple):
    """The words that a job was started with, and the invocations of the same words that were finished by then."""

    words: Sequence[str]
    over: frozenset[str]


class Crew:
    """Starts jobs in the repository at `root` and judges what they wrote into the store."""

    def __init__(self, store: Store, declared: Declared, root: Path, environ: Mapping[str, str]) -> None:
        self.store, self.declared, self.caller = store, declared, Caller(root, environ, store.home)
        self.asked: dict[str, Asked] = {}

    def start(self, night: Night, job: Job) -> running.Process:
        """Start the job's process."""
        words = running.words(job, night)
        self.asked[job.label] = Asked(words, frozenset(one["invocation"] for one in self._same(job, words) if one["finished"]))
        environ, log = self.caller.environment(keeps_host=bool(job.beside)), nights.log_path(self.store.home, night, job)
        return running.Process(self.caller.command(job, night), self.caller.root, environ, log)

    def made(self, job: Job) -> str:
        """Return the invocation that the job began or went on with, "" if none; what another call made is none of its own."""
        return str(self._entry(job).get("invocation", ""))

    def settle(self, job: Job, process: Running, code: int) -> Job:
        """Return the job as it ended; records that cannot be read are its own failure."""
        if job.beside:
            state, reason = endings.compared(code, f"{job.beside} -> {job.stack}: ", process.lines)
            return job._replace(exit_code=code if state == "failed" else 0, state=state, reason=reason)
        entry = self._entry(job)
        job = job._replace(exit_code=code, invocation=entry.get("invocation", ""))
        try:
            found = self._summary(job)
        except UserError as error:
            return job._replace(state="failed", reason=str(error))
        # An exit code of 1 is no verdict where the suite never came to its end, as of a stack that no longer imports.
        state, reason = endings.outcome(job.phase, code, found if entry.get("finished") else None, process.lines)
        if found is None or job.phase == "price":
            return job._replace(state=state, reason=reason)
        return job._replace(state=state, reason=reason, verdict=found.verdict, undecided=len(found.undecided))

    def _entry(self, job: Job) -> dict[str, Any]:
        words, over = self.asked[job.label]
        return next((one for one in reversed(self._same(job, words)) if one["invocation"] not in over), {})

    def _same(self, job: Job, words: Sequence[str]) -> list[dict[str, Any]]:
        """Return the stack's invocations that were asked in these words, oldest first; the suite notes its own before them."""
        try:
            noted = self.store.invocations(job.stack)
        except UserError:  # The suite reads them too, and its job fails by it.
            return []
        return [one for one in noted if one.get("call", [])[-len(words) :] == list(words)]

    def _summary(self, job: Job) -> Summary | None:
        records = self.store.read(job.stack, job.invocation) if job.invocation else []
        return summary.summarise(self.declared, records) if records else None
