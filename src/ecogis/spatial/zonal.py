"""Values of a raster under polygons, each cell by the exact share of it that is covered.

A cell counts by the part of it within the polygon, not by whether its middle is: the cells of a
tiling's pieces add up to the whole, and a piece smaller than a cell still has a value. Windows of
the raster are read once, and no figure depends on how large they are.
"""

import os
from collections.abc import Callable, Collection, Sequence
from types import MappingProxyType
from typing import Any, Final, Literal

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import pyproj
import xarray as xr

from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.spatial import zonal_kernels as kernels
from ecogis.spatial.covered import Covered, covered
from ecogis.spatial.grids import Grid, RasterSource, as_source, horizontal

__all__ = ["STATISTICS", "statistics"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Objects = npt.NDArray[np.object_]
Shapes = Any  # GeoSeries or GeoDataFrame
Weights = Literal["cells", "area"]

_DISTORTED: Final = 0.01  # a policy: plane areas further off than this are told


def _mean(sums: Floats) -> Floats:
    return sums[:, kernels.ORIGIN] + sums[:, kernels.FIRST] / sums[:, kernels.WEIGHT]


def _sum(sums: Floats) -> Floats:
    return sums[:, kernels.ORIGIN] * sums[:, kernels.CELLS] + sums[:, kernels.PLAIN]


def _stdev(sums: Floats) -> Floats:
    mean = sums[:, kernels.FIRST] / sums[:, kernels.WEIGHT]
    return np.sqrt(np.maximum(0.0, sums[:, kernels.SECOND] / sums[:, kernels.WEIGHT] - mean * mean))


STATISTICS: Final = MappingProxyType[str, Callable[[Floats], Floats]](
    {
        "mean": _mean,
        "sum": _sum,
        "min": lambda sums: sums[:, kernels.LOW],
        "max": lambda sums: sums[:, kernels.HIGH],
        "stdev": _stdev,
    }
)


def statistics(
    shapes: Shapes,
    raster: xr.DataArray | RasterSource,
    *,
    statistics: Sequence[str] = ("mean", "sum", "min", "max", "stdev"),
    classes: Sequence[float] | None = None,
    weights: Weights = "area",
    limit: float = 0.01,
    findings: Findings | None = None,
    keys: npt.ArrayLike | None = None,
    layer: str = "pieces",
    threads: int | None = 1,
) -> pd.DataFrame:
    r"""Statistics of a raster under polygons, by exact covered share.

    With the covered share :math:`s_i` of a cell, its value :math:`v_i` and its weight :math:`w_i`
    the mean is :math:`\sum s_i w_i v_i / \sum s_i w_i` and `stdev` the population's standard
    deviation with the same weights. The sum is :math:`\sum s_i v_i`, for values that are amounts
    per cell; an amount per area is its mean times `covered_area`. Cells off the raster or without
    a finite value count nowhere: what they take of a polygon is its `uncovered_share`.

    Parameters
    ----------
    shapes : GeoSeries or GeoDataFrame
        Polygons and multipolygons, valid, in the raster's coordinate system. They may overlap.
    raster : DataArray (y, x) or RasterSource
        As `ecogis.io.read_raster` gives it, or a file open for reading by windows
        (`ecogis.io.open_raster`). Values not finite are missing, and those an array's
        ``attrs["_FillValue"]`` names.
    statistics : sequence of {"mean", "sum", "min", "max", "stdev"}
        Columns wanted.
    classes : sequence of numbers, optional
        Codes of a categorical raster, for which covered shares and areas are wanted.
    weights : {"area", "cells"}
        What a cell weighs in `mean` and `stdev`: its area on the ellipsoid, or 1. They differ
        only on rasters in longitude and latitude, whose cells shrink towards the poles.
    limit : float
        Share of a polygon that may lie off the raster or on cells without value before it is a
        finding. A policy. [1]
    findings : Findings, optional
        Grows by what is listed below. Without it, only the columns tell.
    keys : array (shape), optional
        Identifiers for the findings; the index where not given.
    layer : str
        Role of the shapes, for the findings.
    threads : int, optional
        Number of threads, or None for one on each processor; results do not depend on it. [1]

    Returns
    -------
    DataFrame, one row per shape, index of `shapes`
        `covered` [cells]; `covered_area`, on the ellipsoid for a raster in longitude and latitude
        and in the raster's plane otherwise [m2]; `uncovered_share` of the polygon [1]; the
        statistics, missing where no cell with a value is covered [unit of the raster]; for each
        class `share_<code>` of the covered area [1] and `area_<code>` [m2], and the same of all
        other values as `share_other` and `area_other`. All missing where E634 or E635 is found.

    Raises
    ------
    InputError
        E630 shapes and raster are in different coordinate systems, E631 one has none, as a plain
        table has none, E636 the raster's coordinates are not even.
    ConfigError
        E002 a statistic, weight or number of threads is not accepted, E638 not one key per shape,
        E639 a class code stands twice or is not finite.
    UnitError
        E007 the limit is no share.

    Findings
    --------
    E632
        More of a polygon than `limit` has no value; figures are of the rest.
    E633
        A polygon lies wholly off the raster or on cells without value; statistics are missing.
    E634
        A row has no polygon, or one with a coordinate that is not finite.
    E635
        A polygon covers land twice or is turned over in part; no figure is stated.
    E637
        The raster's plane shows areas wrong by more than 1 %; `covered_area` is a plane area.

    Notes
    -----
    Shares are taken in the raster's own plane, edges straight there. A cell covered by less than
    1e-8 of itself does not count, for rounding of the coordinates cannot be told from cover.

    Examples
    --------
    A square from 0.5 to 1.5 covers a quarter of each of four cells.

    >>> import geopandas, shapely
    >>> raster = xr.DataArray(
    ...     [[1.0, 2.0], [3.0, 4.0]],
    ...     {"y": [1.5, 0.5], "x": [0.5, 1.5]},
    ...     ("y", "x"),
    ...     attrs={"crs": "EPSG:4547"},
    ... )
    >>> square = geopandas.GeoSeries([shapely.box(0.5, 0.5, 1.5, 1.5)], crs="EPSG:4547")
    >>> found = statistics(square, raster, statistics=["mean", "max"])
    >>> found.loc[0].to_dict()
    {'covered': 1.0, 'covered_area': 1.0, 'uncovered_share': 0.0, 'mean': 2.5, 'max': 4.0}
    """
    wanted = _accepted(statistics, STATISTICS)
    _accepted([weights], ("area", "cells"))
    codes = _codes(classes)
    share(limit, "limit")
    threads = _threads(threads)
    names = _names(shapes, keys)
    source = as_source(raster)
    _same_crs(shapes, source.grid, layer)
    array: Objects = np.asarray(shapes.geometry.array, dtype=np.object_)
    found = covered(array, source, np.sort(codes), by_area=weights == "area", threads=threads)
    table = _table(found, wanted, codes)
    if findings is not None:
        about = {"layer": layer, "feature": names}
        _tell_cover(findings, table, found.hectares(source.grid), limit, about)
        _tell_shapes(findings, array, found, about)
        _tell_plane(findings, found, source.grid, layer)
    return table.set_axis(shapes.index)


def _accepted(given: Sequence[str], known: Collection[str]) -> list[str]:
    for name in given:
        if name not in known:
            raise ConfigError("E002", value=name, expected=", ".join(known))
    return list(given)


def _threads(number: Any) -> int:
    if number is None:
        return os.cpu_count() or 1
    if not isinstance(number, int | np.integer) or number < 1:
        raise ConfigError("E002", value=number, expected="1, 2, 3 …")
    return int(number)


def _codes(classes: Sequence[float] | None) -> Floats:
    codes = np.asarray([] if classes is None else classes, dtype=np.float64)
    if len(np.unique(codes)) != len(codes) or not np.isfinite(codes).all():
        raise ConfigError("E639", codes=codes.tolist())
    return codes


def _names(shapes: Shapes, keys: npt.ArrayLike | None) -> Objects:
    names = np.asarray(shapes.index if keys is None else keys, dtype=object)
    if len(names) != len(shapes):
        raise ConfigError("E638", number=len(names), expected=len(shapes))
    return names


def _same_crs(shapes: Shapes, grid: Grid, layer: str) -> None:
    drawn = isinstance(shapes, geopandas.GeoSeries | geopandas.GeoDataFrame)
    if not drawn or getattr(shapes, "crs", None) is None:
        raise InputError("E631", what=layer)
    if not horizontal(shapes.crs).equals(grid.crs, ignore_axis_order=True):
        a, b = (_called(crs) for crs in (shapes.crs, grid.crs))
        raise InputError("E630", layer=layer, a=a, b=b)


def _called(crs: pyproj.CRS) -> str:
    code = crs.to_epsg()
    return crs.name if code is None else f"{crs.name} (EPSG:{code})"


def _table(found: Covered, wanted: Sequence[str], codes: Floats) -> pd.DataFrame:
    sums, size = found.sums, found.size
    with np.errstate(divide="ignore", invalid="ignore"):
        uncovered = np.where(size > 0.0, 1.0 - sums[:, kernels.CELLS] / size, 1.0)
        figures = {name: STATISTICS[name](sums) for name in wanted} | _classes(found, codes)
    bare = sums[:, kernels.CELLS] == 0.0
    table = pd.DataFrame(
        {
            "covered": sums[:, kernels.CELLS],
            "covered_area": sums[:, kernels.AREA],
            "uncovered_share": np.clip(uncovered, 0.0, 1.0),
            **{name: np.where(bare, np.nan, values) for name, values in figures.items()},
        }
    )
    table.loc[found.lost | found.folded] = np.nan
    return table


def _classes(found: Covered, codes: Floats) -> dict[str, Floats]:
    """Covered share and area of each class, and of values that are none of them."""
    if not len(codes):
        return {}
    places = [*np.searchsorted(np.sort(codes), codes), len(codes)]
    labels = [*(np.format_float_positional(code, trim="-") for code in codes), "other"]
    areas = {label: found.classes[:, k] for label, k in zip(labels, places, strict=True)}
    total = found.sums[:, kernels.AREA]
    shares = {f"share_{label}": area / total for label, area in areas.items()}
    return shares | {f"area_{label}": area for label, area in areas.items()}


def _tell_cover(
    findings: Findings,
    table: pd.DataFrame,
    hectares: Floats,
    limit: float,
    about: dict[str, Any],
) -> None:
    uncovered, cells = table["uncovered_share"].to_numpy(), table["covered"].to_numpy()
    partly = (uncovered > limit) & (cells > 0.0)
    about = about | {"observed": np.round(100.0 * uncovered, 2), "area_ha": uncovered * hectares}
    findings.add("E632", where=partly, expected=f"<= {100.0 * limit:g}", **about)
    findings.add("E633", where=cells == 0.0, **about)


def _tell_shapes(findings: Findings, array: Objects, found: Covered, about: dict[str, Any]) -> None:
    seen = np.full(len(array), None, dtype=object)
    for at in np.flatnonzero(found.lost):
        seen[at] = "—" if array[at] is None else array[at].geom_type
    findings.add("E634", where=found.lost, observed=seen, **about)
    findings.add("E635", where=~found.lost & found.folded, **about)


def _tell_plane(findings: Findings, found: Covered, grid: Grid, layer: str) -> None:
    inside = found.box[found.box[:, 1] > 0]
    if not len(inside):
        return
    north, west = inside[:, [0, 2]].min(axis=0)
    south, east = inside[:, [1, 3]].max(axis=0)
    x = grid.x0 + grid.dx * np.array([west, east])
    y = grid.y0 + grid.dy * np.array([south, north])
    off = grid.areal_scale((x[0], y[0], x[1], y[1])) - 1.0
    if abs(off) > _DISTORTED:
        findings.add("E637", layer=layer, crs=_called(grid.crs), p=round(100.0 * off, 1))
