"""Where an older certificate lies: its own point or polygon, or the name of its place."""

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely
from pyproj import CRS

from ecogis.core.errors import InputError
from ecogis.overlay.evidence import Land, plain

__all__ = ["by_place", "place_text"]

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Shapes = npt.NDArray[np.object_]


def by_place(table: pd.DataFrame, land: Land, rows: Ints, *, misfit_share: float) -> pd.DataFrame:
    """Parcels where a right's own point, polygon or place name leads.

    A point leads to the parcels it lies in. A polygon leads to each parcel with which it has more
    than `misfit_share` of the parcel's or of its own area in common. How far it reaches over land
    of no parcel is not asked. A name leads to the parcels of that name. A row with a shape is not
    asked for its name.

    Parameters
    ----------
    table : DataFrame
        Rights, with ``geometry`` or ``location`` where there are such.
    land : Land
        The parcels, with the same.
    rows : array of int
        Rows of the table to be placed.
    misfit_share : float
        [1]

    Returns
    -------
    DataFrame
        ``row at sure``: the place is sure where a point or a name leads to one parcel only, and
        where a polygon covers of every parcel it leads to all but `misfit_share` at most.

    Raises
    ------
    InputError
        E345 rights or parcels with shapes have no coordinate system; E349 they have unlike ones.
    """
    drawn = _drawn(table, land, rows)
    parts = [_by_shape(table, land, drawn, misfit_share), _by_name(table, land, rows, drawn)]
    return pd.concat(parts, ignore_index=True)


def place_text(table: pd.DataFrame) -> pd.Series:
    """Where a right says it lies, in words: its place name, or a point of its shape."""
    name = pd.Series(pd.NA, index=table.index, dtype="string")
    if "location" in table:
        name = table["location"].astype("string")
    if "geometry" not in table:
        return name
    with np.errstate(invalid="ignore"):  # a coordinate that is not a number
        spot = shapely.centroid(_shapes(table))
    at, row = shapely.get_coordinates(spot, return_index=True)
    told = np.isfinite(at).all(axis=1)
    seen = pd.Series(pd.NA, index=table.index, dtype="string")
    seen.iloc[row[told]] = [f"{x:.5f} {y:.5f}" for x, y in at[told]]
    return name.fillna(seen)


def _shapes(table: pd.DataFrame) -> Shapes:
    return np.array(table["geometry"].array, dtype=object)


def _drawn(table: pd.DataFrame, land: Land, rows: Ints) -> Ints:
    """Rows with a point or a valid polygon that can be laid over drawn parcels."""
    if "geometry" not in table or "geometry" not in land.layer:
        return np.zeros(0, dtype=np.int64)
    _refuse_unlike_crs(table, land.layer)
    shapes = _shapes(table)[rows]
    there = ~shapely.is_missing(shapes) & ~shapely.is_empty(shapes) & shapely.is_valid(shapes)
    return np.asarray(rows[there & (shapely.get_dimensions(shapes) != 1)], dtype=np.int64)


def _refuse_unlike_crs(rights: pd.DataFrame, parcels: pd.DataFrame) -> None:
    one, other = _system(rights, "rights"), _system(parcels, "parcels")
    if one != other:
        raise InputError("E349", a="rights", b="parcels", one=one.name, other=other.name)


def _system(layer: pd.DataFrame, name: str) -> CRS:
    crs = layer.crs if isinstance(layer, geopandas.GeoDataFrame) else None
    if crs is None:
        raise InputError("E345", layer=name, crs="—")
    return crs


def _by_shape(table: pd.DataFrame, land: Land, rows: Ints, misfit_share: float) -> pd.DataFrame:
    if not len(rows):
        return _pairs(rows, rows, rows.astype(bool))
    shapes, lots = _shapes(table)[rows], _shapes(land.layer)
    lots[~shapely.is_valid(lots)] = None
    found, at = shapely.STRtree(lots).query(shapes, predicate="intersects")
    is_point = shapely.get_dimensions(shapes[found]) == 0
    of_lot, of_own = _shared(shapes[found], lots[at])
    kept = is_point | (of_lot > misfit_share) | (of_own > misfit_share)
    covers = np.where(is_point, True, of_lot >= 1.0 - misfit_share)[kept]
    number = pd.Series(found[kept])
    one = number.groupby(number).transform("size").eq(1).to_numpy() | ~is_point[kept]
    sure = pd.Series(covers & one).groupby(number).transform("all").to_numpy(dtype=bool)
    return _pairs(rows[found[kept]], at[kept], sure)


def _shared(shapes: Shapes, lots: Shapes) -> tuple[Floats, Floats]:
    """Share of each parcel's area, and of each polygon's, that both have in common."""
    common = shapely.area(shapely.intersection(shapes, lots))
    tiny = np.finfo(np.float64).tiny
    return (
        common / np.maximum(shapely.area(lots), tiny),
        common / np.maximum(shapely.area(shapes), tiny),
    )


def _by_name(table: pd.DataFrame, land: Land, rows: Ints, drawn: Ints) -> pd.DataFrame:
    left = np.setdiff1d(rows, drawn)
    if "location" not in table or "location" not in land.layer or not len(left):
        return _pairs(left[:0], left[:0], left[:0].astype(bool))
    sought = pd.DataFrame({"name": plain(table["location"].iloc[left]).to_numpy(), "row": left})
    names = plain(land.layer["location"]).to_numpy()
    listed = pd.DataFrame({"name": names, "at": np.arange(len(land.ids))})
    pairs = sought.dropna().merge(listed.dropna(), on="name")
    one = pairs.groupby("row")["at"].transform("size").eq(1)
    return _pairs(pairs["row"].to_numpy(), pairs["at"].to_numpy(), one.to_numpy())


def _pairs(rows: Ints, at: Ints, sure: npt.NDArray[np.bool_]) -> pd.DataFrame:
    return pd.DataFrame({"row": rows, "at": at, "sure": sure}).astype(
        {"row": "int64", "at": "int64", "sure": "bool"}
    )
