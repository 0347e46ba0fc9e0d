"""Carbon kernels: compiled = plain Python = NumPy, and the same bytes on any number of threads."""

import numba
import numpy as np
import pytest

from ecogis.carbon import kernels

INSTANTS = 10


@pytest.fixture
def inputs():
    rng = np.random.default_rng(2)
    stands = 500
    return (
        np.cumsum(rng.uniform(0, 8, (5, 60)), axis=1),
        rng.integers(0, 5, stands).astype(np.int32),
        rng.integers(0, 70, stands).astype(np.int32),
        np.where(rng.random(stands) < 0.1, np.nan, rng.uniform(0.2, 3.0, stands)),
        rng.integers(0, 2, stands).astype(np.int32),
        rng.integers(-5, 30, (2, INSTANTS)).astype(np.int32),
        rng.random((2, INSTANTS)),
        rng.uniform(1e2, 5e4, stands),
    )


def kilograms(function, inputs):
    out = np.full((inputs[1].size, INSTANTS), -1, dtype=np.int64)
    function(*inputs, out)
    return out


def totals(function, inputs, groups, blocks):
    out = np.zeros((blocks, 6, INSTANTS), dtype=np.int64)
    function(*inputs, groups, out)
    return out.sum(axis=0)


def twin(table, curve, age, scale, survey, whole, part, size):
    """The same kilograms with NumPy, rows at once."""
    index = age[:, None] + whole[survey]
    last = table.shape[1] - 1
    inside = (index >= 0) & (index < last)
    low = np.clip(index, 0, last)
    rows = curve[:, None]
    step = np.where(inside, table[rows, np.minimum(low + 1, last)] - table[rows, low], 0.0)
    volume = scale[:, None] * (table[rows, low] + part[survey] * step)
    return np.rint(np.nan_to_num(volume * size[:, None])).astype(np.int64)


def test_kilograms_compiled_parallel_plain_and_numpy(inputs):
    compiled = kilograms(kernels.fill_kg, inputs)
    np.testing.assert_array_equal(compiled, kilograms(kernels.fill_kg.py_func, inputs))
    np.testing.assert_array_equal(compiled, kilograms(kernels.fill_kg_parallel, inputs))
    np.testing.assert_array_equal(compiled, twin(*inputs))
    assert (compiled[np.isnan(inputs[3])] == 0).all()


def test_totals_are_the_same_bytes_for_any_blocks_and_threads(inputs):
    groups = (np.arange(inputs[1].size) % 6).astype(np.int32)
    whole = twin(*inputs)
    expected = np.zeros((6, INSTANTS), dtype=np.int64)
    np.add.at(expected, groups, whole)
    before = numba.get_num_threads()
    try:
        for threads in {1, min(2, before)}:
            numba.set_num_threads(threads)
            for blocks in (1, 2, 7, 600):  # also more blocks than stands
                found = totals(kernels.add_group_kg_parallel, inputs, groups, blocks)
                assert found.tobytes() == expected.tobytes()
            assert kilograms(kernels.fill_kg_parallel, inputs).tobytes() == whole.tobytes()
    finally:
        numba.set_num_threads(before)
    assert totals(kernels.add_group_kg, inputs, groups, 3).tobytes() == expected.tobytes()


def test_totals_plain(inputs):
    groups = np.zeros(inputs[1].size, dtype=np.int32)
    out = np.zeros((1, INSTANTS), dtype=np.int64)
    kernels._add_block.py_func(*inputs, groups, 0, inputs[1].size, out)
    np.testing.assert_array_equal(out[0], twin(*inputs).sum(axis=0))
    blocks = np.zeros((2, 1, INSTANTS), dtype=np.int64)
    kernels.add_group_kg.py_func(*inputs, groups, blocks)
    np.testing.assert_array_equal(blocks.sum(axis=0), out)


def test_order_of_stands_changes_nothing(inputs):
    order = np.random.default_rng(3).permutation(inputs[1].size)
    mixed = tuple(array[order] if array.shape[:1] == order.shape else array for array in inputs)
    groups = np.zeros(order.size, dtype=np.int32)
    first = totals(kernels.add_group_kg_parallel, inputs, groups, 2)
    assert totals(kernels.add_group_kg_parallel, mixed, groups, 2).tobytes() == first.tobytes()
