"""The items of ecosystem services as data: parts, variables, formulas and named rules."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

__all__ = [
    "Formula",
    "Item",
    "Part",
    "Variable",
    "Way",
    "ecosystem_of",
    "formulas",
    "item",
    "items",
    "parts",
    "record_unit",
    "rules",
    "variables",
    "ways",
    "words",
]


@dataclass(frozen=True, slots=True)
class Item:
    """A service: its code in the list of items, class and names."""

    key: str
    code: str
    group: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Part:
    """What an item is made of: a quantity in one unit, with one price.

    `kind` is ``land`` for what is computed on land units and ``record`` for what stands in the
    project's table of records. `unit` and `price` are ``own`` where each record brings its own.
    `per` is how many of what a formula and a price count are one unit, as negative ions by 1e15.
    """

    item: str
    part: str
    zh: str
    en: str
    unit: str
    price: str
    kind: str
    formula: str
    user: str
    constants: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    given_in: str = ""
    ecosystem: str = ""
    level: int = 0
    per: float = 1.0


@dataclass(frozen=True, slots=True)
class Variable:
    """What a formula takes, for each land unit; one with a formula may be computed of others."""

    name: str
    unit: str
    zh: str
    en: str
    minimum: float
    maximum: float
    formula: str = ""
    of: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as it is printed, with its source and mark; the function of its name is code."""

    name: str
    text: str
    zh: str
    en: str
    source_zh: str
    source_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Way:
    """A formula a raster may be made by, with its source; no mark where it needs none."""

    name: str
    zh: str
    en: str
    confidence: str


@cache
def _content() -> dict[str, Any]:
    text = files("ecogis.services").joinpath("items.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def items() -> Mapping[str, Item]:
    """Every item by its key, in the order of accounts.

    >>> items()["water_retention"].code
    'R1'
    """
    found = _content()["items"].items()
    return MappingProxyType(
        {key: Item(key, e["code"], e["class"], e["zh"], e["en"]) for key, e in found}
    )


def item(key: str) -> Item:
    """An item by its key."""
    return items()[key]


@cache
def parts() -> Mapping[tuple[str, str], Part]:
    """Every part by item and part, in the order of accounts.

    >>> parts()["soil_retention", "silt"].unit
    'm3'
    """
    found = (Part(**_tuples(entry)) for entry in _content()["parts"])
    return MappingProxyType({(part.item, part.part): part for part in found})


@cache
def variables() -> Mapping[str, Variable]:
    """Every variable by its name.

    >>> variables()["rain_mm"].unit
    'mm yr-1'
    """
    found = _content()["variables"].items()
    return MappingProxyType({name: Variable(name, **_tuples(entry)) for name, entry in found})


@cache
def formulas() -> Mapping[str, Formula]:
    """Every formula by its name.

    >>> formulas()["rusle"].text
    'As = R * K * LS * (1 - C * P)'
    """
    sources = _content()["sources"]
    made = {}
    for name, entry in _content()["formulas"].items():
        told = sources[entry["source"]]
        texts = (entry["text"], entry["zh"], entry["en"])
        made[name] = Formula(name, *texts, told["zh"], told["en"], entry["confidence"])
    return MappingProxyType(made)


@cache
def ways() -> Mapping[str, Way]:
    """How rasters are made of others: every formula by its name.

    >>> ways()["zhang"].confidence
    'recalled'
    """
    found = _content()["ways"].items()
    return MappingProxyType({name: Way(name, **entry) for name, entry in found})


def rules() -> Mapping[str, Mapping[str, str]]:
    """The rules that rule out counting twice: ``zh``, ``en`` and ``confidence`` by name."""
    return MappingProxyType(_content()["rules"])


def words(table: str) -> Mapping[str, tuple[str, str]]:
    """Names in Chinese and English of ``classes``, ``ecosystems``, ``sums`` or ``users``.

    >>> words("users")["households"]
    ('住户', 'households')
    """
    return MappingProxyType({key: (pair[0], pair[1]) for key, pair in _content()[table].items()})


def ecosystem_of(land_class: object) -> str:
    """The ecosystem a land class belongs to.

    >>> ecosystem_of("bamboo_forest"), ecosystem_of("cutover")
    ('forest', 'other_forest_land')
    """
    return str(_content()["land_classes"].get(land_class, "other_forest_land"))


def record_unit(text: str) -> tuple[str, float]:
    """A unit as records write it: its symbol, and how many of it are meant.

    >>> record_unit("万吨"), record_unit("kWh")
    (('t', 10000.0), ('kWh', 1.0))
    """
    times = {"亿": 1e8, "万": 1e4}.get(text[:1], 1.0)
    symbol = text[1:] if times > 1.0 else text
    return str(_content()["units"].get(symbol, symbol)), times


def _tuples(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(v) if isinstance(v, list) else v for name, v in entry.items()}
