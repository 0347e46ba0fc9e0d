"""Why a piece of geometry was not finished, in words."""

from typing import Final

import numpy as np
import numpy.typing as npt

from ecogis.spatial.bounded import Bounds

__all__ = ["why"]

_WORDS: Final = {
    "": ("", ""),
    "crossings": ("自相交超过 {crossings} 处", "more than {crossings} self-crossings"),
    "time": ("用时超过 {seconds:g} 秒", "took over {seconds:g} s"),
    "batch": ("本批用时超过 {batch:g} 秒", "its batch took over {batch:g} s"),
    "memory": ("内存超过 {megabytes} MB", "took over {megabytes} MB"),
    "fault": ("几何运算失败", "the geometry engine refused it"),
    "crash": ("运算进程意外终止", "its process ended unexpectedly"),
    "start": ("无法启动运算进程", "its process could not be started"),
}


def why(
    reasons: npt.ArrayLike, bounds: Bounds, crossings: int = 0
) -> tuple[npt.NDArray[np.object_], npt.NDArray[np.object_]]:
    """Reasons of `spatial.bounded` as texts, Chinese and English.

    >>> why(["time"], Bounds())[1].tolist()
    ['took over 5 s']
    """
    numbers = {
        "crossings": crossings,
        "seconds": bounds.seconds,
        "batch": bounds.batch_seconds,
        "megabytes": bounds.megabytes,
    }
    names = np.asarray(reasons, dtype=object)
    zh, en = (
        np.array([_WORDS[name][side].format(**numbers) for name in names], dtype=object)
        for side in (0, 1)
    )
    return zh, en
