"""A layer made ready for the overlay: known ellipsoid, unique identifiers, sorted, in the plane."""

from dataclasses import dataclass

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from ecogis.core.errors import InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.spatial.area import ellipsoidal_area_m2, quantised_dm2
from ecogis.spatial.plane import CANONICAL_EPSG, EqualAreaPlane

__all__ = ["Layer", "ready"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Layer:
    """Features sorted by identifier.

    Attributes
    ----------
    name, key : str
        Role of the layer, such as ``"stands"``, and column of its identifier.
    ids : array (feature) of str
        Identifiers, rising.
    shape : array (feature) of polygons
        In the plane, with normalised rings; empty where the geometry is missing or not valid.
    area_m2 : array (feature)
        Area of record. [m2]
    area_dm2 : array (feature), int64
        The same, as kept in tables. [dm2]
    """

    name: str
    key: str
    ids: npt.NDArray[np.object_]
    shape: npt.NDArray[np.object_]
    area_m2: Floats
    area_dm2: Ints


def ready(
    layer: geopandas.GeoDataFrame,
    key: str,
    plane: EqualAreaPlane,
    findings: Findings,
    *,
    name: str = "",
) -> Layer:
    """Prepare a layer; row order, ring direction and first vertex stop mattering here.

    A feature whose polygon is not valid takes no part: all of its area stays its remainder.

    Raises
    ------
    InputError
        The layer is not in EPSG:4490, or an identifier is missing or stands twice.
    VocabularyError
        The identifier's column is missing.
    """
    name = name or f"{key}s"
    require(layer, [key, "geometry"], name)
    _refuse_other_crs(layer, name)
    ids = _checked_ids(layer[key], name)
    order = np.argsort(ids)
    ids, geometries = ids[order], np.asarray(layer.geometry.array, dtype=object)[order]
    area = np.nan_to_num(ellipsoidal_area_m2(geometries), nan=0.0)
    shape = np.asarray(shapely.normalize(plane.project(geometries)), dtype=object)
    missing = shapely.is_missing(shape) | shapely.is_empty(shape)
    broken = ~missing & ~shapely.is_valid(shape)
    findings.add(
        "E344",
        layer=name,
        where=broken,
        feature=ids,
        column="geometry",
        observed=np.array(shapely.is_valid_reason(shape), dtype=object),
        area_ha=area / 10_000.0,
        action="excluded",
        m=np.round(area, 2),
    )
    shape[missing | broken] = shapely.Polygon()
    return Layer(name, key, ids, shape, area, quantised_dm2(area))


def _refuse_other_crs(layer: geopandas.GeoDataFrame, name: str) -> None:
    if layer.crs is None or layer.crs.to_epsg() != CANONICAL_EPSG:
        raise InputError("E345", layer=name, crs=layer.crs and layer.crs.to_string())


def _checked_ids(column: pd.Series, name: str) -> npt.NDArray[np.object_]:
    wrong = column.isna() | column.duplicated(keep=False)
    if wrong.any():
        raise InputError("E346", layer=name, number=int(wrong.sum()), id=column[wrong].iloc[0])
    return np.array([str(value) for value in column], dtype=object)
