"""Standards of ecosystem services as data: which items they list, name and deduct, with marks."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.methods.clauses import entries
from ecogis.methods.loader import (
    Place,
    Source,
    check,
    cited,
    one_of,
    sha256,
    sources,
    toml,
)

__all__ = ["Deduction", "GepStandard", "ListedItem", "gep_standard", "gep_standards"]

_KIND: Final = ("核算标准", "standard of ecosystem services")
_OF_FORESTS: Final = "forest-"
_RANKS: Final = ("compulsory", "optional", "listed")
_METHODS: Final = ("biomass", "rate", "nep", "npp")
_TOP: Final = {"standard": dict, "sources": dict, "items": list, "deductions?": list}
_HEAD: Final = {
    "id": str,
    "edition": str,
    "replaces?": str,
    "number": str,
    "title_zh": str,
    "title_en": str,
    "publisher": str,
    "in_force_from?": date,
    "checked_on": date,
    "note_zh": str,
    "note_en": str,
    "carbon_methods": list,
    "complete?": bool,
}
_ORIGIN: Final = {
    "zh": str,
    "en": str,
    "source": str,
    "locator_zh": str,
    "locator_en": str,
    "confidence": str,
}
_ITEM: Final = _ORIGIN | {"item": str, "rank": str}
_DEDUCTION: Final = _ORIGIN | {"id": str}


@dataclass(frozen=True, slots=True)
class ListedItem:
    """An item as the standard names it.

    `rank` is compulsory, optional, or listed where it is not known which of the two.
    """

    item: str
    rank: str
    zh: str
    en: str
    source: str
    locator_zh: str
    locator_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Deduction:
    """What the standard takes out of the account."""

    id: str
    zh: str
    en: str
    source: str
    locator_zh: str
    locator_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class GepStandard:
    """One edition of a standard.

    Attributes
    ----------
    in_force_from : date or None
        First day in force, where it was seen.
    items : mapping of str to ListedItem
        By item; an item that is not among them does not enter an account under the standard.
    deductions : mapping of str to Deduction
        By id; ``outside`` are products of ecosystems outside the area.
    carbon_methods : tuple of str
        Ways to carbon fixation it allows; empty where they are not known.
    replaces : str or None
        Earlier edition of this file that it corrects.
    complete : bool or None
        Whether all items of the standard were seen; None where the file does not say. An edition
        one with less than all replaces is not complete either: the standard is the same.
    """

    id: str
    edition: str
    number: str
    title_zh: str
    title_en: str
    publisher: str
    in_force_from: date | None
    checked_on: date
    note_zh: str
    note_en: str
    carbon_methods: tuple[str, ...]
    replaces: str | None
    complete: bool | None
    sha256: str
    files: tuple[str, ...]
    sources: Mapping[str, Source]
    items: Mapping[str, ListedItem]
    deductions: Mapping[str, Deduction]

    @property
    def label(self) -> str:
        """``id@edition``."""
        return f"{self.id}@{self.edition}"

    @property
    def is_of_forests(self) -> bool:
        """Whether it assesses services of forests, supporting ones too: no gross ecosystem product.

        >>> gep_standard("forest-lyt-1721").is_of_forests
        True
        """
        return self.id.startswith(_OF_FORESTS)

    @property
    def number_or_label(self) -> str:
        """Its number, or the label where the number was not seen.

        >>> gep_standard("gep-shandong-trial@trial-2").number_or_label
        'gep-shandong-trial@trial-2'
        """
        return self.label if self.number in {"", "—"} else self.number

    def in_force_on(self, day: date) -> bool | None:
        """Whether the edition is in force on a day; None where its first day is not known.

        Examples
        --------
        >>> gep_standard("gep-gbt-46869").in_force_on(date(2025, 12, 30))
        False
        >>> gep_standard("gep-db33t-2274").in_force_on(date(2025, 12, 30)) is None
        True
        """
        return None if self.in_force_from is None else self.in_force_from <= day


def gep_standard(name: str) -> GepStandard:
    """A standard of the library.

    Parameters
    ----------
    name : str
        Id, or ``id@edition``.

    Returns
    -------
    GepStandard
        Its items, what it deducts, and what is known of it.

    Raises
    ------
    ConfigError
        E234 the library does not have it, E248 it has several editions and none is named.

    Examples
    --------
    >>> found = gep_standard("gep-gbt-46869@2025")
    >>> found.items["carbon_fixation"].locator_en
    'annex A.7: biomass, rate or net ecosystem production'
    >>> "oxygen_release" in found.items
    False
    """
    shelf = gep_standards()
    if name in shelf:
        return shelf[name]
    same = [label for label in shelf if label.partition("@")[0] == name]
    if len(same) == 1:
        return shelf[same[0]]
    code, expected = ("E248", same) if same else ("E234", list(shelf))
    zh, en = _KIND
    raise ConfigError(code, kind_zh=zh, kind_en=en, value=name, expected=", ".join(expected))


@cache
def gep_standards() -> Mapping[str, GepStandard]:
    """Every standard of the library, by ``id@edition``."""
    folder = files("ecogis.methods").joinpath("library").joinpath("gep")
    found = (entry for entry in folder.iterdir() if entry.name.endswith(".toml"))
    read = (_read(file) for file in sorted(found, key=lambda entry: entry.name))
    shelf = {standard.label: standard for standard in read}
    for later in tuple(shelf.values()):
        old = f"{later.id}@{later.replaces}"
        if later.complete is False and old in shelf:
            shelf[old] = replace(shelf[old], complete=False)
    return MappingProxyType(shelf)


def _read(file: Traversable) -> GepStandard:
    at = Place(file.name)
    content = check(toml(file), _TOP, at)
    place = at.at("standard")
    head = check(content["standard"], _HEAD, place)
    listed = sources(content["sources"], at.at("sources"))
    ways = place.at("carbon_methods")
    head["carbon_methods"] = tuple(one_of(str(w), _METHODS, ways) for w in head["carbon_methods"])
    items = {}
    for fields, spot in entries(content["items"], _ITEM, "item", at.at("items")):
        one_of(fields["rank"], _RANKS, spot.at("rank"))
        items[fields["item"]] = ListedItem(**_sound(fields, listed, spot))
    taken = {}
    if content["deductions"]:
        for fields, spot in entries(content["deductions"], _DEDUCTION, "id", at.at("deductions")):
            taken[fields["id"]] = Deduction(**_sound(fields, listed, spot))
    return GepStandard(
        **head,
        sha256=sha256([file]),
        files=(file.name,),
        sources=MappingProxyType(listed),
        items=MappingProxyType(items),
        deductions=MappingProxyType(taken),
    )


def _sound(fields: dict[str, str], listed: Mapping[str, Source], at: Place) -> dict[str, str]:
    """The fields, once their source is listed."""
    cited(fields["source"], listed, at.at("source"))
    return fields
