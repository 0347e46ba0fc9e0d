"""The table of parameters in short: values that share a source stand in one row."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ecogis.methods import parameters as parameter_set
from ecogis.report.present import cell, is_missing

__all__ = ["english_names", "in_short", "quantities"]

_SHARED: Final = (
    "name",
    "meaning_zh",
    "meaning_en",
    "unit",
    "from",
    "edition",
    "source_zh",
    "source_en",
    "locator_zh",
    "locator_en",
    "confidence",
)
_NAMING: Final = "label"  # names of things, not quantities; the workbook lists them


_NAMED_FROM: Final = date(2000, 1, 1)


@cache
def english_names() -> Mapping[str, str]:
    """English names of species, groups, curves and places that parameters are given for.

    Species are named by the set ``species-names``, the rest by our own list.

    Examples
    --------
    >>> english_names()["阔叶"], english_names()["桦木"]
    ('broadleaves', 'Betula spp.')
    """
    text = files("ecogis.report.texts").joinpath("groups.toml").read_text(encoding="utf-8")
    species = parameter_set("species-names").texts("label", _NAMED_FROM)
    return MappingProxyType({**tomllib.loads(text), **species})


def quantities(parameters: pd.DataFrame) -> pd.DataFrame:
    """The rows that hold a quantity or a choice, not the name of a thing."""
    return parameters[~parameters["name"].astype(str).str.startswith(_NAMING)]


def in_short(
    parameters: pd.DataFrame, names: Mapping[str, str] = MappingProxyType({})
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Parameters grouped by name, unit, date, edition, source, locator and confidence.

    Parameters
    ----------
    parameters : DataFrame
        ``name key value unit from confidence``, in both languages (``_zh``, ``_en``) ``meaning
        source locator`` and, if known, ``edition``.
    names : mapping of str to str
        English names of what keys and values name in Chinese, where the sets themselves give
        none; before those of `english_names`.

    Returns
    -------
    DataFrame
        ``unit from edition confidence`` and in both languages ``meaning values source``; `values`
        reads ``杉木 0.307; 枫香 0.598``, `source` is the number of the source and the place in it.
    DataFrame
        ``zh en`` of the sources, the first one numbered 1.
    """
    table = quantities(parameters).reindex(columns=[*_SHARED, "key", "value"]).astype(object)
    titles = table[["source_zh", "source_en"]].set_axis(["zh", "en"], axis=1)
    sources = titles.drop_duplicates().dropna().reset_index(drop=True)
    numbers = {pair: place for place, pair in enumerate(sources.itertuples(index=False, name=None))}
    labels = {
        "zh": _labels(parameters, "zh"),
        "en": {**english_names(), **names, **_labels(parameters, "en")},
    }
    rows = []
    for shared, part in table.groupby(list(_SHARED), sort=False, dropna=False):
        row = dict(zip(_SHARED, shared, strict=True))
        for lang, named in labels.items():
            pairs = zip(part["key"], part["value"], strict=True)
            row[f"values_{lang}"] = "; ".join(
                _pair(named.get(k, k), named.get(str(value), value)) for k, value in pairs
            )
        number = numbers.get((row["source_zh"], row["source_en"]))
        rows.append(row | {f"source_{lang}": _place(number, row, lang) for lang in ("zh", "en")})
    twins = [f"{name}_{lang}" for name in ("meaning", "values", "source") for lang in labels]
    columns = ["unit", "from", "edition", *twins, "confidence"]
    return pd.DataFrame(rows, columns=columns), sources


def _labels(parameters: pd.DataFrame, lang: str) -> dict[str, str]:
    """What the things are called whose parameters these are, where the set says so."""
    naming = parameters[parameters["name"] == f"{_NAMING}_{lang}"]
    return dict(zip(naming["key"].astype(str), naming["value"].astype(str), strict=True))


def _place(number: int | None, row: dict[str, Any], lang: str) -> str:
    marked = None if number is None else f"[{number + 1}]"
    parts = (marked, row[f"locator_{lang}"])
    return " ".join(str(part) for part in parts if not is_missing(part))


def _pair(key: object, value: object) -> str:
    shown = cell(value, "number", "en")
    return shown if is_missing(key) else f"{key} {shown}"
