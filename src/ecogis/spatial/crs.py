"""Coordinate systems: every layer comes to CGCS2000 longitude and latitude (EPSG:4490), or stops.

A projection is undone exactly; a change of datum is made only where it is known: WGS 84 counts as
CGCS2000 (they agree to centimetres), another modern datum goes through WGS 84 by a published
operation, Beijing 1954 and Xian 1980 need parameters from the user. PROJ alone would answer those
two with a shift of zero. Axes are always longitude, latitude (or easting, northing).
"""

import warnings
from collections.abc import Mapping
from typing import Final

import geopandas
import numpy as np
import numpy.typing as npt
import pyproj
import shapely
from pyproj.exceptions import CRSError
from pyproj.transformer import TransformerGroup

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.spatial import zones
from ecogis.spatial.zones import Source, likely_epsg

__all__ = ["CANONICAL", "Source", "declared", "likely_epsg", "to_canonical"]

CANONICAL: Final = "EPSG:4490"
"""CGCS2000, longitude and latitude."""

_IDENTICAL: Final = frozenset({"cgcs2000", "wgs84"})
_SHIFTED: Final = frozenset({"beijing1954", "xian1980"})
_SHIFT_KEYS: Final = {
    "dx": "x",
    "dy": "y",
    "dz": "z",
    "rx": "rx",
    "ry": "ry",
    "rz": "rz",
    "ds": "s",
}

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Objects = npt.NDArray[np.object_]


def declared(in_file: str, stated: str | None, about: Source, findings: Findings) -> pyproj.CRS:
    """The coordinate system of a layer: the file's, or the one stated where the file has none.

    A file whose datum is unknown gives way to what is stated, with the note E325.

    Raises
    ------
    InputError
        E311 neither the file nor the caller names one, E313 they name different ones, E323 the
        file's is a Mercator projection of an unknown datum.
    ConfigError
        E319 what is stated is no coordinate system.

    Examples
    --------
    >>> declared("", "EPSG:4526", Source("a.shp", "a", "stands"), Findings()).to_epsg()
    4526
    """
    mine = _stated(stated, about)
    theirs = _from_file(in_file, about)
    if theirs is None and mine is None:
        raise InputError("E311", **about.where())
    if theirs is None or mine is None or _same(theirs, mine):
        found = theirs or mine
        if mine is None and found is not None and _vague(found) and _is_mercator(found):
            raise InputError("E323", crs=found.name, **about.where())
        return found
    if not _vague(theirs):
        raise InputError("E313", a=theirs.name, b=mine.name, **about.where())
    findings.add("E325", layer=about.role, a=theirs.name, b=mine.name, **about.where())
    return mine


def _stated(stated: str | None, about: Source) -> pyproj.CRS | None:
    if stated is None:
        return None
    try:
        return pyproj.CRS.from_user_input(stated)
    except CRSError as fault:
        raise ConfigError("E319", crs=stated, detail=fault, **about.where()) from None


def _vague(crs: pyproj.CRS) -> bool:
    return crs.datum is None or "unknown" in crs.datum.name.casefold()


def _is_mercator(crs: pyproj.CRS) -> bool:
    operation = crs.coordinate_operation
    return operation is not None and operation.method_name.casefold().startswith("mercator")


def _from_file(text: str, about: Source) -> pyproj.CRS | None:
    if not text:
        return None
    try:
        found = pyproj.CRS.from_user_input(text)
    except CRSError as fault:
        raise InputError("E318", detail=str(fault)[:200], **about.where()) from None
    undefined = found.is_engineering or found.name.casefold().startswith("undefined")
    return None if undefined else found


def _same(one: pyproj.CRS, other: pyproj.CRS) -> bool:
    if one.equals(other, ignore_axis_order=True):
        return True
    a, b = zones.projection(one), zones.projection(other)
    return a is not None and a == b and zones.family(one) == zones.family(other) != "other"


def to_canonical(
    layer: geopandas.GeoDataFrame,
    crs: pyproj.CRS | str,
    about: Source,
    findings: Findings,
    *,
    shift: Mapping[str, float] | None = None,
) -> geopandas.GeoDataFrame:
    """A layer in EPSG:4490.

    Parameters
    ----------
    layer : GeoDataFrame
        First column the identifier, `row` the source row; geometries may be missing.
    crs : CRS or str
        What its coordinates are in.
    about : Source
        File, layer and role, for messages.
    findings : Findings
        Grows by the datum operation used (notes E314, E315, E316) and rows that could not be
        transformed (E332, excluded from earning, geometry missing).
    shift : mapping, optional
        Parameters from the source datum to CGCS2000: ``dx dy dz`` [m], ``rx ry rz`` [arcsec],
        ``ds`` [ppm], position-vector convention.

    Returns
    -------
    GeoDataFrame
        The same rows.

    Raises
    ------
    InputError
        E310 the datum needs shift parameters, E320 zone number and coordinate system disagree,
        E321 outside the system's zone, E322 outside China, E324 axes are swapped.
    """
    crs = pyproj.CRS.from_user_input(crs)
    shapes = np.asarray(layer.geometry.array, dtype=object)
    xy, owner = shapely.get_coordinates(shapes, return_index=True)
    finite = _finite(xy)
    if finite.any():
        zones.check_eastings(crs, _those(xy, finite), about)
    lonlat = _to_datum(_geodetic(crs, xy), crs, about, findings, shift=shift)
    good = _finite(lonlat)
    if good.any():
        zones.check_extent(crs, _those(lonlat, good), about)
    shapes, lost = _placed(shapes, owner, lonlat, good)
    findings.add(
        "E332",
        layer=about.role,
        where=lost,
        feature=layer.iloc[:, 0],
        row=layer["row"] if "row" in layer else np.arange(1, len(layer) + 1),
        column="geometry",
        action="excluded",
        **about.where(),
    )
    return layer.set_geometry(geopandas.GeoSeries(shapes, index=layer.index, crs=CANONICAL))


def _finite(xy: Floats) -> Mask:
    return np.isfinite(xy[:, 0]) & np.isfinite(xy[:, 1])


def _those(xy: Floats, which: Mask) -> Floats:
    return xy if which.all() else xy[which]


def _placed(
    shapes: Objects, owner: npt.NDArray[np.int64], lonlat: Floats, good: Mask
) -> tuple[Objects, Mask]:
    """New coordinates in the old shapes; a shape with one that is not finite goes missing."""
    lost = np.zeros(len(shapes), dtype=bool)
    if good.all():
        return shapely.set_coordinates(shapes.copy(), lonlat), lost
    lost[owner[~good]] = True
    left = shapes.copy()
    left[lost] = None
    return shapely.set_coordinates(left, lonlat[~lost[owner]]), lost


def _geodetic(crs: pyproj.CRS, xy: Floats) -> Floats:
    """Longitude and latitude on the layer's own datum: the projection undone, nothing else."""
    own = crs.geodetic_crs
    if own is None or len(xy) == 0:
        return xy
    return _pairs(pyproj.Transformer.from_crs(crs, own, always_xy=True), xy)


def _pairs(transformer: pyproj.Transformer, xy: Floats) -> Floats:
    east, north = transformer.transform(xy[:, 0], xy[:, 1])
    return np.column_stack([east, north])


def _to_datum(
    lonlat: Floats,
    crs: pyproj.CRS,
    about: Source,
    findings: Findings,
    *,
    shift: Mapping[str, float] | None,
) -> Floats:
    family = zones.family(crs)
    if shift is not None:
        transformer = pyproj.Transformer.from_pipeline(_pipeline(crs, shift, about))
        numbers = " ".join(f"{name}={value:g}" for name, value in shift.items())
        findings.add("E315", layer=about.role, crs=crs.name, shift=numbers, **about.where())
        return _pairs(transformer, lonlat)
    if family in _SHIFTED:
        raise InputError("E310", crs=crs.name, **about.where())
    if family == "wgs84":
        findings.add("E314", layer=about.role, crs=crs.name, **about.where())
    if family in _IDENTICAL:
        return lonlat
    transformer = _through_wgs84(crs, about)
    accuracy = transformer.accuracy if transformer.accuracy >= 0 else "?"
    findings.add(
        "E316",
        layer=about.role,
        crs=crs.name,
        operation=transformer.description,
        accuracy=accuracy,
        **about.where(),
    )
    return _pairs(transformer, lonlat)


def _pipeline(crs: pyproj.CRS, shift: Mapping[str, float], about: Source) -> str:
    unknown = shift.keys() - _SHIFT_KEYS
    if unknown or not shift.keys() >= {"dx", "dy", "dz"}:
        given = ", ".join(shift) or "-"
        raise ConfigError("E317", given=given, expected=" ".join(_SHIFT_KEYS), **about.where())
    ellipsoid = crs.ellipsoid
    own = f"+a={ellipsoid.semi_major_metre} +rf={ellipsoid.inverse_flattening}"
    helmert = " ".join(f"+{_SHIFT_KEYS[name]}={value!r}" for name, value in shift.items())
    return (
        "+proj=pipeline +step +proj=unitconvert +xy_in=deg +xy_out=rad "
        f"+step +proj=cart {own} "
        f"+step +proj=helmert {helmert} +convention=position_vector "
        "+step +inv +proj=cart +ellps=GRS80 "
        "+step +proj=unitconvert +xy_in=rad +xy_out=deg"
    )


def _through_wgs84(crs: pyproj.CRS, about: Source) -> pyproj.Transformer:
    """The best published operation to WGS 84 that this machine can run; never a guess of zero."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # better operations that need grids not on this machine
        group = TransformerGroup(
            crs.geodetic_crs or crs, "EPSG:4326", always_xy=True, allow_ballpark=False
        )
    if not group.transformers:
        raise InputError("E310", crs=crs.name, **about.where())
    return group.transformers[0]
