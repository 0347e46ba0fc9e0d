"""Business guidelines as data: clauses, what settles each, and the parts that were not seen."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from importlib.resources.abc import Traversable
from types import MappingProxyType
from typing import Final

from ecogis.core.vocabulary import codes
from ecogis.methods.clauses import clause_named, entries
from ecogis.methods.loader import Place, Source, check, cited, one_of, sha256, sources, toml

__all__ = ["Guideline", "GuidelineClause", "Unseen", "read_guideline"]

_TOP: Final = {"guideline": dict, "sources": dict, "clauses": list, "unseen?": list}
_HEAD: Final = {
    "id": str,
    "edition": str,
    "number": str,
    "title_zh": str,
    "title_en": str,
    "publisher": str,
    "in_force_from": date,
    "in_force_to?": date,
    "checked_on": date,
    "province": str,
    "area_zh": str,
    "area_en": str,
    "elsewhere_zh": str,
    "elsewhere_en": str,
}
_CLAUSE: Final = {
    "clause": str,
    "topic": str,
    "zh": str,
    "en": str,
    "evidence_zh?": str,
    "evidence_en?": str,
    "document_kinds": list,
    "price_kinds?": list,
    "source": str,
    "locator_zh": str,
    "locator_en": str,
    "confidence": str,
}
_UNSEEN: Final = {"part": str, "zh": str, "en": str}


@dataclass(frozen=True, slots=True)
class GuidelineClause:
    """A clause in our own words, and the documents that settle it."""

    clause: str
    topic: str
    zh: str
    en: str
    evidence_zh: str
    evidence_en: str
    document_kinds: tuple[str, ...]
    price_kinds: tuple[str, ...]
    source: str
    locator_zh: str
    locator_en: str
    confidence: str


@dataclass(frozen=True, slots=True)
class Unseen:
    """A part of the document whose text was not seen."""

    part: str
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Guideline:
    """One edition of a guideline.

    Attributes
    ----------
    province : str
        First digits of the administrative codes it holds for; elsewhere it is used by analogy.
    unseen : tuple of Unseen
        Parts that come from the project file, since their text is not known.
    """

    id: str
    edition: str
    number: str
    title_zh: str
    title_en: str
    publisher: str
    in_force_from: date
    in_force_to: date | None
    checked_on: date
    province: str
    area_zh: str
    area_en: str
    elsewhere_zh: str
    elsewhere_en: str
    sha256: str
    files: tuple[str, ...]
    sources: Mapping[str, Source]
    clauses: tuple[GuidelineClause, ...]
    unseen: tuple[Unseen, ...]

    @property
    def label(self) -> str:
        """``id@edition``."""
        return f"{self.id}@{self.edition}"

    def clause(self, name: str) -> GuidelineClause:
        """A clause by its number, such as ``"4.1 a"``.

        Raises
        ------
        ConfigError
            When the guideline has no such clause.
        """
        return clause_named(self.clauses, name, self.label)

    def in_force_on(self, day: date) -> bool:
        """Whether the edition is in force on a day; its last day still counts.

        Examples
        --------
        >>> from ecogis.methods import guideline
        >>> guideline("t-gzgfa-8-2026").in_force_on(date(2026, 1, 15))
        False
        """
        return self.in_force_from <= day and (self.in_force_to is None or day <= self.in_force_to)

    def applies_in(self, division: str) -> bool:
        """Whether an administrative code lies in the guideline's area.

        Examples
        --------
        >>> from ecogis.methods import guideline
        >>> guideline("t-gzgfa-8-2026").applies_in("441899")
        True
        """
        return division.startswith(self.province)


def read_guideline(file: Traversable) -> Guideline:
    """Read and check a guideline file.

    Raises
    ------
    ConfigError
        Names the file, the key and what to do.
    """
    at = Place(file.name)
    content = check(toml(file), _TOP, at)
    head = check(content["guideline"], _HEAD, at.at("guideline"))
    listed = sources(content["sources"], at.at("sources"))
    unseen = entries(content["unseen"], _UNSEEN, "part", at.at("unseen"))
    return Guideline(
        **head,
        sha256=sha256([file]),
        files=(file.name,),
        sources=MappingProxyType(listed),
        clauses=_clauses(content["clauses"], listed, at.at("clauses")),
        unseen=tuple(Unseen(**fields) for fields, _ in unseen) if content["unseen"] else (),
    )


def _clauses(
    records: list[object], listed: Mapping[str, Source], at: Place
) -> tuple[GuidelineClause, ...]:
    found = []
    for fields, place in entries(records, _CLAUSE, "clause", at):
        cited(fields["source"], listed, place.at("source"))
        kinds = _words(fields["document_kinds"], "document_kind", place.at("document_kinds"))
        prices = _words(fields["price_kinds"] or [], "price_kind", place.at("price_kinds"))
        texts = {key: fields[key] or "" for key in ("evidence_zh", "evidence_en")}
        words = {"document_kinds": kinds, "price_kinds": prices}
        found.append(GuidelineClause(**(fields | texts | words)))
    return tuple(found)


def _words(values: list[object], category: str, at: Place) -> tuple[str, ...]:
    return tuple(one_of(str(value), list(codes(category)), at) for value in values)
