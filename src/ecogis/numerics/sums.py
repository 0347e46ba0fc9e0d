"""Sums of whole numbers by group: the same in any order and on any number of threads."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.numerics.compiling import kernel

__all__ = ["group_sum_int64"]

Ints = NDArray[np.int64]


def group_sum_int64(values: ArrayLike, groups: ArrayLike, count: int) -> Ints:
    """Sums of whole numbers by group.

    Parameters
    ----------
    values : array (row) or (row, column), int64
        Whole numbers; floats are refused, because their sum depends on order.
    groups : array (row), int
        Group of each row, 0 to `count` - 1.
    count : int
        Number of groups; a group without rows sums to zero.

    Returns
    -------
    array (group) or (group, column), int64
        Sums, in the unit of `values`.

    Raises
    ------
    ConfigError
        Values are not whole numbers, or groups do not fit.

    Examples
    --------
    >>> group_sum_int64([3, 4, 5], [1, 0, 1], 3)
    array([4, 8, 0])
    """
    table = np.asarray(values)
    members = np.asarray(groups)
    if table.size and table.dtype.kind not in "iu":
        raise ConfigError("E262", what=f"values of dtype {table.dtype} to sum")
    if members.shape != table.shape[:1]:
        raise ConfigError("E262", what=f"groups of shape {members.shape} for {table.shape} values")
    if members.size and (members.min() < 0 or members.max() >= count):
        raise ConfigError("E262", what=f"groups outside 0..{count - 1}")
    columns = np.ascontiguousarray(table.reshape(members.size, _columns(table)), dtype=np.int64)
    out = np.zeros((count, columns.shape[1]), dtype=np.int64)
    add_rows(columns, members.astype(np.int64, copy=False), out)
    return out.reshape((count, *table.shape[1:]))


def _columns(table: NDArray[Any]) -> int:
    return int(np.prod(table.shape[1:], dtype=np.int64))


@kernel
def add_rows(
    values: Ints,  # (row, column)
    groups: Ints,  # (row)
    out: Ints,  # (group, column)
) -> None:
    """Add each row of `values` to its group's row of `out`."""
    columns = values.shape[1]
    given, sums = values.ravel(), out.ravel()
    for i in range(groups.size):
        at, to = np.uintp(np.int64(i) * columns), np.uintp(groups[i] * columns)
        for c in range(columns):
            u = np.uintp(c)
            sums[to + u] += given[at + u]
