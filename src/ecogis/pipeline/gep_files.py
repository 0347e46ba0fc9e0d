"""Rasters of the account of services as files, open for windows and on the list of inputs."""

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path
from typing import Final

from ecogis import io
from ecogis.core.errors import InputError
from ecogis.core.provenance import sha256_file
from ecogis.pipeline.run import Run
from ecogis.spatial.grids import RasterSource

__all__ = ["bands_of", "months_of", "opened"]

_MONTHS: Final = 12
_DAYS: Final = 366  # storms a year has at most


def opened(run: Run, name: str, files: ExitStack) -> RasterSource:
    """A raster of one band, as the project file names it."""
    path = run.project.folder / name
    source = files.enter_context(io.open_raster(path))
    _note(run, path, source)
    return source


def months_of(run: Run, names: Sequence[str], files: ExitStack) -> tuple[RasterSource, ...]:
    """Twelve files of one band each, or one of twelve bands.

    Raises
    ------
    InputError
        E186 there are fewer bands, E507 there are more.
    """
    if len(names) > 1:
        return tuple(opened(run, name, files) for name in names)
    path = run.project.folder / names[0]
    found = _bands(run, path, _MONTHS, files)
    if len(found) > _MONTHS:
        raise InputError("E507", detail=f"{path.name}: > {_MONTHS}")
    if len(found) < _MONTHS:
        io.open_raster(path, band=_MONTHS).close()  # says what is missing
    return found


def bands_of(run: Run, names: Sequence[str], files: ExitStack) -> tuple[RasterSource, ...]:
    """Every band of every file.

    Raises
    ------
    InputError
        E508 a file has more bands than a year has days.
    """
    found: list[RasterSource] = []
    for path in (run.project.folder / name for name in names):
        bands = _bands(run, path, _DAYS, files)
        if len(bands) > _DAYS:
            raise InputError("E508", detail=f"{path.name}: > {_DAYS}")
        found += bands
    return tuple(found)


def _bands(run: Run, path: Path, most: int, files: ExitStack) -> tuple[RasterSource, ...]:
    """The bands of a file, and one more than the most there should be where it has it."""
    found: list[RasterSource] = []
    for band in range(1, most + 2):
        try:
            found.append(files.enter_context(io.open_raster(path, band=band)))
        except InputError as fault:
            if fault.code != "E186":
                raise
            break
    _note(run, path, found[0])
    return tuple(found)


def _note(run: Run, path: Path, source: RasterSource) -> None:
    """Put a raster on the list of inputs, by hash; one that serves twice stands there once."""
    cells = source.grid.rows * source.grid.columns
    info = io.LayerInfo(path.name, "", cells, str(source.grid.crs), "", sha256_file(path))
    entry = {"role": "gep_rasters"} | asdict(info)
    if entry not in run.inputs:
        run.inputs.append(entry)
