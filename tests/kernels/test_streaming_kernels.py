"""Writing past the caches: the same values in the same places as writing in the usual way."""

import numpy as np
import pytest
from numba import njit

from ecogis.carbon import kernels as carbon
from ecogis.growth import kernels as growth
from ecogis.numerics.runs import year_runs
from ecogis.numerics.streaming import FAR, aligned_zeros, settle, stream_out

INSTANTS = 37


@njit
def written(values, count, out, to):
    stream_out(values, count, out, to)
    settle()


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 16, 64, 75])
@pytest.mark.parametrize("to", range(9))
@pytest.mark.parametrize("kind", [np.int64, np.float64])
def test_only_the_values_asked_for_are_written(kind, to, count):
    values, out = np.arange(1, 81).astype(kind), np.zeros(96, dtype=kind)
    written(values, count, out, to)
    expected = np.zeros(96, dtype=kind)
    expected[to : to + count] = values[:count]
    np.testing.assert_array_equal(out, expected)


@pytest.mark.parametrize("start", range(8))
def test_any_first_place_in_memory_will_do(start):
    out = np.zeros(200)[start:]
    written(np.ones(100), 100, out, 3)
    assert out.sum() == out[3:103].sum() == 100


def looked_up(stands):
    """More values than are written in the usual way, one survey with leap years."""
    rng = np.random.default_rng(8)
    since = np.arange(INSTANTS)
    whole = np.array([since, since + 4], dtype=np.int32)
    part = np.array([np.full(INSTANTS, 0.5), np.where(since % 4 == 1, 1 / 366, 1 / 365)])
    runs = year_runs(np.cumsum(rng.uniform(0, 8, (5, 60)), axis=1), whole, part)
    by_stand = [
        rng.integers(0, 5, stands).astype(np.int32),
        rng.integers(0, 70, stands).astype(np.int32),
        np.where(rng.random(stands) < 0.1, np.nan, rng.uniform(0.2, 3.0, stands)),
        rng.uniform(1e2, 5e4, stands),
        rng.integers(0, 2, stands).astype(np.int32),
    ]
    return runs, by_stand


def filled(function, kind, stands, parts):
    """The result in so many parts; only an undivided one is large enough to be streamed."""
    runs, by_stand = looked_up(stands)
    used = [i for i in range(5) if i != 3 or function is carbon.fill_kg]
    out = np.full((stands, INSTANTS), -1, dtype=kind)
    for rows in np.array_split(np.arange(stands), parts):
        at = slice(rows[0], rows[-1] + 1)
        function(
            runs.table, *(by_stand[i][at] for i in used),
            runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part, out[at],
        )  # fmt: skip
    return out


@pytest.mark.parametrize(
    ("function", "kind"), [(carbon.fill_kg, np.int64), (growth.fill_volume, np.float64)]
)
def test_a_large_result_is_the_same_as_its_parts(function, kind):
    stands = FAR // INSTANTS + 11
    assert (
        filled(function, kind, stands, 1).tobytes() == filled(function, kind, stands, 9).tobytes()
    )


def test_rows_to_add_up_in_start_a_line():
    sums = aligned_zeros(5, 9)
    assert sums.shape == (5, 16)
    assert not sums.any()
    assert [row.ctypes.data % 64 for row in sums] == [0] * 5
