"""Days of the crediting period and of verification, as the project file states them."""

import datetime as dt
from collections.abc import Sequence
from typing import Final

from ecogis.core.errors import ConfigError

__all__ = ["check_schedule"]

_FIRST, _LAST = 1900, 2200
_SECTION: Final = "methodology"


def check_schedule(
    file: str,
    valuation_date: dt.date,
    *,
    start: dt.date,
    years: int,
    application: dt.date | None,
    verifications: Sequence[dt.date],
) -> None:
    """Refuse days that cannot be those of a project to come.

    Parameters
    ----------
    file : str
        Name of the project file, for messages.
    valuation_date : date
        Day of the valuation.
    start, years : date, int
        First day and length of the crediting period. [1, yr]
    application : date, optional
        Day registration is applied for; the valuation date where it is left out.
    verifications : sequence of date
        Days of verification where they are listed.

    Raises
    ------
    ConfigError
        E716: a year lies outside 1900 to 2200, a policy that catches slips of the pen; E715: a
        listed verification is before the application or the valuation date.

    Examples
    --------
    >>> day = dt.date(2026, 8, 31)
    >>> past = [dt.date(2025, 6, 30), dt.date(2030, 6, 30)]
    >>> try:
    ...     check_schedule("p.toml", day, start=day, years=20, application=None, verifications=past)
    ... except ConfigError as fault:
    ...     print(fault.code, fault.where["value"])
    E715 2025-06-30
    """
    stated = [("start", start), *(("verifications", each) for each in verifications)]
    stated += [("application", application)] if application is not None else []
    found = [(f"{_SECTION}.{name}", each, each.year) for name, each in stated]
    found.append((f"{_SECTION}.years", start, start.year + years))
    found.append(("project.valuation_date", valuation_date, valuation_date.year))
    for key, value, year in found:
        if not _FIRST <= year <= _LAST:
            raise ConfigError("E716", file=file, key=key, value=value, low=_FIRST, high=_LAST)
    first = max(valuation_date, application or valuation_date)
    early = [each for each in verifications if each < first]
    if early:
        raise ConfigError("E715", file=file, value=min(early), first=first)
