"""All figures of a report that its content allows."""

from ecogis.report.charts import CHARTS
from ecogis.report.desk import Desk
from ecogis.report.maps import MAPS, location
from ecogis.report.model import Content
from ecogis.report.words import Words

__all__ = ["draw"]


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
    desk = Desk(content, Words(lang), {})
    found = {"map_location": location(desk, content.dem)}
    found |= {name: make(desk) for name, make in {**MAPS, **CHARTS}.items()}
    return {name: picture for name, picture in found.items() if picture is not None}
