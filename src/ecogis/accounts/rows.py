"""Land rows: the plots of land two surveys have in common, with what stood on them each time.

A stand's volume is split over its rows by area and its carbon by volume, by largest remainder, so
the rows of a stand add up to the stand and the rows of all stands to the survey.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import IdentityError, InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST, require
from ecogis.numerics.rounding import largest_remainder, quantise

__all__ = ["ATTRIBUTES", "NOT_STATED", "QUANTITIES", "Survey", "land_rows", "survey"]

NOT_STATED = "not_stated"
QUANTITIES = ("volume_dm3", "co2e_kg")
ATTRIBUTES = ("origin", "forest_category", "forest_use", "species_group", "age_group", "quality")
"""What the forest of a stand is told apart by beside its land class; missing reads as ``""``."""
_DM3_PER_M3_HA_DM2 = 1e-3  # 1 m3 ha-1 on 1 dm2 (0.01 m2, 1e-6 ha) is 1e-6 m3, a thousandth dm3

STAND_COLUMNS = (
    "stand",
    "township",
    "land_class",
    "origin",
    "forest_category",
    "age_group",
    "standing_volume",
    "area_dm2",
    "co2e_kg",
)
PAIR_COLUMNS = ("left", "right", "area_dm2")

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Survey:
    """Stands at one survey, indexed by stand, quantities in whole numbers.

    ``township farm land_class``, `ATTRIBUTES`, ``cause status area_dm2 volume_dm3 co2e_kg``; a
    missing attribute reads as empty text; a missing cause, township or class ``not_stated``.
    ``status`` is that of volume and carbon: observed, imputed or missing.
    """

    stands: pd.DataFrame

    def total(self, quantity: str) -> int:
        """Sum over all stands."""
        return int(self.stands[quantity].sum())


def survey(stands: pd.DataFrame, *, layer: str, findings: Findings | None = None) -> Survey:
    """A survey's stands as whole numbers, with findings for what is missing.

    Parameters
    ----------
    stands : DataFrame
        `STAND_COLUMNS`; optional ``farm forest_use species_group quality change_cause`` and
        ``volume_status`` (observed, modelled or imputed; observed where it is not given).
    layer : str
        Role, for messages.
    findings : Findings, optional
        Takes what is missing.

    Returns
    -------
    Survey

    Raises
    ------
    InputError
        E396 when a stand's identifier is missing or stands twice.

    Findings
    --------
    E391
        A stocked stand has no volume or no carbon: it is booked as nothing.
    """
    require(stands, STAND_COLUMNS, layer)
    if stands["stand"].isna().any() or stands["stand"].duplicated().any():
        twice = stands.loc[stands["stand"].duplicated() | stands["stand"].isna(), "stand"]
        raise InputError("E396", layer=layer, stand=", ".join(map(str, twice.iloc[:3])))
    area = stands["area_dm2"].to_numpy(dtype=np.int64)
    volume = _volume(stands, area)
    carbon = pd.to_numeric(stands["co2e_kg"]).to_numpy(dtype=np.float64, na_value=np.nan)
    lost = _lost(stands, np.isnan(volume) | np.isnan(carbon))
    if findings is not None:
        _look(stands, lost, layer, findings)
    made = {
        "township": _text(stands, "township", NOT_STATED),
        "farm": _text(stands, "farm", ""),
        "land_class": _text(stands, "land_class", NOT_STATED),
        "cause": _text(stands, "change_cause", NOT_STATED),
        "status": np.where(lost, "missing", _text(stands, "volume_status", "observed")),
    }
    frame = pd.DataFrame(made | {name: _text(stands, name, "") for name in ATTRIBUTES})
    frame["area_dm2"] = area
    frame["volume_dm3"] = quantise(np.nan_to_num(volume), 1.0)
    bare = frame["volume_dm3"].eq(0) & (np.nan_to_num(volume) > 0.0)  # rounded away
    frame["co2e_kg"] = np.where(bare, 0, quantise(np.nan_to_num(carbon), 1.0))
    return Survey(frame.set_axis(stands["stand"].astype("string").astype(object), axis=0))


def land_rows(opening: Survey, closing: Survey, pairs: pd.DataFrame) -> pd.DataFrame:
    """One row per plot of land both surveys have in common, and per rest only one of them has.

    Parameters
    ----------
    opening, closing : Survey
        The stands.
    pairs : DataFrame
        ``left right area_dm2``: common area of opening and closing stands; rows with one side
        missing are land of one survey only. What a stand has beyond its rows becomes such a row.

    Returns
    -------
    DataFrame
        ``left right`` (rows of `opening` and `closing`, -1 where that side is missing)
        ``area_dm2`` and, for volume and carbon, ``opening_volume_dm3 closing_volume_dm3
        opening_co2e_kg closing_co2e_kg``, 0 where the side is missing; by the identifiers of the
        stands.

    Raises
    ------
    IdentityError
        E399 (I03) when the rows of a stand have more area than the stand.
    """
    require(pairs, PAIR_COLUMNS, "pairs")
    first, last = opening.stands, closing.stands
    at = [stands.index.get_indexer(pd.Index(pairs[side].astype(object)))
          for side, stands in (("left", first), ("right", last))]  # fmt: skip
    area = pairs["area_dm2"].to_numpy(dtype=np.int64)
    known = (at[0] >= 0) | (at[1] >= 0)
    rows = [np.column_stack([at[0], at[1], area])[known]]
    for place, side, stands in ((0, "left", first), (1, "right", last)):
        rows.append(_rest(rows[0], place, side, stands))
    table = np.concatenate(rows)
    table = table[_ordered(table, first.index, last.index)]  # a tied remainder goes by order
    made = pd.DataFrame(table, columns=list(PAIR_COLUMNS))
    for place, (name, stands_of) in enumerate((("opening", opening), ("closing", closing))):
        parts = _split(table[:, place], table[:, 2], stands_of)
        for column, quantity in enumerate(QUANTITIES):
            made[f"{name}_{quantity}"] = parts[:, column]
    return made


def _text(stands: pd.DataFrame, column: str, missing: str) -> npt.NDArray[np.object_]:
    if column not in stands:
        return np.full(len(stands), missing, dtype=object)
    codes, names = pd.factorize(stands[column].astype("string"))
    texts = np.array([*(str(name) or missing for name in names), missing], dtype=object)
    return np.asarray(texts[codes])


def _volume(stands: pd.DataFrame, area: Ints) -> npt.NDArray[np.float64]:
    """Standing volume of each stand, missing on stocked land only; bare land has none. [dm3]"""
    per_ha = stands["standing_volume"].to_numpy(dtype=np.float64, na_value=np.nan)
    per_ha = np.where(per_ha < 0.0, np.nan, per_ha)  # no volume is below nothing: it is missing
    bare = np.isnan(per_ha) & ~stands["land_class"].isin(["arbor_forest"]).to_numpy(dtype=bool)
    volume = np.where(bare, 0.0, per_ha) * area * _DM3_PER_M3_HA_DM2
    return volume.astype(np.float64)


def _lost(stands: pd.DataFrame, missing: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    stocked = stands["land_class"].isin(list(FOREST)).to_numpy(dtype=bool)
    return np.asarray(missing & stocked)


def _look(
    stands: pd.DataFrame, lost: npt.NDArray[np.bool_], layer: str, findings: Findings
) -> None:
    findings.add(
        "E391",
        layer=layer,
        where=lost,
        feature=stands["stand"],
        row=stands.get("row"),
        column="standing_volume",
        area_ha=stands["area_dm2"].to_numpy() * 1e-6,
    )


def _rest(rows: Ints, place: int, side: str, stands: pd.DataFrame) -> Ints:
    """What each stand has beyond its rows, as rows with the other side missing."""
    mine = rows[rows[:, place] >= 0]
    rest = stands["area_dm2"].to_numpy(dtype=np.int64).copy()
    np.subtract.at(rest, mine[:, place], mine[:, 2])
    if (rest < 0).any():
        worst = int(rest.argmin())
        raise IdentityError(
            "E399", identity="I03", cells=f"{side} {stands.index[worst]}", difference=rest[worst],
            unit="dm2",
        )  # fmt: skip
    some = np.flatnonzero(rest)
    made = np.full((len(some), 3), -1, dtype=np.int64)
    made[:, place], made[:, 2] = some, rest[some]
    return made


def _ordered(rows: Ints, first: pd.Index, last: pd.Index) -> Ints:
    """Order of the rows by the identifiers of their stands, missing sides last, then by area."""
    ranks = []
    for place, index in enumerate((first, last)):
        rank = np.empty(len(index) + 1, dtype=np.int64)
        rank[np.argsort(index.to_numpy(dtype=str), kind="stable")] = np.arange(len(index))
        rank[-1] = len(index)
        ranks.append(rank[rows[:, place]])
    return np.lexsort((rows[:, 2], ranks[1], ranks[0]))


def _split(place: Ints, area: Ints, side: Survey) -> Ints:
    """Volume of the stands over their rows by area, carbon by volume; rows of no stand get none."""
    mine = place >= 0
    totals = side.stands[list(QUANTITIES)].to_numpy(dtype=np.int64)
    parts = np.zeros((len(place), len(QUANTITIES)), dtype=np.int64)
    # the rest of a stand that is wholly covered may be a rounding below zero: it weighs nothing
    weights, of = np.maximum(area[mine], 0), place[mine]
    volume = largest_remainder(weights, totals[:, 0], of)
    stocked = totals[of, 0] > 0  # carbon goes with the volume: a sliver without any has none
    parts[mine, 0] = volume
    parts[mine, 1] = largest_remainder(np.where(stocked, volume, weights), totals[:, 1], of)
    return parts
