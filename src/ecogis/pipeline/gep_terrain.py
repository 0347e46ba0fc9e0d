"""Factors of soil loss a county has the makings of: heights, monthly rain and soil texture."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import rasterio.features
import shapely
import xarray as xr
from rasterio import Affine

from ecogis import io, services, spatial
from ecogis.core.errors import ConfigError, InputError
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.config_gep import Gep, GepTerrain
from ecogis.pipeline.run import Run
from ecogis.services import LandInputs
from ecogis.spatial.grids import Grid, RasterSource, Values, as_source, grid_of

__all__ = ["Terrain", "mean_under", "noted", "soil_map", "terrain"]

_MOST_UNCOVERED: Final = 0.5
_MONTHS: Final = 12


@dataclass(frozen=True, slots=True)
class Terrain:
    """What was made of heights, rain and texture.

    Attributes
    ----------
    means : mapping of str to Series
        Mean of each variable under each stand.
    made_of : mapping of str to str
        By variable: formula and files.
    slope : DataArray (y, x) or None
        Length-slope factor of the heights. [1]
    """

    means: Mapping[str, pd.Series]
    made_of: Mapping[str, str]
    slope: xr.DataArray | None


def terrain(run: Run, asked: Gep, units: pd.DataFrame) -> Terrain:
    """Every factor ``[gep.terrain]`` asks for, as means under the stands.

    Rain and texture are read by windows; heights are held whole, since water knows no windows.

    Raises
    ------
    ConfigError
        E510: a factor is a raster of ``[gep.rasters]`` as well; E511: there are no heights.
    InputError
        As the rasters and `ecogis.services.rasters`.
    """
    wanted = asked.terrain or GepTerrain()
    slope = None if wanted.length_slope is None else _slope(run, wanted)
    means: dict[str, pd.Series] = {}
    made_of: dict[str, str] = {}
    with ExitStack() as files:
        for name, source, told in _sources(run, wanted, slope, files):
            if name in asked.rasters:
                raise ConfigError("E510", variable=name, a=asked.rasters[name], b=told)
            means[name] = mean_under(run, source, units)
            made_of[name] = told
    return Terrain(means, made_of, slope)


def mean_under(run: Run, source: RasterSource, units: pd.DataFrame) -> pd.Series:
    """Mean of a raster under each stand, by exact covered share.

    A policy: a raster that leaves more than half of a stand without values says nothing of it; the
    stand then takes the table's value, or is told with the stands that have none.
    """
    stands: geopandas.GeoDataFrame = run.layers["stands"]
    shapes = stands.geometry.to_crs(source.grid.crs)
    found = spatial.zonal_statistics(shapes, source, statistics=["mean"])
    seen = found["mean"].where(found["uncovered_share"] <= _MOST_UNCOVERED)
    return pd.Series(seen.to_numpy(), index=units.index)


def noted(run: Run, path: Path, source: RasterSource) -> None:
    """Put a raster that is read on the list of inputs, by hash."""
    cells = source.grid.rows * source.grid.columns
    info = io.LayerInfo(path.name, "", cells, str(source.grid.crs), "", sha256_file(path))
    run.inputs.append({"role": "gep_rasters"} | asdict(info))


def soil_map(
    run: Run, made: Terrain, inputs: LandInputs, *, rows: int = 512
) -> dict[str, xr.DataArray]:
    """Rasters for the map: the length-slope factor, and soil retained cell by cell.

    Soil retained is ``R K LS (1 - C P)`` with a stand's own R, K, C and P and the LS of each cell;
    where a stand's LS does not come from the heights, its own. Its mean under a stand is what the
    account has of it, but for cells its border cuts. Land without a stand has no value.

    Returns
    -------
    dict of str to DataArray (y, x), float32
        ``ls_factor`` [1], and ``soil_retained_t_ha`` [t ha-1 yr-1] where all five factors are
        known somewhere; empty where there are no heights.
    """
    if made.slope is None:
        return {}
    slope = made.slope.astype("float32")
    shapes = run.layers["stands"].geometry.to_crs(grid_of(slope).crs)
    land = _Land(grid_of(slope), shapes.to_numpy(), shapely.STRtree(shapes.to_numpy()))
    factors = {name: inputs[name] for name in services.FACTORS}
    if not np.logical_and.reduce([~np.isnan(values) for values, _ in factors.values()]).any():
        return {"ls_factor": slope}
    of_heights = factors["ls_factor"][1] == "raster"
    sources: dict[str, RasterSource] = {
        name: _Laid(land, values) for name, (values, _) in factors.items()
    }
    own = np.where(of_heights, np.nan, factors["ls_factor"][0])
    sources["ls_factor"] = _Laid(land, own, as_source(slope))
    found = np.concatenate(
        [values for _, values in services.soil_retained_windows(sources, rows=rows)]
    )
    kept = slope.copy(data=found.astype("float32")).rename("soil_retained_t_ha")
    kept.attrs["units"] = "t ha-1 yr-1"
    return {"ls_factor": slope, "soil_retained_t_ha": kept}


class _Land:
    """Which stand a cell's centre lies in, by windows; the last window is kept."""

    def __init__(self, grid: Grid, shapes: npt.NDArray[Any], tree: shapely.STRtree) -> None:
        self.grid, self._shapes, self._tree = grid, shapes, tree
        self._last: tuple[tuple[int, int, int, int], npt.NDArray[np.int32]] | None = None

    def window(self, rows: slice, columns: slice) -> npt.NDArray[np.int32]:
        """Position of the stand, from 1; 0 where there is none."""
        key = (rows.start, rows.stop, columns.start, columns.stop)
        if self._last is None or self._last[0] != key:
            self._last = key, self._burnt(rows, columns)
        return self._last[1]

    def _burnt(self, rows: slice, columns: slice) -> npt.NDArray[np.int32]:
        grid = self.grid
        x0, y0 = grid.x0 + grid.dx * columns.start, grid.y0 + grid.dy * rows.start
        tall, wide = rows.stop - rows.start, columns.stop - columns.start
        x1, y1 = x0 + grid.dx * wide, y0 + grid.dy * tall
        here = np.sort(
            self._tree.query(shapely.box(min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)))
        )
        found = np.zeros((tall, wide), dtype=np.int32)
        if len(here):
            rasterio.features.rasterize(
                ((self._shapes[at], int(at) + 1) for at in here),
                out=found,
                transform=Affine(grid.dx, 0.0, x0, 0.0, grid.dy, y0),
            )
        return found


@dataclass(frozen=True, slots=True)
class _Laid:
    """Values of stands on the cells they cover; where one has none, of the raster under it."""

    land: _Land
    values: npt.NDArray[np.float64]
    under: RasterSource | None = None

    @property
    def grid(self) -> Grid:
        return self.land.grid

    @property
    def block_rows(self) -> int:
        return 1

    def window(self, rows: slice, columns: slice) -> Values:
        at = self.land.window(rows, columns)
        laid = np.concatenate([[np.nan], self.values])[at]
        if self.under is None:
            return laid
        return np.where(np.isnan(laid) & (at > 0), self.under.window(rows, columns), laid)


def _slope(run: Run, wanted: GepTerrain) -> xr.DataArray:
    if run.dem is None:
        raise ConfigError("E511", file=run.project.file.name)
    way: Any = wanted.length_slope
    slope: xr.DataArray = services.length_slope(run.dem, way=way, steepness=wanted.steepness)
    return slope


def _sources(
    run: Run, wanted: GepTerrain, slope: xr.DataArray | None, files: ExitStack
) -> Iterator[tuple[str, RasterSource, str]]:
    """Factors asked for: variable, raster, and what it is made of."""
    if slope is not None:
        way, file = str(wanted.length_slope), run.config.rasters["dem"].path
        told = f"{way}, {wanted.steepness}" if way == "desmet-govers" else way
        yield "ls_factor", as_source(slope), f"{told}: {file}"
    if wanted.rain is not None:
        names, formula = wanted.rain.files, wanted.rain.formula
        rain = services.ErosivitySource(_months(run, names, files), formula)
        yield "r_factor", rain, f"{formula}: {', '.join(names)}"
    if wanted.texture is not None:
        soil = wanted.texture
        named = {name: getattr(soil, name) for name in services.TEXTURE}
        opened = {name: _opened(run, file, files) for name, file in named.items()}
        made = services.ErodibilitySource(
            opened, soil.formula, unit=soil.unit, carbon_unit=soil.carbon_unit
        )
        yield "k_factor", made, f"{soil.formula}: {', '.join(named.values())}"


def _months(run: Run, names: tuple[str, ...], files: ExitStack) -> tuple[RasterSource, ...]:
    """Twelve files of one band each, or one of twelve bands."""
    if len(names) > 1:
        return tuple(_opened(run, name, files) for name in names)
    path = run.project.folder / names[0]
    months = [files.enter_context(io.open_raster(path, band=band)) for band in _bands(path)]
    noted(run, path, months[0])
    return tuple(months)


def _bands(path: Path) -> Iterator[int]:
    """Bands 1 to 12, once it is sure that there is no thirteenth."""
    try:
        io.open_raster(path, band=_MONTHS + 1).close()
    except InputError as fault:
        if fault.code != "E186":
            raise
        yield from range(1, _MONTHS + 1)
        return
    raise InputError("E507", detail=f"{path.name}: > {_MONTHS}")


def _opened(run: Run, name: str, files: ExitStack) -> RasterSource:
    path = run.project.folder / name
    source = files.enter_context(io.open_raster(path))
    noted(run, path, source)
    return source
