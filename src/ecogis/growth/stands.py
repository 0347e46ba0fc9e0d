"""Which curve a stand follows, and at what scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST, require
from ecogis.growth.curves import ANY, JOINT, AgeTable, CurveSet, age_table

__all__ = ["SCALINGS", "followed", "stand_curves"]

SCALINGS = ("ratio", "age")
"""How a stand is set on its curve: by the ratio of volumes, or by the age of equal volume."""

_COLUMNS = ("stand", "species", "land_class", "age_yr", "standing_volume", "survey_date")
Mask = NDArray[np.bool_]
_Policy = tuple[float, float, int]  # lowest and highest scale, age called young


def stand_curves(
    stands: pd.DataFrame,
    curves: CurveSet,
    findings: Findings,
    *,
    scale_low: float = 0.2,
    scale_high: float = 5.0,
    young_age_yr: int = 5,
    scaling: str = "ratio",
) -> pd.DataFrame:
    """Curve, scale and usability of each stand.

    Scaled by ``"ratio"``, the curve is multiplied by the surveyed volume over its own volume at
    the surveyed age: the guide curve keeps its shape and the stand its relative site for life.
    Scaled by ``"age"``, the stand enters the curve at the age of its volume and approaches the
    curve's own level: a rich stand of today does not stay ahead for ever. A stand that cannot be
    projected keeps its surveyed volume for ever and is not usable: it earns nothing. Land without
    trees on record has volume zero and no finding.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand species land_class age_yr standing_volume survey_date`` and the keys of
        the curves. [1, 1, 1, yr, m3 ha-1, 1]
    curves : CurveSet
        Curves and their species. The limits of the scale do not hold for relative
        curves.
    findings : Findings
        Grows by the findings below.
    scale_low, scale_high : float
        Our policy on how far a stand may lie from its curve. [1]
    young_age_yr : int
        Up to this age a recorded volume of zero means below measurable size. [yr]
    scaling : {"ratio", "age"}
        How a stand is set on its curve.

    Returns
    -------
    DataFrame, one row per stand, in the order of `stands`
        ``stand``; ``curve`` name (missing where none is followed); ``class`` row of the age table,
        int32; ``age_yr`` on the curve at the survey, int32; ``scale`` float64, missing where the
        volume is unknown; ``usable`` bool.

    Raises
    ------
    ConfigError
        The scaling is none of the two.

    Findings
    --------
    E252
        The species has no curve; volume held, excluded.
    E253, E254
        The scale is below (kept) or above (held, excluded) the limits.
    E255
        A stocked stand has no volume on record; excluded, its stock is missing.
    E256
        Age or survey date is missing; held, excluded.
    E257
        Volume zero at a young age: the curve is used unscaled, kept.
    E258
        Volume zero at a later age; held at zero, excluded.
    E664
        Stands younger than their curve's first valid age, one note per curve: a straight line.
    """
    if scaling not in SCALINGS:
        raise ConfigError("E662", what=scaling, expected=", ".join(SCALINGS))
    require(stands, (*_COLUMNS, *curves.keys), "stands")
    table = age_table(curves)
    facts = _Facts(stands, curves, table)
    policy = (scale_low, scale_high, young_age_yr)
    faults = facts.faults(policy)
    _report(findings, stands, facts, faults, policy)
    follows = facts.has_curve & ~_any(faults, "E254", "E255", "E256", "E258")
    _report_young(findings, stands, facts, follows)
    unscaled = faults["E257"]
    if scaling == "age":
        facts.move(table, follows & ~unscaled)
    scale = np.where(follows, np.where(unscaled, 1.0, facts.scale), facts.volume)
    scale = np.where(~follows & ~facts.stocked & np.isnan(facts.volume), 0.0, scale)
    return pd.DataFrame(
        {
            "stand": stands["stand"].astype("string").array,
            "curve": facts.curve.where(follows).array,
            "class": np.where(follows, facts.row, table.held).astype(np.int32),
            "age_yr": np.where(follows, facts.age, 0).astype(np.int32),
            "scale": scale,
            "usable": follows,
        }
    )


def followed(stands: pd.DataFrame, curves: CurveSet) -> pd.Series:
    """Curve each stand follows, missing where there is none.

    Of several entries that fit, the one that leaves the fewest keys open holds.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        The keys of the curves.
    curves : CurveSet
        Curves and the groups that follow them.

    Returns
    -------
    Series of string
        Names of curves.
    """
    mapping = dict(curves.by_species)
    if len(curves.keys) == 1:
        return stands[curves.keys[0]].astype("string").map(mapping).astype("string")
    words = {key: stands[key].astype("string").fillna("") for key in curves.keys}
    found = pd.Series(pd.NA, index=stands.index, dtype="string")
    patterns = {tuple(part == ANY for part in entry.split(JOINT)) for entry in mapping}
    for pattern in sorted(patterns, key=lambda opened: (sum(opened), opened)):
        parts = [ANY if free else words[key] for key, free in zip(words, pattern, strict=True)]
        joined = pd.Series("", index=stands.index, dtype="string")
        for place, part in enumerate(parts):
            joined = joined + (JOINT if place else "") + part
        found = found.fillna(joined.map(mapping).astype("string"))
    return found


class _Facts:
    """What is known of the stands, as arrays."""

    def __init__(self, stands: pd.DataFrame, curves: CurveSet, table: AgeTable) -> None:
        species = stands["species"].astype("string")
        self.species = species
        self.curve = followed(stands, curves)
        relative = np.array([*(curve.relative for curve in curves.curves), False])
        self.first = np.array([*(curve.first_age for curve in curves.curves), 0.0])
        self.names = table.names
        self.has_curve: Mask = self.curve.notna().to_numpy(dtype=bool)
        self.stocked: Mask = species.notna().to_numpy(dtype=bool) | stands["land_class"].isin(
            FOREST
        ).to_numpy(dtype=bool)
        self.volume = stands["standing_volume"].to_numpy(dtype=np.float64, na_value=np.nan)
        self.volume = np.where(self.volume >= 0.0, self.volume, np.nan)
        self.volume[np.isinf(self.volume)] = np.nan
        age = stands["age_yr"].astype("Float64").to_numpy(dtype=np.float64, na_value=np.nan)
        dated = pd.to_datetime(stands["survey_date"]).notna().to_numpy(dtype=bool)
        self.aged: Mask = dated & (age >= 0)
        self.age = np.where(self.aged, age, 0.0).astype(np.int64)
        order = {name: row for row, name in enumerate(table.names)}
        row = self.curve.map(order).fillna(table.held)
        self.row = row.to_numpy(dtype=np.int64)
        self.levelled: Mask = ~relative[self.row]
        expected = table.values[self.row, np.minimum(self.age, table.values.shape[1] - 1)]
        self.scale = np.full(self.volume.shape, np.inf)
        np.divide(self.volume, expected, out=self.scale, where=expected > 0.0)

    def faults(self, policy: _Policy) -> dict[str, Mask]:
        """Masks by code; of several causes a stand is told the first."""
        low, high, young = policy
        known = ~np.isnan(self.volume)
        ready = self.has_curve & known & self.aged
        empty = ready & (self.volume == 0.0)
        grown = ready & ~empty
        named = self.species.notna().to_numpy(dtype=bool)
        return {
            "E252": named & ~self.has_curve,
            "E255": self.stocked & (self.has_curve | ~named) & ~known,
            "E256": self.has_curve & known & ~self.aged,
            "E257": empty & (self.age <= young),
            "E258": empty & (self.age > young),
            "E253": grown & self.levelled & (self.scale < low),
            "E254": grown & (self.scale > np.where(self.levelled, high, np.finfo(float).max)),
        }

    def move(self, table: AgeTable, where: Mask) -> None:
        """Set stands on the youngest whole age at which their curve holds their volume."""
        for row in np.unique(self.row[where]):
            at = where & (self.row == row)
            volumes = np.maximum.accumulate(table.values[row])
            last = int(np.argmax(volumes))
            self.age[at] = np.minimum(np.searchsorted(volumes, self.volume[at]), last)
            self.scale[at] = self.volume[at] / table.values[row, self.age[at]]


def _any(faults: dict[str, Mask], *codes: str) -> Mask:
    return np.asarray(np.logical_or.reduce([faults[code] for code in codes]))


def _report_young(findings: Findings, stands: pd.DataFrame, facts: _Facts, follows: Mask) -> None:
    """One note per curve: below its first age the curve is only a straight line."""
    young = follows & (facts.age < facts.first[facts.row])
    for row in np.unique(facts.row[young]):
        where = young & (facts.row == row)
        area = stands["area_ha"].to_numpy(dtype=np.float64) if "area_ha" in stands else None
        findings.add(
            "E664",
            layer="stands",
            column="age_yr",
            observed=int(where.sum()),
            expected=f">= {facts.first[row]:g}",
            area_ha=None if area is None else float(np.nansum(area[where])),
            curve=facts.names[row],
            limit=f"{facts.first[row]:g}",
        )


_KEPT = ("E253", "E257")
_COLUMN = {"E252": "species", "E256": "age_yr"}


def _report(
    findings: Findings,
    stands: pd.DataFrame,
    facts: _Facts,
    faults: dict[str, Mask],
    policy: _Policy,
) -> None:
    low, high, _ = policy
    for code, where in faults.items():
        scaled = code in {"E253", "E254"}
        findings.add(
            code,
            layer="stands",
            where=where,
            feature=stands["stand"],
            row=stands.get("row"),
            column=_COLUMN.get(code, "standing_volume"),
            observed=np.round(facts.scale, 2) if scaled else stands["standing_volume"],
            expected=f"{low:g} - {high:g}" if scaled else "",
            area_ha=stands.get("area_ha"),
            action="kept" if code in _KEPT else "excluded",
            species=facts.species,
            age=facts.age,
            low=f"{low:g}",
            high=f"{high:g}",
        )
