"""I15: on every square metre ownership is one whole; any other kind of right is held whole or not.

Parts are added in exact fractions. A sole right is one whole, all joint holders of a unit together
are one whole and have no shares, shares by shares are added as recorded. A right to the land alone
lies under every unit of its parcel, and its part counts there too.
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from numbers import Number
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import InputError
from ecogis.core.vocabulary import require

__all__ = [
    "OWNERSHIP",
    "SHARE_TOLERANCE",
    "exact_shares",
    "recorded_days",
    "share_sums",
    "share_timeline",
]

OWNERSHIP: Final = ("land_ownership", "forest_ownership")
"""Kinds of right whose parts are one whole, never nothing, where they are on record."""

SHARE_TOLERANCE: Final = 1e-9
"""I15: what a sum may differ from one or nought. [1]"""

_SHARE: Final = re.compile(
    r"(?:(?P<above>\d{1,18}) ?/ ?(?P<below>\d{1,18})"
    r"|(?P<number>\d{1,18}(?:\.\d{1,30})?(?:e-\d\d)?)) ?(?P<percent>%)?"
)
_UNIT: Final = ["parcel", "unit", "right_kind"]
_NEEDED: Final = ("parcel", "unit", "right_kind", "co_ownership", "share", "start", "end")
_EVER, _NEVER = np.iinfo(np.int64).min, np.iinfo(np.int64).max  # days before all and after all

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]
Exact = npt.NDArray[np.object_]


@dataclass(frozen=True, slots=True)
class _Steps:
    """Sums between the days on which they change, by unit and kind.

    ``units`` has one row per unit and kind; ``group`` is a row of it, ``first`` and ``last`` are
    days since 1970. ``exact`` holds fractions or whole numbers.
    """

    units: pd.DataFrame
    group: Ints
    first: Ints
    last: Ints
    exact: Exact
    open_parts: Ints


@dataclass(frozen=True, slots=True)
class _Added:
    """What each right adds from its ``first`` day until the day ``after`` its last.

    ``share`` is exact, ``whole`` one whole, ``joint`` a place in a joint whole. ``open_part`` is
    one where the part is not known, or not whether the right is in force: the start is not on
    record, or the end lies before it.
    """

    share: Exact
    whole: Ints
    joint: Ints
    open_part: Ints
    first: Ints
    after: Ints


def exact_shares(shares: pd.Series) -> Exact:
    """Shares as exact fractions: ``1/3``, ``25 %`` and decimals; None where there is none above 0.

    A decimal is what it reads, so that 0.1 + 0.2 + 0.7 is one.

    >>> exact_shares(pd.Series(["1/3", "25 %", 0.1, None, "half"])).tolist()
    [Fraction(1, 3), Fraction(1, 4), Fraction(1, 10), None, None]
    """
    codes, values = pd.factorize(shares)
    read = np.empty(len(values) + 1, dtype=object)
    read[:-1] = [_fraction(str(value)) for value in values]
    return np.asarray(read[codes], dtype=object)  # a missing share has code -1


def recorded_days(days: pd.Series) -> pd.Series:
    """Recorded dates as dates; which day a time with a zone means, the record must say.

    Raises
    ------
    InputError
        E002 a date is a number, cannot be read (ISO 8601), or has a time zone.

    Examples
    --------
    >>> recorded_days(pd.Series(["2010-01-01", None])).dt.year.tolist()
    [2010.0, nan]
    """
    there = days.dropna()
    loose = pd.api.types.is_numeric_dtype(days) or days.dtype == object
    numbers = [value for value in there if isinstance(value, Number)] if loose else []
    if numbers:
        raise InputError("E002", value=numbers[0], expected="YYYY-MM-DD")
    try:
        read = pd.to_datetime(days, format="ISO8601")
    except (ValueError, TypeError) as error:
        lost = pd.to_datetime(there, format="ISO8601", errors="coerce", utc=True).isna()
        value = there[lost].iloc[0] if lost.any() else there.iloc[-1]  # else zones are mixed
        raise InputError("E002", value=value, expected="YYYY-MM-DD") from error
    if isinstance(read.dtype, pd.DatetimeTZDtype) and len(there):
        raise InputError("E002", value=there.iloc[0], expected="YYYY-MM-DD")
    return read if len(there) else pd.Series(pd.NaT, days.index, dtype="datetime64[s]")


def share_timeline(held: pd.DataFrame) -> pd.DataFrame:
    """Sums of parts by unit and kind, and how they change from day to day.

    Parameters
    ----------
    held : DataFrame
        From `right_parcels`: ``parcel unit right_kind co_ownership share start end``; rows that lie
        on no parcel are left out where ``joined_by`` tells them. With ``land_only``, parts of
        rights to the land alone count in the other units of their parcel.

    Returns
    -------
    DataFrame, by unit, kind and day
        ``parcel unit right_kind``, ``since`` and ``until`` (both days belong; missing: without
        bound), ``sum`` of the parts that are known [1] and ``state``: ``"whole"`` (one), ``"none"``
        (nought), ``"broken"`` (neither, or nought of an ownership), ``"unknown"`` (a part, or
        whether it is in force, is not on record).

    Examples
    --------
    Two co-owners, the second of whom sells to the first:

    >>> held = pd.DataFrame(
    ...     {
    ...         "parcel": ["Z1"] * 3,
    ...         "unit": ["U1"] * 3,
    ...         "right_kind": ["management"] * 3,
    ...         "co_ownership": ["shares", "shares", "sole"],
    ...         "share": ["1/3", "2/3", None],
    ...         "start": pd.to_datetime(["2010-01-01", "2010-01-01", "2021-01-01"]),
    ...         "end": pd.to_datetime(["2019-12-31", "2020-12-31", None]),
    ...     }
    ... )
    >>> share_timeline(held)[["since", "sum", "state"]].astype(str).values.tolist()
    [['2010-01-01', '1.0', 'whole'], ['2020-01-01', '0.6666666666666666', 'broken'],
     ['2021-01-01', '1.0', 'whole']]
    """
    steps = _steps(held)
    table = steps.units.take(steps.group).reset_index(drop=True)
    table["since"] = _days(steps.first, _EVER)
    table["until"] = _days(steps.last, _NEVER)
    total, state = _judged(steps.exact, steps.open_parts, table["right_kind"])
    table = table.assign(sum=total, state=pd.array(state, dtype="string"))
    again = table[[*_UNIT, "sum", "state"]].eq(table[[*_UNIT, "sum", "state"]].shift())
    first = table[~again.all(axis=1).to_numpy(dtype=bool)]
    last = np.r_[first.index[1:], len(table)] - 1 if len(first) else first.index
    return first.assign(until=table["until"].to_numpy()[last]).reset_index(drop=True)


def share_sums(held: pd.DataFrame, day: date) -> pd.DataFrame:
    """Sums of parts on one day, one row for each unit and kind on record.

    Parameters
    ----------
    held : DataFrame
        As for `share_timeline`.
    day : date
        A right counts from its start to its end, both days included.

    Returns
    -------
    DataFrame
        ``parcel unit right_kind sum state``, as in `share_timeline`.

    Examples
    --------
    >>> held = pd.DataFrame(
    ...     {
    ...         "parcel": ["Z1", "Z1"],
    ...         "unit": ["U1", "U1"],
    ...         "right_kind": ["management"] * 2,
    ...         "co_ownership": ["shares"] * 2,
    ...         "share": [0.6, 0.5],
    ...         "start": pd.to_datetime(["2010-01-01"] * 2),
    ...         "end": pd.to_datetime([None] * 2),
    ...     }
    ... )
    >>> share_sums(held, date(2026, 8, 31)).values.tolist()
    [['Z1', 'U1', 'management', 1.1, 'broken']]
    """
    steps = _steps(held)
    now = int(np.datetime64(day, "D").astype(np.int64))
    on = np.flatnonzero((steps.first <= now) & (now <= steps.last))
    exact = np.zeros(len(steps.units), dtype=object)
    exact[steps.group[on]] = steps.exact[on]
    open_parts = np.zeros(len(steps.units), dtype=np.int64)
    open_parts[steps.group[on]] = steps.open_parts[on]
    total, state = _judged(exact, open_parts, steps.units["right_kind"])
    return steps.units.assign(sum=total, state=pd.array(state, dtype="string"))


def _steps(held: pd.DataFrame) -> _Steps:
    require(held, _NEEDED, "share_sums")
    if "joined_by" in held:
        held = held[held["joined_by"].notna()]
    parts = _with_land(held)
    label = np.asarray(parts.groupby(_UNIT, sort=True, dropna=False).ngroup(), dtype=np.int64)
    first = parts[_UNIT].assign(label=label).drop_duplicates("label").sort_values("label")
    units = first[_UNIT].astype("string").reset_index(drop=True)
    return _summed(units, label, _added(parts))


def _with_land(held: pd.DataFrame) -> pd.DataFrame:
    """The rights, and those to the land alone once more in every other unit of their parcel."""
    if "land_only" not in held:
        return held
    alone = held["land_only"].fillna(False).astype(bool)
    others = held.loc[~alone & held["parcel"].isin(held.loc[alone, "parcel"]), _UNIT]
    below = (
        held[alone]
        .drop(columns="unit")
        .merge(others.drop_duplicates(), on=["parcel", "right_kind"])
    )
    return pd.concat([held, below], ignore_index=True) if len(below) else held


def _added(held: pd.DataFrame) -> _Added:
    kind = held["co_ownership"].astype("string").fillna("").to_numpy(dtype=object)
    share = exact_shares(held["share"])
    stated = np.array([value is not None for value in share], dtype=bool)
    by_shares = (kind == "shares") & stated
    whole = (kind == "sole") & (~stated | np.equal(share, 1))
    joint = kind == "joint"
    start, end = (_day_numbers(held[name]) for name in ("start", "end"))
    backwards = (end != _EVER) & (end < start)  # a missing day reads _EVER
    first = np.where(backwards, _EVER, start)
    certain = first != _EVER
    return _Added(
        share=np.where(by_shares & certain, share, 0),
        whole=(whole & certain).astype(np.int64),
        joint=(joint & certain).astype(np.int64),
        open_part=(~(certain & (by_shares | whole | joint))).astype(np.int64),
        first=first,
        after=np.where(backwards | (end == _EVER), _NEVER, end + 1),
    )


def _day_numbers(days: pd.Series) -> Ints:
    """Days since 1970; a missing one is the least number, as NumPy has it."""
    return np.asarray(recorded_days(days).to_numpy().astype("datetime64[D]"), dtype=np.int64)


def _summed(units: pd.DataFrame, label: Ints, added: _Added) -> _Steps:
    """Add what begins and take off what ends; in each group nothing is left after all days."""
    group, day = np.tile(label, 2), np.concatenate([added.first, added.after])
    order = np.lexsort((day, group))
    group, day = group[order], day[order]

    def running(amount: Ints) -> Ints:
        return np.cumsum(np.concatenate([amount, -amount])[order])

    whole = running(added.whole) + (running(added.joint) > 0)
    exact = _running_shares(added.share, label, order, len(units)) + whole
    open_parts = running(added.open_part)
    step = np.flatnonzero(_last_of(group, day))
    until = np.append(day[step][1:], _NEVER)[: len(step)]
    until[_last_of(group[step])] = _NEVER
    step, until = step[day[step] != _NEVER], until[day[step] != _NEVER]
    last = np.where(until == _NEVER, _NEVER, until - 1)
    return _Steps(units, group[step], day[step], last, exact[step], open_parts[step])


def _running_shares(share: Exact, label: Ints, order: Ints, count: int) -> Exact:
    """Running sums of exact shares; only groups that have shares are added up one by one."""
    has_shares = np.zeros(count, dtype=bool)
    has_shares[label[np.asarray(share != 0, dtype=bool)]] = True
    apart = has_shares[np.tile(label, 2)[order]]
    exact = np.zeros(len(order), dtype=object)
    exact[apart] = np.add.accumulate(np.concatenate([share, -share])[order][apart])
    return exact


def _last_of(*keys: Ints) -> Mask:
    """Whether a row is the last with its keys, which are in order."""
    other = np.logical_or.reduce([key[1:] != key[:-1] for key in keys])
    return np.append(other, True)[: len(keys[0])]


def _judged(exact: Exact, open_parts: Ints, kinds: pd.Series) -> tuple[Floats, Exact]:
    """Sums as numbers, and what I15 says of them."""
    excess = np.asarray(exact - 1, dtype=np.float64)
    nothing = np.asarray(exact == 0, dtype=bool) & ~kinds.isin(OWNERSHIP).to_numpy(dtype=bool)
    cases = [
        excess > SHARE_TOLERANCE,
        open_parts > 0,
        np.abs(excess) <= SHARE_TOLERANCE,
        nothing,
    ]
    words = np.select(cases, ["broken", "unknown", "whole", "none"], "broken")
    return np.asarray(exact, dtype=np.float64), words.astype(object)


def _days(numbers: Ints, unbounded: int) -> pd.Series:
    days = numbers.astype("datetime64[D]")
    days[numbers == unbounded] = np.datetime64("NaT")
    return pd.Series(days.astype("datetime64[s]"))


def _fraction(text: str) -> Fraction | None:
    """A share in words of the record; None where it is not a number above nought."""
    given = _SHARE.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if given is None or int(given["below"] or 1) == 0:
        return None
    value = Fraction(given["number"] or f"{given['above']}/{given['below']}")
    value = value / 100 if given["percent"] else value
    return value if value > 0 else None
