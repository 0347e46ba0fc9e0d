"""Numbers a methodology leaves to the project: what is wanted, what is given, and the two joined.

There is no default. What the project gives stands in the same set as the methodology's own
numbers, with the project's source and mark.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from types import MappingProxyType
from typing import Final

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.units import factor
from ecogis.methods.clauses import existing
from ecogis.methods.loader import (
    Place,
    Source,
    check,
    check_all,
    confidence,
    one_of,
    unit,
    within,
)
from ecogis.methods.parameter_file import SetFile
from ecogis.methods.parameters import ParameterSet
from ecogis.methods.values import Column, Key, Parameter, Value

__all__ = ["CLASSES", "Given", "Wanted", "joined", "read_supplied"]

CLASSES: Final = ("species", "land_class", "forest_category", "origin", "age_group", "age_yr")
"""Columns of a stand a supplied table may be looked up by."""

_SUPPLIED: Final = {
    "unit": str,
    "clause": str,
    "zh": str,
    "en": str,
    "by?": list,
    "minimum?": float,
    "maximum?": float,
    "offered?": str,
}
_SECTION: Final = "methodology.parameters"
_AGE: Final = "age_yr"
_YEARS: Final = re.compile(r"[0-9]+(\.[0-9]+)?")


@dataclass(frozen=True, slots=True)
class Wanted:
    """A number the project must give.

    Attributes
    ----------
    unit, zh, en, clause : str
        Its unit, its meaning in both languages, and the clause that asks for it.
    by : tuple of str
        Columns it is looked up by; without them it is one number.
    minimum, maximum : float or None
        Range it must lie in. [`unit`]
    offered : str
        Parameter of the methodology's sets the project may accept by name; empty for none.
    """

    name: str
    unit: str
    clause: str
    zh: str
    en: str
    by: tuple[str, ...]
    minimum: float | None
    maximum: float | None
    offered: str


@dataclass(frozen=True, slots=True)
class Given:
    """A number as the project gives it: one value, a table by key, or what is offered, accepted.

    Parameters
    ----------
    value : float, optional
        One number. [`unit`]
    by : mapping of str to float
        Numbers by key; keys of several columns are joined by ``/``. [`unit`]
    accept : bool
        The value the methodology offers is taken as it is.
    unit, source, because : str
        Unit, document and reason.
    confidence : str
        quoted, inferred, recalled or assumed.
    """

    value: float | None = None
    by: Mapping[str, float] = field(default_factory=dict)
    accept: bool = False
    unit: str = ""
    source: str = ""
    because: str = ""
    confidence: str = ""


def read_supplied(
    table: object, clauses: Sequence[str], sets: Mapping[str, ParameterSet], at: Place
) -> dict[str, Wanted]:
    """The numbers a methodology leaves to the project, by name.

    What is offered for acceptance stands in the methodology's crediting set.

    Raises
    ------
    ConfigError
        A name is one of a set already, or what is offered is not there in the same kind of unit.
    """
    found = {}
    for name, entry in check_all(table or {}, at).items():
        place = at.at(name)
        fields = check(entry, _SUPPLIED, place)
        existing(fields["clause"], clauses, place.at("clause"))
        unit(fields["unit"], place.at("unit"))
        by = tuple(one_of(str(column), CLASSES, place.at("by")) for column in fields["by"] or ())
        if any(name in each.names for each in sets.values()):
            raise ConfigError("E705", file=at.file, key=place.key, what=name)
        wanted = Wanted(**(fields | {"name": name, "by": by, "offered": fields["offered"] or ""}))
        if wanted.offered:
            _check_offer(wanted, sets["crediting"], place.at("offered"))
        found[name] = wanted
    return found


def _check_offer(wanted: Wanted, crediting: ParameterSet, at: Place) -> None:
    existing(wanted.offered, crediting.names, at)
    offered = crediting.parameter(wanted.offered)
    if offered.keys != wanted.by:
        what = f"by = {list(wanted.by)}, {wanted.offered}: {list(offered.keys)}"
        raise ConfigError("E705", file=at.file, key=at.key, what=what)
    _scale(offered.unit, wanted.unit, at)


def joined(
    content: SetFile,
    wanted: Mapping[str, Wanted],
    given: Mapping[str, Given],
    *,
    file: str,
    from_: date,
) -> SetFile:
    """A methodology's numbers and those of the project as one set.

    Parameters
    ----------
    content : SetFile
        The methodology's crediting set.
    wanted : mapping of str to Wanted
        What the project must give.
    given : mapping of str to Given
        What it gives: all that is wanted, and any number of the set it replaces.
    file : str
        Project file, for messages and for the record of use.
    from_ : date
        First day the project's numbers are in force.

    Returns
    -------
    SetFile
        The same edition with the project's numbers added or in the place of its own.

    Raises
    ------
    ConfigError
        E700 a number is missing, E701 one is not asked for, E704 its form does not fit, E240 it is
        out of range, E233 it is no number, or an age its table goes by is none or stands twice.
    UnitError
        Its unit is of another kind.
    """
    at = Place(file, _SECTION)
    for name, asked in wanted.items():
        if name not in given:
            raise ConfigError("E700", file=file, key=at.at(name).key, **_words(asked))
    added: dict[str, Parameter] = {}
    listed: dict[str, Source] = {}
    for name, entry in given.items():
        place = at.at(name)
        if name not in wanted and name not in content.parameters:
            known = ", ".join([*wanted, *content.parameters])
            raise ConfigError("E701", file=file, key=place.key, expected=known)
        asked = wanted[name] if name in wanted else _of_the_set(content.parameters[name])
        if entry.accept:
            added[name] = _accepted(asked, entry, content, place)
        else:
            source = Source(f"{file}:{name}", entry.source, entry.source, file, from_.year, "")
            listed[source.id] = source
            added[name] = _stated(asked, entry, source, from_=from_, at=place)
    return replace(
        content,
        parameters=MappingProxyType({**content.parameters, **added}),
        sources=MappingProxyType({**content.sources, **listed}),
    )


def _words(asked: Wanted) -> dict[str, str]:
    by = f" [{', '.join(asked.by)}]" if asked.by else ""
    return {"unit": f"{asked.unit}{by}", "zh_meaning": asked.zh, "en_meaning": asked.en}


def _of_the_set(parameter: Parameter) -> Wanted:
    column = parameter.column
    return Wanted(
        name=column.name,
        unit=column.unit,
        clause="",
        zh=column.meaning_zh,
        en=column.meaning_en,
        by=parameter.keys,
        minimum=column.minimum,
        maximum=column.maximum,
        offered="",
    )


def _accepted(asked: Wanted, entry: Given, content: SetFile, at: Place) -> Parameter:
    if not asked.offered or entry.value is not None or entry.by or len(entry.because) < 4:
        raise ConfigError("E704", file=at.file, key=at.key, what="accept, because")
    offered = content.parameters[asked.offered]
    scale = factor(offered.unit, asked.unit)
    history = {
        key: tuple(
            replace(
                value,
                name=asked.name,
                unit=asked.unit,
                value=float(value.value) * scale,
                locator_zh=f"{value.locator_zh};{at.file} 接受:{entry.because}",
                locator_en=f"{value.locator_en}; accepted in {at.file}: {entry.because}",
            )
            for value in values
        )
        for key, values in offered.history.items()
    }
    return Parameter(_column(asked), asked.by, MappingProxyType(history))


def _stated(asked: Wanted, entry: Given, source: Source, *, from_: date, at: Place) -> Parameter:
    texts = (entry.unit, entry.source, entry.because)
    if not all(text.strip() for text in texts) or (entry.value is None) is not bool(asked.by):
        raise ConfigError("E704", file=at.file, key=at.key, what=_form(asked))
    confidence(entry.confidence, at.at("confidence"))
    scale = _scale(entry.unit, asked.unit, at.at("unit"))
    history = {}
    for key, number in _numbers(asked, entry, at).items():
        value = float(f"{number * scale:.15g}")
        within(value, (asked.minimum, asked.maximum), _place(at, key))
        history[key] = (
            Value(
                set=at.file,
                name=asked.name,
                key=key,
                value=value,
                unit=asked.unit,
                meaning_zh=asked.zh,
                meaning_en=asked.en,
                from_=from_,
                source=source.id,
                source_zh=source.title_zh,
                source_en=source.title_en,
                locator_zh=f"项目文件 [{at.key}]:{entry.because}",
                locator_en=f"project file [{at.key}]: {entry.because}",
                confidence=entry.confidence,
            ),
        )
    return Parameter(_column(asked), asked.by, MappingProxyType(history))


def _numbers(asked: Wanted, entry: Given, at: Place) -> dict[Key, float]:
    if entry.value is not None:
        if entry.by:
            raise ConfigError("E704", file=at.file, key=at.key, what=_form(asked))
        return {(): entry.value}
    found = {tuple(key.split("/")): number for key, number in entry.by.items()}
    if not found or any(len(key) != len(asked.by) for key in found):
        raise ConfigError("E704", file=at.file, key=at.at("by").key, what=_form(asked))
    if _AGE in asked.by:
        _check_ages(found, asked.by.index(_AGE), at)
    return found


def _place(at: Place, key: Key) -> Place:
    return at.at("by").at("/".join(key)) if key else at


def _check_ages(keys: Iterable[Key], place: int, at: Place) -> None:
    """Ages a table goes by: numbers, nought or more, each band once."""
    seen = set()
    for key in keys:
        sound = _YEARS.fullmatch(key[place]) is not None
        band = (*key[:place], float(key[place]), *key[place + 1 :]) if sound else ()
        if not sound or band in seen:
            raise ConfigError(
                "E233",
                file=at.file,
                key=_place(at, key).key,
                value=repr(key[place]),
                wanted_zh="年龄段下限(不小于 0 的数,同类不重复)",
                wanted="the lower age of a band: a number, nought or more, once for each class",
            )
        seen.add(band)


def _form(asked: Wanted) -> str:
    form = f'by = {{ "{"/".join(asked.by)}" = … }}' if asked.by else "value = …"
    return f"{form}, unit, source, because, confidence"


def _column(asked: Wanted) -> Column:
    return Column(asked.name, asked.unit, asked.zh, asked.en, asked.minimum, asked.maximum)


def _scale(symbol: str, to: str, at: Place) -> float:
    try:
        return factor(symbol, to)
    except UnitError as fault:
        raise ConfigError(
            "E233", file=at.file, key=at.key, value=repr(symbol), wanted_zh=to, wanted=to
        ) from fault
