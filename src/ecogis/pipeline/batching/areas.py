"""The batch file: which areas there are, where their project files lie, what they add up to."""

from collections import Counter
from pathlib import Path
from typing import Annotated, Final

import msgspec

from ecogis.core.errors import ConfigError
from ecogis.pipeline.batching.inputs import NESTED
from ecogis.pipeline.config_faults import read_struct

__all__ = ["LEVELS", "WHOLE", "Area", "Areas", "Parents", "read_areas"]

LEVELS: Final = ("county", "province")
"""Levels an area may belong to, the smaller first."""

WHOLE: Final = "batch"
"""The level of the whole batch, above every county and province."""

_Id = Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z\u4e00-\u9fff_-]{1,64}$", examples=["4401"])]
_Text = Annotated[str, msgspec.Meta(min_length=1)]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Parents(_Strict, frozen=True, kw_only=True):
    """[areas.parents]: the county and the province an area is part of; empty where not told."""

    county: str = ""
    province: str = ""


class Area(_Strict, frozen=True, kw_only=True):
    """[[areas]]: one area, such as a township or a county, with a project file of its own."""

    id: _Id
    name: _Text
    project: _Text
    parents: Parents = Parents()


class Batch(_Strict, frozen=True, kw_only=True):
    """[batch]: its name, and what is done for every area."""

    name: _Text
    tasks: Annotated[tuple[_Id, ...], msgspec.Meta(min_length=1)] = ("assess",)


class Areas(_Strict, frozen=True, kw_only=True):
    """The whole batch file."""

    batch: Batch
    areas: tuple[Area, ...]


def read_areas(path: str | Path) -> tuple[Areas, Path]:
    """Read a batch file; no project file is opened yet.

    Parameters
    ----------
    path : str or Path
        Strict TOML.

    Returns
    -------
    tuple of Areas and Path
        The values, and the folder that project files are relative to.

    Raises
    ------
    ConfigError
        E435 there is no such file, E451 it cannot be read; E541, E556 it is not TOML in UTF-8;
        E542, E543, E544 a key is unknown, missing or wrong; E436 two areas have one id, or a task
        stands twice; E437 a level is told for some areas only, or a county lies in two provinces.
    """
    file = Path(path)
    found = _read(file)
    if not found.areas:
        raise ConfigError("E543", file=file.name, key="areas")
    _once(file.name, "areas.id", [area.id.casefold() for area in found.areas])
    _once(file.name, "batch.tasks", list(found.batch.tasks))
    _check_parents(file.name, [area.parents for area in found.areas])
    return found, file.resolve().parent


def _read(file: Path) -> Areas:
    try:
        return read_struct(file, Areas, "E435")
    except OSError as fault:
        raise ConfigError("E451", file=file, detail=fault.strerror) from None
    except RecursionError:
        raise ConfigError("E541", file=file.name, detail=NESTED) from None


def _once(file: str, key: str, names: list[str]) -> None:
    twice = [name for name, number in Counter(names).items() if number > 1]
    if twice:
        raise ConfigError("E436", file=file, key=key, value=", ".join(twice))


def _check_parents(file: str, parents: list[Parents]) -> None:
    for level in LEVELS:
        named = [bool(getattr(entry, level)) for entry in parents]
        if any(named) and not all(named):
            raise ConfigError("E437", file=file, what=level)
    of_county: dict[str, str] = {}
    for entry in parents:
        if of_county.setdefault(entry.county, entry.province) != entry.province and entry.county:
            raise ConfigError("E437", file=file, what=f"county = {entry.county}")
