"""Who does the work of a night: tox, one process a job. What a job recorded decides what became of it."""

from collections.abc import Mapping
from pathlib import Path

from harness.driver import endings, nights, running, summary
from harness.driver.night_run import Running
from harness.driver.nights import Job, Night
from harness.driver.summary import Summary
from harness.errors import UserError
from harness.expectations import Declared
from harness.store import Store


class Crew:
    """Starts jobs in the repository at `root` and judges what they wrote into the store."""

    def __init__(self, store: Store, declared: Declared, root: Path, environ: Mapping[str, str]) -> None:
        self.store, self.declared, self.root, self.environ = store, declared, root, environ

    def start(self, night: Night, job: Job) -> running.Process:
        """Start the job's process."""
        self.store.note_latest(job.stack, "")  # What does not even install says nothing of its own.
        words = running.command(job, night, self.environ)
        environ = running.environment(self.environ, self.store.home, self.root)
        return running.Process(words, self.root, environ, nights.log_path(self.store.home, night, job))

    def made(self, job: Job) -> str:
        """Return the invocation that the job's newest process began, "" if none."""
        return str(self.store.latest(job.stack))

    def settle(self, job: Job, process: Running, code: int) -> Job:
        """Return the job as it ended; records that cannot be read are its own failure."""
        job = job._replace(exit_code=code, invocation=self.made(job))
        try:
            found = self._summary(job)
        except UserError as error:
            return job._replace(state="failed", reason=str(error))
        state, reason = endings.outcome(job.phase, code, found, process.lines)
        if found is None or job.phase == "price":
            return job._replace(state=state, reason=reason)
        return job._replace(state=state, reason=reason, verdict=found.verdict, undecided=len(found.undecided))

    def _summary(self, job: Job) -> Summary | None:
        records = self.store.read(job.stack, job.invocation) if job.invocation else []
        return summary.summarise(self.declared, records) if records else None
