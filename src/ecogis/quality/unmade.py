"""Repairs that were asked for and not made."""

from typing import Final

import numpy as np
import numpy.typing as npt

from ecogis.quality.limits import TopologyLimits
from ecogis.quality.sheet import Sheet

__all__ = ["refused"]

_WHY: Final = {
    "change": ("面积变化将超过 {limit:g} %", "its area would change by more than {limit:g} %"),
    "alone": ("没有可以并入的相邻图形", "there is no neighbour to take it"),
    "shape": ("所得图形无效", "the result would be no valid polygon"),
}


def refused(
    sheet: Sheet,
    where: npt.NDArray[np.bool_],
    repair: str,
    reason: str,
    limits: TopologyLimits,
    *,
    after_m2: npt.NDArray[np.float64] | None = None,
) -> None:
    """E616: a repair was not made: it would change too much, or there is no way to make it."""
    zh, en = (text.format(limit=100.0 * limits.moved_share) for text in _WHY[reason])
    sheet.table.tell(
        "E616",
        where,
        "geometry",
        observed=repair,
        repair=repair,
        why_zh=zh,
        why_en=en,
        a=np.round(sheet.area_m2, 2),
        b=np.round(sheet.area_m2 if after_m2 is None else after_m2, 2),
    )
