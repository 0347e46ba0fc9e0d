"""Places as paths (province/prefecture/county), and the counties a policy list names on a day."""

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

import pandas as pd

from ecogis.methods import ParameterSet, parameters

__all__ = [
    "ANYWHERE", "MOUNTAIN_LIST", "in_places", "mountain_counties", "place_path", "readable_places",
]  # fmt: skip

ANYWHERE: Final = "全国"
MOUNTAIN_LIST: Final = "mountain-counties"
"""A place that is a list: Zhejiang's mountain (and island) counties of the day."""

_ENDING: Final = re.compile(
    r"(?<=..)((壮族|回族|维吾尔)?自治区|特别行政区|[^/]{1,3}族自治[州县]|自治[州县]|省|市|县|区)$"
)

_PROVINCES: Final = frozenset(
    ("北京", "天津", "河北", "山西", "内蒙古", "辽宁", "吉林", "黑龙江", "上海", "江苏", "浙江",
     "安徽", "福建", "江西", "山东", "河南", "湖北", "湖南", "广东", "广西", "海南", "重庆", "四川",
     "贵州", "云南", "西藏", "陕西", "甘肃", "青海", "宁夏", "新疆", "台湾", "香港", "澳门")
)  # fmt: skip


def place_path(text: str) -> str:
    """A place without the endings of its parts, so that 丽水市 and 丽水 are one.

    >>> place_path("浙江省/丽水市/景宁畲族自治县")
    '浙江/丽水/景宁'
    """
    return "/".join(_ENDING.sub("", part.strip()) for part in text.split("/"))


def readable_places(places: pd.Series) -> pd.Series:
    """Whether places are paths that begin with a province; only those can be looked up.

    Parameters
    ----------
    places : Series of str
        Paths such as ``江西省/抚州市/资溪县``.

    Returns
    -------
    Series of boolean
        Missing where nothing is stated.

    Examples
    --------
    >>> told = pd.Series(["浙江省/丽水市", "浙江", "浙江省丽水市云和县", " ", None], dtype="string")
    >>> readable_places(told).tolist()
    [True, True, False, False, <NA>]
    """
    known = {text: _readable(text) for text in places.dropna().unique()}
    return places.map(known).astype("boolean")


def _readable(text: str) -> bool:
    parts = place_path(text).split("/")
    return parts[0] in _PROVINCES and all(parts)


def mountain_counties(day: date, *, lists: ParameterSet | None = None) -> pd.DataFrame:
    """The counties on Zhejiang's list on a day: 26 until 2024-08-20, 25 from the day after.

    Parameters
    ----------
    day : date
        Day the list is asked for.
    lists : ParameterSet, optional
        Another edition.

    Returns
    -------
    DataFrame, one row per county
        ``admin_code county_zh prefecture_zh class_zh class_en`` and ``place`` as a path.

    Raises
    ------
    NotInForceError
        The day comes before the list of 2021.

    Examples
    --------
    >>> len(mountain_counties(date(2024, 8, 20))), len(mountain_counties(date(2024, 8, 21)))
    (26, 25)
    """
    held = parameters("zhejiang-counties") if lists is None else lists
    found = held.frame("counties", day)
    found = found[found["listed"] == 1]
    names = found["prefecture_zh"] + "/" + found["county_zh"]
    place = [place_path(f"浙江/{name}") for name in names]
    kept = ["admin_code", "county_zh", "prefecture_zh", "class_zh", "class_en"]
    return found[kept].assign(place=place).reset_index(drop=True)


def in_places(places: pd.Series, allowed: Iterable[str], day: date) -> pd.Series:
    """Whether places lie in one of some others; not known where a place cannot be read.

    Parameters
    ----------
    places : Series of str
        Paths such as ``江西/抚州/资溪``.
    allowed : iterable of str
        Paths, with or without the endings of their parts, `ANYWHERE`, or `MOUNTAIN_LIST`.
    day : date
        Day of the list.

    Returns
    -------
    Series of boolean
        A province alone is not known to lie in one of its counties.

    Examples
    --------
    >>> told = pd.Series(["浙江省/丽水市/莲都区", "浙江", "江西"], dtype="string")
    >>> in_places(told, ["浙江/丽水"], date(2026, 8, 31)).tolist()
    [True, <NA>, False]
    >>> in_places(told, [MOUNTAIN_LIST], date(2024, 8, 20)).tolist()
    [True, <NA>, False]
    >>> in_places(told, [MOUNTAIN_LIST], date(2024, 8, 21)).tolist()
    [False, <NA>, False]
    """
    wanted: list[str] = []
    for place in allowed:
        listed = place == MOUNTAIN_LIST
        wanted.extend(mountain_counties(day)["place"] if listed else [place_path(place)])
    if ANYWHERE in wanted:
        return pd.Series(data=True, index=places.index, dtype="boolean")
    known = {text: _lies_in(place_path(text), wanted) for text in places.dropna().unique()}
    readable = readable_places(places).fillna(value=False)
    return places.map(known).astype("boolean").mask(~readable)


def _lies_in(place: str, wanted: list[str]) -> bool | None:
    """True, False, or None where the place is wider than one of those wanted."""
    if any(place == one or place.startswith(f"{one}/") for one in wanted):
        return True
    return None if any(one.startswith(f"{place}/") for one in wanted) else False
