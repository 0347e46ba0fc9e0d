"""Whole numbers from fractions: quantising once, and splits that add up exactly."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.numerics.compiling import kernel

__all__ = ["largest_remainder", "quantise"]

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

_LARGEST = 2**63 - 1
_LARGEST_SUM = 2**61  # three times this still fits a signed 64-bit number (see `_share`)
_WEIGHT_BITS = 40  # float weights become whole numbers of this many bits, so sums cannot overflow
_SMALL_GROUP = 24  # below this many parts, repeated search is quicker than sorting


def quantise(values: ArrayLike, step: float) -> Ints:
    """Whole numbers of `step` nearest to `values`, ties to the even one.

    This is the only way from float64 to a quantity that is added: area at 0.01 m2, carbon at
    1 kg, money at 1 fen. A step such as 0.01 is taken as one hundredth exactly, not as the
    binary fraction nearest to it.

    Parameters
    ----------
    values : array, float64
        Finite numbers, in the unit of `step`.
    step : float
        Size of one whole, positive.

    Returns
    -------
    array, int64
        ``values / step``, rounded half to even.

    Raises
    ------
    ConfigError
        A value is missing, infinite or too large, or the step is not positive.

    Examples
    --------
    >>> quantise([0.125, 0.135, -2.0], 0.01)
    array([  12,   14, -200])
    >>> quantise([0.5, 1.5, 2.5], 1.0)
    array([0, 2, 2])
    """
    if not (np.isfinite(step) and step > 0):
        raise ConfigError("E260", step=step)
    numbers = np.asarray(values, dtype=np.float64)
    per_unit = 1.0 / step
    whole = np.rint(per_unit)
    is_part = whole >= 1 and abs(per_unit - whole) <= 1e-12 * per_unit
    scaled = np.rint(numbers * whole if is_part else numbers / step)
    if not np.all(np.abs(scaled) < float(_LARGEST)):  # also false for NaN
        raise ConfigError("E261", count=int(np.sum(~(np.abs(scaled) < float(_LARGEST)))))
    return np.asarray(scaled.astype(np.int64))


def largest_remainder(
    weights: ArrayLike, totals: ArrayLike, groups: ArrayLike | None = None
) -> Ints:
    """Whole parts of whole totals in proportion to `weights`; parts add up to the total exactly.

    Each part is first rounded down; what is left over goes, one by one, to the parts with the
    largest remainder, the earlier row first when remainders are equal. Arithmetic is exact for
    whole weights. Float weights are taken relative to the largest weight of all at 2**-40.

    Parameters
    ----------
    weights : array (part), int64 or float64
        Size of each part, zero or more; a part of weight zero gets nothing.
    totals : int, array (group) or array (group, column), int64
        What is split. A negative total is split as its positive twin.
    groups : array (part), int, optional
        Row of `totals` each part belongs to. Without it all parts share one total.

    Returns
    -------
    array (part) or (part, column), int64
        Parts, in the unit of `totals`.

    Raises
    ------
    ConfigError
        A weight is negative or missing, a group is out of range, or a total that is not zero
        has no part with a weight.

    References
    ----------
    .. [1] Hamilton's method of apportionment; reliability needs exact totals in any order.

    Examples
    --------
    >>> largest_remainder([1, 1, 1], 100)
    array([34, 33, 33])
    >>> largest_remainder([2, 1, 5, 5], [10, -7], groups=[0, 0, 1, 1])
    array([ 7,  3, -4, -3])
    """
    sizes = _whole_weights(np.asarray(weights))
    table, squeeze = _as_table(np.asarray(totals))
    members = _checked_groups(groups, sizes.size, table.shape[0])
    order = np.argsort(members, kind="stable")
    bounds = np.searchsorted(members[order], np.arange(table.shape[0] + 1))
    parts = np.zeros((sizes.size, table.shape[1]), dtype=np.int64)
    ordered = sizes[order]
    _refuse_unweighted(_sums(ordered, bounds), table)
    split_groups(ordered, bounds, np.abs(table), parts)
    result = np.empty_like(parts)
    result[order] = parts
    result *= np.where(table < 0, -1, 1)[members]
    return result[:, 0] if squeeze else result


def _whole_weights(weights: NDArray[Any]) -> Ints:
    if weights.ndim != 1:
        raise ConfigError("E262", what=f"weights of {weights.ndim} dimensions")
    if weights.dtype.kind in "iu":
        sizes = weights.astype(np.int64)
    else:
        numbers = weights.astype(np.float64)
        if not np.all(np.isfinite(numbers)):
            raise ConfigError("E262", what="missing or infinite weights")
        largest = float(np.max(np.abs(numbers), initial=0.0))
        scale = 0.0 if largest == 0.0 else 2.0**_WEIGHT_BITS / largest
        sizes = np.rint(numbers * scale).astype(np.int64)
    if np.any(sizes < 0):
        raise ConfigError("E262", what="negative weights")
    if float(np.sum(sizes, dtype=np.float64)) >= _LARGEST_SUM:
        raise ConfigError("E262", what="weights whose sum is beyond 2**61")
    return sizes


def _as_table(totals: NDArray[Any]) -> tuple[Ints, bool]:
    """Totals as (group, column), and whether the caller gave no column axis."""
    if totals.dtype.kind not in "iu" or totals.ndim > 2:
        raise ConfigError("E262", what=f"totals of dtype {totals.dtype}, {totals.ndim} dimensions")
    table = np.atleast_1d(totals).astype(np.int64)
    squeeze = table.ndim == 1
    return (table[:, None] if squeeze else table), squeeze


def _checked_groups(groups: ArrayLike | None, parts: int, count: int) -> Ints:
    members = np.zeros(parts, dtype=np.int64) if groups is None else np.asarray(groups)
    if members.shape != (parts,) or (parts and members.dtype.kind not in "iu"):
        raise ConfigError("E262", what=f"groups of shape {members.shape} for {parts} parts")
    if parts and (members.min() < 0 or members.max() >= count):
        raise ConfigError("E262", what=f"groups outside 0..{count - 1}")
    return members.astype(np.int64)


def _sums(ordered: Ints, bounds: Ints) -> Ints:
    running = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(ordered)])
    return np.diff(running[bounds])


def _refuse_unweighted(sums: Ints, table: Ints) -> None:
    lost = (sums == 0) & np.any(table != 0, axis=1)
    if np.any(lost):
        raise ConfigError("E263", group=int(np.flatnonzero(lost)[0]))


@kernel
def _share(total: int, weight: int, whole: int) -> tuple[int, int]:
    """Quotient and remainder of ``total * weight / whole``, exact also where the product is not."""
    if weight == 0 or total <= _LARGEST // weight:
        product = total * weight
        return product // whole, product % whole
    quotient, remainder = 0, 0
    for bit in range(62, -1, -1):
        remainder = 2 * remainder + ((total >> bit) & 1) * weight
        carried = remainder // whole
        quotient = 2 * quotient + carried
        remainder -= carried * whole
    return quotient, remainder


@kernel
def split_groups(
    weights: Ints,  # (part)          sorted by group
    bounds: Ints,  # (group + 1)     first part of each group, and the end
    totals: Ints,  # (group, column) zero or more
    out: Ints,  # (part, column)
) -> None:
    """Fill `out`: rounded-down shares, then one more for the largest remainders."""
    for g in range(bounds.size - 1):
        low, high = bounds[g], bounds[g + 1]
        whole = 0
        for i in range(low, high):
            whole += weights[i]
        if whole == 0:
            continue
        rest = np.empty(high - low, np.int64)
        for c in range(totals.shape[1]):
            left = totals[g, c]
            for i in range(low, high):
                quotient, rest[i - low] = _share(totals[g, c], weights[i], whole)
                out[i, c] = quotient
                left -= quotient
            if left > 0:
                _hand_out(rest, left, out[low:high, c])


@kernel
def _hand_out(rest: Ints, left: int, out: Ints) -> None:
    """Give one to each of the `left` largest remainders; equal ones in row order."""
    if rest.size <= _SMALL_GROUP:
        for _ in range(left):
            best = np.argmax(rest)  # the first of equal ones
            out[best] += 1
            rest[best] = -1
        return
    limit = np.sort(rest)[rest.size - left]
    ties = left
    for i in range(rest.size):
        if rest[i] > limit:
            out[i] += 1
            ties -= 1
    for i in range(rest.size):
        if rest[i] == limit and ties > 0:
            out[i] += 1
            ties -= 1
