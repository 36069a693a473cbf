"""Sets of seeds as people write them: `7`, `1-20`, `1-3,8`."""

from harness.errors import SeedsError

LARGEST, DIGITS = 2**32 - 1, 10  # What NumPy's generator takes.
MOST = 10_000


def parse(text):
    """Return the seeds as a sorted list of whole numbers; SeedsError says what was got and what is allowed."""
    found = set()
    for part in text.split(","):
        found.update(_part(part.strip(), text))
    return sorted(found)


def _part(part, text):
    first, _, last = part.partition("-")
    if not first.isdecimal() or not (last or first).isdecimal() or part.endswith("-"):
        raise SeedsError(f"--seeds got {text!r}; allowed are whole numbers and ranges, such as 7 or 1-20 or 1-3,8")
    if max(len(first), len(last)) > DIGITS or int(last or first) > LARGEST or int(last or first) - int(first) >= MOST:
        raise SeedsError(f"--seeds got {text[:40]!r}; allowed are seeds up to {LARGEST} and at most {MOST} in a range")
    if int(last or first) < int(first):
        raise SeedsError(f"--seeds got {text!r}; the range {part} runs backwards")
    return range(int(first), int(last or first) + 1)


def spell(seeds):
    """Return the shortest text that `parse` reads back as these seeds."""
    runs = []
    for seed in sorted(set(seeds)):
        if runs and seed == runs[-1][1] + 1:
            runs[-1][1] = seed
        else:
            runs.append([seed, seed])
    return ",".join(str(first) if first == last else "{}-{}".format(first, last) for first, last in runs)
