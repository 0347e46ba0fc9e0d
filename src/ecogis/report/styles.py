"""How layers open in QGIS: pieces by verdict, land by the worth of its services; Chinese names."""

from collections.abc import Mapping
from itertools import pairwise
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import code_label
from ecogis.io import categorised_style, graduated_style
from ecogis.report.canvas import breaks, shades
from ecogis.report.maps import VERDICT_LOOKS
from ecogis.report.present import KINDS
from ecogis.report.tables import column_titles
from ecogis.report.words import Words

__all__ = ["aliases", "area_note", "pieces_style", "services_style"]

_NOTHING: Final = "#f2f2ee"
_COLUMNS: Final = ("creditable", "pledgeable")


def pieces_style(lang: str, column: str = "creditable") -> str:
    """QML for the layer of pieces, coloured by a verdict held as yes, no or unknown.

    Parameters
    ----------
    lang : {"zh", "en"}
        Language of the legend and of the column names shown.
    column : {"creditable", "pledgeable"}
        Verdict to colour by.

    Raises
    ------
    ConfigError
        When the column holds no verdict.
    """
    if column not in _COLUMNS:
        raise ConfigError("E002", value=column, expected=", ".join(_COLUMNS))
    classes = [
        (value, code_label("verdict", value, lang), colour) for value, colour, _ in VERDICT_LOOKS
    ]
    return categorised_style(column, classes, aliases=aliases(lang))


def services_style(units: pd.DataFrame, lang: str, *, names: Mapping[str, str]) -> str:
    """QML for land coloured by the yearly worth of its ecosystem services per hectare.

    Parameters
    ----------
    units : DataFrame, one row per stand
        ``gep_fen area_dm2``. [fen, 0.01 m2]
    lang : {"zh", "en"}
        Language of the legend.
    names : mapping of str to str
        What people read instead of each column's name.

    Examples
    --------
    >>> units = pd.DataFrame({"gep_fen": [0, 500_000], "area_dm2": [1_000_000, 2_000_000]})
    >>> 'lower="0.0" upper="2500.0"' in services_style(units, "en", names={})
    True
    """
    kind = KINDS["yuan_ha"]
    area = units["area_dm2"].to_numpy(np.float64)
    worth = units["gep_fen"].to_numpy(np.float64)[area > 0] / kind.per
    worth = worth * KINDS["ha_dm2"].per / area[area > 0]  # step by step as QGIS works it out
    inner = [bound for bound in breaks(worth[worth > 0]) if bound < worth.max()]
    edges = [0.0, *inner, max(float(worth.max(initial=0.0)), 0.0)]
    labels = [f"{low:,.0f} – {high:,.0f} {kind.unit(lang)}" for low, high in pairwise(edges)]
    colours = shades(len(labels) + 1)
    lowest = min(float(worth.min(initial=0.0)), 0.0)
    classes = [
        (lowest, 0.0, f"≤ 0 {kind.unit(lang)}", _NOTHING),
        *((*edge, label, colour) for edge, label, colour in
          zip(pairwise(edges), labels, colours, strict=False) if edges[-1] > 0.0),
    ]  # fmt: skip
    quantity = f'"gep_fen" / {kind.per}.0 * {KINDS["ha_dm2"].per}.0 / "area_dm2"'
    return graduated_style(quantity, classes, aliases=names)


def aliases(lang: str, table: str = "pieces") -> dict[str, str]:
    """What people read instead of the column names of a result table, with units.

    >>> aliases("zh")["area_ha"]
    '面积 (公顷)'
    """
    return column_titles(table, lang)


def area_note(lang: str) -> str:
    """How areas are measured, in words and by the name of the definition.

    >>> area_note("en").endswith("(survey-2008-32)")
    True
    """
    return Words(lang).word("words.area_note")
