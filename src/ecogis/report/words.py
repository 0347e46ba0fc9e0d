"""The words of a report: texts in TOML by language, filled with formatted results.

``texts/zh.toml`` and ``texts/en.toml`` are for all; what ends in ``.zh.toml``, ``.en.toml`` or
``.tables.toml`` belongs to one form of report and is read as if it stood in the common file.

A text names a result as ``{totals.area_ha}`` and a table or figure as ``[[vintages]]``; the mark is
turned into its number when the report is put together. Values are never read as templates.
"""

import re
import string
import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

from ecogis.core.errors import ConfigError, VocabularyError
from ecogis.report.present import (
    DASH,
    KINDS,
    capitals,
    cell,
    chinese,
    clean,
    day,
    exact,
    is_missing,
    joined,
    mu,
)

__all__ = ["LANGS", "Words", "facts", "resolve", "table_specs"]

LANGS: Final = ("zh", "en")

# private-use characters carry a reference through the filling, so that no value can forge one
_OPEN, _CLOSE = "\ue000", "\ue001"
_MARK: Final = re.compile(r"\[\[(\w+)\]\]")
_REFERENCE: Final = re.compile(f"{_OPEN}(\\w+){_CLOSE}")

_DATED: Final = re.compile(r"_(date|start|end|from|to)$")
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d")
_SUFFIXES: Final = (
    ("_rate", "percent"),
    ("_price", "price"),
    ("_ha", "ha"),
    ("_m3", "m3"),
    ("_t", "t"),
)
_PLAIN: Final = frozenset({"seed", "year", "epsg"})


@cache
def _load(ending: str) -> dict[str, Any]:
    """The files of one ending, ``zh`` or ``tables`` say, put together."""
    found: dict[str, Any] = {}
    listed = files("ecogis.report.texts").iterdir()
    names = (f"{ending}.toml", f".{ending}.toml")
    for file in sorted(listed, key=lambda file: file.name):
        if file.name == names[0] or file.name.endswith(names[1]):
            _join(found, tomllib.loads(file.read_text(encoding="utf-8")), file.name)
    return found


def _join(found: dict[str, Any], more: Mapping[str, Any], file: str) -> None:
    """Add texts to texts; none is said twice."""
    for key, value in more.items():
        there = found.setdefault(key, {} if isinstance(value, dict) else value)
        if isinstance(value, dict) and isinstance(there, dict):
            _join(there, value, file)
        elif there is not value:
            raise VocabularyError("E457", key=key, file=file)


@cache
def table_specs() -> dict[str, dict[str, Any]]:
    """Captions and columns of every table, by name."""
    specs = _load("tables")
    return {name: specs[spec["like"]] | spec if "like" in spec else spec
            for name, spec in specs.items()}  # fmt: skip


class _Filler(string.Formatter):
    """Fills dotted names from a flat mapping; no attributes, no indexing, no formats."""

    def get_field(
        self,
        field_name: str,
        args: Sequence[Any],  # noqa: ARG002 - the base class hands them over
        kwargs: Mapping[str, Any],
    ) -> tuple[Any, str]:
        if field_name not in kwargs:
            return DASH, field_name
        return kwargs[field_name], field_name


class Words:
    """The texts of one language.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language of the report.

    Raises
    ------
    ConfigError
        When there are no texts in that language.

    Examples
    --------
    >>> Words("zh").word("forms.carbon.title")
    '森林碳汇核算评估报告'
    """

    def __init__(self, lang: str) -> None:
        if lang not in LANGS:
            raise ConfigError("E002", value=lang, expected=", ".join(LANGS))
        self.lang = lang
        self._texts = _load(lang)

    def group(self, name: str) -> dict[str, Any]:
        """All texts under a heading of the file."""
        found: dict[str, Any] = self._texts[name]
        return found

    def word(self, key: str) -> str:
        """One text, unfilled."""
        return str(self._find(key))

    def lines(self, key: str) -> list[str]:
        """One list of texts, unfilled."""
        return list(self._find(key))

    def say(self, key: str, values: Mapping[str, str]) -> str:
        """One text, filled; what has no value reads as a dash."""
        return fill(self.word(key), values)

    def spoken(self, text: str) -> str:
        """A finding's text with the names of layers and faults in the report's language.

        >>> Words("zh").spoken("parcels A1:subject") == "宗地 A1\N{FULLWIDTH COLON}对象编号"
        True
        """
        known = self.group("spoken")
        found = _spoken(self.lang).sub(lambda match: str(known[match[0]]), text)
        return joined(chinese(found)) if self.lang == "zh" else found

    def _find(self, key: str) -> Any:
        found: Any = self._texts
        for part in key.split("."):
            if part not in found:
                raise VocabularyError("E560", key=key, lang=self.lang)
            found = found[part]
        return found


@cache
def _spoken(lang: str) -> re.Pattern[str]:
    """The words to replace where they stand alone, not in the name of a file."""
    longest_first = sorted(_load(lang)["spoken"], key=len, reverse=True)
    listed = "|".join(re.escape(word) for word in longest_first)
    return re.compile(rf"(?<![\w./-])(?:{listed})(?![A-Za-z0-9_./-])", re.ASCII)


def fill(text: str, values: Mapping[str, str]) -> str:
    """Fill a text and protect its references to tables and figures.

    >>> fill("{a.b} in {c}", {"a.b": "{c}"})
    '{c} in —'
    """
    marked = _MARK.sub(f"{_OPEN}\\1{_CLOSE}", text)
    return _Filler().vformat(marked, (), values)


def resolve(text: str, numbers: Mapping[str, str], none: str) -> tuple[tuple[str, str], ...]:
    """Turn references into numbers such as 表 3; one that is not in the report reads `none`.

    Returns
    -------
    tuple of (str, str)
        The text in pieces, each with the name of what it refers to, or nothing.

    Examples
    --------
    >>> resolve(fill("see [[a]].", {}), {"a": "Table 1"}, "")
    (('see ', ''), ('Table 1', 'a'), ('.', ''))
    """
    parts = []
    for place, piece in enumerate(_REFERENCE.split(text)):
        if place % 2:
            parts.append((numbers.get(piece, none), piece if piece in numbers else ""))
        elif piece:
            parts.append((piece, ""))
    return tuple(parts)


def facts(summary: Mapping[str, Any], lang: str) -> dict[str, str]:
    """Headline results as formatted texts, by dotted name.

    The end of a name says what it is: ``_ha`` (also given as ``_mu``), ``_kg`` (given as ``_t``),
    ``_fen`` (given as ``_yuan`` and ``_capitals``), ``_t``, ``_m3``, ``_rate``, ``_price``. Of the
    twins ``title_zh`` and ``title_en``, ``title`` is the one in `lang`.

    Examples
    --------
    >>> facts({"totals": {"area_ha": 10.0}}, "zh")
    {'totals.area_ha': '10.00', 'totals.area_mu': '150.00'}
    >>> facts({"valuation": {"npv_fen": 123_400}}, "zh")["valuation.npv_capitals"]
    '壹仟贰佰叁拾肆元整'
    """
    found: dict[str, str] = {}
    for group, entries in summary.items():
        if isinstance(entries, Mapping):
            for name, value in entries.items():
                found |= _fact(f"{group}.{name}", value, lang)
    return found


def _fact(key: str, value: Any, lang: str) -> dict[str, str]:
    if is_missing(value) or isinstance(value, Mapping | list | tuple | bool):
        return {}
    if isinstance(value, str):
        return _text_fact(key, value, lang)
    return {key: day(value, lang)} if hasattr(value, "year") else _amounts(key, value, lang)


def _amounts(key: str, value: Any, lang: str) -> dict[str, str]:
    """A number in the units its name asks for."""
    if key.endswith("_fen"):
        yuan = cell(value, "yuan", lang)
        stem = key.removesuffix("_fen")
        return {f"{stem}_yuan": yuan, f"{stem}_capitals": capitals(value)}
    if "_kg" in key:
        return {key.replace("_kg", "_t"): cell(value, "t_kg", lang)}
    if key.endswith("_ha"):
        return {key: cell(value, "ha", lang), f"{key.removesuffix('_ha')}_mu": mu(value)}
    return {key: _number(key, value, lang)}


def _text_fact(key: str, value: str, lang: str) -> dict[str, str]:
    if key.endswith(tuple(f"_{other}" for other in LANGS)):
        text = chinese(clean(value)) if lang == "zh" else clean(value)
        return {key[:-3]: text} if key.endswith(f"_{lang}") else {}
    dated = _DATED.search(key) and _DAY.fullmatch(value)
    return {key: day(value, lang) if dated else clean(value)}


def _number(key: str, value: Any, lang: str) -> str:
    if key.rpartition(".")[2] in _PLAIN:
        return str(value)
    for suffix, kind in _SUFFIXES:
        if key.endswith(suffix):
            return cell(value, kind, lang)
    whole = exact(value, KINDS["count"]) == int(value)
    return cell(value, "count" if whole else "number", lang)
