"""Land of stands that lies on no parcel: a gap in the cadastre, or the end of it."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.overlay.layer import ground
from ecogis.overlay.pieces import HA_PER_DM2, Overlay
from ecogis.overlay.rings import sound, widened
from ecogis.overlay.touching import components

__all__ = ["unallocated"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]

_NARROW_M = 0.05  # what two borders may be apart and still be one
_ANYBODY = -2  # contested land is taken off whichever stand it lies in
_REACH = 5.0  # times that: as far as the corners of a shape made wider may reach


def unallocated(
    overlay: Overlay,
    stands: geopandas.GeoDataFrame,
    parcels: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    limit: float = 0.001,
    open_m: float = 1.0,
) -> None:
    """Report stands of which more than a limit lies on no parcel.

    What is left of such stands is put together where it touches. If parcels border it all round
    it is a gap in the cadastre (E356, stand by stand); if it reaches the open, the parcel layer
    truly ends there (E357, one note).

    Parameters
    ----------
    overlay : Overlay
        From `pieces`, with geometry.
    stands, parcels : GeoDataFrame
        The layers it was made of.
    findings : Findings
        Receives E356 and E357.
    limit : float
        Share of a stand that may lie on no parcel. A policy. [1]
    open_m : float
        Length of border without parcel from which land counts as open. A policy. [m]

    Examples
    --------
    A stand half on the only parcel there is:

    >>> from shapely import box
    >>> from ecogis.overlay import pieces
    >>> stand = geopandas.GeoDataFrame(
    ...     {"stand": ["S1"]}, geometry=[box(113, 24, 113.002, 24.001)], crs=4490
    ... )
    >>> parcel = geopandas.GeoDataFrame(
    ...     {"parcel": ["Z1"]}, geometry=[box(113, 24, 113.001, 24.001)], crs=4490
    ... )
    >>> findings = Findings()
    >>> unallocated(pieces(stand, parcel, findings), stand, parcel, findings)
    >>> findings.count("E356"), findings.count("E357")
    (0, 1)
    """
    if "geometry" not in overlay.pieces:
        raise ConfigError("E002", value="pieces(geometry=False)", expected="geometry=True")
    table = overlay.stand_remainder
    rest, whole = table["area_dm2"].to_numpy(), table["stand_dm2"].to_numpy()
    over = (rest > limit * whole) & (whole > 0)
    if not over.any():
        return
    left, owner, lots = _left_over(overlay, stands, parcels, table.loc[over, "stand"].to_numpy())
    opens = np.zeros(int(over.sum()), dtype=bool)
    opens[owner[_reach_the_open(left, lots, open_m)]] = True
    names = table.loc[over, "stand"].reset_index(drop=True)
    lost = rest[over]
    share = np.round(100.0 * lost / whole[over], 2)
    findings.add(
        "E356",
        layer="stands",
        where=~opens,
        feature=names,
        column="geometry",
        observed=share,
        expected=f"<= {100 * limit:g} %",
        area_ha=lost * HA_PER_DM2,
        m=np.round(lost / 100.0, 2),
        p=share,
        limit=f"{100 * limit:g}",
    )
    if opens.any():
        area = round(float(lost[opens].sum()) * HA_PER_DM2, 4)
        number = int(opens.sum())
        findings.add(
            "E357", layer="stands", column="geometry", area_ha=area, number=number, ha=area
        )


def _left_over(
    overlay: Overlay,
    stands: geopandas.GeoDataFrame,
    parcels: geopandas.GeoDataFrame,
    names: npt.NDArray[np.object_],
) -> tuple[Objects, Ints, Objects]:
    """Parts of some stands in no piece and not contested, whose they are; and the parcels near.

    In the plane.
    """
    base = ground((stands, "stands"), (parcels, "parcels"))
    own = stands.geometry.set_axis(stands["stand"].astype(str)).reindex(names).array
    beside = 1e-5 if base.frame.grid is None else 1.0  # a metre
    near = _about(own, overlay.pieces["geometry"].array, beside)
    claimed = _about(own, overlay.contested["geometry"].array, beside)
    stand = pd.Index(names).get_indexer(pd.Index(overlay.pieces["stand"].array[near]))
    drawn = [overlay.pieces["geometry"].array[near], overlay.contested["geometry"].array[claimed]]
    owner = np.concatenate([stand, np.full(len(claimed), _ANYBODY)])
    left, row = _without(base.laid(own), base.laid(np.concatenate(drawn)), owner)
    lots = parcels.geometry.array
    return left, row, base.laid(lots[_about(own, lots, beside)])


def _about(own: Any, drawn: Any, beside: float) -> Ints:
    """Rows of those of some shapes whose boxes are near the boxes of some stands."""
    boxes = shapely.bounds(np.asarray(own, dtype=object)) + beside * np.array([-1, -1, 1, 1])
    row, _ = shapely.STRtree(shapely.box(*boxes.T)).query(np.asarray(drawn, dtype=object))
    return np.unique(row)


def _without(shapes: Objects, drawn: Objects, owner: Ints) -> tuple[Objects, Ints]:
    """Parts of stands without what is drawn, each shape a little wider; and rows of the stands.

    First their own pieces are taken off. Then, part by part, so that little has to be made wider,
    all shapes near what is left.
    """
    row, piece = shapely.STRtree(drawn).query(shapes, predicate="intersects")
    mine = (owner[piece] == row) | (owner[piece] == _ANYBODY)
    gone = [shapely.union_all(drawn[some]) for some in _by_row(row[mine], piece[mine], len(shapes))]
    rest = shapely.difference(shapes, np.array(gone, dtype=object))
    left, source = shapely.get_parts(rest, return_index=True)
    near, part = shapely.STRtree(left).query(
        drawn, predicate="dwithin", distance=_REACH * _NARROW_M
    )
    order = np.lexsort((near, part))
    part, near = part[order], near[order]
    boxes = shapely.bounds(left) + 2.0 * _REACH * _NARROW_M * np.array([-1, -1, 1, 1])
    borders = shapely.intersection(drawn[near], shapely.box(*boxes.T)[part])
    groups = _by_row(part, np.arange(len(part)), len(left))
    beside = np.array([shapely.geometrycollections(borders[some]) for some in groups])
    wider = widened(beside, _NARROW_M)
    kept, inner = shapely.get_parts(shapely.difference(left, wider), return_index=True)
    return kept, source[inner]


def _by_row(row: Ints, place: Ints, count: int) -> Iterator[Ints]:
    first = np.searchsorted(row, np.arange(count + 1))
    return (place[low:high] for low, high in pairwise(first))


def _reach_the_open(parts: Objects, lots: Objects, open_m: float) -> Bools:
    """Whether land, with what it touches, has a border without parcels."""
    around = widened(parts, 2 * _NARROW_M)
    tree = shapely.STRtree(parts)
    one, other = tree.query(around, predicate="intersects")
    group = components(one, other, len(parts))
    free = _free_border(parts, around, lots, (one, other))
    total = np.bincount(group, weights=free)
    return np.asarray(total[group] >= open_m)


def _free_border(
    parts: Objects, around: Objects, lots: Objects, touching: tuple[Ints, Ints]
) -> Floats:
    """Length of each part's border along neither a parcel nor another part. [m]"""
    border = shapely.boundary(parts)
    row, lot = shapely.STRtree(lots).query(around, predicate="intersects")
    used, again = np.unique(lot, return_inverse=True)
    wide = sound(shapely.buffer(shapely.boundary(lots[used]), 2 * _NARROW_M, quad_segs=1))
    along = wide[again]
    free = shapely.length(border) - _covered(border, row, along, len(parts))
    one, other = (side[touching[0] != touching[1]] for side in touching)
    return np.asarray(free - _covered(border, one, around[other], len(parts)))


def _covered(border: Objects, row: Ints, shapes: Objects, count: int) -> Floats:
    length = shapely.length(shapely.intersection(border[row], shapes))
    return np.bincount(row, weights=length, minlength=count).astype(np.float64)
