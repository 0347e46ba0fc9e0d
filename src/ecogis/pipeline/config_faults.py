"""What is wrong with a project file's keys, in words of the project file.

The checker's own message says where it stopped; key, value and what is allowed there are read
from the file and from the annotations of the structs.
"""

import difflib
import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, Final, TypeVar, get_args, get_origin, get_type_hints

import msgspec
from msgspec import inspect

from ecogis.core.errors import ConfigError

__all__ = ["key_fault", "read_struct", "unknown_key"]

_STEP: Final = re.compile(r"\[(\d+|\.\.\.)\]|([^.\[\]]+)")
_BOUNDS: Final = {"ge": "≥", "gt": ">", "le": "≤", "lt": "<"}
_SIMPLE: Final = {
    inspect.BoolType: ("true 或 false", "true or false"),
    inspect.DateType: ("日期,如 2026-08-31", "a date such as 2026-08-31"),
    inspect.FloatType: ("数", "a number"),
    inspect.IntType: ("整数", "a whole number"),
    inspect.StrType: ("引号中的文字", "text in quotes"),
    inspect.VarTupleType: ("方括号中的列表", "a list in square brackets"),
}


def key_fault(file: str, values: Mapping[str, Any], root: type, fault: str) -> ConfigError:
    """The error for what the checker found.

    Parameters
    ----------
    file : str
        Name of the project file.
    values : mapping
        Its content.
    root : type
        Struct it should be.
    fault : str
        The checker's message.

    Returns
    -------
    ConfigError
        E542 a key that is not known, E543 one that is missing, E544 a wrong value.
    """
    what, _, path = fault.partition(" - at ")
    place, value, kind = _walk(path.strip("`").removeprefix("$"), values, root)
    unknown = re.search(r"unknown field `(.+?)`", what)
    if unknown:
        return unknown_key(file, place, unknown[1], kind.__struct_fields__)
    missing = re.search(r"missing required field `(.+?)`", what)
    if missing:
        return ConfigError("E543", file=file, key=_joined(place, missing[1]))
    zh, en = _wanted(inspect.type_info(kind))
    return ConfigError(
        "E544", file=file, key=place, value=_as_written(value), wanted_zh=zh, wanted=en
    )


def unknown_key(file: str, place: str, name: str, allowed: Iterable[str]) -> ConfigError:
    """E542: the keys there are at that place, the one most alike first."""
    names = list(allowed)
    near = difflib.get_close_matches(name, names, n=1)
    keys = [*near, *(other for other in names if other not in near)]
    return ConfigError("E542", file=file, key=_joined(place, name), keys=", ".join(keys))


def _walk(path: str, value: Any, kind: Any) -> tuple[str, Any, Any]:
    """Key, value and annotation at a path; the key of a free table is the one that fails."""
    place = ""
    for index, name in _STEP.findall(path):
        kind = get_args(kind)[0] if get_origin(kind) is Annotated else kind
        if name:
            value, kind = value[name], get_type_hints(kind, include_extras=True)[name]
            place = _joined(place, name)
        elif index == "...":
            kind = get_args(kind)[1]
            key = next(key for key, entry in value.items() if not _fits(entry, kind))
            value, place = value[key], _joined(place, key)
        else:
            value, kind = value[int(index)], get_args(kind)[0]
            place = f"{place}[{index}]"
        kind = _without_none(kind)
    return place, value, kind


def _without_none(kind: Any) -> Any:
    """An annotation without its ``| None``: TOML has no such value."""
    members = get_args(kind)
    return members[0] if members[1:] == (type(None),) else kind


def _fits(value: Any, kind: Any) -> bool:
    try:
        msgspec.convert(value, kind)
    except msgspec.ValidationError:
        return False
    return True


def _joined(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def _as_written(value: Any) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{ … }"
    return "[ … ]" if isinstance(value, list) else str(value)


def _wanted(kind: inspect.Type) -> tuple[str, str]:
    """What a value must be, in Chinese and English."""
    if isinstance(kind, inspect.Metadata):
        examples = ", ".join(map(str, (kind.extra_json_schema or {}).get("examples", ())))
        zh, en = _wanted(kind.type)
        return f"{zh},如 {examples}", f"{en} such as {examples}"
    if isinstance(kind, inspect.LiteralType):
        words = ", ".join(f'"{value}"' for value in kind.values)
        return f"下列之一:{words}", f"one of {words}"
    zh, en = _SIMPLE.get(type(kind), ("含有键的一节", "a table of keys"))
    limits = [
        f"{sign} {getattr(kind, name):,.15g}"
        for name, sign in _BOUNDS.items()
        if getattr(kind, name, None) is not None
    ]
    if isinstance(kind, inspect.StrType) and kind.min_length:
        limits = [f"≥ {kind.min_length}"]
        zh, en = f"{zh},字数", f"{en}, characters"
    return f"{zh} {', '.join(limits)}".strip(), f"{en} {', '.join(limits)}".strip()


_Struct = TypeVar("_Struct", bound=msgspec.Struct)


def read_struct(file: Path, kind: type[_Struct], absent: str) -> _Struct:
    """A strict TOML file as a struct; `absent` is the code told where there is no such file.

    Raises
    ------
    ConfigError
        E541, E556 when it is not TOML in UTF-8; E542, E543, E544 when a key is unknown, missing or
        out of range.
    """
    if not file.is_file():
        raise ConfigError(absent, file=file)
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError("E556", file=file.name) from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError("E541", file=file.name, detail=fault) from None
    try:
        return msgspec.convert(values, kind)
    except msgspec.ValidationError as fault:
        raise key_fault(file.name, values, kind, str(fault)) from None
