"""Stands for `python -m tox`: the stack's name says how its job ends. What it prints is what tox 4.67 with uv 0.13 prints.

NumPy, which takes longer than all the rest, is imported only by jobs that record something.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

INSTALL_FAILS = """{0}: install_deps> uv pip install tensorflow==99.1
error: No solution found when resolving dependencies
  cause: Because there is no version of tensorflow==99.1, we can conclude that your requirements are unsatisfiable.
{0}: exit 1 (0.33 seconds) .> uv pip install tensorflow==99.1 pid=10702
  {0}: FAIL code 1 (1.54 seconds)
  evaluation failed :( (1.59 seconds)"""
HOME = Path(os.environ["HARNESS_HOME"])


def main():
    """Run one job."""
    stack = sys.argv[sys.argv.index("-e") + 1]
    words = sys.argv[sys.argv.index("--") + 1 :]
    note("calls.txt", " ".join([stack, *words]))
    note("pids.txt", str(os.getpid()))
    kind = stack.partition("-")[0]
    if kind == "uninstallable":
        print(INSTALL_FAILS.format(stack))
        return 1
    print(f"{stack}: commands[0]> python -m harness {' '.join(words)}", flush=True)
    code = KINDS[kind](stack, words)
    if code:
        print(f"{stack}: exit {code} (0.10 seconds) .> python -m harness pid=1")
    return code % 256


def note(name, line):
    with (HOME / name).open("a") as file:
        file.write(line + "\n")


def dies_by(number):
    """Return how a job ends whose command is ended by that signal."""
    program = f"import os; os.kill(os.getpid(), {number})"
    return lambda stack, words: subprocess.run([sys.executable, "-c", program], check=False).returncode


def beside(program, doing):
    """Start a second process, as the suite does, say so and wait for it."""
    child = subprocess.Popen([sys.executable, "-c", program])
    note("pids.txt", str(child.pid))
    print(f"[   0 s] {doing}", flush=True)
    return child.wait()


def hangs(stack, words):
    return beside("import time; time.sleep(600)", "waiting for a second process")


def eats(stack, words):
    return beside("import time; held = bytearray(400 * 2**20); time.sleep(600)", "eating")


def refuses(stack, words):
    print("ERROR: the stack declares tensorflow 2.15.1, but 2.16.2 is installed")
    return 2


def garbles(stack, words):
    from harness import store  # noqa: PLC0415 - see above

    code = records(0.5, 0.5)(stack, words)
    kept = store.Store(HOME)
    with kept.records_path(stack).open("a") as file:
        file.write('{"invocation":"%s"}\n' % kept.latest(stack))
    return code


def records(*losses, waits=False):
    """Return how a job runs that records a run for each loss, as the suite does: resumed where it was stopped."""

    def run(stack, words):
        from factories import a_record  # noqa: PLC0415 - see above

        from harness import framings, store  # noqa: PLC0415 - see above

        kept = store.Store(HOME)
        unfinished = kept.unfinished(stack, words)
        name = unfinished or store.new_name()
        kept.note_latest(stack, name)
        with kept.running(name):
            if not unfinished:
                kept.start(stack, words, name)
            known = {record.question.seed for record in kept.read(stack, name)}
            for seed, loss in enumerate(losses, start=1):
                if seed > 1 and waits:
                    wait_for_the_word()
                if seed not in known:
                    question = {"framing": framings.NAIVE, "seed": seed, "purpose": "time" if is_price(words) else "learn"}
                    observed = {"accuracy": 0.84, "loss": loss}
                    kept.append(a_record(stack=stack, invocation=name, question=question, observations=observed))
            kept.finish(stack, name)
        return 0 if is_price(words) else int(max(losses) > 1)

    return run


def visited(stack, words):
    """A person asks the same stack for something else meanwhile."""
    code = records(0.5, 0.5)(stack, words)
    records(1.5)(stack, ["-k", "naive"])
    return code


def misspelt(stack, words):
    """A person's call is refused meanwhile."""
    from harness import store  # noqa: PLC0415 - see above

    code = records(0.5, 0.5)(stack, words)
    store.Store(HOME).note_latest(stack, "")
    return code


def once(stack, words):
    """The second round of prices does not come so far as to record anything."""
    calls = (HOME / "calls.txt").read_text().splitlines()
    second = sum(line.startswith(stack) and "timings" in line for line in calls) > 1
    return refuses(stack, words) if second else records(0.5, 0.5)(stack, words)


def breaks(stack, words):
    print("ImportError: numpy.core.multiarray failed to import")
    return 1


def is_price(words):
    return "timings" in words[0]


def wait_for_the_word():
    if not (HOME / "go").exists():
        print("[  60 s] naive compiled seed 2: epoch 20 of 500", flush=True)
    while not (HOME / "go").exists():
        time.sleep(0.02)


KINDS = {
    "fine": records(0.5, 0.5),
    "misses": records(0.5, 1.5),
    "slow": records(0.5, 0.5, waits=True),
    "crashes": dies_by(signal.SIGSEGV),
    "killed": dies_by(signal.SIGKILL),
    "hangs": hangs,
    "eats": eats,
    "refuses": refuses,
    "garbles": garbles,
    "visited": visited,
    "misspelt": misspelt,
    "once": once,
    "breaks": breaks,
}

if __name__ == "__main__":
    sys.exit(main())
