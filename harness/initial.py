"""What fresh weights are drawn from: shapes, bounds, moments and orthogonality of each array, over seeds.

Kernels are Glorot and Bengio's uniform ones (Understanding the difficulty of training deep feedforward neural networks,
AISTATS 2010): limit sqrt(6 / (inputs + outputs)). The recurrent kernel has orthonormal rows (Saxe, McClelland and Ganguli,
ICLR 2014). The forget gate's bias is 1 (Jozefowicz, Zaremba and Sutskever, ICML 2015), every other 0.
"""

from functools import lru_cache

import numpy as np

from harness import framings, rounding
from harness.diagnosis import AGREES

DESIGN = framings.FEATURE_WINDOW.replace(units=128)  # As many numbers as of 64 units come from twice the networks.
SEEDS = 2
# Standard deviations that a moment may be off: 5.3 is passed once in ten million draws, and six moments are looked at.
SIGMAS = 5.3
ALARMS = 1e-7
DISTINCT = 0.98
UNIFORM_KURTOSIS, NORMAL_KURTOSIS = 1.8, 3.0


@lru_cache(maxsize=1)  # Every engine begins with them.
def tell(backend, seed):
    """Return (units of the tolerance, what it says) of the weights that fresh networks have after each of two seeds."""
    drawn, first = [], SEEDS * seed
    for one in (*range(first, first + SEEDS), first):
        backend.seed(one)
        drawn.append([array.astype("float64") for array in backend.build(DESIGN).weights()])
    units, words = max(_found(drawn), key=lambda one: one[0])
    return units, AGREES if units <= 1 else words


def _found(drawn):
    """Yield (units, what it says if they are above 1) of everything looked at."""
    features, units, classes = framings.shape(DESIGN)[1], DESIGN.units, framings.classes(DESIGN)
    shapes = [(features, 4 * units), (units, 4 * units), (4 * units,), (units, classes), (classes,)]
    found = [np.shape(array) for array in drawn[0]]
    yield _off(found == shapes), "the shapes are {}".format(found)
    if found != shapes:
        return
    kernels, recurrent, biases, dense, dense_biases = (np.array(arrays) for arrays in zip(*drawn[:-1]))
    yield from _uniform("kernel", kernels, features + 4 * units)
    yield from _orthonormal(recurrent)
    forget = np.arange(4 * units) // units == 1
    yield _off(np.all(biases == forget)), "the bias is not 1 for the forget gate and 0 for the others"
    yield from _uniform("dense kernel", dense, units + classes)
    yield _off(not dense_biases.any()), "the dense bias is not 0"
    for name, arrays in (("kernel", kernels), ("recurrent kernel", recurrent), ("dense kernel", dense)):
        numbers = np.unique(arrays)
        # A float32 has 2^24 numbers or so below 1: of some thousand draws, few fall together.
        yield (
            _off(len(numbers) > DISTINCT * arrays.size),
            "the {} has the same numbers again, over other seeds too".format(name),
        )
    same = all(np.array_equal(one, again) for one, again in zip(drawn[0], drawn[-1]))
    yield _off(same), "the same seed gives other weights again"


def _off(is_right):
    return 0.0 if is_right else float("inf")


def _uniform(name, arrays, ends):
    limit, size = np.sqrt(6.0 / ends), arrays.size
    largest = np.abs(arrays).max() / limit
    # A uniform's largest of n numbers is below 1 - d with probability (1 - d)^n.
    reach = -np.log(ALARMS) / size
    words = "the {}'s largest number is {:.4g} times Glorot's limit".format(name, largest)
    yield max((largest - 1) / (4 * rounding.UNIT), (1 - largest) / reach), words
    yield from _moments(name, arrays, limit**2 / 3, UNIFORM_KURTOSIS)


def _moments(name, arrays, variance, kurtosis):
    """Mean and variance, whose standard errors are sd / sqrt(n) and variance sqrt((kurtosis - 1) / n)."""
    size, found = arrays.size, float(np.mean(arrays**2)) / variance
    mean = float(np.mean(arrays)) / np.sqrt(variance / size)
    yield abs(mean) / SIGMAS, "the {}'s mean is {:.3g} standard errors from 0".format(name, mean)
    error = np.sqrt((kurtosis - 1) / size)
    yield abs(found - 1) / error / SIGMAS, "the {}'s variance is {:.3g} times what it should be".format(name, found)


def _orthonormal(arrays):
    units = arrays.shape[1]
    products = np.array([array.dot(array.T) for array in arrays])
    off = np.abs(products - np.eye(units)).max()
    # Householder's factorization in float32 is orthonormal to a small multiple of n roundings (Higham 2002, theorem 19.4).
    words = "the recurrent kernel's rows are not orthonormal: their products are off by {:.3g}".format(off)
    yield off / (4 * units * rounding.UNIT), words
    yield from _moments("recurrent kernel", arrays, 1.0 / arrays.shape[2], NORMAL_KURTOSIS)
