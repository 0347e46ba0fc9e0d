"""Every raster the account of services takes, of files or made of them, open while it is made."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final, cast

import geopandas
import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ecogis import services, spatial
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.pipeline.config_gep import Gep, GepWater
from ecogis.pipeline.gep_files import opened
from ecogis.pipeline.gep_terrain import terrain
from ecogis.pipeline.gep_water import water
from ecogis.pipeline.run import Run
from ecogis.services import LandInputs
from ecogis.spatial.grids import RasterSource, Values

__all__ = ["Rasters", "WithinRange", "mean_under", "rasters", "tell_of_means"]

_MOST_UNCOVERED: Final = 0.5


@dataclass(frozen=True, slots=True)
class Rasters:
    """Rasters by variable, to be read by windows.

    Attributes
    ----------
    sources : mapping of str to RasterSource
        Each on a grid of its own.
    made_of : mapping of str to str
        Of those that are no file of their variable: formula and files.
    slope : DataArray (y, x) or None
        Length-slope factor of the heights. [1]
    storms : tuple of RasterSource
        Depth of each storm of the year. [mm]
    """

    sources: Mapping[str, RasterSource]
    made_of: Mapping[str, str]
    slope: xr.DataArray | None
    storms: tuple[RasterSource, ...]


def rasters(run: Run, asked: Gep, files: ExitStack) -> Rasters:
    """Open what ``[gep.rasters]``, ``[gep.terrain]`` and ``[gep.water]`` name.

    Raises
    ------
    ConfigError
        E002: a raster is of no variable; E510: a variable comes twice; E511: there are no heights;
        E482: potential evapotranspiration lacks a raster of its formula, or has one too many.
    InputError
        As `ecogis.io.open_raster` and the formulas; E481 heights do not fit into memory.
    """
    known = services.variables()
    for name in asked.rasters:
        if name not in known:
            raise ConfigError("E002", value=f"gep.rasters.{name}", expected=", ".join(known))
    of_land, of_water = terrain(run, asked, files), water(run, asked, files)
    told = {**of_land.made_of, **of_water.made_of}
    for name, text in {**told, **_by_curves(asked)}.items():
        if name in asked.rasters:
            raise ConfigError("E510", variable=name, a=asked.rasters[name], b=text)
    own: dict[str, RasterSource] = {
        name: WithinRange(opened(run, file, files), known[name], file)
        for name, file in asked.rasters.items()
    }
    sources = {**own, **of_land.sources, **of_water.sources}
    return Rasters(sources, told, of_land.slope, of_water.storms)


def _by_curves(asked: Gep) -> dict[str, str]:
    """Variables of ``[gep.water]`` that are worked out of others, by their key there."""
    wanted = asked.water or GepWater()
    keys = {
        "et_mm": ("evapotranspiration", wanted.evapotranspiration),
        "storm_runoff_mm": ("storms", wanted.storms),
    }
    return {name: f"gep.water.{key}" for name, (key, said) in keys.items() if said is not None}


class WithinRange:
    """A raster of a variable whose cells out of its range are missing, and kept in mind.

    A value for no data that nobody declared, such as -9999, would hide in a mean.
    """

    def __init__(self, source: RasterSource, about: services.Variable, file: str) -> None:
        self.grid, self.block_rows = source.grid, source.block_rows
        self._source, self._about, self._file = source, about, file
        self._seen: float | None = None

    def window(self, rows: slice, columns: slice) -> Values:
        """Values of some cells, missing where they are out of range."""
        values: Any = self._source.window(rows, columns)
        with np.errstate(invalid="ignore"):
            wrong = (values < self._about.minimum) | (values > self._about.maximum)
        if not wrong.any():
            return cast("Values", values)
        self._seen = float(values[wrong][0])
        values[wrong] = np.nan
        return cast("Values", values)

    def tell(self, findings: Findings) -> None:
        """Say that cells were out of range.

        Findings
        --------
        E959
            A raster has cells that are out of its variable's range.
        """
        if self._seen is None:
            return
        about = self._about
        findings.add(
            "E959",
            layer="gep_rasters",
            feature=self._file,
            column=about.name,
            observed=f"{self._seen:g}",
            expected=f"{about.minimum:g} – {about.maximum:g}",
            action="excluded",
            unit=about.unit,
            low=f"{about.minimum:g}",
            high=f"{about.maximum:g}",
            zh=about.zh,
            en=about.en,
        )


def mean_under(
    run: Run, source: RasterSource, at: npt.NDArray[np.bool_] | None = None
) -> pd.Series:
    """Mean of a raster under each stand, by exact covered share.

    A policy: a raster that leaves more than half of a stand without values says nothing of it; the
    stand then takes the table's value, or is told with the stands that have none.

    Parameters
    ----------
    run : Run
        With its stands.
    source : RasterSource
        The raster.
    at : array (stand) of bool, optional
        Stands wanted; all where nothing is said.

    Returns
    -------
    Series
        By stand. [unit of the raster]
    """
    stands: geopandas.GeoDataFrame = run.layers["stands"]
    if at is not None:
        stands = stands[at]
    shapes = stands.geometry.to_crs(source.grid.crs)
    found = spatial.zonal_statistics(shapes, source, statistics=["mean"])
    seen = found["mean"].where(found["uncovered_share"] <= _MOST_UNCOVERED)
    names = pd.Index(stands["stand"].to_numpy(dtype=object), name="stand")
    return pd.Series(seen.to_numpy(), index=names)


def tell_of_means(
    name: str, inputs: LandInputs, without: npt.NDArray[np.bool_], findings: Findings
) -> None:
    """Units whose value was to be worked out cell by cell and is one of means.

    Findings
    --------
    E958
        Rasters do not cover enough of some stands, or constants are of too many kinds.
    """
    if not without.any():
        return
    about = services.variables()[name]
    hectares = float(inputs.area_ha[without].sum())
    findings.add(
        "E958",
        layer="gep",
        feature=str(inputs.units.index[without][0]),
        column=name,
        area_ha=hectares,
        zh=about.zh,
        en=about.en,
        number=int(without.sum()),
        ha=f"{hectares:,.2f}",
    )
