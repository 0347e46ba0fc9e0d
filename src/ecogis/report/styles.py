"""How the layer of pieces opens in QGIS: by verdict, in the colours of the report's maps."""

from typing import Final

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import code_label
from ecogis.io import categorised_style
from ecogis.report.maps import VERDICT_LOOKS
from ecogis.report.tables import column_titles
from ecogis.report.words import Words

__all__ = ["aliases", "area_note", "pieces_style"]

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
