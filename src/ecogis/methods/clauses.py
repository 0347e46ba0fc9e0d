"""The parts methodologies are made of: clauses, conditions, exemptions, pools, removal, lines."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import Any, Final, Protocol, TypeVar

from ecogis.core.errors import ConfigError
from ecogis.methods.loader import Place, Source, check, cited, confidence, one_of, unit

__all__ = [
    "Clause",
    "Condition",
    "Exemption",
    "Line",
    "Pool",
    "Removal",
    "Rounding",
    "clause_named",
    "entries",
    "existing",
    "read_clauses",
    "read_conditions",
    "read_exemptions",
    "read_lines",
    "read_pools",
    "read_removal",
    "read_rounding",
]

_CLAUSE: Final = {
    "clause": str,
    "zh": str,
    "en": str,
    "source": str,
    "locator_zh": str,
    "locator_en": str,
    "confidence": str,
}
_NAMED: Final = {"id": str, "clause": str, "zh": str, "en": str, "confidence": str}
_CONDITION: Final = _NAMED | {"rule": str, "topic?": str, "arguments?": dict}
_EXEMPTION: Final = _NAMED | {"arguments?": dict}
_LINE: Final = _NAMED | {"rule": str, "parameter": str}
_POOL: Final = {"pool": str, "clause": str, "treatment": str, "confidence": str}
_ROUNDING: Final = {"unit": str, "rule": str, "zh": str, "en": str, "confidence": str}
_REMOVAL: Final = {"kind": str, "clause": str, "parameters?": list, "confidence": str}
_POOLS: Final = ("above_ground", "below_ground", "dead_wood", "litter", "soil", "products")
_TREATMENTS: Final = ("counted", "optional", "ignored")
_TOPICS: Final = ("additionality",)
_KINDS: Final = ("stock_change", "stock_change_beyond_average", "area_rate", "all_growth")
_SCALARS: Final = (str, int, float, bool, date)


@dataclass(frozen=True, slots=True)
class Clause:
    """A clause in our own words; named by its heading where its number was not seen."""

    clause: str
    zh: str
    en: str
    source: str
    locator_zh: str
    locator_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of use: the rule that judges it and the rule's arguments.

    The topic, where there is one, is the section of the report it is also shown in.
    """

    id: str
    clause: str
    rule: str
    topic: str
    arguments: Mapping[str, Any]
    zh: str
    en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """A case in which additionality needs no proof."""

    id: str
    clause: str
    arguments: Mapping[str, Any]
    zh: str
    en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Pool:
    """A carbon pool and whether it is counted, optional or ignored."""

    pool: str
    clause: str
    treatment: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the crediting sum: its rule, and the parameter and set (id@edition) it uses.

    A number the project supplies is of no set.
    """

    id: str
    clause: str
    rule: str
    parameter: str
    parameter_set: str
    zh: str
    en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Removal:
    """How removals arise: out of stands' stocks, or as area times the rates named.

    Attributes
    ----------
    kind : str
        ``stock_change``, ``stock_change_beyond_average``, ``area_rate`` or ``all_growth``.
    parameters : tuple of str
        Rates that are added; without them the stands' stocks are followed.
    """

    kind: str
    clause: str
    parameters: tuple[str, ...]
    confidence: str

    @property
    def by_area(self) -> bool:
        """Whether removals are area times rate."""
        return bool(self.parameters)


@dataclass(frozen=True, slots=True)
class Rounding:
    """How amounts to be issued are rounded."""

    unit: str
    rule: str
    zh: str
    en: str
    confidence: str


def entries(
    records: Sequence[object], fields: Mapping[str, type], name: str, at: Place
) -> Iterator[tuple[dict[str, Any], Place]]:
    """Each entry of an array of tables with its place; the field `name` must not repeat."""
    if not records:
        raise ConfigError("E232", file=at.file, key=at.key)
    seen = set()
    for position, record in enumerate(records):
        place = Place(at.file, f"{at.key}[{position}]")
        found = check(record, fields, place)
        if found[name] in seen:
            raise ConfigError(
                "E233",
                file=at.file,
                key=place.at(name).key,
                value=repr(found[name]),
                wanted_zh="不重复的名称",
                wanted="a name that is used once",
            )
        seen.add(found[name])
        if "confidence" in found:
            confidence(found["confidence"], place.at("confidence"))
        yield found, place


def read_clauses(
    records: Sequence[object], listed: Mapping[str, Source], at: Place
) -> tuple[Clause, ...]:
    """The clauses; every source must be listed."""
    found = []
    for fields, place in entries(records, _CLAUSE, "clause", at):
        cited(fields["source"], listed, place.at("source"))
        found.append(Clause(**fields))
    return tuple(found)


def read_conditions(
    records: Sequence[object], clauses: Sequence[str], at: Place
) -> tuple[Condition, ...]:
    """The conditions of use; each names a clause there is."""
    return tuple(
        Condition(**(_settled(fields, clauses, place) | {"topic": _topic(fields["topic"], place)}))
        for fields, place in entries(records, _CONDITION, "id", at)
    )


def read_exemptions(
    records: Sequence[object], clauses: Sequence[str], at: Place
) -> tuple[Exemption, ...]:
    """The exemptions from additionality, if any."""
    if not records:
        return ()
    return tuple(
        Exemption(**_settled(fields, clauses, place))
        for fields, place in entries(records, _EXEMPTION, "id", at)
    )


def read_pools(records: Sequence[object], clauses: Sequence[str], at: Place) -> tuple[Pool, ...]:
    """The pools of carbon and how each is treated."""
    found = []
    for fields, place in entries(records, _POOL, "pool", at):
        existing(fields["clause"], clauses, place.at("clause"))
        one_of(fields["pool"], _POOLS, place.at("pool"))
        one_of(fields["treatment"], _TREATMENTS, place.at("treatment"))
        found.append(Pool(**fields))
    return tuple(found)


def read_removal(
    record: object, clauses: Sequence[str], numbers: Collection[str], at: Place
) -> Removal:
    """How removals arise; where the file does not say, they are the stands' change of stock."""
    if record is None:
        return Removal("stock_change", "", (), "")
    fields = check(record, _REMOVAL, at)
    existing(fields["clause"], clauses, at.at("clause"))
    one_of(fields["kind"], _KINDS, at.at("kind"))
    confidence(fields["confidence"], at.at("confidence"))
    names = tuple(str(name) for name in fields["parameters"] or ())
    for name in names:
        existing(name, numbers, at.at("parameters"))
    wanted = {"area_rate": True, "all_growth": bool(names)}.get(fields["kind"], False)
    if bool(names) is not wanted or len(set(names)) != len(names):
        what = f"{fields['kind']}, parameters = {list(names)}"
        raise ConfigError("E705", file=at.file, key=at.at("parameters").key, what=what)
    return Removal(**(fields | {"parameters": names}))


def read_lines(
    records: Sequence[object],
    clauses: Sequence[str],
    numbers: Mapping[str, Sequence[str]],
    at: Place,
) -> tuple[Line, ...]:
    """The lines of the sum; each names a number of one of the methodology's sets.

    `numbers` has, for every name, the sets that hold it; one the project supplies is of set "".
    """
    found = []
    for fields, place in entries(records, _LINE, "id", at):
        existing(fields["clause"], clauses, place.at("clause"))
        holders = numbers.get(fields["parameter"], ())
        existing(fields["parameter"], numbers if len(holders) == 1 else (), place.at("parameter"))
        found.append(Line(**fields, parameter_set=holders[0]))
    return tuple(found)


def read_rounding(record: object, at: Place) -> Rounding:
    """How amounts are rounded."""
    fields = check(record, _ROUNDING, at)
    unit(fields["unit"], at.at("unit"))
    confidence(fields["confidence"], at.at("confidence"))
    return Rounding(**fields)


def _settled(fields: dict[str, Any], clauses: Sequence[str], at: Place) -> dict[str, Any]:
    existing(fields["clause"], clauses, at.at("clause"))
    arguments = fields["arguments"] or {}
    for name, value in arguments.items():
        _plain(value, at.at("arguments").at(name))
    return fields | {"arguments": MappingProxyType(arguments)}


def _topic(name: str | None, at: Place) -> str:
    return "" if name is None else one_of(name, _TOPICS, at.at("topic"))


def _plain(value: object, at: Place) -> None:
    parts = value if isinstance(value, list) else [value]
    if not parts or not all(type(part) in _SCALARS for part in parts):
        raise ConfigError(
            "E233",
            file=at.file,
            key=at.key,
            value=repr(value),
            wanted_zh="单个值或单个值的数组",
            wanted="a plain value or an array of plain values",
        )


def existing(name: str, known: Collection[str], at: Place) -> None:
    """Refuse a name that is not among those known: E245."""
    if name not in known:
        raise ConfigError(
            "E245", file=at.file, key=at.key, value=name, expected=", ".join(known) or "—"
        )


class _Numbered(Protocol):
    @property
    def clause(self) -> str: ...


_Any = TypeVar("_Any", bound=_Numbered)


def clause_named(clauses: Sequence[_Any], name: str, label: str) -> _Any:
    """The clause of a document by its number or heading.

    Raises
    ------
    ConfigError
        When the document has no such clause; names those it has.
    """
    for clause in clauses:
        if clause.clause == name:
            return clause
    known = ", ".join(clause.clause for clause in clauses)
    raise ConfigError("E235", set=label, name=name, expected=known)
