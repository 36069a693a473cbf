"""Nights and jobs as a test needs them."""

from harness.driver.nights import Job, Night

JOB = Job("tf2", "learn", "waiting", None, None, "", "", minutes=6.0, lock="0123456789abcdef")
NIGHT = Night("20250102T030405-aaaaaa", "2025-01-02T03:04:05Z", "", 240, (JOB,), seen="2025-01-02T05:00:00Z")


def a_job(stack="tf2", phase="learn", state="waiting", **changes):
    """Return a job with some fields changed."""
    return JOB._replace(stack=stack, phase=phase, state=state, **changes)


def a_night(*jobs, **changes):
    """Return a night with these jobs."""
    return NIGHT._replace(jobs=jobs or (JOB,), **changes)


def ran(stack="tf2", minutes=6.0, **changes):
    """Return a learn job that was done, after so many minutes."""
    return a_job(stack, state="done", **{"exit_code": 0, "seconds": minutes * 60, "verdict": "met", **changes})
