"""What the land was before planting, year by year, from dated records."""

from collections.abc import Collection, Iterable
from datetime import date
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.vocabulary import FOREST
from ecogis.eligibility.documents import joined

__all__ = ["classes_before", "covering", "land_before"]

UNSTOCKED: Final = ("cutover", "burnt")
"""Forest land between two stands: a year recorded so shows neither forest nor other land."""

_WITHIN: Final = MappingProxyType(
    {
        "wetland": ("tidal_flat", "salt_marsh", "seagrass_bed"),
        "water": ("aquaculture_pond",),
    }
)
"""Land classes that are kinds of another: what is said of the wider one holds for them."""


def covering(classes: Iterable[str]) -> list[str]:
    """Land classes with the kinds of land that each of them covers.

    >>> covering(["water", "barren"])
    ['water', 'aquaculture_pond', 'barren']
    """
    return [name for given in classes for name in (given, *_WITHIN.get(given, ()))]


def land_before(
    history: pd.DataFrame,
    planting_year: pd.Series,
    *,
    years: int | None = None,
    since: date | None = None,
) -> pd.DataFrame:
    """Whether the years before planting are all on record, and any of them as forest.

    Parameters
    ----------
    history : DataFrame
        ``stand year_from year_to land_class document documented usable``; both years count.
    planting_year : Series of Int64
        By stand.
    years : int, optional
        Number of years before the planting year that are asked for. [yr]
    since : date, optional
        Ask for every year from this date's year to the one before planting instead.

    Returns
    -------
    DataFrame
        By stand: ``forest`` (any year on record as forest, documented or not), ``unstocked`` (any
        year on record as cut over or burnt, documented or not), ``complete`` (every year on record
        as other than these by a document on file, and no record unreadable), ``documents``
        ``forest_documents`` and ``unstocked_documents`` (identifiers joined by ``;``).

    Examples
    --------
    >>> history = pd.DataFrame(
    ...     {
    ...         "stand": ["S1"],
    ...         "year_from": [2010],
    ...         "year_to": [2014],
    ...         "land_class": ["barren"],
    ...         "document": ["D1"],
    ...         "documented": [True],
    ...         "usable": [True],
    ...     }
    ... )
    >>> planted = pd.Series([2015], index=["S1"], dtype="Int64")
    >>> land_before(history, planted, years=3)["complete"].tolist()
    [True]
    """
    window = _window(planting_year, years, since)
    covered = _years(history[history["usable"]], window)
    forest = covered[covered["land_class"].isin(list(FOREST))]
    unstocked = covered[covered["land_class"].isin(UNSTOCKED)]
    other = covered[~covered["land_class"].isin([*FOREST, *UNSTOCKED]) & covered["documented"]]
    unreadable = window.index.isin(history.loc[~history["usable"], "stand"])
    return pd.DataFrame(
        {
            "forest": window.index.isin(forest["stand"]),
            "unstocked": window.index.isin(unstocked["stand"]),
            "complete": _every_year(other, window) & ~unreadable,
            "documents": _named(other, window.index),
            "forest_documents": _named(forest, window.index),
            "unstocked_documents": _named(unstocked, window.index),
        },
        index=window.index,
    )


def classes_before(
    history: pd.DataFrame,
    planting_year: pd.Series,
    classes: Collection[str],
    *,
    years: int | None = None,
    since: date | None = None,
) -> pd.DataFrame:
    """Whether the land was of some classes, of others, or is not on record, before planting.

    Parameters
    ----------
    history, planting_year, years, since
        As in `land_before`.
    classes : collection of str
        Land classes asked about.

    Returns
    -------
    DataFrame
        By stand: ``among`` and ``other`` (any year of the window on record as one of the classes,
        or as another, documented or not), ``always`` and ``never`` (every year of it on record as
        one of them, or as another, by a document on file, and no record unreadable), each with
        its documents: ``among_documents`` and ``other_documents`` (joined by ``;``).

    Examples
    --------
    >>> history = pd.DataFrame(
    ...     {
    ...         "stand": ["S1"],
    ...         "year_from": [2010],
    ...         "year_to": [2014],
    ...         "land_class": ["tidal_flat"],
    ...         "document": ["D1"],
    ...         "documented": [True],
    ...         "usable": [True],
    ...     }
    ... )
    >>> planted = pd.Series([2015], index=["S1"], dtype="Int64")
    >>> classes_before(history, planted, ["tidal_flat"], years=3)[
    ...     ["among", "always"]
    ... ].values.tolist()
    [[True, True]]
    """
    window = _window(planting_year, years, since)
    covered = _years(history[history["usable"]], window)
    inside = covered["land_class"].isin(list(classes))
    unreadable = window.index.isin(history.loc[~history["usable"], "stand"])
    found: dict[str, object] = {}
    for told, every, records in (
        ("among", "always", covered[inside]),
        ("other", "never", covered[~inside]),
    ):
        found[told] = window.index.isin(records["stand"])
        found[every] = _every_year(records, window) & ~unreadable
        found[f"{told}_documents"] = _named(records, window.index)
    return pd.DataFrame(found, index=window.index)


def _window(planting_year: pd.Series, years: int | None, since: date | None) -> pd.DataFrame:
    """First and last year before planting that are asked for, and how many."""
    known = planting_year[planting_year.index.notna()].dropna()
    start = known.astype("int64").rename_axis(None)
    first = pd.Series(since.year, start.index) if since is not None else start - (years or 0)
    return pd.DataFrame({"first": first, "last": start - 1, "asked": start - first})


def _every_year(records: pd.DataFrame, window: pd.DataFrame) -> pd.Series:
    """Whether the documented records show every year of the window."""
    shown = records[records["documented"].to_numpy(dtype=bool)]
    counted = shown.drop_duplicates(["stand", "year"]).groupby("stand").size()
    return (counted.reindex(window.index, fill_value=0) == window["asked"]) & (window["asked"] > 0)


def _named(records: pd.DataFrame, stands: pd.Index) -> pd.Series:
    named = records.dropna(subset=["document"])
    return joined(named, "stand", "document").reindex(stands)


def _years(history: pd.DataFrame, window: pd.DataFrame) -> pd.DataFrame:
    """One row per record and year within the window asked for."""
    found = history.merge(window, left_on="stand", right_index=True)
    years = {name: found[name].to_numpy(dtype=np.int64) for name in ("first", "last")}
    low = np.maximum(found["year_from"].to_numpy(dtype=np.int64), years["first"])
    high = np.minimum(found["year_to"].to_numpy(dtype=np.int64), years["last"])
    length = np.maximum(high - low + 1, 0)
    rows = found.iloc[np.repeat(np.arange(len(found)), length)]
    step = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    return rows.assign(year=np.repeat(low, length) + step)
