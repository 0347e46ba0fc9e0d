"""Carbon stocks of stands at instants, in whole kilograms."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Protocol

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon import kernels
from ecogis.core.errors import ConfigError
from ecogis.core.units import factor
from ecogis.numerics import group_sum_int64, quantise
from ecogis.numerics.runs import YearRuns, within_whole, year_runs
from ecogis.numerics.streaming import aligned_zeros
from ecogis.numerics.threads import in_parts, parts_of

__all__ = ["Paths", "group_kg", "stand_kg", "stocks"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Kilograms = NDArray[np.int64]

_Place = tuple[Floats, Ints, Ints, Floats]  # table, class, age, scale
_Way = tuple[Ints, Ints, Ints, Ints, Ints, Ints, Floats]  # survey, runs, rest of a year
_fill_kg: Callable[..., None] = kernels.fill_kg
_add_group_kg: Callable[..., None] = kernels.add_group_kg

_KG_PER_T = 1000.0
_HA_PER_DM2 = 1e-6
_VOLUME = "m3 ha-1"


class _Table(Protocol):
    @property
    def values(self) -> Floats: ...


class Paths(Protocol):
    """What the kernels need of growth: a table of volume and each stand's way through it.

    Growth's ``Trajectories`` has all of it; the arrays are explained there.
    """

    @property
    def stands(self) -> pd.DataFrame:
        """Stands in order, column ``stand``."""
        ...

    @property
    def table(self) -> _Table:
        """Table of volume by class and age. [m3 ha-1]"""
        ...

    @property
    def curve(self) -> NDArray[np.int32]:
        """Row of the table, by stand."""
        ...

    @property
    def age(self) -> NDArray[np.int32]:
        """Age at the survey, by stand. [yr]"""
        ...

    @property
    def survey(self) -> NDArray[np.int32]:
        """Row of `whole` and `part`, by stand."""
        ...

    @property
    def scale(self) -> Floats:
        """Factor on the curve, by stand. [1]"""
        ...

    @property
    def whole(self) -> NDArray[np.int32]:
        """Whole years from survey to instant. [yr]"""
        ...

    @property
    def part(self) -> Floats:
        """The rest of them. [yr]"""
        ...


def stocks(
    volume: xr.DataArray,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    *,
    co2e_kg: xr.DataArray | None = None,
) -> xr.Dataset:
    """Carbon stocks by pool and in CO2e.

    Parameters
    ----------
    volume : DataArray (stand, instant), float64
        Standing volume. [m3 ha-1]
    coefficients : DataFrame, one row per stand
        As `coefficients` gives it, in the order of `volume`.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]
    co2e_kg : DataArray (stand, instant), int64, optional
        What `stand_kg` gave for the same stands, which saves working it out again. [kg CO2e]

    Returns
    -------
    Dataset (stand, instant)
        ``standing_volume`` [m3 ha-1]; ``above_ground``, ``below_ground`` [t C ha-1];
        ``co2e_kg`` int64, rounded for each stand and instant before anything is added [kg CO2e];
        ``known`` (stand) bool: false where volume or coefficients are missing. Such a stand has
        missing pools and no kilogram.

    Raises
    ------
    ConfigError
        Stands are not the same in the three arguments.
    UnitError
        `volume` is in a unit of another kind.
    """
    factor(volume.attrs.get("units", _VOLUME), _VOLUME)
    _check_stands(coefficients, volume["stand"].to_numpy(), "coefficients")
    per_m3 = coefficients[["above_t_c_m3", "below_t_c_m3"]].to_numpy(dtype=np.float64)
    values = volume.to_numpy()
    empty = values == 0.0  # land without trees has no species, and no carbon
    pools = [np.where(empty, 0.0, values * per_m3[:, [i]]) for i in (0, 1)]
    size = _size(coefficients, area_dm2)
    known = ~(np.isnan(values).any(axis=1) | (np.isnan(size) & ~empty.all(axis=1)))
    if co2e_kg is None:
        kilograms = quantise(np.nan_to_num(np.where(empty, 0.0, values * size[:, None])), 1.0)
    else:
        kilograms = co2e_kg.to_numpy()
    axes = ("stand", "instant")
    return xr.Dataset(
        {
            "standing_volume": volume.assign_attrs(units="m3 ha-1"),
            "above_ground": (axes, pools[0], {"units": "t C ha-1"}),
            "below_ground": (axes, pools[1], {"units": "t C ha-1"}),
            "co2e_kg": (axes, kilograms, {"units": "kg CO2e"}),
            "known": ("stand", known, {"units": "1"}),
        },
        coords=volume.coords,
        attrs=_origin(coefficients, volume.attrs.get("curve_set")),
    )


def stand_kg(
    paths: Paths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    *,
    out: Kilograms | None = None,
) -> xr.DataArray:
    """CO2e of each stand at each instant straight from growth's table, without keeping volumes.

    The same whole kilograms as ``stocks(...)["co2e_kg"]``, in one pass.

    Parameters
    ----------
    paths : Trajectories of growth
        Table of volume and each stand's way through it.
    coefficients, area_dm2
        As for `stocks`.
    out : array (stand, instant), int64, optional
        Filled and used for the result, where a large one is asked for again and again.

    Returns
    -------
    DataArray (stand, instant), int64
        ``co2e_kg``; no kilogram where it is not known. [kg CO2e]

    Raises
    ------
    ConfigError
        Stands, areas or `out` do not fit, or a stock is too large.
    UnitError
        The curves are of a unit of another kind than volume per hectare.
    """
    size, runs = _prepared(paths, coefficients, area_dm2)
    shape = (size.size, paths.whole.shape[1])
    if out is None:
        out = np.empty(shape, dtype=np.int64)
    if out.shape != shape or out.dtype != np.int64 or not out.flags.carray:
        raise ConfigError("E262", what=f"out of shape {out.shape}, {out.dtype}")
    in_parts(partial(_fill, paths, runs, size, out), parts_of(size.size, out.size))
    stands = paths.stands["stand"].to_numpy(dtype=object)
    return _labelled(out, {"stand": stands}, paths, coefficients)


def group_kg(
    paths: Paths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    groups: ArrayLike,
    count: int | None = None,
) -> xr.DataArray:
    """CO2e of groups of stands at each instant; memory grows with groups, not with stands.

    Parameters
    ----------
    paths, coefficients, area_dm2
        As for `stand_kg`.
    groups : array (stand)
        Group of each stand: any labels, or with `count` whole numbers from 0 to `count` - 1.
    count : int, optional
        Number of groups, those without stands included.

    Returns
    -------
    DataArray (group, instant), int64
        ``co2e_kg``, sums of whole kilograms: the same for any order of stands and any number of
        threads. Coordinate ``unknown_stands`` counts the stands of which no stock is known: no
        kilogram of theirs is in the sums. [kg CO2e]

    Raises
    ------
    ConfigError
        Stands do not fit, a group is missing or out of range, or a sum is too large.
    UnitError
        The curves are of a unit of another kind than volume per hectare.
    """
    size, runs = _prepared(paths, coefficients, area_dm2)
    names, members = _members(groups, count, size.size)
    parts = parts_of(size.size, size.size * paths.whole.shape[1])
    instants = paths.whole.shape[1]
    room = aligned_zeros(len(parts) * len(names), instants)
    blocks = room.reshape(len(parts), len(names), room.shape[1])
    in_parts(partial(_add, paths, runs, size, members, blocks), parts)
    unknown = np.isnan(paths.scale) | (np.isnan(size) & (paths.scale != 0.0))
    lost = group_sum_int64(unknown.astype(np.int64), members, len(names))
    coords = {"group": names, "unknown_stands": ("group", lost)}
    total = blocks.sum(axis=0, dtype=np.int64)[:, :instants]
    return _labelled(total, coords, paths, coefficients)


def _members(
    groups: ArrayLike, count: int | None, stands: int
) -> tuple[NDArray[Any], NDArray[np.int32]]:
    """Names of the groups, and the group of each stand."""
    if count is None:
        members, found = pd.factorize(pd.Series(np.asarray(groups)), sort=True)
        names = np.asarray(found)
    else:
        members, names = np.asarray(groups), np.arange(count)
    fits = members.shape == (stands,) and members.dtype.kind in "iu"
    if not fits or (stands and (members.min() < 0 or members.max() >= len(names))):
        raise ConfigError("E262", what=f"groups outside 0..{len(names) - 1} or not one per stand")
    return names, members.astype(np.int32)


def _fill(paths: Paths, runs: YearRuns, size: Floats, out: Kilograms, /, *span: int) -> None:
    _, low, high = span
    place, way = _along(paths, runs, low, high)
    _fill_kg(*place, size[low:high], *way, out[low:high])


def _add(
    paths: Paths,
    runs: YearRuns,
    size: Floats,
    members: NDArray[np.int32],
    blocks: Kilograms,
    /,
    *span: int,
) -> None:
    block, low, high = span
    place, way = _along(paths, runs, low, high)
    _add_group_kg(*place, size[low:high], *way, members[low:high], blocks[block])


def _along(paths: Paths, runs: YearRuns, low: int, high: int) -> tuple[_Place, _Way]:
    """Some stands' place in the table and their way through it, in the kernels' order."""
    stands = slice(low, high)
    place = (runs.table, paths.curve[stands], paths.age[stands], paths.scale[stands])
    run = (runs.first, runs.low, runs.high, runs.offset, runs.layer, runs.part)
    return place, (paths.survey[stands], *run)


def _labelled(
    kilograms: Kilograms, coords: dict[str, Any], paths: Paths, coefficients: pd.DataFrame
) -> xr.DataArray:
    """Kilograms with their instants, where `paths` tell them, and their origin."""
    dated = getattr(paths, "instants", None)
    if dated is not None:
        coords = coords | {"instant": np.array(dated, dtype="datetime64[ns]")}
    return xr.DataArray(
        kilograms,
        coords=coords,
        dims=(next(iter(coords)), "instant"),
        name="co2e_kg",
        attrs={"units": "kg CO2e"} | _origin(coefficients, getattr(paths, "curve_set", None)),
    )


def _origin(coefficients: pd.DataFrame, curve_set: str | None) -> dict[str, str]:
    """Editions the numbers come from, as far as they are told."""
    told = {"parameter_set": coefficients.attrs.get("parameter_set"), "curve_set": curve_set}
    return {name: str(value) for name, value in told.items() if value}


def _prepared(
    paths: Paths, coefficients: pd.DataFrame, area_dm2: ArrayLike
) -> tuple[Floats, YearRuns]:
    factor(getattr(paths, "unit", _VOLUME), _VOLUME)
    _check_stands(coefficients, paths.stands["stand"].array, "coefficients")
    size = _size(coefficients, area_dm2)
    runs = year_runs(paths.table.values, paths.whole, paths.part)
    within_whole(runs.table, paths.scale * size)
    return size, runs


def _size(coefficients: pd.DataFrame, area_dm2: ArrayLike) -> Floats:
    """CO2e for one cubic metre per hectare on each stand's area. [kg CO2e m-3 ha]"""
    area = np.asarray(area_dm2)
    if area.shape != (len(coefficients),) or area.dtype.kind not in "iu":
        raise ConfigError("E266", what="area_dm2")
    co2e = coefficients["co2e_t_m3"].to_numpy(dtype=np.float64)
    return np.asarray(co2e * _KG_PER_T * (area * _HA_PER_DM2))


def _check_stands(coefficients: pd.DataFrame, stands: Any, what: str) -> None:
    if not pd.Index(coefficients["stand"].array).equals(pd.Index(stands)):
        raise ConfigError("E266", what=what)
