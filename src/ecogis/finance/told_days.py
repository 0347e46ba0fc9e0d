"""Days as tables have them: the day that is written, whatever time or zone stands behind it."""

from collections.abc import Iterable
from datetime import date, datetime

import pandas as pd

__all__ = ["told_days"]


def told_days(cells: Iterable[object]) -> pd.Series:
    """Days of a column.

    Parameters
    ----------
    cells : iterable
        ISO 8601 texts, dates or times; a time of day and a zone are left off, so that what is due
        on a day is due until its end.

    Returns
    -------
    Series of datetime64
        One per cell, in order; missing where a cell is none.

    Examples
    --------
    >>> told_days(["2026-08-31", "2026-08-31T18:00+08:00", "31 August", None]).dt.day.tolist()
    [31.0, 31.0, nan, nan]
    """
    given = cells if isinstance(cells, pd.Series) else pd.Series(list(cells), dtype=object)
    plain = given.astype(object).reset_index(drop=True)
    found = {cell: _day(cell) for cell in plain.dropna().unique()}
    return pd.to_datetime(plain.map(found)).set_axis(given.index)


def _day(cell: object) -> pd.Timestamp | None:
    if isinstance(cell, date):
        return pd.Timestamp(cell.year, cell.month, cell.day)
    try:
        moment = datetime.fromisoformat(str(cell).strip())
    except ValueError:
        return None
    return pd.Timestamp(moment.year, moment.month, moment.day)
