"""The clauses on what is large hold for the reference itself, and each says what it found where another is coarse or short."""

import numpy as np
import pytest

from harness import reference, sizes, small

NUMERICS = reference.NEWEST._replace(dtype="float64")
HORIZON = 32


class Exact:
    """The reference, which keeps the first moments of its gradients; a subclass replaces what it does wrong."""

    def __init__(self, design):
        self.shapes, self.first = ((2, 32), (8, 32), (32,), (8, 5), (5,)), 0.0
        random = np.random.RandomState(4)
        self.arrays = [random.normal(0, 0.4, shape) for shape in self.shapes]

    def weights(self):
        return [array.copy() for array in self.arrays]

    def set_weights(self, weights):
        self.arrays = weights

    def defaults(self):
        return {}

    def predict(self, x, batch_size):
        return self.forward(x).answers

    def forward(self, x):
        return reference.Network(self.arrays, NUMERICS).forward(x)

    def fit(self, x, y, batch_size, shuffle):
        gradient = reference.Network(self.arrays, NUMERICS).gradients(self.seen(x), y)
        self.first = 0.9 * self.first + 0.1 * gradient

    def seen(self, x):
        return self.forward(x)

    def slots(self):
        firsts = reference.views(self.first, self.shapes)
        return [np.array(1), *firsts, *(first**2 for first in firsts)]


class Networks:
    def __init__(self, **broken):
        self.kind = type("Broken", (Exact,), broken)

    def get(self, design=small.PLAIN):
        return self.kind(design)


@pytest.mark.parametrize("clause", sizes.CLAUSES, ids=lambda clause: clause.__name__)
def test_the_reference_holds(clause):
    assert clause(Networks()) is None


def coarse(is_large):
    def forward(self, x):
        return Exact.forward(self, x.astype("float16") if is_large(x) else x)

    return forward


def of_the_last_steps(self, x):
    """A pass over the last steps alone, from the states in which the others end."""
    network = reference.Network(self.arrays, NUMERICS)
    early = network.forward(x[:, :-HORIZON]).states if x.shape[1] > HORIZON else None
    return network.forward(x[:, -HORIZON:], early)


@pytest.mark.parametrize(("clause", "broken", "words"), [
    ("many_rows_are_taken_as_one", {"forward": coarse(lambda x: len(x) >= 64)}, "96 rows at once are answered "),
    ("many_rows_are_taken_as_one", {"seen": lambda self, x: Exact.forward(self, x[::-1])},
     "over 96 rows at once fit takes a gradient that is off by "),
    ("many_rows_are_taken_as_one", {"seen": lambda self, x: Exact.forward(self, np.nan * x)},
     "over 96 rows at once fit takes a gradient that is off by nan of itself"),
    ("many_steps_are_walked_to_their_first", {"forward": coarse(lambda x: x.shape[1] > 64)}, "72 steps are answered "),
    ("many_steps_are_walked_to_their_first", {"seen": of_the_last_steps},
     "over 72 steps fit takes a gradient that is off by 1.54 of itself"),
])  # fmt: skip
def test_what_is_large_and_taken_otherwise_is_told(clause, broken, words):
    assert getattr(sizes, clause)(Networks(**broken)).startswith(words)
