"""Dates and spans: instants are days, flows run over half-open spans ``[start, end)``."""

import calendar
from datetime import date

from ecogis.core.errors import ConfigError

__all__ = ["add_months", "add_years", "day", "years_between"]


def day(value: object) -> date:
    """A date from ISO text, a date, or a timestamp.

    >>> day("2026-08-31")
    datetime.date(2026, 8, 31)
    """
    if isinstance(value, date):
        return date(value.year, value.month, value.day)
    try:
        return date.fromisoformat(str(value)[:10])
    except ValueError:
        raise ConfigError("E010", value=value) from None


def years_between(start: date, end: date) -> float:
    """Years from `start` to `end`: whole calendar years, then the share of the year begun. [yr]

    Negative when `end` comes first. Additive over whole years, so that a year is a year in leap
    years too.

    >>> years_between(date(2024, 12, 31), date(2026, 12, 31))
    2.0
    >>> round(years_between(date(2024, 12, 31), date(2026, 8, 31)), 4)
    1.6658
    """
    if end < start:
        return -years_between(end, start)
    whole = end.year - start.year
    if add_years(start, whole) > end:
        whole -= 1
    anchor = add_years(start, whole)
    length = (add_years(start, whole + 1) - anchor).days
    return whole + (end - anchor).days / length


def add_years(start: date, years: int) -> date:
    """The same day `years` later; 29 February falls back to the 28th.

    >>> add_years(date(2024, 2, 29), 1)
    datetime.date(2025, 2, 28)
    """
    return add_months(start, 12 * years)


def add_months(start: date, months: int) -> date:
    """The same day `months` later, or the month's last day where it has fewer.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    return date(year, month, min(start.day, calendar.monthrange(year, month)[1]))
