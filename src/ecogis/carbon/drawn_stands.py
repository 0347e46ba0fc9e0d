"""Stands as draws follow them: checked, in order of class and group, with a place in each table."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.carbon.error_sources import HELD
from ecogis.carbon.stocks import Paths
from ecogis.core.errors import ConfigError

__all__ = ["DatedPaths", "Stock", "stock_of"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]

_KG_PER_T, _HA_PER_DM2 = 1000.0, 1e-6


class _Named(Protocol):
    @property
    def names(self) -> tuple[str, ...]: ...


class DatedPaths(Paths, Protocol):
    """Stands on named curves at dated instants; growth's ``Trajectories`` is one."""

    @property
    def instants(self) -> tuple[date, ...]:
        """Days, one for each column of `whole`."""
        ...


@dataclass(frozen=True, slots=True)
class Stock:
    """Stands as the kernels follow them, in an order that keeps tables and totals near.

    Attributes
    ----------
    names : tuple of str
        Classes: curves, then the class of volumes held.
    years : tuple of int
        Calendar years of the instants.
    table : array (class, age)
        Volume as fitted. [m3 ha-1]
    zero : int
        Place of age zero in a padded row.
    width : int
        Places in a padded row.
    part : array (survey, year)
        Share of a year past the whole age. [yr]
    stands : array of str
        Names of the stands.
    curve, start, age, survey, group : array (stand)
        Class; place of the first year; surveyed age in the table; row of `part`; group.
    scale, size : array (stand)
        Factor on the curve [1]; kg CO2e for 1 m3 ha-1 on the stand; zero where not known.
    order : array (stand)
        Row in the caller's tables.
    groups : array of str
        Names of the groups.
    """

    names: tuple[str, ...]
    years: tuple[int, ...]
    table: Floats
    zero: int
    width: int
    part: Floats
    stands: NDArray[np.object_]
    curve: Ints
    start: Ints
    age: Ints
    survey: Ints
    group: Ints
    scale: Floats
    size: Floats
    order: NDArray[np.int64]
    groups: NDArray[np.object_]

    def padded(self, rows: Floats) -> Floats:
        """Rows by age with their first value before age zero and their last one held."""
        ages = np.clip(np.arange(self.width) - self.zero, 0, rows.shape[-1] - 1)
        return np.ascontiguousarray(rows[..., ages])


def stock_of(
    paths: DatedPaths,
    coefficients: pd.DataFrame,
    area_dm2: ArrayLike,
    members: NDArray[np.int64],
    groups: NDArray[np.object_],
    *,
    ages: int = 0,
) -> Stock:
    """Stands, checked and in order of class and group.

    `ages` says how far hazards by age reach; older stands are at the risk of the last age.

    Raises
    ------
    ConfigError
        Instants are not a year apart, or the tables are of other stands.
    """
    names = paths.stands["stand"].to_numpy(dtype=object)
    size = _sizes(coefficients, area_dm2, names)
    if members.shape != size.shape:
        raise ConfigError("E266", what="groups")
    if (np.diff(paths.whole, axis=1) != 1).any():
        raise ConfigError("E682", what=", ".join(map(str, paths.instants)))
    order = np.lexsort((members, paths.curve))
    table = np.asarray(paths.table.values, dtype=np.float64)
    ages, years = max(table.shape[1], ages), paths.whole.shape[1]
    survey = paths.survey[order]
    first = np.clip(paths.age[order] + paths.whole[survey, 0], -years, ages - 1)
    zero = max(0, -int(first.min(initial=0)))
    known = np.isfinite(paths.scale) & np.isfinite(size)
    named: _Named = paths.table  # type: ignore[assignment]
    return Stock(
        names=(*named.names, HELD),
        years=tuple(day.year for day in paths.instants),
        table=table,
        zero=zero,
        width=zero + ages + years + 1,
        part=np.asarray(paths.part, dtype=np.float64),
        stands=names[order],
        curve=paths.curve[order].astype(np.int32),
        start=(first + zero).astype(np.int32),
        age=np.clip(paths.age[order], 0, table.shape[1] - 1).astype(np.int32),
        survey=survey.astype(np.int32),
        group=members[order].astype(np.int32),
        scale=np.where(known, paths.scale, 0.0)[order],
        size=np.where(known, size, 0.0)[order],
        order=order,
        groups=groups,
    )


def _sizes(coefficients: pd.DataFrame, area_dm2: ArrayLike, names: NDArray[np.object_]) -> Floats:
    """CO2e for one cubic metre per hectare on each stand's area. [kg CO2e m-3 ha]"""
    if coefficients["stand"].tolist() != names.tolist():
        raise ConfigError("E266", what="coefficients")
    area = np.asarray(area_dm2)
    if area.shape != names.shape or area.dtype.kind not in "iu":
        raise ConfigError("E266", what="area_dm2")
    per_m3 = coefficients["co2e_t_m3"].to_numpy(dtype=np.float64)
    return np.asarray(per_m3 * _KG_PER_T * (area * _HA_PER_DM2))
