"""Instants that follow one another by whole years, so that a row of a table is read in one go.

A row of an age table looked up at 1 January of sixty years is a slice of it, not sixty look-ups.
`year_runs` finds such slices once; kernels walk them. Where the rest of a year is the same
throughout, the table is interpolated once, before; where it is not (a leap year in between),
while reading. Either way the same operations give the same bits.

Kernels read flat arrays at unsigned places: a slice for every row would cost more than the row.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.numerics.compiling import inlined

__all__ = [
    "WHOLE_LIMIT",
    "YearRuns",
    "between",
    "nearest_whole",
    "rounded",
    "run_start",
    "within_whole",
    "year_runs",
]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Flags = NDArray[np.bool_]

WHOLE_LIMIT = 2.0**51
"""Values from here on are beyond `nearest_whole`; sums from 2**62 on are refused."""

# 2**52 + 2**51: a sum with it has no bits left below one, so that the sum itself rounds
_ROUNDING = 6755399441055744.0
_ROUNDING_BITS = np.int64(np.float64(_ROUNDING).view(np.int64))
_SUM_LIMIT = 2.0**62
_LAYERS_BYTES = 2**23  # what all layers may take: they have to stay near the processor


@dataclass(frozen=True, slots=True)
class YearRuns:
    """A table with room at both ends, and the instants of each survey as runs.

    Attributes
    ----------
    table : array (layer, row, age), float64
        Layer 0 is the table; the others are the table a part of a year later. Every row is longer
        than the longest run at both ends, with the values of its first and last age.
    first : array (survey + 1), int32
        Runs of survey ``d`` are ``first[d]`` to ``first[d + 1] - 1``.
    low, high : array (run), int32
        Instants of a run, `high` excluded.
    offset : array (run), int32
        Place of age zero in a row, and the whole years to the run's first instant.
    layer : array (run), int32
        Layer that is read as it stands, or -1 where layer 0 is interpolated while reading.
    steady : array (run), bool
        Whether the rest of a year is the same at all its instants.
    part : array (survey, instant), float64
        Rest of a year at each instant. [yr]
    """

    table: Floats
    first: Ints
    low: Ints
    high: Ints
    offset: Ints
    layer: Ints
    steady: Flags
    part: Floats


def year_runs(values: Floats, whole: Ints, part: Floats) -> YearRuns:
    """Runs of instants, and the table they are read from.

    Parameters
    ----------
    values : array (row, age), float64
        Table by whole age; its ends are held outside it.
    whole : array (survey, instant), int32
        Years from survey to instant, rounded down. [yr]
    part : array (survey, instant), float64
        The rest of them, from 0 to below 1. [yr]

    Returns
    -------
    YearRuns

    Examples
    --------
    >>> whole, part = np.array([[1, 2, 3, 7]], np.int32), np.array([[0.5, 0.5, 0.5, 0.0]])
    >>> runs = year_runs(np.array([[0.0, 10.0, 30.0]]), whole, part)
    >>> runs.low.tolist(), runs.high.tolist(), runs.layer.tolist()
    ([0, 3], [3, 4], [1, 0])
    >>> runs.table[1, 0, runs.offset[0] - 1 :][:3].tolist()  # half a year after 0, 1 and 2
    [5.0, 20.0, 30.0]
    """
    begins = np.ones(whole.shape, dtype=np.bool_)
    begins[:, 1:] = np.diff(whole, axis=1) != 1
    survey, low = np.nonzero(begins)
    high = np.append(low[1:], 0)
    high[high == 0] = whole.shape[1]
    rest = part[survey, low]
    steady = np.array(
        [(part[d, a:b] == part[d, a]).all() for d, a, b in zip(survey, low, high, strict=True)],
        dtype=np.bool_,
    )
    room = int((high - low).max(initial=0)) + 1
    padded = np.pad(values, ((0, 0), (room, room)), mode="edge")
    parts = np.unique(np.append(rest[steady], 0.0))
    if parts.size * padded.nbytes > _LAYERS_BYTES:
        parts = parts[:1]
    layer = np.minimum(np.searchsorted(parts, rest), parts.size - 1)
    return YearRuns(
        table=np.stack([_later(padded, share) for share in parts]),
        first=np.append(0, np.cumsum(begins.sum(axis=1))).astype(np.int32),
        low=low.astype(np.int32),
        high=high.astype(np.int32),
        offset=(whole[survey, low].astype(np.int64) + room).astype(np.int32),
        layer=np.where(steady & (parts[layer] == rest), layer, -1).astype(np.int32),
        steady=steady,
        part=np.ascontiguousarray(part, dtype=np.float64),
    )


def _later(padded: Floats, part: float) -> Floats:
    """The table a part of a year later, by the very operations of `between`."""
    if part == 0.0:
        return padded
    after = np.append(padded[:, 1:], padded[:, -1:], axis=1)
    return np.asarray(padded + part * (after - padded))


def within_whole(table: Floats, factors: Floats) -> None:
    """Refuse what is not fit for whole numbers: a table with gaps, too large a value or sum.

    Raises
    ------
    ConfigError
        The table has missing, infinite or negative values, or so many factors on it give values
        that are too large; all of them, if it is their sum.

    Examples
    --------
    >>> within_whole(np.array([[0.0, 300.0]]), np.array([1e3, np.nan]))
    """
    fit = np.count_nonzero((table >= 0.0) & (table < np.inf))
    if fit < table.size:
        raise ConfigError("E262", what=f"{table.size - fit} values of a table missing or negative")
    reach = factors * float(table.max(initial=0.0))
    large = int(np.count_nonzero(reach >= WHOLE_LIMIT))
    if large or np.nansum(np.maximum(reach, 0.0)) >= _SUM_LIMIT:
        raise ConfigError("E261", count=large or factors.size)


@inlined
def run_start(position: int, length: int, room: int) -> int:
    """Where a run starts in a row of `room` places; beyond its ends all values are alike."""
    return min(max(position, 0), room - length - 1)


@inlined
def between(value: float, later: float, part: float) -> float:
    """Value a part of a year after `value`, on the way to the next year's."""
    return value + part * (later - value)


@inlined
def nearest_whole(value: float) -> np.int64:
    """Nearest whole number of a value below 2**51, ties to even; zero where it is missing or < 0.

    Free of branches and of conversions, so that a loop over it is vectorised.
    """
    present = value if value > 0.0 else 0.0  # noqa: FURB136 - a missing value is not above zero
    return rounded(present)


@inlined
def rounded(value: float) -> np.int64:
    """Nearest whole number of a value from 0 to below 2**51, ties to even."""
    shifted = np.float64(value + _ROUNDING)
    return shifted.view(np.int64) - _ROUNDING_BITS
