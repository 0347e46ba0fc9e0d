"""The words of ecogis: one name, one unit, one meaning, in both languages.

The words stand in ``vocabulary.toml``; a column that is not in it does not cross a stage's border.
"""

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ecogis.core.errors import VocabularyError

__all__ = [
    "FOREST",
    "FOREST_LAND",
    "Code",
    "Term",
    "code_label",
    "codes",
    "label",
    "require",
    "term",
    "terms",
    "unit",
]

FOREST: Final = frozenset({"arbor_forest", "bamboo_forest", "mangrove_forest", "shrub_special"})
"""Land classes that meet the forest definition."""

FOREST_LAND: Final = FOREST | {
    "sparse_forest",
    "shrub_other",
    "young_plantation",
    "enclosed_young",
    "nursery",
    "cutover",
    "burnt",
    "other_unstocked",
    "barren",
    "forestry_facility",
}
"""Land classes of forest land, forested or not."""


@dataclass(frozen=True, slots=True)
class Term:
    """A word: its unit, kind (key, extensive, intensive, category, date, text) and range."""

    name: str
    unit: str
    kind: str
    low: float | None
    high: float | None
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Code:
    """A value of a category, in both languages."""

    zh: str
    en: str


@cache
def _vocabulary() -> dict[str, Any]:
    text = files("ecogis.core").joinpath("vocabulary.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


@cache
def terms() -> dict[str, Term]:
    """Every term by its name."""
    return {
        name: Term(
            name=name,
            unit=entry.get("unit", ""),
            kind=entry["kind"],
            low=entry.get("low"),
            high=entry.get("high"),
            zh=entry["zh"],
            en=entry["en"],
        )
        for name, entry in _vocabulary()["terms"].items()
    }


def term(name: str) -> Term:
    """The term of that name.

    Raises
    ------
    VocabularyError
        When the vocabulary does not have it.

    Examples
    --------
    >>> term("standing_volume").unit
    'm3 ha-1'
    """
    try:
        return terms()[name]
    except KeyError:
        raise VocabularyError("E008", name=name) from None


def label(name: str, lang: str) -> str:
    """What people call a term, in ``"zh"`` or ``"en"``.

    >>> label("stand", "zh")
    '小班'
    """
    return term(name).zh if lang == "zh" else term(name).en


def unit(name: str) -> str:
    """The unit of a term.

    >>> unit("area_ha")
    'ha'
    """
    return term(name).unit


@cache
def codes(name: str) -> dict[str, Code]:
    """The values a category can take, in their order.

    >>> list(codes("origin"))
    ['natural', 'planted']
    """
    try:
        entries = _vocabulary()["codes"][name]
    except KeyError:
        raise VocabularyError("E008", name=name) from None
    return {code: Code(zh=zh, en=en) for code, (zh, en) in entries.items()}


def code_label(name: str, code: object, lang: str) -> str:
    """What people call a value of a category; a missing value or an unknown one reads as it is.

    >>> code_label("land_class", "arbor_forest", "zh")
    '乔木林地'
    """
    found = codes(name).get(str(code))
    if found is None:
        return "—" if code is None or str(code) in {"<NA>", "nan", "None"} else str(code)
    return found.zh if lang == "zh" else found.en


def require(table: Any, columns: Iterable[str], where: str) -> None:
    """Refuse a table that lacks columns a stage was promised.

    Raises
    ------
    VocabularyError
        Names the stage and the missing columns.
    """
    missing = [column for column in columns if column not in table.columns]
    if missing:
        raise VocabularyError("E004", where=where, columns=", ".join(missing))
