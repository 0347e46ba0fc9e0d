"""Stated area against the polygon's, and what a slip of units looks like."""

import numpy as np
import numpy.typing as npt

from ecogis.core.units import factor
from ecogis.quality.limits import Limits
from ecogis.quality.table import Table

__all__ = ["SLIPS", "stated_areas"]

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
