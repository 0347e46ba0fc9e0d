"""All figures of a report that its content allows, or one of them."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Final

from ecogis.core.errors import ConfigError, InputError
from ecogis.report.charts import CHARTS
from ecogis.report.desk import Desk
from ecogis.report.maps import MAPS, location
from ecogis.report.model import Content
from ecogis.report.words import Words

__all__ = ["FIGURES", "draw", "draw_one"]

FIGURES: Final = ("map_location", *MAPS, *CHARTS)
"""Names of the figures a report can have."""


def draw(content: Content, *, lang: str = "zh") -> dict[str, bytes]:
    """Draw the maps and charts the content has data for.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers in EPSG:4490.
    lang : {"zh", "en"}
        Language of legends and axes.

    Returns
    -------
    dict of str to bytes
        PNG by figure name; the same content gives the same bytes.
    """
    found = {name: make() for name, make in _makers(content, lang).items()}
    return {name: picture for name, picture in found.items() if picture is not None}


def draw_one(content: Content, name: str, *, lang: str = "zh") -> bytes:
    """Draw one figure as PNG.

    Parameters
    ----------
    content : Content
        Headline results, tables and layers in EPSG:4490.
    name : str
        A name in `FIGURES`.
    lang : {"zh", "en"}
        Language of legends and axes.

    Raises
    ------
    ConfigError
        When there is no figure of that name.
    InputError
        When the content lacks the data of the figure.
    """
    if name not in FIGURES:
        raise ConfigError("E564", value=name, expected=", ".join(FIGURES))
    picture = _makers(content, lang)[name]()
    if picture is None:
        there = ", ".join(draw(content, lang=lang)) or "—"
        raise InputError("E565", value=name, expected=there)
    return picture


def _makers(content: Content, lang: str) -> Mapping[str, Callable[[], bytes | None]]:
    desk = Desk(content, Words(lang), {})
    rest = {name: partial(make, desk) for name, make in {**MAPS, **CHARTS}.items()}
    return {"map_location": partial(location, desk, content.dem), **rest}
