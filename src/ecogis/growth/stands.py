"""Which curve a stand follows, and at what scale."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST, require
from ecogis.growth.curves import AgeTable, CurveSet, age_table

__all__ = ["stand_curves"]

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
) -> pd.DataFrame:
    """Curve, scale and usability of each stand.

    The scale is the surveyed volume over the curve's volume at the surveyed age. A stand that
    cannot be projected keeps its surveyed volume for ever and is not usable: it earns nothing.
    Land without trees on record has volume zero and no finding.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand species land_class age_yr standing_volume survey_date``.
        [1, 1, 1, yr, m3 ha-1, 1]
    curves : CurveSet
        Curves and their species.
    findings : Findings
        Grows by the findings below.
    scale_low, scale_high : float
        Our policy on how far a stand may lie from its curve. [1]
    young_age_yr : int
        Up to this age a recorded volume of zero means below measurable size. [yr]

    Returns
    -------
    DataFrame, one row per stand, in the order of `stands`
        ``stand``; ``curve`` name (missing where none is followed); ``class`` row of the age table,
        int32; ``age_yr`` at the survey, int32; ``scale`` float64, missing where the volume is
        unknown; ``usable`` bool.

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
    """
    require(stands, _COLUMNS, "stands")
    table = age_table(curves)
    facts = _Facts(stands, curves, table)
    policy = (scale_low, scale_high, young_age_yr)
    faults = facts.faults(policy)
    _report(findings, stands, facts, faults, policy)
    follows = facts.has_curve & ~_any(faults, "E254", "E255", "E256", "E258")
    unscaled = faults["E257"]
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


class _Facts:
    """What is known of the stands, as arrays."""

    def __init__(self, stands: pd.DataFrame, curves: CurveSet, table: AgeTable) -> None:
        species = stands["species"].astype("string")
        self.species = species
        self.curve = species.map(dict(curves.by_species)).astype("string")
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
            "E253": grown & (self.scale < low),
            "E254": grown & (self.scale > high),
        }


def _any(faults: dict[str, Mask], *codes: str) -> Mask:
    return np.asarray(np.logical_or.reduce([faults[code] for code in codes]))


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
