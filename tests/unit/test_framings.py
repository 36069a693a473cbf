"""The framings against every fact that the tutorial published of its data and its networks."""

from collections import Counter

import numpy as np
import pytest

from harness import framings
from harness.errors import FramingError

# name, units, epochs, batch, shuffle, stateful, shape of x, parameters
PUBLISHED = [
    ("naive", 32, 500, 1, True, False, (25, 1, 1), 5210),
    ("feature_window", 32, 500, 1, True, False, (23, 1, 3), 5466),
    ("time_steps", 32, 500, 1, True, False, (23, 3, 1), 5210),
    ("within_batch", 16, 5000, 25, False, False, (25, 1, 1), 1594),
    ("stateful", 50, 300, 1, False, True, (25, 1, 1), 11726),
    ("variable_length", 32, 500, 1, True, False, (1000, 5, 1), 5210),
]
SAMPLE_ROWS = "PQRST->U W->X O->P OPQ->R IJKLM->N QRSTU->V ABCD->E X->Y GHIJ->K"
each_framing = pytest.mark.parametrize("framing", framings.FRAMINGS, ids=framings.NAMES)


def arrows(pairs):
    return " ".join("{}->{}".format(letters, after) for letters, after in pairs)


@pytest.mark.parametrize("row", PUBLISHED, ids=lambda row: row[0])
def test_a_framing_is_what_the_page_printed(row):
    name, units, epochs, batch, shuffle, stateful, shape, parameters = row
    framing = framings.named(name)
    x, y = framings.arrays(framing)
    assert (framing.units, framing.epochs, framing.batch_size) == (units, epochs, batch)
    assert (framing.shuffle, framing.stateful) == (shuffle, stateful)
    assert (x.shape, y.shape) == (shape, (shape[0], 26))
    assert framings.parameters(framing) == parameters


def test_there_are_six_framings_in_the_page_s_order():
    assert tuple(row[0] for row in PUBLISHED) == framings.NAMES


@pytest.mark.parametrize(("name", "count", "first", "last"), [
    ("naive", 25, "A->B", "Y->Z"), ("within_batch", 25, "A->B", "Y->Z"), ("stateful", 25, "A->B", "Y->Z"),
    ("feature_window", 23, "ABC->D", "WXY->Z"), ("time_steps", 23, "ABC->D", "WXY->Z"),
])  # fmt: skip
def test_fixed_windows_run_through_the_alphabet_in_order(name, count, first, last):
    pairs = framings.patterns(framings.named(name))
    assert (len(pairs), arrows(pairs[:1]), arrows(pairs[-1:])) == (count, first, last)
    assert [after for _, after in pairs] == list(framings.ALPHABET[-count:])


def test_the_page_s_nine_sample_rows_are_the_first_nine_draws_of_seed_7():
    assert arrows(framings.patterns(framings.VARIABLE_LENGTH)[:9]) == SAMPLE_ROWS


def test_there_are_114_distinct_patterns_of_variable_length():
    pairs = framings.patterns(framings.VARIABLE_LENGTH)
    assert (len(pairs), len(set(pairs))) == (1000, 114)


def test_the_lengths_of_the_drawn_patterns_are_those_counted_for_seed_7():
    lengths = Counter(len(letters) for letters, _ in framings.patterns(framings.VARIABLE_LENGTH))
    assert [lengths[length] for length in (1, 2, 3, 4, 5)] == [230, 234, 213, 165, 158]


def test_a_lone_y_never_occurs_so_z_follows_longer_stretches_only():
    pairs = framings.patterns(framings.VARIABLE_LENGTH)
    assert {letters for letters, after in pairs if after == "Z"} == {"XY", "WXY", "VWXY", "UVWXY"}


@each_framing
def test_a_is_never_a_target(framing):
    assert "A" not in {after for _, after in framings.patterns(framing)}
    assert framings.arrays(framing)[1][:, 0].sum() == 0


@each_framing
def test_every_target_is_the_letter_after_the_last_one(framing):
    for letters, after in framings.patterns(framing):
        assert letters + after in framings.ALPHABET


@each_framing
def test_inputs_are_letters_scaled_by_26(framing):
    x, y = framings.arrays(framing)
    letters, after = framings.patterns(framing)[-1]
    assert x.dtype == y.dtype == np.float32
    assert x[-1].reshape(-1)[-len(letters) :].tolist() == pytest.approx([code / 26 for code in framings.codes(letters)])
    assert framings.ALPHABET[y[-1].argmax()] == after


def test_short_patterns_are_padded_with_zeros_on_the_left():
    x = framings.inputs(framings.VARIABLE_LENGTH, ["XY"])
    assert (x * 26).reshape(-1).round().tolist() == [0, 0, 0, 23, 24]


def test_the_framework_s_own_padding_and_one_hot_are_used_where_given():
    def pad(sequences, maxlen, dtype):
        return np.full((len(sequences), maxlen), 13, dtype=dtype)

    def to_categorical(numbers):
        return [[number] for number in numbers]

    x, y = framings.arrays(framings.NAIVE, pad, to_categorical)
    assert (set(x.reshape(-1)), y[:3].reshape(-1).tolist()) == ({0.5}, [1, 2, 3])


@pytest.mark.parametrize(("edition", "units"), [("2016-07", 16), ("2017-03", 16), ("2018-08", 50)])
def test_the_stateful_listing_had_16_units_until_august_2018(edition, units):
    assert framings.named("stateful", edition).units == units


def test_an_edition_of_16_units_has_1594_parameters():
    assert framings.parameters(framings.named("stateful", "2016-07")) == 1594


def test_the_newest_edition_is_the_default():
    assert framings.framings() == framings.framings("2018-08") == framings.FRAMINGS


def test_editions_differ_in_nothing_but_the_stateful_units():
    old, new = framings.framings("2016-07"), framings.framings("2018-08")
    unlike = [a.name for a, b in zip(old, new) if a.replace(edition=b.edition) != b]
    assert unlike == ["stateful"]
    assert old[4].replace(edition="2018-08", units=50) == new[4]


def test_a_framing_bears_its_edition():
    assert {framing.edition for framing in framings.framings("2017-03")} == {"2017-03"}


def test_the_within_batch_demonstration_is_the_list_of_every_tensorflow_2_rerun():
    pairs = framings.patterns(framings.WITHIN_BATCH)
    shown = [pairs[place][0] for place in framings.demonstration(framings.WITHIN_BATCH, 7)]
    assert " ".join(shown) == "P E W D T X H O X I O K I H G E Q H M A"


def test_the_variable_length_demonstration_is_the_list_of_every_tensorflow_2_rerun():
    pairs = framings.patterns(framings.VARIABLE_LENGTH)
    shown = [pairs[place][0] for place in framings.demonstration(framings.VARIABLE_LENGTH, 7)]
    assert " ".join(shown) == "J HIJ EF KLM B C RS ABC CDE NOP CD LM FGHIJ NOPQ CDEFG ABC RSTUV BCD FG K"


def test_comment_35_is_one_line():
    framing = framings.STATEFUL.replace(sequence="ABCDEFABCXYZ")
    assert arrows(framings.patterns(framing)) == "A->B B->C C->D D->E E->F F->A A->B B->C C->X X->Y Y->Z"
    assert framings.arrays(framing)[0].shape == (11, 1, 1)


def test_the_softmax_is_as_wide_as_the_highest_target_and_one_more():
    assert framings.classes(framings.NAIVE.replace(sequence="ABCDEF")) == 6


@pytest.mark.parametrize(("name", "steps"), [("naive", 12_500), ("within_batch", 5000), ("variable_length", 500_000)])
def test_the_budget_is_epochs_times_batches(name, steps):
    assert framings.steps(framings.named(name)) == steps


def test_the_last_batch_of_an_epoch_may_be_smaller():
    assert framings.steps_per_epoch(framings.NAIVE.replace(batch_size=10)) == 3


@pytest.mark.parametrize(("call", "sentence"), [
    (lambda: framings.named("statefull"), r"^unknown framing 'statefull'; known: naive, .*, variable_length$"),
    (lambda: framings.named("naive", "2019"), r"^unknown edition '2019'; known: 2016-07, 2017-03, 2018-08$"),
    (lambda: framings.framings(None), r"^unknown edition None; known: 2016-07, 2017-03, 2018-08$"),
    (lambda: framings.NAIVE.replace(unit=3), r"^unknown value 'unit' of a framing; known: name, units, .*edition$"),
], ids=["framing", "edition", "no edition", "field"])  # fmt: skip
def test_what_is_unknown_is_named_with_what_is_known(call, sentence):
    with pytest.raises(FramingError, match=sentence):
        call()
