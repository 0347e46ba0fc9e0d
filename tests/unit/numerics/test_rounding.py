"""Whole numbers from fractions, by hand."""

from fractions import Fraction

import numpy as np
import pytest

from ecogis.core.errors import ConfigError
from ecogis.numerics import group_sum_int64, largest_remainder, quantise


@pytest.mark.parametrize(
    ("value", "step", "expected"),
    [(0.125, 0.01, 12), (0.375, 0.01, 38), (2.5, 1.0, 2), (-2.5, 1.0, -2), (7.0, 2.0, 4)],
)
def test_ties_go_to_the_even_whole(value, step, expected):
    assert quantise([value], step).tolist() == [expected]


def test_a_hundredth_is_a_hundredth():
    # 1.15 / 0.01 is 114.99999999999999 in binary; a hundredth as a whole divisor gives 115
    assert quantise(np.array([1.15, 8.2, 0.57]), 0.01).tolist() == [115, 820, 57]


@pytest.mark.parametrize("bad", [np.nan, np.inf, 1e19])
def test_what_is_no_number_is_refused(bad):
    with pytest.raises(ConfigError) as caught:
        quantise([1.0, bad], 1.0)
    assert caught.value.code == "E261"


@pytest.mark.parametrize("step", [0.0, -1.0, np.nan])
def test_a_step_is_positive(step):
    with pytest.raises(ConfigError) as caught:
        quantise([1.0], step)
    assert caught.value.code == "E260"


@pytest.mark.parametrize(
    ("weights", "total", "parts"),
    [
        ([1, 1, 1], 100, [34, 33, 33]),  # a tie goes to the earlier row
        ([1, 1, 1], -100, [-34, -33, -33]),
        ([0, 3, 1], 10, [0, 8, 2]),  # 7.5 and 2.5: tie, the earlier row
        ([47, 16, 16, 21], 7, [3, 1, 1, 2]),  # 3.29 1.12 1.12 1.47: one left, to the last
        ([5], 0, [0]),
        ([0, 0], 0, [0, 0]),
        ([0.2, 0.2, 0.6], 10, [2, 2, 6]),
    ],
)
def test_parts_by_hand(weights, total, parts):
    assert largest_remainder(weights, total).tolist() == parts


def test_groups_need_not_be_sorted_and_columns_split_alike():
    parts = largest_remainder([1, 3, 1, 1], [[4, 9], [5, 0]], groups=[0, 1, 0, 1])
    assert parts.tolist() == [[2, 5], [4, 0], [2, 4], [1, 0]]


def test_products_beyond_64_bits_stay_exact():
    weights = np.array([10**15 + 1, 3 * 10**15 + 7, 5 * 10**14 + 3], dtype=np.int64)
    total = 9_000_000_000_000_000_123
    parts = largest_remainder(weights, total)
    exact = [Fraction(total) * int(w) / int(weights.sum()) for w in weights]
    assert int(parts.sum()) == total
    assert all(abs(int(part) - share) < 1 for part, share in zip(parts, exact, strict=True))


def test_large_groups_and_small_ones_follow_one_rule():
    weights = np.arange(1, 201)  # sorted selection
    parts = largest_remainder(weights, 1001)
    exact = [Fraction(1001 * int(w), int(weights.sum())) for w in weights]
    floors = [share.numerator // share.denominator for share in exact]
    by_rest = sorted(range(200), key=lambda i: (floors[i] - exact[i], i))
    for i in by_rest[: 1001 - sum(floors)]:
        floors[i] += 1
    assert parts.tolist() == floors


def test_a_total_without_weights_is_refused():
    with pytest.raises(ConfigError) as caught:
        largest_remainder([0, 0, 1], [5, 1], groups=[0, 0, 1])
    assert caught.value.code == "E263"


@pytest.mark.parametrize(
    ("weights", "totals", "groups"),
    [
        ([-1, 2], 1, None),
        ([np.nan, 2.0], 1, None),
        ([[1, 2]], 1, None),
        ([2**62, 2**62], 1, None),
        ([1, 2], 1.5, None),
        ([1, 2], [1], [0, 1]),
        ([1, 2], [1], [0]),
        ([1, 2], [1], [0, -1]),
        ([1, 2], [1], [0.0, 0.0]),
    ],
)
def test_arguments_that_do_not_fit(weights, totals, groups):
    with pytest.raises(ConfigError) as caught:
        largest_remainder(weights, totals, groups)
    assert caught.value.code == "E262"


def test_nothing_splits_into_nothing():
    assert largest_remainder(np.empty(0, dtype=np.int64), [0], np.empty(0, dtype=int)).size == 0


def test_sums_by_group():
    assert group_sum_int64([3, 4, 5], [1, 0, 1], 3).tolist() == [4, 8, 0]
    assert group_sum_int64([[1, 2], [3, 4]], [0, 0], 1).tolist() == [[4, 6]]


def test_no_rows_sum_to_zero():
    nothing, nowhere = np.empty((0, 2), dtype=np.int64), np.empty(0, dtype=int)
    assert group_sum_int64(nothing, nowhere, 2).tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize(
    ("values", "groups", "count"),
    [([1.0], [0], 1), ([1], [1], 1), ([1], [-1], 1), ([1, 2], [0], 1)],
)
def test_sums_refuse_what_does_not_fit(values, groups, count):
    with pytest.raises(ConfigError) as caught:
        group_sum_int64(values, groups, count)
    assert caught.value.code == "E262"
