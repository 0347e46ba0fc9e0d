"""Yield tables: volume, or height, by species, site class and age."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.curves import JOINT, POINTS, Curve, CurveSet

__all__ = ["YieldTable", "yield_table"]

Floats = NDArray[np.float64]
_NUMBER = re.compile(r"(\d+(?:\.\d+)?)$")
_COLUMNS = ("species", "site_class", "age_yr")


@dataclass(frozen=True, slots=True)
class YieldTable:
    """A published table as curves, one for each species and site class.

    Attributes
    ----------
    name, unit : str
        Name of the table; unit of its values.
    curves : mapping of (species, site class) to Curve
        Points joined; valid between their first and last age.
    """

    name: str
    unit: str
    curves: Mapping[tuple[str, str], Curve]

    def curve_set(self) -> CurveSet:
        """The table as curves that stands follow by ``species`` and ``site_class``."""
        follows = {JOINT.join(group): curve.name for group, curve in self.curves.items()}
        keys = ("species", "site_class")
        curves = tuple(self.curves.values())
        return CurveSet(self.name, "table", curves, MappingProxyType(follows), keys)

    def classes(self, species: str) -> tuple[str, ...]:
        """Site classes of a species, in the order of the table."""
        return tuple(site for name, site in self.curves if name == species)

    def at(self, species: str, site_class: str, ages: ArrayLike) -> Floats:
        """Values at some ages; missing outside the ages the table prints. [unit]"""
        wanted = np.atleast_1d(np.asarray(ages, dtype=np.float64))
        curve = self.curves.get((species, site_class))
        if curve is None:
            return np.full(wanted.shape, np.nan)
        inside = (wanted >= curve.first_age) & (wanted <= curve.last_age)
        return np.where(inside, curve.at(wanted), np.nan)

    def between(self, species: str, site_index: float, ages: ArrayLike) -> Floats:
        """Values between two site classes, linear in their numbers; missing outside them. [unit]

        Parameters
        ----------
        species : str
            Species.
        site_index : float
            Number of the site, on the scale of the numbers the classes end in.
        ages : array
            Ages. [yr]
        """
        classes = self.classes(species)
        numbers = np.array([_number(site) for site in classes])
        order = np.argsort(numbers)
        wanted = np.atleast_1d(np.asarray(ages, dtype=np.float64))
        if numbers.size == 0 or not numbers[order[0]] <= site_index <= numbers[order[-1]]:
            return np.full(wanted.shape, np.nan)
        place = int(np.searchsorted(numbers[order], site_index))
        above = order[place]
        if numbers[above] == site_index:
            return self.at(species, classes[above], wanted)
        below = order[place - 1]
        share = (site_index - numbers[below]) / (numbers[above] - numbers[below])
        low, high = (self.at(species, classes[row], wanted) for row in (below, above))
        return np.asarray(low + share * (high - low))

    def read_off(self, stands: pd.DataFrame, findings: Findings) -> pd.Series:
        """Value of each stand by its species, site class and age.

        Parameters
        ----------
        stands : DataFrame, one row per stand
            ``stand species site_class age_yr``.
        findings : Findings
            Grows by E665.

        Returns
        -------
        Series of float64
            Missing where the table has no place for the stand. [unit]

        Findings
        --------
        E665
            The table does not cover the stand's species, site class or age.
        """
        require(stands, ("stand", *_COLUMNS), "stands")
        ages = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        found = np.full(len(stands), np.nan)
        groups = stands["species"].astype("string"), stands["site_class"].astype("string")
        for group, rows in stands.groupby(list(groups), sort=False).indices.items():
            species, site = np.asarray(group)
            found[rows] = self.at(str(species), str(site), ages[rows])
        shown = groups[0].fillna("—") + ", " + groups[1].fillna("—") + ", "
        shown = shown + stands["age_yr"].astype("string").fillna("—")
        findings.add(
            "E665",
            layer="stands",
            where=np.isnan(found),
            feature=stands["stand"],
            row=stands.get("row"),
            column="site_class",
            observed=shown,
            action="excluded",
            reason_zh="表中没有该树种、立地级或年龄",
            reason_en="the table does not cover species, site class or age",
        )
        return pd.Series(found, index=stands.index, name=self.name)


def yield_table(
    points: pd.DataFrame,
    *,
    name: str,
    value: str = "standing_volume",
    unit: str = "m3 ha-1",
    interpolation: str = "monotone",
    source: str = "",
    confidence: str = "quoted",
) -> YieldTable:
    """A table of points as curves by species and site class.

    Parameters
    ----------
    points : DataFrame, one row per printed value
        ``species site_class age_yr`` and the column `value`. [1, 1, yr, unit]
    name : str
        Name of the table.
    value, unit : str
        Column of the values and their unit.
    interpolation : {"monotone", "linear"}
        Between the printed ages: a cubic that never overshoots them, or straight lines.
    source, confidence : str
        Where the table comes from.

    Returns
    -------
    YieldTable

    Raises
    ------
    ConfigError
        An age stands twice, a class has one point only, or a value is negative or missing.

    Examples
    --------
    >>> printed = pd.DataFrame(
    ...     {
    ...         "species": "spruce",
    ...         "site_class": ["I", "I", "I"],
    ...         "age_yr": [20, 40, 60],
    ...         "standing_volume": [100.0, 300.0, 400.0],
    ...     }
    ... )
    >>> table = yield_table(printed, name="sample", interpolation="linear")
    >>> table.at("spruce", "I", [20, 30, 70]).tolist()
    [100.0, 200.0, nan]
    """
    require(points, (*_COLUMNS, value), name)
    curves = {}
    for group, rows in points.groupby(["species", "site_class"], sort=False):
        species, site = map(str, group)
        pairs = zip(rows["age_yr"].astype(float), rows[value].astype(float), strict=True)
        listed = tuple(sorted(pairs))
        curves[species, site] = Curve(
            f"{name}:{species}{JOINT}{site}",
            POINTS,
            MappingProxyType({}),
            listed[0][0],
            listed[-1][0],
            unit=unit,
            points=listed,
            interpolation=interpolation,
            source=source,
            confidence=confidence,
        )
    return YieldTable(name, unit, MappingProxyType(curves))


def _number(site_class: str) -> float:
    """The number a site class ends in, such as 1.5 in ``si_1.5``."""
    match = _NUMBER.search(site_class)
    if match is None:
        raise ConfigError("E662", what=site_class, expected="I = 1, II = 2, …")
    return float(match[1])
