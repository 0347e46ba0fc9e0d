"""What the land was before planting, year by year, from dated records."""

from datetime import date
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.vocabulary import FOREST
from ecogis.eligibility.documents import joined

__all__ = ["land_before"]

UNSTOCKED: Final = ("cutover", "burnt")
"""Forest land between two stands: a year recorded so shows neither forest nor other land."""


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
    known = planting_year[planting_year.index.notna()].dropna()
    start = known.astype("int64").rename_axis(None)
    first = pd.Series(since.year, start.index) if since is not None else start - (years or 0)
    window = pd.DataFrame({"first": first, "last": start - 1, "asked": start - first})
    covered = _years(history[history["usable"]], window)
    forest = covered[covered["land_class"].isin(list(FOREST))]
    unstocked = covered[covered["land_class"].isin(UNSTOCKED)]
    other = covered[~covered["land_class"].isin([*FOREST, *UNSTOCKED]) & covered["documented"]]
    seen = other.drop_duplicates(["stand", "year"]).groupby("stand").size()
    unreadable = window.index.isin(history.loc[~history["usable"], "stand"])
    counted = seen.reindex(window.index, fill_value=0)
    return pd.DataFrame(
        {
            "forest": window.index.isin(forest["stand"]),
            "unstocked": window.index.isin(unstocked["stand"]),
            "complete": (counted == window["asked"]) & (window["asked"] > 0) & ~unreadable,
            "documents": _named(other, window.index),
            "forest_documents": _named(forest, window.index),
            "unstocked_documents": _named(unstocked, window.index),
        },
        index=window.index,
    )


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
