"""What the harness adds to the published listing, and what its compiled engine saves: `tox -e bench`.

Listing and `fit` alternate in one process per framing, in random order within each pair, on truncated epochs; the ratio of
each pair is kept. The interval of the median is exact and free of any distribution (scipy.stats.quantile_test). Exit code 1
if an upper end reaches 1.05. `--json FILE` keeps every pair.
"""

import argparse
import gc
import json
import multiprocessing
import random
import sys
import time

import keras
import numpy as np
from rich.console import Console
from rich.progress import track
from rich.table import Table
from scipy import stats

from harness import backend, framings, training
from tests.bench import listings

LIMIT = 1.05
# Some 2 seconds of training a side, beside 0.6 s of tracing. Seeding TensorFlow empties its cache of kernels, which costs the
# harness 30 ms a training (measured): a whole budget does not notice, a training of half a second would.
EPOCHS = {"naive": 24, "feature_window": 24, "time_steps": 24, "within_batch": 30, "stateful": 24, "variable_length": 2}
SECONDS_PER_FRAMING = 160  # So that all six end within 20 minutes.
CALLS = 15


def seconds(work):
    """Return how long the work takes, with the garbage of earlier models out of the way."""
    gc.collect()
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def pairs(framing, fit, most_seconds):
    """Return [(seconds of the listing, seconds of the harness's fit)], in alternation, until the time is used up."""
    listing, epochs = getattr(listings, framing.name), EPOCHS[framing.name]
    sides = (lambda: listing(epochs), lambda: fit.train(framing.replace(epochs=epochs), 7))
    for side in sides:
        side()
    taken, ends = [], time.perf_counter() + most_seconds
    while time.perf_counter() < ends:
        keras.utils.clear_session()  # Else hundreds of models pile up, and collecting garbage takes seconds a call.
        gc.freeze()
        order = random.sample((0, 1), 2)
        found = {side: seconds(sides[side]) for side in order}
        taken.append((found[0], found[1]))
    return taken


def step_seconds(framing, fit, compiled):
    """Return ([seconds of a step of `fit`], [seconds of a compiled step]) in the steady state, in alternation."""
    trained = fit.train(framing.replace(epochs=1), 7)
    network, program, slots = compiled.prepared(framing)
    network.restart(network.weights(), slots)
    rows, resets, _ = next(training.pieces(framing, 7))
    program.train(rows, resets)
    per_epoch, found = framings.steps_per_epoch(framing), ([], [])
    for _ in range(CALLS):
        epoch = seconds(lambda: trained.network.fit(trained.x, trained.y, framing.batch_size, framing.shuffle))
        found[0].append(epoch / per_epoch)
        found[1].append(seconds(lambda: program.train(rows, resets)) / len(rows))
    return found


def interval(ratios):
    """Return the median and its exact 95 % interval."""
    found = stats.quantile_test(ratios, q=1.0, p=0.5).confidence_interval(0.95)
    return float(np.median(ratios)), float(found.low), float(found.high)


def measure(framing, most_seconds):
    """Return one row of the table, with every pair that it was drawn from."""
    loaded = backend.load()
    fit, compiled = training.Fit(loaded), training.Compiled(loaded)
    taken = pairs(framing, fit, most_seconds)
    ratios = [ours / theirs for theirs, ours in taken]
    slow, fast = step_seconds(framing, fit, compiled)
    row = {"framing": framing.name, "pairs": taken, "ratio": interval(ratios)}
    row.update(fit_step=float(np.median(slow)), compiled_step=float(np.median(fast)))
    row["times_faster"] = float(np.median(np.array(slow) / np.array(fast)))
    row["program"] = compiled.prepared(framing)[1].kind
    return row


def table(rows):
    """Return the rows as a table for the terminal."""
    found = Table(title="Harness against the published listing, and the compiled engine against fit")
    for name in (
        "framing",
        "pairs",
        "fit / listing",
        "95 % interval",
        "fit, ms a step",
        "compiled, µs a step",
        "times faster",
    ):
        found.add_column(name, justify="left" if name == "framing" else "right")
    for row in rows:
        median, low, high = row["ratio"]
        cells = [row["framing"], str(len(row["pairs"])), f"{median:.3f}", f"{low:.3f} to {high:.3f}"]
        cells += [f"{row['fit_step'] * 1e3:.2f}", f"{row['compiled_step'] * 1e6:.1f}", f"{row['times_faster']:.0f}"]
        found.add_row(*cells)
    return found


def main():
    """Measure all framings and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=float, default=SECONDS_PER_FRAMING, help="per framing (default: %(default)s)")
    parser.add_argument("--json", help="keep every pair in this file")
    options = parser.parse_args()
    rows, spawn = [], multiprocessing.get_context("spawn")
    for framing in track(framings.FRAMINGS, "framings"):
        with spawn.Pool(1) as fresh:  # TensorFlow keeps what hundreds of models traced: 3 GB, and 5 s a pair instead of 3.
            rows.append(fresh.apply(measure, (framing, options.seconds)))
        sys.stderr.write("{}: {} pairs\n".format(framing.name, len(rows[-1]["pairs"])))
    Console(width=120).print(table(rows))
    if options.json:
        with open(options.json, "w", encoding="utf-8") as file:
            json.dump(rows, file)
    return 1 if any(not row["ratio"][2] < LIMIT for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
