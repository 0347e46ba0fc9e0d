"""Pieces of land: what of each stand lies on each parcel."""

from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ecogis.core.findings import Findings
from ecogis.overlay.balance import Balance, balanced
from ecogis.overlay.clip import Shared
from ecogis.overlay.cut import Cut, cut
from ecogis.overlay.layer import Ground, Layer, ground, ready
from ecogis.overlay.rings import sound

__all__ = ["HA_PER_DM2", "Overlay", "pieces", "text", "with_shapes"]

HA_PER_DM2 = 1e-6
_ID_DIGITS = 6

Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Overlay:
    """The result of laying stands over parcels.

    Attributes
    ----------
    pieces : GeoDataFrame, one row per piece
        ``piece stand parcel area_dm2 area_ha geometry`` (as the layers'), by (stand, parcel).
        Without geometry a plain DataFrame.
    stand_remainder : DataFrame, one row per stand
        ``stand area_dm2 area_ha pieces_dm2 contested_dm2 stand_dm2``: `area_dm2` lies on no parcel
        (or is too small to be a piece); pieces + remainder + contested = stand.
    parcel_remainder : DataFrame, one row per parcel
        The same with ``parcel`` and ``parcel_dm2``. A remainder of a parcel that is wholly covered
        may be some dm2 below zero, because pieces are rounded within their stand.
    contested : GeoDataFrame, one row per overlapping pair
        ``kind left right area_dm2 area_ha geometry``; kind is ``"stands"`` or ``"parcels"``. Where
        three overlap, rows share land; the remainders' `contested_dm2` counts it once.
    """

    pieces: pd.DataFrame
    stand_remainder: pd.DataFrame
    parcel_remainder: pd.DataFrame
    contested: geopandas.GeoDataFrame


def pieces(
    stands: geopandas.GeoDataFrame,
    parcels: geopandas.GeoDataFrame,
    findings: Findings,
    *,
    sliver_m2: float = 1.0,
    overlap_m2: float = 1.0,
    geometry: bool = True,
    threads: int | None = None,
) -> Overlay:
    """Cut stands along parcels into pieces whose areas add up exactly.

    The cut is made in the cylindrical equal-area plane of the CGCS2000 ellipsoid, where plane area
    is area of record. Each stand's area is then split over its pieces, its remainder and contested
    land by largest remainder. The order of rows changes nothing.

    Parameters
    ----------
    stands, parcels : GeoDataFrame
        Both in EPSG:4490 or in one Gauss-Krüger zone of CGCS2000, with unique identifiers in
        ``stand`` and ``parcel`` (see `unique_ids`) and valid polygons (see
        `quality.repair_rings`).
    findings : Findings
        Receives what is wrong.
    sliver_m2 : float
        Smallest piece; less goes to the remainders. A policy, not a survey rule. [m2]
    overlap_m2 : float
        Smallest overlap inside one layer that is cut out of both features; infinite: layers are
        known to have none, and none is looked for. A policy. [m2]
    geometry : bool
        Whether the pieces carry their polygons.
    threads : int, optional
        Threads to use, by default as many as there are processors; they change nothing.

    Returns
    -------
    Overlay

    Raises
    ------
    InputError
        E345 a layer is on another datum, E349 the two are in unlike systems, E346 an identifier
        is missing or stands twice.

    Findings
    --------
    E344
        A polygon is not valid; its area stays remainder.
    E350, E355
        Two stands, or two parcels, overlap; the overlap is contested.
    E351
        Pieces are more than their stand, through overlaps too small to be cut out.
    E352, E353
        Sum of the overlaps, and of the slivers, that were too small.

    Examples
    --------
    A stand half on a parcel:

    >>> from shapely import box
    >>> stand = geopandas.GeoDataFrame(
    ...     {"stand": ["S1"]}, geometry=[box(113, 24, 113.002, 24.001)], crs=4490
    ... )
    >>> parcel = geopandas.GeoDataFrame(
    ...     {"parcel": ["Z1"]}, geometry=[box(113, 24, 113.001, 24.001)], crs=4490
    ... )
    >>> over = pieces(stand, parcel, Findings())
    >>> over.pieces[["piece", "stand", "parcel", "area_dm2"]].values.tolist()
    [['P000001', 'S1', 'Z1', 1126981]]
    >>> over.stand_remainder["area_dm2"].tolist()
    [1126980]
    """
    base = ground((stands, "stands"), (parcels, "parcels"))
    left = ready(stands, "stand", base, findings, drawn=geometry)
    right = ready(parcels, "parcel", base, findings, drawn=geometry)
    found = cut(
        left,
        right,
        base,
        findings,
        sliver_m2=sliver_m2,
        overlap_m2=overlap_m2,
        drawn=geometry,
        threads=threads,
    )
    balance = balanced(left, right, found, findings)
    table = _piece_table(left, right, found, balance)
    return Overlay(
        pieces=with_shapes(table, found.shape, base) if found.shape is not None else table,
        stand_remainder=_remainder(left, balance.left_rest, balance.left_contested),
        parcel_remainder=_remainder(right, balance.right_rest, balance.right_contested),
        contested=_contested(left, right, found, base),
    )


def _piece_table(left: Layer, right: Layer, found: Cut, balance: Balance) -> pd.DataFrame:
    count = len(balance.piece)
    digits = max(_ID_DIGITS, len(str(count)))
    return pd.DataFrame(
        {
            "piece": _numbered(count, digits),
            left.key: text(left.ids[found.left]),
            right.key: text(right.ids[found.right]),
            "area_dm2": balance.piece,
            "area_ha": balance.piece * HA_PER_DM2,
        }
    )


def _numbered(count: int, digits: int) -> pd.Series:
    """P000001, P000002 ..."""
    numbers = pc.utf8_lpad(pa.array(np.arange(1, count + 1)).cast(pa.string()), digits, "0")
    return text(pc.binary_join_element_wise("P", numbers, ""))


def _remainder(layer: Layer, rest: Ints, contested: Ints) -> pd.DataFrame:
    return pd.DataFrame(
        {
            layer.key: text(layer.ids),
            "area_dm2": rest,
            "area_ha": rest * HA_PER_DM2,
            "pieces_dm2": layer.area_dm2 - rest - contested,
            "contested_dm2": contested,
            f"{layer.key}_dm2": layer.area_dm2,
        }
    )


def _contested(left: Layer, right: Layer, found: Cut, base: Ground) -> geopandas.GeoDataFrame:
    sides = ((left, found.left_claims.pairs), (right, found.right_claims.pairs))
    table = pd.concat([_claimed(layer, pairs) for layer, pairs in sides], ignore_index=True)
    shapes = np.concatenate([pairs.shape for _, pairs in sides])
    return with_shapes(table, sound(shapely.transform(shapes, base.from_plane)), base)


def _claimed(layer: Layer, pairs: Shared) -> pd.DataFrame:
    area = np.rint(pairs.area_m2 * 100.0).astype(np.int64)
    return pd.DataFrame(
        {
            "kind": text([layer.name] * len(area)),
            "left": text(layer.ids[pairs.left]),
            "right": text(layer.ids[pairs.right]),
            "area_dm2": area,
            "area_ha": area * HA_PER_DM2,
        }
    )


def text(values: object) -> pd.Series:
    """Identifiers as the tables keep them."""
    return pd.Series(values, dtype="string")


def with_shapes(table: pd.DataFrame, shapes: Objects, base: Ground) -> geopandas.GeoDataFrame:
    """A table with its shapes, in the coordinates of the layers."""
    drawn = geopandas.array.GeometryArray(shapes, crs=base.frame.crs)
    return geopandas.GeoDataFrame(table, geometry=drawn)
