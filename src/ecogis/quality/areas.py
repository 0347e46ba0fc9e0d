"""Stated area against the polygon's, and what a slip of units looks like."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.units import factor
from ecogis.quality.limits import Limits
from ecogis.quality.table import Table

__all__ = ["SLIPS", "right_areas", "stated_areas"]

SLIPS = (
    ("mu", "把亩当作公顷", "mu given as ha"),
    ("m2", "把平方米当作公顷", "m2 given as ha"),
    ("acre", "把英亩当作公顷", "acres given as ha"),
    ("km2", "把平方千米当作公顷", "km2 given as ha"),
)
_TWICE = ("公顷被再次除以 15", "ha divided by 15 as if they were mu")
_MERCATOR = ("在 Web 墨卡托投影上量算", "measured in Web Mercator")
_NONE = ("未见已知的单位错误", "no known slip")

Floats = npt.NDArray[np.float64]


def stated_areas(table: Table, latitude: Floats, limits: Limits) -> None:
    """E210: the stated area is not the polygon's on the ellipsoid, within a tolerance.

    The polygon's area is the area of record; the stated one is only compared.

    Parameters
    ----------
    table : Table
        With `area_ha`, and the stated area in ``area_record_ha``. [ha]
    latitude : array (feature)
        Of the features, for areas measured in Web Mercator. [degrees]
    limits : Limits
        `area_share` and `guess_share`.
    """
    stated, drawn = table.number("area_record_ha"), np.asarray(table.area_ha)
    drawn = np.where(drawn > 0, drawn, np.nan)
    ratio = stated / drawn
    wrong = ~(np.abs(ratio - 1.0) <= limits.area_share) & np.isfinite(ratio)
    zh, en = _guesses(ratio, latitude, limits.guess_share)
    table.tell(
        "E210",
        wrong,
        "area_record_ha",
        a=np.round(stated, 4),
        b=np.round(drawn, 4),
        r=np.round(ratio, 4),
        guess_zh=zh,
        guess_en=en,
    )


def right_areas(rights: Table, parcels: Table, latitude: Floats, limits: Limits) -> None:
    """E210: the area stated for a right is not that of the land it lies on.

    A certificate states the land of its parcel, the holder's part of it, or, on each of its rows,
    the land of all its parcels; a right that agrees with one of them is not told. The area at
    stake is the parcel's.

    Parameters
    ----------
    rights : Table
        The stated area in ``area_record_ha`` [ha]; without it there is nothing to compare.
    parcels : Table
        With `area_ha`; a parcel without land, or drawn twice, is left out.
    latitude : array (parcel,)
        Of the parcels. [degrees]
    limits : Limits
        `area_share` and `guess_share`.
    """
    stated = rights.number("area_record_ha")
    if np.isnan(stated).all():
        return
    ids = parcels.text(parcels.key)
    once = ids.notna() & ~ids.duplicated(keep=False)
    land = pd.DataFrame({"ha": parcels.area_ha, "latitude": latitude}).set_axis(ids)[once.array]
    here = land.reindex(rights.text("parcel"))
    drawn = here["ha"].where(here["ha"] > 0).to_numpy(dtype=np.float64)
    share = rights.number("share")
    whole = np.stack([drawn, drawn * share, _of_certificate(rights, drawn)])
    whole[~(whole > 0)] = np.nan
    right = (np.abs(stated / whole - 1.0) <= limits.area_share).any(axis=0)
    ratio = stated / drawn
    zh, en = _guesses(ratio, here["latitude"].to_numpy(dtype=np.float64), limits.guess_share)
    rights.tell(
        "E210",
        ~right & np.isfinite(ratio),
        "area_record_ha",
        area_ha=np.nan_to_num(drawn),
        a=np.round(stated, 4),
        b=np.round(drawn, 4),
        r=np.round(ratio, 4),
        guess_zh=zh,
        guess_en=en,
    )


def _of_certificate(rights: Table, drawn: Floats) -> Floats:
    """Land of all parcels under a right's certificate, each counted once. [ha]"""
    table = pd.DataFrame(
        {
            "certificate": rights.text("certificate_no"),
            "parcel": rights.text("parcel"),
            "ha": drawn,
        }
    )
    land = table.dropna().drop_duplicates(["certificate", "parcel"])
    total = land.groupby("certificate")["ha"].sum()
    return table["certificate"].map(total).to_numpy(dtype=np.float64, na_value=np.nan)


def _guesses(
    ratio: Floats, latitude: Floats, near: float
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """For each ratio the slip it is nearest to, in both languages."""
    known = [np.full(len(ratio), factor("ha", unit)) for unit, _, _ in SLIPS]
    stretch = 1.0 / np.cos(np.radians(latitude)) ** 2
    sizes = np.column_stack([*known, np.full(len(ratio), factor("mu", "ha")), stretch])
    off = np.abs(ratio[:, None] / sizes - 1.0)
    off = np.where(np.isfinite(off), off, np.inf)
    best = np.where(off.min(axis=1) <= near, off.argmin(axis=1), sizes.shape[1])
    names = [*((zh, en) for _, zh, en in SLIPS), _TWICE, _MERCATOR, _NONE]
    zh, en = (np.array([name[side] for name in names], dtype=object) for side in (0, 1))
    return zh[best], en[best]
