"""How much land features of two layers have in common: the base of a change matrix."""

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.overlay.balance import balanced
from ecogis.overlay.cut import cut
from ecogis.overlay.layer import Layer, ground, ready
from ecogis.overlay.pieces import HA_PER_DM2, text

__all__ = ["areas"]

Ints = npt.NDArray[np.int64]


def areas(
    a: geopandas.GeoDataFrame,
    b: geopandas.GeoDataFrame,
    findings: Findings | None = None,
    *,
    key: str = "stand",
    sliver_m2: float = 0.0,
    overlap_m2: float = 1.0,
) -> pd.DataFrame:
    """Area table between two layers, such as the same stands at two surveys.

    Parameters
    ----------
    a, b : GeoDataFrame
        As in `pieces`, with unique identifiers in `key` and valid polygons.
    findings : Findings, optional
        Receives what is wrong, under the layers ``{key}s_opening`` and ``{key}s``.
    key : str
        Column of the identifiers in both layers.
    sliver_m2, overlap_m2 : float
        As in `pieces`. [m2]

    Returns
    -------
    DataFrame
        ``left right kind area_dm2 area_ha``, sorted. kind is ``"common"``; ``"left_only"`` and
        ``"right_only"`` for land in no feature of the other layer; ``"left_contested"`` and
        ``"right_contested"`` for land claimed twice inside one of the layers. Rows with the same
        `left` add up to that feature's area exactly, and so do rows with the same `right`.

    Raises
    ------
    InputError
        As in `pieces`.

    Examples
    --------
    >>> from shapely import box
    >>> shape = box(113, 24, 113.001, 24.001)
    >>> one = geopandas.GeoDataFrame({"stand": ["S1"]}, geometry=[shape], crs=4490)
    >>> areas(one, one)[["left", "right", "kind", "area_dm2"]].values.tolist()
    [['S1', 'S1', 'common', 1126980]]
    """
    seen = Findings() if findings is None else findings
    base = ground((a, f"{key}s_opening"), (b, f"{key}s"))
    left = ready(a, key, base, seen, name=f"{key}s_opening", drawn=False)
    right = ready(b, key, base, seen, drawn=False)
    found = cut(left, right, base, seen, sliver_m2=sliver_m2, overlap_m2=overlap_m2)
    balance = balanced(left, right, found, seen)
    common = _rows("common", left.ids[found.left], right.ids[found.right], balance.piece)
    table = pd.concat(
        [
            common,
            _left("left_only", left, balance.left_rest),
            _left("left_contested", left, balance.left_contested),
            _right("right_only", right, balance.right_rest),
            _right("right_contested", right, balance.right_contested),
        ],
        ignore_index=True,
    )
    return table.sort_values(["left", "right", "kind"], ignore_index=True)


def _left(kind: str, layer: Layer, area: Ints) -> pd.DataFrame:
    some = area != 0
    return _rows(kind, layer.ids[some], np.full(int(some.sum()), None), area[some])


def _right(kind: str, layer: Layer, area: Ints) -> pd.DataFrame:
    some = area != 0
    return _rows(kind, np.full(int(some.sum()), None), layer.ids[some], area[some])


def _rows(
    kind: str, left: npt.NDArray[np.object_], right: npt.NDArray[np.object_], area: Ints
) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "left": text(left),
            "right": text(right),
            "kind": text([kind] * len(area)),
            "area_dm2": area,
            "area_ha": area * HA_PER_DM2,
        }
    )
