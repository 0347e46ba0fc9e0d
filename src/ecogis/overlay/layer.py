"""A layer made ready for the overlay: known frame, unique identifiers, sorted, in the plane."""

from dataclasses import dataclass
from typing import Any

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from ecogis.core.errors import InputError, VocabularyError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.overlay.kernels import surely_simple
from ecogis.overlay.outlines import Outlines, gathered, outlines
from ecogis.overlay.rings import sound
from ecogis.spatial.area import DM2_PER_M2, quantised_dm2
from ecogis.spatial.frames import Frame, frame_of
from ecogis.spatial.plane import EqualAreaPlane, plane_of
from ecogis.spatial.rings import polygon_parts

__all__ = ["Ground", "Layer", "ground", "ready"]

_NOISE_DM2 = 1e-3  # of an area in the plane about two layers, far above what rounding does

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class Ground:
    """What two layers are cut on: their frame of coordinates and the equal-area plane."""

    frame: Frame
    plane: EqualAreaPlane

    def to_plane(self, xy: Floats, out: Floats) -> Floats:
        """Coordinates of the layers carried into the plane."""
        return self.frame.to_plane(xy, self.plane, out)

    def laid(self, shapes: Any) -> Objects:
        """Shapes of the layers as valid polygons in the plane."""
        array = np.asarray(shapes, dtype=object)
        moved = shapely.transform(array, lambda xy: self.frame.to_plane(xy, self.plane))
        return sound(moved)

    def from_plane(self, xy: Floats) -> Floats:
        """Plane coordinates carried back to those of the layers."""
        return self.frame.from_plane(xy, self.plane)


def ground(*layers: tuple[geopandas.GeoDataFrame, str]) -> Ground:
    """The common ground of some layers, each with its name.

    Raises
    ------
    InputError
        E345 a layer is neither in EPSG:4490 nor in a Gauss-Krüger zone of CGCS2000, E349 they are
        not in the same one.
    """
    for layer, name in layers:
        if getattr(layer, "_geometry_column_name", None) not in getattr(layer, "columns", ()):
            raise VocabularyError("E004", where=name, columns="geometry")
    frames = [frame_of(layer.crs, layer=name) for layer, name in layers]
    for frame, (_, name) in zip(frames[1:], layers[1:], strict=True):
        if not frame.same_as(frames[0]):
            raise InputError(
                "E349", a=layers[0][1], one=frames[0].crs.name, b=name, other=frame.crs.name
            )
    shapes = [layer.geometry.array for layer, _ in layers]
    return Ground(frames[0], plane_of(*shapes, frame=frames[0]))


@dataclass(frozen=True, slots=True)
class Layer:
    """Features sorted by identifier.

    Attributes
    ----------
    name, key : str
        Role of the layer, such as ``"stands"``, and column of its identifier.
    ids : array (feature) of str
        Identifiers, rising.
    outlines : Outlines
        Their polygons in the plane; a feature without a valid polygon has no part.
    area_m2 : array (feature)
        Area of record. [m2]
    area_dm2 : array (feature), int64
        The same, as kept in tables. [dm2]
    """

    name: str
    key: str
    ids: Objects
    outlines: Outlines
    area_m2: Floats
    area_dm2: Ints


def ready(
    layer: geopandas.GeoDataFrame,
    key: str,
    ground: Ground,
    findings: Findings,
    *,
    name: str = "",
    drawn: bool = True,
) -> Layer:
    """Prepare a layer; row order, ring direction and first vertex stop mattering here.

    A feature whose polygon is not valid takes no part: all of its area stays its remainder.
    With `drawn` the coordinates of the layer are kept, so that shapes can be made of them.

    Raises
    ------
    InputError
        E346 an identifier is missing or stands twice.
    VocabularyError
        The identifier's column is missing.
    """
    name = name or f"{key}s"
    require(layer, [key], name)
    ids, order = _sorted_ids(layer[key], name)
    shapes = np.asarray(layer.geometry.array, dtype=object)[order]
    asdrawn = outlines(shapes)
    lost = _off_the_map(asdrawn, ground.frame)
    broken = _broken(asdrawn, shapes) | lost
    flat = asdrawn.moved(ground.to_plane, keep=drawn)
    area = np.where(lost, 0.0, np.abs(flat.feature_area_m2()))
    findings.add(
        "E344",
        layer=name,
        where=broken,
        feature=ids,
        column="geometry",
        observed=_reasons(shapes, broken),
        area_ha=area / 10_000.0,
        action="excluded",
        m=np.round(area, 2),
    )
    if broken.any():
        flat = flat.picked(np.flatnonzero(~broken[flat.owner]))
    return Layer(name, key, ids, flat, area, _of_record(layer, order, area))


def _of_record(layer: geopandas.GeoDataFrame, order: Ints, area_m2: Floats) -> Ints:
    """Whole areas; one halfway between two is rounded as the layer's own column has it."""
    whole = quantised_dm2(area_m2)
    if "area_dm2" not in layer or layer["area_dm2"].dtype != np.int64:
        return whole
    known = layer["area_dm2"].to_numpy()[order]
    return np.where(np.abs(known - area_m2 * DM2_PER_M2) <= 0.5 + _NOISE_DM2, known, whole)


def _broken(layer: Outlines, shapes: Objects) -> npt.NDArray[np.bool_]:
    """Features that are not valid; GEOS is asked only where the kernel is not sure."""
    sure = np.empty(len(layer.owner), dtype=bool)
    surely_simple(layer.flat, sure)
    doubtful = (layer.parts_of() > 1).astype(bool)
    doubtful[layer.owner[~sure]] = True
    broken = np.zeros(layer.count, dtype=bool)
    broken[doubtful] = ~shapely.is_valid(_as_polygons(shapes[doubtful]))
    return broken


def _as_polygons(shapes: Objects) -> Objects:
    """Collections as multipolygons: GEOS lets the polygons of a collection overlap."""
    nested = np.flatnonzero(shapely.get_type_id(shapes) == shapely.GeometryType.GEOMETRYCOLLECTION)
    if not len(nested):
        return shapes
    out = shapes.copy()
    parts, owner = polygon_parts(shapes[nested])
    out[nested] = gathered(parts, owner, len(nested))
    return out


def _off_the_map(layer: Outlines, frame: Frame) -> npt.NDArray[np.bool_]:
    """Features with a coordinate that is no number or no place in the frame."""
    xy = layer.flat.xy
    lost = ~np.isfinite(xy).all(axis=1)
    if frame.grid is None:
        lost |= (np.abs(xy) > (360.0, 90.0)).any(axis=1)
    else:
        lost |= ~np.isfinite(frame.lonlat(xy)).all(axis=1) if _strays(xy, frame) else False
    out = np.zeros(layer.count, dtype=bool)
    if lost.any():
        ring = np.searchsorted(layer.flat.ring, np.flatnonzero(lost), side="right") - 1
        part = np.searchsorted(layer.flat.part, ring, side="right") - 1
        out[layer.owner[part]] = True
    return out


def _strays(xy: Floats, frame: Frame) -> bool:
    """Whether any corner of the box around some metres is no place; looked at before each point."""
    if not len(xy):
        return False
    low, high = np.nanmin(xy, axis=0), np.nanmax(xy, axis=0)
    corners = np.array([[x, y] for x in (low[0], high[0]) for y in (low[1], high[1])])
    return not bool(np.isfinite(frame.lonlat(corners)).all())


def _reasons(shapes: Objects, broken: npt.NDArray[np.bool_]) -> Objects:
    out = np.full(len(shapes), "", dtype=object)
    reasons = np.array(shapely.is_valid_reason(shapes[broken]), dtype=object)
    reasons[reasons == "Valid Geometry"] = "Coordinate off the map"
    out[broken] = reasons
    return out


def _sorted_ids(column: pd.Series, name: str) -> tuple[Objects, Ints]:
    """Identifiers as text in rising order, and the rows they come from."""
    wrong = column.isna() | column.astype(str).duplicated(keep=False)
    if wrong.any():
        raise InputError("E346", layer=name, number=int(wrong.sum()), id=column[wrong].iloc[0])
    texts = pa.array(column.astype(str), type=pa.string())
    order = pc.sort_indices(texts)
    ids = np.asarray(texts.take(order).to_numpy(zero_copy_only=False), dtype=object)
    return ids, order.to_numpy().astype(np.int64)
