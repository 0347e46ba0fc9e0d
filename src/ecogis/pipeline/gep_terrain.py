"""Factors of soil loss a county has the makings of: heights, monthly rain and soil texture."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
import xarray as xr

from ecogis import io, services
from ecogis.core.errors import ConfigError
from ecogis.pipeline.config_gep import Gep, GepRain, GepTerrain, GepTexture
from ecogis.pipeline.gep_files import months_of, opened
from ecogis.pipeline.run import Run
from ecogis.spatial.grids import RasterSource, as_source

__all__ = ["Terrain", "terrain"]


@dataclass(frozen=True, slots=True)
class Terrain:
    """What is made of heights, rain and texture.

    Attributes
    ----------
    sources : mapping of str to RasterSource
        By variable, read by windows.
    made_of : mapping of str to str
        By variable: formula and files.
    slope : DataArray (y, x), float32, or None
        Length-slope factor of the heights. [1]
    """

    sources: Mapping[str, RasterSource]
    made_of: Mapping[str, str]
    slope: xr.DataArray | None


def terrain(run: Run, asked: Gep, files: ExitStack) -> Terrain:
    """Every factor ``[gep.terrain]`` asks for.

    Rain and texture are read by windows, and so is slope; contributing area takes
    `ecogis.services.terrain.BYTES_PER_CELL`, the factor 4 bytes a cell.

    Raises
    ------
    ConfigError
        E511: there are no heights.
    InputError
        As the rasters and the formulas; E481 heights do not fit into memory.
    """
    wanted = asked.terrain or GepTerrain()
    made: dict[str, tuple[RasterSource, str]] = {}
    slope = None
    if wanted.length_slope is not None:
        slope, told = _slope(run, wanted, wanted.length_slope)
        made["ls_factor"] = as_source(slope), told
    if wanted.rain is not None:
        made["r_factor"] = _erosivity(run, wanted.rain, files)
    if wanted.texture is not None:
        made["k_factor"] = _erodibility(run, wanted.texture, files)
    sources = {name: source for name, (source, _) in made.items()}
    return Terrain(sources, {name: told for name, (_, told) in made.items()}, slope)


def _slope(run: Run, wanted: GepTerrain, way: str) -> tuple[xr.DataArray, str]:
    if run.dem is None:
        raise ConfigError("E511", file=run.project.file.name)
    file = run.config.rasters["dem"].path
    out = np.empty(run.dem.shape, dtype=np.float32)
    with io.open_raster(run.project.folder / file) as heights:
        area = services.contributing_area(heights)
        windows = services.length_slope_windows(heights, area, way=way, steepness=wanted.steepness)
        for rows, values in windows:
            out[rows] = values
    attrs = {"crs": run.dem.attrs["crs"], "units": "1"}
    slope = xr.DataArray(out, run.dem.coords, ("y", "x"), name="ls_factor", attrs=attrs)
    told = f"{way}, {wanted.steepness}" if way == "desmet-govers" else way
    return slope, f"{told}: {file}"


def _erosivity(run: Run, wanted: GepRain, files: ExitStack) -> tuple[RasterSource, str]:
    months = months_of(run, wanted.files, files)
    source = services.ErosivitySource(months, wanted.formula)
    return source, f"{wanted.formula}: {', '.join(wanted.files)}"


def _erodibility(run: Run, soil: GepTexture, files: ExitStack) -> tuple[RasterSource, str]:
    named = {name: getattr(soil, name) for name in services.TEXTURE}
    texture = {name: opened(run, file, files) for name, file in named.items()}
    source = services.ErodibilitySource(
        texture, soil.formula, unit=soil.unit, carbon_unit=soil.carbon_unit
    )
    return source, f"{soil.formula}: {', '.join(named.values())}"
