"""Standing volume of groups of stands, in whole dm3."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.growth.curves import AgeTable
from ecogis.numerics.run_kernels import add_whole_runs
from ecogis.numerics.runs import YearRuns, within_whole, year_runs
from ecogis.numerics.streaming import aligned_zeros
from ecogis.numerics.sums import group_sum_int64
from ecogis.numerics.threads import in_parts, parts_of

__all__ = ["along", "column", "group_volume"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Whole = NDArray[np.int64]

_Place = tuple[Floats, Ints, Ints, Floats]  # table, class, age, scale
_Way = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Floats]  # survey, runs, rest of a year
_add_whole: Callable[..., None] = add_whole_runs

_DM3_PER_DM2 = 1e-3  # of 1 m3 ha-1 on 0.01 m2: 1000 dm3 over 10^6 dm2


class _Paths(Protocol):
    """What is read of `Trajectories`."""

    stands: pd.DataFrame
    table: AgeTable
    curve: Ints
    age: Ints
    survey: Ints
    scale: Floats
    whole: Ints
    part: Floats
    curve_set: str
    unit: str


def column(stands: pd.DataFrame, name: str) -> pd.Series:
    """A column of the stands that a total needs.

    Raises
    ------
    ConfigError
        There is none of this name.
    """
    if name not in stands:
        raise ConfigError("E652", what=name)
    return stands[name]


def group_volume(
    paths: Any,
    by: ArrayLike,
    area_dm2: ArrayLike | None,
    findings: Findings,
    times: dict[str, Any],
) -> xr.DataArray:
    """Whole volumes of groups; see `standing_volume`, whose part it is.

    Parameters
    ----------
    paths : Trajectories
        Stands on their curves.
    by : array (stand)
        Group of each stand.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    findings : Findings
        Grows by E650.
    times : dict
        Coordinates of the instants.

    Returns
    -------
    DataArray (group, instant), int64
        ``standing_volume_dm3``. [dm3]

    Raises
    ------
    ConfigError
        Groups or areas do not fit the stands, or a total is too large.

    Findings
    --------
    E650
        A stand belongs to no group; it is added up under a group without a name.
    """
    factor(paths.unit, "m3 ha-1")
    names, member = _members(paths, by, findings)
    area = np.asarray(area_dm2)
    if area.shape != member.shape or area.dtype.kind not in "iu":
        raise ConfigError("E652", what="area_dm2")
    unknown = np.where(np.isnan(paths.scale), area, 0)
    return xr.DataArray(
        _added(paths, member, area * _DM3_PER_DM2, len(names)),
        coords={
            "group": names,
            "area_dm2": ("group", group_sum_int64(area, member, len(names))),
            "unknown_dm2": ("group", group_sum_int64(unknown, member, len(names))),
        }
        | times,
        dims=("group", "instant"),
        name="standing_volume_dm3",
        attrs={"units": "dm3", "long_name": "standing volume", "curve_set": paths.curve_set},
    )


def _members(paths: _Paths, by: ArrayLike, findings: Findings) -> tuple[NDArray[Any], Ints]:
    """Names of the groups in order, the one without a name last, and the group of each stand."""
    labels = pd.Series(np.asarray(by, dtype=object))
    if labels.shape != (len(paths.curve),):
        raise ConfigError("E652", what="by")
    codes, found = pd.factorize(labels, sort=True, use_na_sentinel=True)
    names, lost = np.asarray(found, dtype=object), codes < 0
    findings.add("E650", layer="stands", where=lost, feature=paths.stands["stand"])
    if lost.any():
        names = np.append(names, "")
    return names, np.where(lost, len(names) - 1, codes).astype(np.int32)


def _added(paths: _Paths, member: Ints, size: Floats, groups: int) -> Whole:
    runs = year_runs(paths.table.values, paths.whole, paths.part)
    within_whole(runs.table, paths.scale * size)
    parts = parts_of(member.size, member.size * paths.whole.shape[1])
    instants = paths.whole.shape[1]
    room = aligned_zeros(len(parts) * groups, instants)
    blocks = room.reshape(len(parts), groups, room.shape[1])
    in_parts(partial(_add, paths, runs, size, member, blocks), parts)
    return np.asarray(blocks.sum(axis=0, dtype=np.int64)[:, :instants])


def _add(
    paths: _Paths,
    runs: YearRuns,
    size: Floats,
    member: Ints,
    blocks: Whole,
    /,
    *span: int,
) -> None:
    block, low, high = span
    place, way = along(paths, runs, low, high)
    _add_whole(*place, size[low:high], *way, member[low:high], blocks[block])


def along(paths: Any, runs: YearRuns, low: int, high: int) -> tuple[_Place, _Way]:
    """Some stands' place in the table and their way through it, in the kernels' order."""
    stands = slice(low, high)
    place = (runs.table, paths.curve[stands], paths.age[stands], paths.scale[stands])
    run = (runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part)
    return place, (paths.survey[stands], *run)
