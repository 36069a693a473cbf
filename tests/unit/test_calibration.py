"""The calibration loop does the same work every time."""

from harness import calibration


def test_every_call_takes_seconds_of_its_own():
    found = [calibration.calibrate() for _ in range(5)]
    assert all(0 < seconds < 1 for seconds in found)


def test_the_library_sorts_what_it_is_given(monkeypatch):
    sorted_by = []
    monkeypatch.setattr(calibration, "LIBRARY", Library(calibration.LIBRARY, sorted_by))
    calibration.calibrate()
    size = calibration.SIZE
    words = [sorted_by[0][first : first + size] for first in range(0, len(sorted_by[0]), size)]
    assert len(words) == calibration.COUNT
    assert words == sorted(words)


class Library:
    """The C library; what it sorted is kept."""

    def __init__(self, library, kept):
        self.library, self.kept, self.strcmp = library, kept, library.strcmp

    def qsort(self, unsorted, *others):
        self.library.qsort(unsorted, *others)
        self.kept.append(unsorted.raw)
