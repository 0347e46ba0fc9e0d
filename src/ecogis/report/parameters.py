"""The table of parameters in short: values that share a source stand in one row."""

from typing import Final

import pandas as pd

from ecogis.report.present import cell, is_missing

__all__ = ["in_short", "quantities"]

_SHARED: Final = ("name", "unit", "from", "edition", "source", "locator", "confidence")
_NAMING: Final = "label"  # names of things, not quantities; the workbook lists them


def quantities(parameters: pd.DataFrame) -> pd.DataFrame:
    """The rows that hold a quantity or a choice, not the name of a thing."""
    return parameters[~parameters["name"].astype(str).str.startswith(_NAMING)]


def in_short(parameters: pd.DataFrame) -> tuple[pd.DataFrame, list[str]]:
    """Parameters grouped by name, unit, date, edition, source, locator and confidence.

    Parameters
    ----------
    parameters : DataFrame
        ``name key value unit from source locator confidence`` and, if known, ``edition``.

    Returns
    -------
    DataFrame
        ``name values unit from edition source confidence``; `values` reads ``杉木 0.307; 枫香
        0.598``, `source` is the number of the source and the place in it.
    list of str
        The sources, the first one numbered 1.
    """
    table = quantities(parameters).reindex(columns=[*_SHARED, "key", "value"]).astype(object)
    sources = list(table["source"].dropna().unique())
    rows = []
    for shared, part in table.groupby(list(_SHARED), sort=False, dropna=False):
        row = dict(zip(_SHARED, shared, strict=True))
        pairs = zip(part["key"], part["value"], strict=True)
        row["values"] = "; ".join(_pair(key, value) for key, value in pairs)
        number = None if is_missing(row["source"]) else f"[{sources.index(row['source']) + 1}]"
        row["source"] = " ".join(str(p) for p in (number, row["locator"]) if not is_missing(p))
        rows.append(row)
    columns = ["name", "values", "unit", "from", "edition", "source", "confidence"]
    return pd.DataFrame(rows, columns=columns), [str(source) for source in sources]


def _pair(key: object, value: object) -> str:
    shown = cell(value, "number", "en")
    return shown if is_missing(key) else f"{key} {shown}"
