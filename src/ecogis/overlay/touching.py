"""Pieces that lie side by side, for the least area a methodology asks of a continuous plot."""

from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ecogis.core.vocabulary import require
from ecogis.numerics import group_sum_int64
from ecogis.overlay.layer import ground
from ecogis.overlay.rings import widened

__all__ = ["components", "touching_groups"]

Ints = npt.NDArray[np.int64]
Shapes = Any  # array of polygons in the plane


def touching_groups(
    pieces: geopandas.GeoDataFrame, *, gap_m: float = 0.05, edge_m: float = 1.0
) -> pd.DataFrame:
    """Groups of pieces joined by shared edges; meeting in a corner does not join.

    Parameters
    ----------
    pieces : GeoDataFrame
        ``piece area_dm2 geometry``, in a frame that `pieces` takes; the pieces to be joined, such
        as those of one owner or one land class.
    gap_m : float
        Two edges no farther apart count as shared. A policy. [m]
    edge_m : float
        Shared edge that joins, at least. A policy, well above twice `gap_m`, which is what two
        pieces meeting in a corner have in common. [m]

    Returns
    -------
    DataFrame, one row per piece in its order
        ``piece``, ``group`` (the group's first piece) and ``merged_area_dm2``, the group's area.
        [dm2]

    Examples
    --------
    >>> from shapely import box
    >>> row = [box(113 + i / 1000, 24, 113 + (i + 1) / 1000, 24.001) for i in (0, 1, 5)]
    >>> table = geopandas.GeoDataFrame(
    ...     {"piece": ["P1", "P2", "P3"], "area_dm2": [100, 20, 3]}, geometry=row, crs=4490
    ... )
    >>> touching_groups(table).values.tolist()
    [['P1', 'P1', 120], ['P2', 'P1', 120], ['P3', 'P3', 3]]
    """
    require(pieces, ["piece", "area_dm2", "geometry"], "touching_groups")
    ids = pieces["piece"].astype("string")
    shapes = ground((pieces, "pieces")).laid(pieces.geometry.array)
    first, second = _joined(shapes, gap_m, edge_m)
    label = components(first, second, len(ids))
    area = pieces["area_dm2"].to_numpy(dtype=np.int64)
    merged = group_sum_int64(area, label, int(label.max(initial=-1)) + 1)
    names = ids.groupby(label).transform("min") if len(ids) else ids
    return pd.DataFrame(
        {"piece": ids, "group": names.astype("string"), "merged_area_dm2": merged[label]}
    ).reset_index(drop=True)


def _joined(shapes: Shapes, gap_m: float, edge_m: float) -> tuple[Ints, Ints]:
    """Pairs of rows with a shared edge of at least `edge_m`."""
    wider = widened(shapes, gap_m)
    first, second = shapely.STRtree(shapes).query(wider, predicate="intersects")
    once = first < second
    first, second = first[once], second[once]
    border = shapely.intersection(shapely.boundary(shapes[second]), wider[first])
    joined = shapely.length(border) >= edge_m
    return first[joined], second[joined]


def components(first: Ints, second: Ints, count: int) -> Ints:
    """Number of the connected group each of `count` things belongs to, by the pairs that join."""
    links = coo_array((np.ones(len(first), dtype=np.int8), (first, second)), shape=(count, count))
    _, label = connected_components(links, directed=False)
    return np.asarray(label, dtype=np.int64)
