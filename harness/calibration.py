"""The calibration loop: work that takes the same instructions beside every stack, and so tells how fast a machine is just now.

Sorting by the C library, which all processes of a machine share. Not NumPy and not Python, which differ from stack to stack:
200 products of 64 x 64 matrices with their tanh take 0.9 ms with NumPy 1.26 and 4.3 ms with 1.21, and a price over them told
`fit` of TensorFlow 2.10 to be five times dearer for a newer NumPy. The sort takes 0.66 to 0.67 ms on Python 3.6 to 3.13.
"""

import ctypes
import time

import numpy as np

LIBRARY = ctypes.CDLL(None)
COUNT, SIZE = 12000, 8  # Strings, and bytes of each with the zero that ends it: a millisecond.
STRINGS = np.random.RandomState(0).randint(1, 256, (COUNT, SIZE)).astype("uint8")
STRINGS[:, -1] = 0


def calibrate():
    """Return the seconds of one sort."""
    unsorted = ctypes.create_string_buffer(STRINGS.tobytes(), STRINGS.size)
    started = time.perf_counter()
    LIBRARY.qsort(unsorted, COUNT, SIZE, LIBRARY.strcmp)
    return time.perf_counter() - started
