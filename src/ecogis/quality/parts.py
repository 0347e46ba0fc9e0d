"""Features of several parts, and one stand written as several rows."""

from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogis.core.vocabulary import label
from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Sheet

__all__ = ["repeated", "scattered"]

_ALIKE: Final = ("land_class", "species", "age_yr", "standing_volume")

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def scattered(sheet: Sheet, limits: TopologyLimits) -> None:
    """E606, E607: a feature of several parts; one whose parts lie far apart.

    The distance is from the middle of the largest part to the middle of the farthest one; the
    area at stake is what lies in the smaller parts.
    """
    count = len(sheet.shapes)
    number = np.bincount(sheet.source, minlength=count)
    several = number[sheet.source] > 1
    parts, source = sheet.parts[several], sheet.source[several]
    area = shapely.area(parts)
    order = np.lexsort((-area, source))
    main = np.zeros(count, dtype=np.int64)
    begins = np.flatnonzero(np.diff(source[order], prepend=-1))
    main[source[order][begins]] = order[begins]
    middle = shapely.get_coordinates(shapely.centroid(parts))
    away = np.hypot(*(middle - middle[main[source]]).T)
    farthest = np.zeros(count)
    np.maximum.at(farthest, source, away)
    rest = np.zeros(count)
    some = number > 1
    rest[some] = sheet.area_m2[some] - area[main[some]]
    for code, where in (
        ("E606", (number > 1) & (farthest <= limits.part_m)),
        ("E607", (number > 1) & (farthest > limits.part_m)),
    ):
        sheet.table.tell(
            code,
            where,
            "geometry",
            observed=number,
            area_ha=rest / 10_000.0,
            number=number,
            d=np.round(farthest, 1),
            m=np.round(rest, 2),
            limit=f"{limits.part_m:g}",
        )


def repeated(sheet: Sheet, limits: TopologyLimits) -> None:
    """E608: rows that each state the value of the whole whose parts they are.

    A stand of several parts that was taken apart keeps, on each row, the area and the volume of
    the whole; summed over rows they count several times. It is told where rows alike in what
    they state have polygons that only together make up what each of them states.
    """
    table = sheet.table
    hectares = sheet.area_m2 / 10_000.0
    volume = table.number("standing_volume") * hectares
    told: Mask = np.zeros(len(hectares), dtype=bool)
    for column, own in (("area_record_ha", hectares), ("standing_volume_m3", volume)):
        first = _first_of_whole(sheet, column, own, limits.stated_share)
        again = (first >= 0) & (first != np.arange(len(first))) & ~told
        told |= again
        zh, en = label(column, "zh"), label(column, "en")
        table.tell("E608", again, column, other=sheet.names[first], what_zh=zh, what_en=en)


def _first_of_whole(sheet: Sheet, column: str, own: Floats, share: float) -> npt.NDArray[np.int64]:
    """For each row the first of those it makes one whole with; -1 where there is none.

    Rows that have all they state by themselves are left out where the others do without them.
    """
    stated = sheet.table.number(column)
    usable = (stated > 0) & (own > 0)
    alike = pd.DataFrame({name: sheet.table.text(name).fillna("") for name in _ALIKE})
    alike["stated"] = stated
    first = np.full(len(own), -1, dtype=np.int64)
    for rows in (usable, usable & (own < stated * (1.0 - share))):
        group = alike[rows].groupby(list(alike.columns), sort=False).ngroup().to_numpy()
        place = np.flatnonzero(rows)
        total = np.bincount(group, weights=own[rows])[group] if len(group) else own[rows]
        several = (np.bincount(group)[group] if len(group) else group) > 1
        whole = several & (np.abs(total / stated[rows] - 1.0) <= share)
        leader = pd.Series(place).groupby(group).transform("min").to_numpy()
        first[place[whole]] = leader[whole]
    return first
