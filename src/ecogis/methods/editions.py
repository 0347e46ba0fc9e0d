"""What the library holds: each edition of a set, methodology, guideline or standard, by hash."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Protocol, TypeVar

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.methods.gep_standard import gep_standards
from ecogis.methods.guideline import Guideline, read_guideline
from ecogis.methods.methodology import Methodology, read_methodology
from ecogis.methods.parameter_file import SetFile, read_set
from ecogis.methods.parameters import ParameterSet
from ecogis.methods.supplied import Given, joined

__all__ = ["editions", "guideline", "methodology", "parameters", "supplied_numbers"]

_SET = ("参数集", "parameter set")
_METHODOLOGY = ("方法学", "methodology")
_GUIDELINE = ("业务指南", "guideline")


class _Edition(Protocol):
    @property
    def id(self) -> str: ...
    @property
    def edition(self) -> str: ...
    @property
    def title_zh(self) -> str: ...
    @property
    def title_en(self) -> str: ...
    @property
    def checked_on(self) -> date: ...
    @property
    def files(self) -> tuple[str, ...]: ...
    @property
    def sha256(self) -> str: ...


_Kind = TypeVar("_Kind", bound=_Edition)


def parameters(name: str, edition: str | None = None) -> ParameterSet:
    """A parameter set of the library, with a record of its own.

    Parameters
    ----------
    name : str
        Id, or ``id@edition``.
    edition : str, optional
        May be left out where the library has one edition only.

    Returns
    -------
    ParameterSet
        A new one each time: what is asked of it is recorded in its `uses`.

    Raises
    ------
    ConfigError
        When the library does not have it, or has several editions and none is named.

    Examples
    --------
    >>> parameters("age-groups@2017")
    ParameterSet(age-groups@2017)
    """
    return ParameterSet(_chosen(_sets(), name, edition, _SET))


def methodology(
    name: str, edition: str | None = None, *, folder: str | Path | None = None
) -> Methodology:
    """A methodology of the library, or one of the project's own.

    Parameters
    ----------
    name : str
        Id, or ``id@edition``; with `folder` also a file name that ends in ``.toml``.
    edition : str, optional
        May be left out where the library has one edition only.
    folder : str or Path, optional
        Folder of the project file: own methodologies lie in it.

    Returns
    -------
    Methodology
        Its clauses, conditions, lines and parameter sets.

    Raises
    ------
    ConfigError
        When the library does not have it, or has several editions and none is named; E706 when the
        file is not there, E712 when it goes by the name of an edition of the library.

    Examples
    --------
    >>> methodology("CCER-14-001-V01@2023").crediting_years
    (20, 40)
    """
    if folder is not None and name.endswith(".toml"):
        file = Path(folder) / name
        if not file.is_file():
            raise ConfigError("E706", file=name)
        own = read_methodology(file, parameters)
        if own.label in _methodologies():
            raise ConfigError("E712", file=name, value=own.label)
        return own
    return _chosen(_methodologies(), name, edition, _METHODOLOGY)


def supplied_numbers(
    used: Methodology, given: Mapping[str, Given] | None = None, *, file: str = "project.toml"
) -> ParameterSet:
    """The numbers of a methodology's crediting sum, with those the project gives.

    Parameters
    ----------
    used : Methodology
        Says what the project must give.
    given : mapping of str to Given, optional
        The project's numbers: all that must be given, and any that replaces one of the set.
    file : str
        Name of the project file, for messages and for the record of use.

    Returns
    -------
    ParameterSet
        The methodology's crediting set and the project's numbers, each with its source and mark.

    Raises
    ------
    ConfigError
        E700 a number is missing, E701 one is not asked for, E704 its form does not fit, E240 it is
        out of range.

    Examples
    --------
    >>> own = Given(value=0.2, unit="1", source="printed text", because="read", confidence="quoted")
    >>> numbers = supplied_numbers(methodology("CCER-14-001-V01"), {"non_permanence_risk": own})
    >>> numbers.value("non_permanence_risk", date(2026, 8, 31), "1")
    0.2
    """
    content = _chosen(_sets(), used.parameters["crediting"], None, _SET)
    made = joined(content, used.supplied, given or {}, file=file, from_=used.in_force_from)
    return ParameterSet(made)


def guideline(name: str, edition: str | None = None) -> Guideline:
    """A business guideline of the library.

    Parameters
    ----------
    name : str
        Id, or ``id@edition``.
    edition : str, optional
        May be left out where the library has one edition only.

    Returns
    -------
    Guideline
        Its clauses and what settles each.

    Raises
    ------
    ConfigError
        When the library does not have it, or has several editions and none is named.

    Examples
    --------
    >>> guideline("t-gzgfa-8-2026").province
    '44'
    """
    return _chosen(_guidelines(), name, edition, _GUIDELINE)


def editions() -> pd.DataFrame:
    """Everything the library holds.

    Returns
    -------
    DataFrame, one row per edition
        ``kind, id, edition, title_zh, title_en, checked_on, file, sha256``.
    """
    shelves: dict[str, Mapping[str, _Edition]] = {
        "parameters": _sets(),
        "methodology": _methodologies(),
        "guideline": _guidelines(),
        "standard": gep_standards(),
    }
    rows = [
        {
            "kind": kind,
            "id": entry.id,
            "edition": entry.edition,
            "title_zh": entry.title_zh,
            "title_en": entry.title_en,
            "checked_on": pd.Timestamp(entry.checked_on),
            "file": entry.files[0],
            "sha256": entry.sha256,
        }
        for kind, shelf in shelves.items()
        for entry in shelf.values()
    ]
    return pd.DataFrame(rows)


@cache
def _sets() -> dict[str, SetFile]:
    tables = _library().joinpath("tables")
    found = (read_set(file, tables) for file in _files("parameters"))
    return {content.label: content for content in found}


@cache
def _methodologies() -> dict[str, Methodology]:
    found = (read_methodology(file, parameters) for file in _files("methodologies"))
    return {content.label: content for content in found}


@cache
def _guidelines() -> dict[str, Guideline]:
    found = (read_guideline(file) for file in _files("guidelines"))
    return {content.label: content for content in found}


def _library() -> Traversable:
    return files("ecogis.methods").joinpath("library")


def _files(folder: str) -> Iterator[Traversable]:
    found = (entry for entry in _library().joinpath(folder).iterdir() if entry.is_file())
    yield from sorted(found, key=lambda entry: entry.name)


def _chosen(
    shelf: Mapping[str, _Kind], name: str, edition: str | None, kind: tuple[str, str]
) -> _Kind:
    label = f"{name}@{edition}" if edition else name
    if label in shelf:
        return shelf[label]
    same = [known for known in shelf if known.partition("@")[0] == label]
    if len(same) == 1:
        return shelf[same[0]]
    code, expected = ("E248", same) if same else ("E234", list(shelf))
    zh, en = kind
    raise ConfigError(code, kind_zh=zh, kind_en=en, value=label, expected=", ".join(expected))
