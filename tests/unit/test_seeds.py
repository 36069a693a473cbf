"""Sets of seeds as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from harness import seeds
from harness.errors import SeedsError


@pytest.mark.parametrize(("text", "found"), [
    ("7", [7]), ("0", [0]), ("1-3", [1, 2, 3]), ("5-5", [5]), ("1-3,8", [1, 2, 3, 8]), (" 8 , 1-2", [1, 2, 8]),
    ("3,1-4,3", [1, 2, 3, 4]),
])  # fmt: skip
def test_seeds_are_read_in_order_and_once_each(text, found):
    assert seeds.parse(text) == found


@pytest.mark.parametrize("text", ["", "seven", "1-", "-1", "1-2-3", "1,,2", "1,", "1.5", "1 - 3", "0x1", "²", "--"])
def test_what_is_no_seed_is_one_sentence(text):
    with pytest.raises(SeedsError) as caught:
        seeds.parse(text)
    assert str(caught.value).endswith("allowed are whole numbers and ranges, such as 7 or 1-20 or 1-3,8")
    assert repr(text) in str(caught.value)


def test_a_range_that_runs_backwards_is_named():
    with pytest.raises(SeedsError, match=r"got '1,9-3'; the range 9-3 runs backwards$"):
        seeds.parse("1,9-3")


@pytest.mark.parametrize("text", ["4294967296", "1-1000000", "9" * 5000], ids=["over 32 bits", "a million", "5000 digits"])
def test_seeds_that_no_generator_or_patience_takes_are_refused(text):
    with pytest.raises(SeedsError, match=text[:10]):
        seeds.parse(text)


@given(st.sets(st.integers(0, 60), min_size=1))
def test_what_is_spelled_is_read_back(numbers):
    assert seeds.parse(seeds.spell(numbers)) == sorted(numbers)


def test_successive_seeds_are_spelled_as_ranges():
    assert seeds.spell([8, 3, 1, 2, 2, 10]) == "1-3,8,10"
