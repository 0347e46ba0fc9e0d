"""Land rows: the plots of land two surveys have in common, with what stood on them each time.

A stand's volume and carbon are split over its rows by area, by largest remainder, so the rows of a
stand add up to the stand and the rows of all stands to the survey.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import IdentityError, InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import FOREST, require
from ecogis.numerics.rounding import largest_remainder, quantise

__all__ = ["NOT_STATED", "QUANTITIES", "Survey", "land_rows", "survey"]

NOT_STATED = "not_stated"
QUANTITIES = ("volume_dm3", "co2e_kg")
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


@dataclass(frozen=True, slots=True)
class Survey:
    """Stands at one survey, indexed by stand, quantities in whole numbers.

    ``township land_class origin forest_category age_group cause area_dm2 volume_dm3 co2e_kg``;
    a missing attribute reads as empty text; a missing cause, township or class ``not_stated``.
    """

    stands: pd.DataFrame

    def total(self, quantity: str) -> int:
        """Sum over all stands."""
        return int(self.stands[quantity].sum())


def survey(stands: pd.DataFrame, *, layer: str, findings: Findings | None = None) -> Survey:
    """A survey's stands as whole numbers, with findings for what is missing.

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
    if findings is not None:
        _look(stands, np.isnan(volume) | np.isnan(carbon), layer, findings)
    cause = stands.get("change_cause", pd.Series(pd.NA, stands.index))
    texts = ("origin", "forest_category", "age_group")
    named = {name: stands[name] for name in ("township", "land_class")} | {"cause": cause}
    made = {name: _text(stands[name], "") for name in texts}
    made["land_class"] = _text(stands["land_class"], NOT_STATED)
    made |= {name: _text(column, NOT_STATED) for name, column in named.items()}
    frame = pd.DataFrame(made)
    frame["area_dm2"] = area
    frame["volume_dm3"] = quantise(np.nan_to_num(volume), 1.0)
    frame["co2e_kg"] = quantise(np.nan_to_num(carbon), 1.0)
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
        ``left right area_dm2 township from_class to_class cause`` and, for volume and carbon,
        ``opening_volume_dm3 closing_volume_dm3 opening_co2e_kg closing_co2e_kg``. A side that is
        missing has class ``""`` and quantity 0. Townships are those of the closing survey.

    Raises
    ------
    IdentityError
        E399 (I03) when the rows of a stand have more area than the stand.
    """
    require(pairs, PAIR_COLUMNS, "pairs")
    rows = pairs[list(PAIR_COLUMNS)].astype({"left": object, "right": object})
    rows = rows[rows["left"].isin(opening.stands.index) | rows["right"].isin(closing.stands.index)]
    rests = [_rest(rows, "left", opening), _rest(rows, "right", closing)]
    rows = pd.concat([rows, *(rest for rest in rests if len(rest))], ignore_index=True)
    rows = rows.sort_values([*PAIR_COLUMNS], ignore_index=True)  # a tied remainder goes by order
    left, right = rows["left"], rows["right"]
    first, last = opening.stands, closing.stands
    made = rows.assign(
        from_class=_laid(left, first["land_class"]),
        to_class=_laid(right, last["land_class"]),
        cause=np.where(right.isin(last.index), _laid(right, last["cause"]), NOT_STATED),
        township=np.where(
            right.isin(last.index),
            _laid(right, last["township"]),
            _laid(left, first["township"]),
        ),
    )
    for side, name, stands in (("left", "opening", opening), ("right", "closing", closing)):
        parts = _split(rows, side, stands)
        for place, quantity in enumerate(QUANTITIES):
            made[f"{name}_{quantity}"] = parts[:, place]
    return made


def _text(column: pd.Series, missing: str) -> pd.Series:
    text = column.astype("string").fillna("")
    return text.mask(text.eq(""), missing).astype(object)


def _volume(stands: pd.DataFrame, area: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """Standing volume of each stand, missing on stocked land only; bare land has none. [dm3]"""
    per_ha = stands["standing_volume"].to_numpy(dtype=np.float64, na_value=np.nan)
    per_ha = np.where(per_ha < 0.0, np.nan, per_ha)  # no volume is below nothing: it is missing
    bare = np.isnan(per_ha) & ~stands["land_class"].isin(["arbor_forest"]).to_numpy(dtype=bool)
    volume = np.where(bare, 0.0, per_ha) * area * _DM3_PER_M3_HA_DM2
    return volume.astype(np.float64)


def _look(
    stands: pd.DataFrame, missing: npt.NDArray[np.bool_], layer: str, findings: Findings
) -> None:
    stocked = stands["land_class"].isin(list(FOREST)).to_numpy(dtype=bool)
    findings.add(
        "E391",
        layer=layer,
        where=missing & stocked,
        feature=stands["stand"],
        row=stands.get("row"),
        column="standing_volume",
        area_ha=stands["area_dm2"].to_numpy() * 1e-6,
    )


def _rest(rows: pd.DataFrame, side: str, stands: Survey) -> pd.DataFrame:
    """What each stand has beyond its rows, as rows with the other side missing."""
    used = rows.groupby(side)["area_dm2"].sum().reindex(stands.stands.index, fill_value=0)
    rest = stands.stands["area_dm2"] - used
    if (rest < 0).any():
        worst = str(rest.idxmin())
        raise IdentityError(
            "E399", identity="I03", cells=f"{side} {worst}", difference=rest.min(), unit="dm2"
        )
    some = rest[rest > 0]
    other = "right" if side == "left" else "left"
    made = pd.DataFrame({side: some.index.to_numpy(dtype=object), "area_dm2": some.to_numpy()})
    return made.assign(**{other: None}).astype({"left": object, "right": object})


def _laid(keys: pd.Series, values: pd.Series) -> npt.NDArray[np.object_]:
    found = values.reindex(keys).to_numpy(dtype=object)
    return np.where(pd.isna(found), "", found)


def _split(rows: pd.DataFrame, side: str, stands: Survey) -> npt.NDArray[np.int64]:
    """Volume and carbon of the stands over their rows by area; rows of no stand get none."""
    place = stands.stands.index.get_indexer(pd.Index(rows[side]))
    mine = place >= 0
    totals = stands.stands[list(QUANTITIES)].to_numpy(dtype=np.int64)
    parts = np.zeros((len(rows), len(QUANTITIES)), dtype=np.int64)
    # the rest of a stand that is wholly covered may be a rounding below zero: it weighs nothing
    area = np.maximum(rows.loc[mine, "area_dm2"].to_numpy(dtype=np.int64), 0)
    parts[mine] = largest_remainder(area, totals, place[mine])
    return parts
