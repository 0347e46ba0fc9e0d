"""Terms of the water balance a county has the makings of: monthly rain, temperatures, storms."""

from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Final

from ecogis import services
from ecogis.core.errors import ConfigError
from ecogis.pipeline.config_gep import Gep, GepPotential, GepWater
from ecogis.pipeline.gep_files import bands_of, months_of
from ecogis.pipeline.run import Run
from ecogis.spatial.grids import RasterSource

__all__ = ["Water", "water"]

_TAKES: Final = {
    "given": ("files",),
    "thornthwaite": ("temperature",),
    "hargreaves": ("temperature", "highest", "lowest"),
}
_KEYS: Final = ("files", "temperature", "highest", "lowest")


@dataclass(frozen=True, slots=True)
class Water:
    """What is made of rain, temperatures and storms.

    Attributes
    ----------
    sources : mapping of str to RasterSource
        By variable, read by windows.
    made_of : mapping of str to str
        By variable: formula and files.
    storms : tuple of RasterSource
        Depth of each storm of the year. [mm]
    """

    sources: Mapping[str, RasterSource]
    made_of: Mapping[str, str]
    storms: tuple[RasterSource, ...]


def water(run: Run, asked: Gep, files: ExitStack) -> Water:
    """Every term ``[gep.water]`` asks for that is made of rasters alone.

    Raises
    ------
    ConfigError
        E482: potential evapotranspiration lacks a raster of its formula, or has one too many.
    InputError
        As the rasters and the formulas.
    """
    wanted = asked.water or GepWater()
    made: dict[str, tuple[RasterSource, str]] = {}
    if wanted.rain is not None:
        months = months_of(run, wanted.rain.files, files)
        made["rain_mm"] = services.year_of(months), f"sum: {', '.join(wanted.rain.files)}"
    if wanted.potential is not None:
        made["potential_et_mm"] = _potential(run, wanted.potential, asked.year, files)
    storms: tuple[RasterSource, ...] = ()
    if wanted.storms is not None:
        storms = bands_of(run, wanted.storms.files, files)
        told = f"sum: {', '.join(wanted.storms.files)}"
        made["storm_rain_mm"] = services.sum_of(storms), told
    sources = {name: source for name, (source, _) in made.items()}
    return Water(sources, {name: told for name, (_, told) in made.items()}, storms)


def _potential(
    run: Run, wanted: GepPotential, year: int, files: ExitStack
) -> tuple[RasterSource, str]:
    keys = _TAKES[wanted.formula]
    if any(bool(getattr(wanted, key)) != (key in keys) for key in _KEYS):
        raise ConfigError("E482", formula=wanted.formula, keys=", ".join(keys))
    months = [months_of(run, getattr(wanted, key), files) for key in keys]
    told = f"{wanted.formula}: {', '.join(n for key in keys for n in getattr(wanted, key))}"
    if wanted.formula == "given":
        return services.year_of(months[0]), told
    return services.PotentialSource(months, wanted.formula, year), told
