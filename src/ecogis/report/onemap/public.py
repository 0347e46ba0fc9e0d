"""The public variant: no persons, no titles, no money, and shapes no finer than a grid."""

import math
from dataclasses import replace
from typing import Final

import geopandas
import numpy as np
import pandas as pd
import shapely

from ecogis.core.errors import ConfigError
from ecogis.report.onemap.source import Land
from ecogis.report.sheetmap import layer_longitude, local_crs

__all__ = ["COARSE_M", "FINEST_M", "coarsened", "made_public", "require_coarse"]

COARSE_M: Final = 50.0
"""Width of the grid that public shapes are drawn on. A policy. [m]"""
FINEST_M: Final = 10.0
"""The narrowest such grid: a finer one shows the shapes of titles as they are. A policy. [m]"""

_STAND: Final = (
    "stand", "township", "village", "land_class", "species", "species_en", "age_group", "age_yr",
    "origin", "forest_category", "planting_year", "area_dm2", "geometry",
)  # fmt: skip
_PIECE: Final = ("stand", "area_dm2", "creditable", "geometry")


def require_coarse(metres: float) -> None:
    """Refuse a grid too fine for the public, or none.

    Raises
    ------
    ConfigError
        E473: narrower than `FINEST_M`, or not finite.

    Examples
    --------
    >>> require_coarse(50.0)
    """
    if not FINEST_M <= metres < math.inf:
        raise ConfigError("E473", value=metres, least=f"{FINEST_M:g}")


def made_public(land: Land, metres: float = COARSE_M) -> tuple[Land, int]:
    """The land without what concerns persons, on a coarse grid.

    Parcels, titles, burdens, clauses and amounts of money are left out as a whole, not hidden:
    the page does not hold them. Pieces keep their verdict and lose name, parcel and clause.

    Parameters
    ----------
    land : Land
        What the map would show within the house.
    metres : float
        Width of the grid. A policy. [m]

    Returns
    -------
    Land, int
        The land for everybody, and how many shapes are smaller than the grid and are not drawn.
    """
    stands, lost = coarsened(_only(land.stands, _STAND), metres)
    pieces, more = coarsened(_only(land.pieces, _PIECE), metres)
    pieces = pieces.assign(piece=[""] * len(pieces), parcel=pd.NA, decided_by=pd.NA)
    places, _ = coarsened(land.places, metres)
    bare = replace(
        land,
        stands=stands,
        parcels=land.parcels.iloc[:0],
        pieces=pieces,
        rights=land.rights.iloc[:0],
        encumbrances=land.encumbrances.iloc[:0],
        clauses=land.clauses.iloc[:0],
        guideline=(),
        verdicts=land.verdicts.iloc[:0],
        places=places,
    )
    return bare, lost + more


def _only(layer: geopandas.GeoDataFrame, columns: tuple[str, ...]) -> geopandas.GeoDataFrame:
    return geopandas.GeoDataFrame(layer[[name for name in columns if name in layer.columns]])


def coarsened(layer: geopandas.GeoDataFrame, metres: float) -> tuple[geopandas.GeoDataFrame, int]:
    """Shapes with every corner moved to the nearest point of a grid.

    Neighbours move the same corners to the same points, so that they still touch. A shape that
    the grid swallows loses its outline and keeps its row.

    Parameters
    ----------
    layer : GeoDataFrame
        Shapes in EPSG:4490.
    metres : float
        Width of the grid in the local 3-degree zone. [m]

    Returns
    -------
    GeoDataFrame, int
        The layer, and how many of its shapes were swallowed.

    Examples
    --------
    >>> square = shapely.box(108.0, 23.0, 108.001, 23.001)  # about 103 m by 111 m
    >>> layer = geopandas.GeoDataFrame({"n": [1]}, geometry=[square], crs="EPSG:4490")
    >>> coarse, swallowed = coarsened(layer, 50.0)
    >>> round(coarse.to_crs("EPSG:4545").area.iloc[0]), swallowed
    (10000, 0)
    """
    if not len(layer):
        return layer, 0
    plane = layer.to_crs(local_crs(layer_longitude(layer))[0])
    shapes = plane.geometry.to_numpy()
    there = ~(shapely.is_missing(shapes) | shapely.is_empty(shapes))
    wrong = there & ~shapely.is_valid(shapes)
    shapes[wrong] = shapely.make_valid(shapes[wrong])
    shapes = shapely.set_precision(shapes, metres)
    drawn = there & (np.nan_to_num(shapely.area(shapes)) > 0)
    shapes[~drawn] = None
    coarse = plane.set_geometry(geopandas.GeoSeries(shapes, index=plane.index, crs=plane.crs))
    return coarse.to_crs(layer.crs), int((there & ~drawn).sum())
