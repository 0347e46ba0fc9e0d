"""Carbon stocks of stands at instants, in whole kilograms."""

from __future__ import annotations

from typing import Protocol

import numba
import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon import kernels
from ecogis.core.errors import ConfigError
from ecogis.numerics import quantise

__all__ = ["Paths", "group_kg", "stand_kg", "stocks"]

Floats = NDArray[np.float64]
Kilograms = NDArray[np.int64]

_PARALLEL_FROM = 100_000  # stand-instants below which starting threads costs more than it saves
_KG_PER_T = 1000.0
_HA_PER_DM2 = 1e-6


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


def stocks(volume: xr.DataArray, coefficients: pd.DataFrame, area_dm2: ArrayLike) -> xr.Dataset:
    """Carbon stocks by pool and in CO2e.

    Parameters
    ----------
    volume : DataArray (stand, instant), float64
        Standing volume. [m3 ha-1]
    coefficients : DataFrame, one row per stand
        As `coefficients` gives it, in the order of `volume`.
    area_dm2 : array (stand), int64
        Area of each stand. [0.01 m2]

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
    """
    _check_stands(coefficients, volume["stand"].to_numpy(), "coefficients")
    per_m3 = coefficients[["above_t_c_m3", "below_t_c_m3"]].to_numpy(dtype=np.float64)
    values = volume.to_numpy()
    empty = values == 0.0  # land without trees has no species, and no carbon
    pools = [np.where(empty, 0.0, values * per_m3[:, [i]]) for i in (0, 1)]
    kg = np.where(empty, 0.0, values * _size(coefficients, area_dm2)[:, None])
    missing = np.isnan(kg)
    known = ~missing.any(axis=1)
    axes = ("stand", "instant")
    return xr.Dataset(
        {
            "standing_volume": volume.assign_attrs(units="m3 ha-1"),
            "above_ground": (axes, pools[0], {"units": "t C ha-1"}),
            "below_ground": (axes, pools[1], {"units": "t C ha-1"}),
            "co2e_kg": (axes, quantise(np.where(missing, 0.0, kg), 1.0), {"units": "kg CO2e"}),
            "known": ("stand", known, {"units": "1"}),
        },
        coords=volume.coords,
    )


def stand_kg(paths: Paths, coefficients: pd.DataFrame, area_dm2: ArrayLike) -> Kilograms:
    """CO2e of each stand at each instant straight from growth's table, without keeping volumes.

    The same whole kilograms as ``stocks(...)["co2e_kg"]``, in one pass.

    Parameters
    ----------
    paths : Trajectories of growth
        Table of volume and each stand's way through it.
    coefficients, area_dm2
        As for `stocks`.

    Returns
    -------
    array (stand, instant), int64
        CO2e. [kg CO2e]
    """
    size = _sizes(paths, coefficients, area_dm2)
    out = np.empty((size.size, paths.whole.shape[1]), dtype=np.int64)
    fill = kernels.fill_kg_parallel if out.size >= _PARALLEL_FROM else kernels.fill_kg
    fill(
        paths.table.values,
        paths.curve,
        paths.age,
        paths.scale,
        paths.survey,
        paths.whole,
        paths.part,
        size,
        out,
    )
    return out


def group_kg(
    paths: Paths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    groups: ArrayLike,
    count: int,
) -> Kilograms:
    """CO2e of groups of stands at each instant; memory grows with groups, not with stands.

    Parameters
    ----------
    paths, coefficients, area_dm2
        As for `stand_kg`.
    groups : array (stand), int
        Group of each stand, 0 to `count` - 1.
    count : int
        Number of groups.

    Returns
    -------
    array (group, instant), int64
        Sums of whole kilograms: the same for any order of stands and any number of threads.
        [kg CO2e]

    Raises
    ------
    ConfigError
        Stands do not fit, or a group is out of range.
    """
    size = _sizes(paths, coefficients, area_dm2)
    members = np.asarray(groups)
    if members.shape != size.shape or (
        members.size and (members.min() < 0 or members.max() >= count)
    ):
        raise ConfigError("E262", what=f"groups outside 0..{count - 1} or not one per stand")
    members = members.astype(np.int32)
    instants = paths.whole.shape[1]
    small = size.size * instants < _PARALLEL_FROM
    blocks = np.zeros((1 if small else numba.get_num_threads(), count, instants), dtype=np.int64)
    add = kernels.add_group_kg if small else kernels.add_group_kg_parallel
    add(
        paths.table.values,
        paths.curve,
        paths.age,
        paths.scale,
        paths.survey,
        paths.whole,
        paths.part,
        size,
        members,
        blocks,
    )
    return np.asarray(blocks.sum(axis=0, dtype=np.int64))


def _sizes(paths: Paths, coefficients: pd.DataFrame, area_dm2: ArrayLike) -> Floats:
    _check_stands(coefficients, paths.stands["stand"].to_numpy(dtype=object), "coefficients")
    return _size(coefficients, area_dm2)


def _size(coefficients: pd.DataFrame, area_dm2: ArrayLike) -> Floats:
    """CO2e for one cubic metre per hectare on each stand's area. [kg CO2e m-3 ha]"""
    area = np.asarray(area_dm2)
    if area.shape != (len(coefficients),) or area.dtype.kind not in "iu":
        raise ConfigError("E266", what="area_dm2")
    co2e = coefficients["co2e_t_m3"].to_numpy(dtype=np.float64)
    return np.asarray(co2e * _KG_PER_T * (area * _HA_PER_DM2))


def _check_stands(coefficients: pd.DataFrame, stands: NDArray[np.generic], what: str) -> None:
    if coefficients["stand"].tolist() != stands.tolist():
        raise ConfigError("E266", what=what)
