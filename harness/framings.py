"""Six ways to ask a network for the next letter. Plain data: nothing here trains, predicts or imports a framework.

Sizes, budgets and resets are those of the tutorial "Understanding Stateful LSTM Recurrent Neural Networks in Python
with Keras" (machinelearningmastery.com, 2016 to 2020); an edition names the revision of its text.
"""

from typing import NamedTuple, Optional

import numpy as np

from harness.errors import FramingError

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
ARRANGEMENTS = ("steps", "features")
EDITIONS = ("2016-07", "2017-03", "2018-08")
NEWEST_EDITION = EDITIONS[-1]


class Framing(NamedTuple):
    """How the problem is posed: everything that decides the arrays, the network and its training.

    A pattern is `window` successive letters of `sequence` and the letter after them, or, where `draws` is given, that
    many random stretches of one to `window` letters, padded with zeros on the left.
    """

    name: str
    units: int
    epochs: int
    batch_size: int
    shuffle: bool
    window: int = 1
    arrangement: str = "steps"
    stateful: bool = False
    draws: Optional[int] = None
    draws_seed: int = 7
    sequence: str = ALPHABET
    edition: str = NEWEST_EDITION

    def replace(self, **changes):
        """Return the same framing with some values changed; a FramingError says which one it cannot have."""
        unknown = sorted(set(changes) - set(self._fields))
        if unknown:
            raise FramingError(f"unknown value {unknown[0]!r} of a framing; known: {', '.join(self._fields)}")
        return _checked(self._replace(**changes))


def _checked(framing):
    """Return the framing, or raise a FramingError that names the first value that contradicts the others."""
    allowed = (
        ("sequence", set(framing.sequence) <= set(ALPHABET), "letters from A to Z"),
        ("window", 0 < framing.window < len(framing.sequence), "1 to one less than the sequence is long"),
        ("arrangement", framing.arrangement in ARRANGEMENTS, " or ".join(ARRANGEMENTS)),
        ("units", framing.units > 0, "1 or more"),
        ("epochs", framing.epochs >= 0, "0 or more"),
        ("batch_size", framing.batch_size > 0, "1 or more"),
    )
    for field, is_allowed, words in allowed:
        if not is_allowed:
            raise FramingError(f"{framing.name}: {field} is {getattr(framing, field)!r}; allowed is {words}")
    return framing


NAIVE = Framing("naive", units=32, epochs=500, batch_size=1, shuffle=True)
FEATURE_WINDOW = NAIVE.replace(name="feature_window", window=3, arrangement="features")
TIME_STEPS = NAIVE.replace(name="time_steps", window=3)
WITHIN_BATCH = Framing("within_batch", units=16, epochs=5000, batch_size=25, shuffle=False)
STATEFUL = Framing("stateful", units=50, epochs=300, batch_size=1, shuffle=False, stateful=True)
VARIABLE_LENGTH = NAIVE.replace(name="variable_length", window=5, draws=1000)

# No framing of the tutorial: what the stages ask of any recurrent network, small enough to be held against the reference.
# 21 patterns of three steps, so that every batch is whole.
STAGES = Framing("stages", 8, 2, 3, shuffle=False, window=3, stateful=True, sequence=ALPHABET[:24])

FRAMINGS = (NAIVE, FEATURE_WINDOW, TIME_STEPS, WITHIN_BATCH, STATEFUL, VARIABLE_LENGTH)
NAMES = tuple(framing.name for framing in FRAMINGS)

# The stateful listing had 16 units until August 2018; readers' 30 to 40 % date from then (keras #9174).
EDITION_CHANGES = {"2016-07": {"stateful": {"units": 16}}, "2017-03": {"stateful": {"units": 16}}, "2018-08": {}}


def framings(edition=NEWEST_EDITION):
    """Return the six framings as that edition of the tutorial printed them."""
    if edition not in EDITION_CHANGES:
        raise FramingError(f"unknown edition {edition!r}; known: {', '.join(EDITIONS)}")
    changes = EDITION_CHANGES[edition]
    return tuple(framing.replace(edition=edition, **changes.get(framing.name, {})) for framing in FRAMINGS)


def named(name, edition=NEWEST_EDITION):
    """Return the framing of that name and edition."""
    for framing in framings(edition) + (STAGES.replace(edition=edition),):
        if framing.name == name:
            return framing
    raise FramingError(f"unknown framing {name!r}; known: {', '.join(NAMES)}")


def patterns(framing):
    """Return the training patterns in order, as pairs (letters in, letter out)."""
    if framing.draws is None:
        return [_pattern(framing, start, start + framing.window) for start in _starts(framing)]
    random = np.random.RandomState(framing.draws_seed)
    return [_drawn_pattern(framing, random) for _ in range(framing.draws)]


def _starts(framing):
    return range(len(framing.sequence) - framing.window)


def _pattern(framing, start, end):
    return framing.sequence[start:end], framing.sequence[end]


def _drawn_pattern(framing, random):
    # The listing's own two draws, in its order: only so does seed 7 give the rows that the page prints.
    last = len(framing.sequence) - 1
    start = random.randint(last - 1)
    end = random.randint(start, min(start + framing.window, last))
    return _pattern(framing, start, end + 1)


def generator(framing, seed):
    """Return NumPy's generator as the listing leaves it once it is seeded and the patterns are drawn."""
    random = np.random.RandomState(seed)
    for _ in range(framing.draws or 0):
        _drawn_pattern(framing, random)
    return random


def distinct(framing):
    """Return the patterns, each once, in the order in which they come first."""
    return list(dict.fromkeys(patterns(framing)))


def demonstration(framing, seed, count=20):
    """Return the places of `count` random training patterns, as the listing draws them after NumPy's seed.

    NumPy's generator goes on from where drawing the patterns left it; with seed 7 the within-batch framing gives
    P E W D T ... and the variable-length one J HIJ EF ..., the lists of every TensorFlow 2 re-run.
    """
    return generator(framing, seed).randint(len(patterns(framing)), size=count).tolist()


def shape(framing):
    """Return (steps, features) of one sample."""
    return (1, framing.window) if framing.arrangement == "features" else (framing.window, 1)


def codes(letters):
    """Return the letters as whole numbers, A = 0 to Z = 25."""
    return [ALPHABET.index(letter) for letter in letters]


def pad_left(sequences, maxlen, dtype):
    """Return a (sequences, maxlen) array with zeros before what is shorter: NumPy's word for `pad_sequences`."""
    return np.array([[0] * (maxlen - len(sequence)) + list(sequence) for sequence in sequences], dtype=dtype)


def one_hot(numbers):
    """Return a (numbers, max + 1) array of zeros and ones: NumPy's word for `to_categorical`."""
    return np.eye(max(numbers) + 1, dtype="float32")[list(numbers)]


def inputs(framing, texts, pad_sequences=pad_left):
    """Return the texts as float32 samples of shape (texts, steps, features), scaled to 0..1 by 26 letters."""
    padded = pad_sequences([codes(text) for text in texts], maxlen=framing.window, dtype="float32")
    scaled = np.reshape(padded, (len(texts),) + shape(framing)) / float(len(ALPHABET))
    return scaled.astype("float32")


def arrays(framing, pad_sequences=pad_left, to_categorical=one_hot):
    """Return (x, y): samples (patterns, steps, features) and one-hot targets (patterns, classes), float32.

    The two functions are the framework's own where a framework trains; the defaults say in NumPy what they must give.
    """
    texts, letters = zip(*patterns(framing))
    return inputs(framing, texts, pad_sequences), np.asarray(to_categorical(codes(letters)), dtype="float32")


def classes(framing):
    """Return the width of the softmax: the highest target and one more."""
    return max(codes(letter for _, letter in patterns(framing))) + 1


def parameters(framing):
    """Return how many numbers the network has: 4 gates of (features + units + 1) x units, then the softmax."""
    recurrent = 4 * framing.units * (shape(framing)[1] + framing.units + 1)
    return recurrent + classes(framing) * (framing.units + 1)


def steps(framing):
    """Return how many training steps (optimizer updates) the whole budget takes."""
    return framing.epochs * steps_per_epoch(framing)


def steps_per_epoch(framing):
    """Return the number of batches in one pass over the patterns; the last may be smaller."""
    return -(-len(patterns(framing)) // framing.batch_size)
