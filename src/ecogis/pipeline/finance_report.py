"""The county's board of indicators as a page, a workbook and documents."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from ecogis import report
from ecogis.core.provenance import canonical_json, library_versions, sha256_text
from ecogis.pipeline.finance_privacy import reported
from ecogis.report import Content
from ecogis.report.finance_charts import board_pictures
from ecogis.report.finance_measures import in_large_units

__all__ = ["BOARD_FORMATS", "finance_content", "write_county_board"]

BOARD_FORMATS: Final = ("html", "xlsx")
"""Faces that are written unless others are named; ``docx`` and ``pdf`` are there too."""

_NONE: Final[Mapping[str, pd.DataFrame]] = MappingProxyType({})


def finance_content(
    board: pd.DataFrame,
    counties: pd.DataFrame,
    day: date,
    *,
    tables: Mapping[str, pd.DataFrame] = _NONE,
    name: str = "",
    named: bool = False,
) -> Content:
    """What the report on a county's finance is made of.

    Parameters
    ----------
    board, counties : DataFrame
        As `ecogis.finance.indicator_board` and `mountain_counties` give them.
    day : date
        Day of the board.
    tables : mapping of str to DataFrame
        Also ``finance_history`` (observations, for the charts), ``finance_offers``,
        ``finance_lines``, ``finance_limits`` and ``finance_requests``. Refused offers are counted,
        not listed.
    name : str
        Subject on the cover.
    named : bool
        Whether parties are shown by their keys; otherwise by running numbers.

    Returns
    -------
    Content
        For `ecogis.report.write` with the form ``finance``.
    """
    shown, left_out = reported(tables, named=named)
    states = board["state"].value_counts()
    count = {state: int(states.get(state, 0)) for state in ("met", "missed", "unknown")}
    told = {
        "board_date": day.isoformat(),
        "indicators": len(board),
        "targets": sum(count.values()),
        "counties": len(counties),
        "refused_offers": left_out,
    } | count
    held = {"finance_indicators": board, "finance_counties": counties} | shown
    core = {key: table.astype(str).to_dict("records") for key, table in held.items()}
    summary: dict[str, Any] = {
        "project": {"name": name, "valuation_date": day.isoformat()},
        "finance": told,
        "manifest": {
            "sha256": sha256_text(canonical_json(core | {"finance": told})),
            "version": library_versions()["ecogis"],
        },
    }
    page = in_large_units(board)
    late = page[page["later"].notna()]
    pages = {"finance_board": page} | ({"finance_later": late} if len(late) else {})
    return Content(summary, held | pages)


def write_county_board(
    board: pd.DataFrame,
    counties: pd.DataFrame,
    day: date,
    folder: str | Path,
    *,
    lang: str = "zh",
    formats: Collection[str] = BOARD_FORMATS,
    tables: Mapping[str, pd.DataFrame] = _NONE,
) -> list[Path]:
    """Write the board of indicators as a page and a workbook.

    Parameters
    ----------
    board, counties, day
        As for `finance_content`.
    folder : str or Path
        Folder; made where it is not there.
    lang : {"zh", "en"}
        Language.
    formats : collection of {"docx", "pdf", "html", "xlsx"}
        Faces.
    tables : mapping of str to DataFrame
        As for `finance_content`.

    Returns
    -------
    list of Path
        The files.
    """
    out = Path(folder)
    out.mkdir(parents=True, exist_ok=True)
    title = "浙江山区（海岛）县" if lang == "zh" else "Mountain and island counties of Zhejiang"
    content = finance_content(board, counties, day, tables=tables, name=title)
    content = replace(content, pictures=board_pictures(content, lang=lang))
    return list(report.write(content, out, lang=lang, formats=tuple(formats), forms=("finance",)))
