"""Profiles: which source column is which word of the vocabulary, in which unit, by which codes.

A profile is TOML data: shipped in ``io/profiles`` by name, or the user's own by path. It is strict:
an unknown key, an unknown column, a unit of another kind or a code that leads nowhere is refused
before the first row is read.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Literal

import msgspec

from ecogis.core.errors import ConfigError, EcogisError
from ecogis.core.provenance import sha256_text
from ecogis.core.units import factor
from ecogis.core.vocabulary import codes as code_list
from ecogis.core.vocabulary import unit as vocabulary_unit

__all__ = ["Column", "Expected", "Join", "Profile", "Role", "profile", "profiles", "role"]


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Expected(_Strict, frozen=True):
    """A column a role promises: how its cells are understood, and whether it must be there.

    Of a rare one, which few files have, the absence is told only where the profile names it.
    """

    kind: Literal["identifier", "text", "code", "number", "integer", "share", "date"]
    required: bool = False
    rare: bool = False
    list: str | None = None
    form: Literal["", "unit_code", "parcel_code"] = ""
    start_of: str = ""
    characters: int = 0


class Role(_Strict, frozen=True):
    """What a layer or table gives after reading."""

    columns: Mapping[str, Expected] = {}
    key: str = ""
    geometry: bool = False
    same_as: str = ""


class Column(_Strict, frozen=True):
    """Where a column comes from and how its cells are written in the source."""

    sources: tuple[str, ...] = msgspec.field(default=(), name="from")
    parts: tuple[str, ...] = ()
    constant: str | None = None
    unit: str = ""
    codes: str = ""
    dates: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    required: bool | None = None
    floor: bool = False


class Join(_Strict, frozen=True):
    """Another layer of the same file that holds one row for each feature."""

    layer: str
    on: str
    key: str
    where: Mapping[str, str] = {}


class _Head(_Strict, frozen=True):
    id: str
    roles: tuple[str, ...]
    zh: str
    en: str
    source: str = ""
    extends: str = ""
    keep: tuple[str, ...] = ()


class _File(_Strict, frozen=True):
    profile: _Head
    columns: Mapping[str, Column] = {}
    codes: Mapping[str, Mapping[str, str]] = {}
    join: Mapping[str, Join] = {}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile ready for use.

    Attributes
    ----------
    id : str
        Name of the profile.
    roles : tuple of str
        Roles it can be read as.
    columns : mapping of str to Column
        By the vocabulary's names.
    codes : mapping of str to mapping
        Code lists: source code to the vocabulary's value; an empty value stands for missing.
    joins : mapping of str to Join
        Layers joined by a key; their columns are called ``name.column``.
    keep : tuple of str
        Source columns carried along as text under their own names.
    file : str
        File it was read from, for messages.
    sha256 : str
        Hash of the text, for the manifest.
    """

    id: str
    roles: tuple[str, ...]
    columns: Mapping[str, Column]
    codes: Mapping[str, Mapping[str, str]]
    joins: Mapping[str, Join]
    keep: tuple[str, ...]
    file: str
    sha256: str


@cache
def _roles() -> dict[str, Role]:
    text = files("ecogis.io").joinpath("roles.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), dict[str, Role])


def role(name: str) -> Role:
    """What a role gives after reading.

    Raises
    ------
    ConfigError
        E158 when there is no such role.

    Examples
    --------
    >>> role("rights").key
    'right'
    """
    found = _roles().get(name)
    if found is None:
        raise ConfigError("E158", role=name, profile="-", roles=", ".join(_roles()))
    return _roles()[found.same_as] if found.same_as else found


def profiles() -> tuple[str, ...]:
    """Names of the profiles shipped.

    >>> "cn-forest-map" in profiles()
    True
    """
    folder = files("ecogis.io").joinpath("profiles")
    names = (entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(sorted(name.removesuffix(".toml") for name in names))


def profile(name_or_path: str | Path | Profile, *, folder: str | Path | None = None) -> Profile:
    """A shipped profile by name, or the user's own by path.

    Parameters
    ----------
    name_or_path : str, Path or Profile
        Name such as ``"cn-forest-map"``, or path of a TOML file; a profile is given back as it is.
    folder : path, optional
        What a relative path is relative to (the project file's folder).

    Raises
    ------
    ConfigError
        E170-E173 when there is none of that name, or the file is wrong.

    Examples
    --------
    >>> profile("cn-forest-map").codes["land_class"]["111"]
    'arbor_forest'
    """
    if isinstance(name_or_path, Profile):
        return name_or_path
    if str(name_or_path) in profiles():
        return _load(f"{name_or_path}.toml", _shipped(str(name_or_path)))
    path = Path(folder or ".") / name_or_path
    if not path.is_file():
        raise ConfigError("E173", name=str(name_or_path), names=", ".join(profiles()))
    return _load(path.name, path.read_text(encoding="utf-8-sig"))


def _shipped(name: str) -> str:
    return files("ecogis.io").joinpath("profiles", f"{name}.toml").read_text(encoding="utf-8")


def _load(file: str, text: str) -> Profile:
    values = _toml(file, text)
    try:
        found = msgspec.convert(values, _File)
    except msgspec.ValidationError as fault:
        raise _refused(file, str(fault)) from None
    ready = Profile(
        id=found.profile.id,
        roles=found.profile.roles,
        columns=found.columns,
        codes=found.codes,
        joins=found.join,
        keep=found.profile.keep,
        file=file,
        sha256=sha256_text(text),
    )
    if found.profile.extends:
        ready = _over(profile(found.profile.extends), ready)
    _check(ready)
    return ready


def _toml(file: str, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError("E170", file=file, detail=fault) from None


def _refused(file: str, fault: str) -> ConfigError:
    what, _, at = fault.partition(" - at ")
    key = at.strip("`").removeprefix("$").lstrip(".") or "-"
    code = "E171" if "unknown field" in what else "E172"
    return ConfigError(code, file=file, key=key, detail=what)


def _over(base: Profile, own: Profile) -> Profile:
    """A profile on top of another: each column and each code it states takes the base's place."""
    lists = {name: {**base.codes.get(name, {}), **codes} for name, codes in own.codes.items()}
    return replace(
        own,
        columns={**base.columns, **own.columns},
        codes={**base.codes, **lists},
        joins={**base.joins, **own.joins},
        keep=base.keep + own.keep,
        sha256=sha256_text(base.sha256 + own.sha256),
    )


def _check(found: Profile) -> None:
    expected: dict[str, Expected] = {}
    for name in found.roles:
        expected |= role(name).columns
    for name, column in found.columns.items():
        if name not in expected:
            raise ConfigError("E171", file=found.file, key=f"columns.{name}", detail="")
        _check_column(found, name, column, expected[name])


def _check_column(found: Profile, name: str, column: Column, expected: Expected) -> None:
    key = f"columns.{name}"
    if not (column.sources or column.parts or column.constant):
        raise ConfigError("E172", file=found.file, key=key, detail="from, parts, constant: none")
    if expected.kind == "number":
        _check_unit(found.file, key, column.unit, vocabulary_unit(name))
    if expected.kind == "code":
        _check_codes(found, name, column, expected)


def _check_unit(file: str, key: str, unit: str, to: str) -> None:
    try:
        factor(unit or to, to)
    except EcogisError as fault:
        raise ConfigError("E172", file=file, key=f"{key}.unit", detail=fault.en) from None


def _check_codes(found: Profile, name: str, column: Column, expected: Expected) -> None:
    listed = column.codes
    if listed and listed not in found.codes:
        raise ConfigError("E172", file=found.file, key=f"columns.{name}.codes", detail=listed)
    allowed = name if expected.list is None else expected.list
    if not listed or not allowed:
        return
    known = code_list(allowed)
    for code, value in found.codes[listed].items():
        if value and value not in known:
            detail = f"{value} ({', '.join(known)})"
            raise ConfigError("E172", file=found.file, key=f"codes.{listed}.{code}", detail=detail)
