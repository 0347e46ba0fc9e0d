"""Many holders in one project: what of its credits is each holder's, and how long it lasts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import lcm
from typing import Any

import numpy as np
import pandas as pd
import xarray as xr
from numpy.typing import NDArray

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.findings import Findings
from ecogis.core.periods import day
from ecogis.core.vocabulary import require
from ecogis.numerics import group_sum_int64

__all__ = ["HolderCredits", "ProjectEnd", "by_holder", "ends_with_first_right"]

_TOLERANCE = Fraction(1, 10**9)  # shares printed as decimals: what their sum may differ from one
_ORDER = ("named", "joint", "unknown")
_HA_PER_DM2 = 1e-6

Ints = NDArray[np.int64]
_Party = tuple[str, str]  # kind of holder, and name; no name for the unknown one
_Record = tuple[str, str, object]  # holder, kind of co-ownership, share
_UNKNOWN: _Party = ("unknown", "")


@dataclass(frozen=True, slots=True)
class HolderCredits:
    """A project's kilograms by holder.

    Attributes
    ----------
    holders : DataFrame, one row per holder
        ``holder held_as pieces area_dm2 credit_kg``: `held_as` is ``named``, ``joint``
        (several hold together, without shares) or ``unknown``, whose `holder` is missing and who
        comes last; area and kilograms add up to the project. [1, 1, 1, 0.01 m2, kg CO2e]
    vintages : DataFrame, one row per holder and vintage
        ``holder held_as vintage credit_kg``; every vintage adds up to the project's.
        [kg CO2e]
    """

    holders: pd.DataFrame
    vintages: pd.DataFrame


def by_holder(
    piece_kg: xr.DataArray, pieces: pd.DataFrame, held: pd.DataFrame, findings: Findings
) -> HolderCredits:
    """Share a project's credits out among the holders of its pieces, by exact shares.

    What a holder is entitled to in a vintage is the sum over pieces of kilograms times share, an
    exact fraction; whole kilograms come of it by largest remainder, once for the project. So a
    holder is less than a kilogram from the exact part, and splitting one moves no other by more
    than one. What cannot be told of a piece's holders goes to the row of the unknown holder.

    Parameters
    ----------
    piece_kg : DataArray (piece, vintage), int64
        Credits of the pieces, such as ``credit_kg`` or ``pledgeable_kg`` of
        `Credits.piece_vintages`. [kg CO2e]
    pieces : DataFrame, one row per piece
        ``piece area_dm2``. [1, 0.01 m2]
    held : DataFrame, one row per piece and right
        ``piece right holder co_ownership share``: the rights that give the yield. A sole right is
        one whole; joint holders are one party; shares are added. A share is a fraction, a whole
        number, or text or a decimal that reads as one.
    findings : Findings
        Grows by the findings below.

    Returns
    -------
    HolderCredits

    Raises
    ------
    ConfigError
        Pieces and kilograms are not of the same land.
    IdentityError
        The parts do not add up.

    Findings
    --------
    E764
        A piece has no holder on record; its kilograms stand with the unknown holder.
    E765
        The parts of a piece's holders are not one whole; what is missing, or all of it where they
        are too much, stands with the unknown holder.

    Examples
    --------
    >>> kg = xr.DataArray(
    ...     [[100], [7]], {"piece": ["P1", "P2"], "vintage": [2026]}, ("piece", "vintage")
    ... )
    >>> pieces = pd.DataFrame({"piece": ["P1", "P2"], "area_dm2": [30, 10]})
    >>> held = pd.DataFrame(
    ...     {
    ...         "piece": ["P1", "P1"],
    ...         "right": ["R1", "R2"],
    ...         "holder": ["持有人0001", "持有人0002"],
    ...         "co_ownership": ["shares"] * 2,
    ...         "share": ["1/3", "2/3"],
    ...     }
    ... )
    >>> found = by_holder(kg, pieces, held, Findings())
    >>> found.holders[["holder", "area_dm2", "credit_kg"]].values.tolist()
    [['持有人0001', 10, 33], ['持有人0002', 20, 67], [<NA>, 10, 7]]
    """
    require(pieces, ("piece", "area_dm2"), "pieces")
    require(held, ("piece", "right", "holder", "co_ownership", "share"), "rights")
    names = pieces["piece"].astype("string")
    if piece_kg["piece"].to_numpy().tolist() != names.tolist() or names.duplicated().any():
        raise ConfigError("E381", stand="pieces")
    parts = _parts(names, pieces["area_dm2"], held, findings)
    order = sorted(set(parts["party"]), key=lambda party: (_ORDER.index(party[0]), party[1]))
    vintages = piece_kg["vintage"].to_numpy()
    kg = piece_kg.transpose("piece", "vintage").to_numpy()
    area = pieces["area_dm2"].to_numpy(dtype=np.int64)
    amounts = _shared(parts, order, np.column_stack([kg, area]))
    return _tables(parts, order, amounts, vintages)


def _tables(
    parts: pd.DataFrame, order: Sequence[_Party], amounts: Ints, vintages: NDArray[np.int64]
) -> HolderCredits:
    kg = amounts[:, :-1]
    kinds = pd.array([kind for kind, _ in order], dtype="string")
    holders = pd.array([name or pd.NA for _, name in order], dtype="string")
    counts = parts.drop_duplicates(["party", "piece"])["party"].value_counts()
    table = pd.DataFrame(
        {
            "holder": holders,
            "held_as": kinds,
            "pieces": np.array([counts[party] for party in order], dtype=np.int64),
            "area_dm2": amounts[:, -1],
            "credit_kg": kg.sum(axis=1, dtype=np.int64),
        }
    )
    long = table.loc[np.repeat(table.index, len(vintages)), ["holder", "held_as"]]
    long = long.assign(vintage=np.tile(vintages, len(order)), credit_kg=kg.reshape(-1))
    return HolderCredits(table, long.reset_index(drop=True))


def _parts(
    pieces: pd.Series, area: pd.Series, held: pd.DataFrame, findings: Findings
) -> pd.DataFrame:
    """Exact parts of each piece, one whole together: ``piece`` (row), ``party``, ``share``."""
    records = _records(held, set(pieces))
    found: list[tuple[int, _Party, Fraction]] = []
    for place, name in enumerate(pieces):
        parts, code = _divided(records.get(name, []))
        found += [(place, party, share) for party, share in parts.items()]
        if code:
            findings.add(
                code,
                layer="pieces",
                feature=name,
                column="holder" if code == "E764" else "share",
                area_ha=float(area.iloc[place]) * _HA_PER_DM2,
                v=f"{100 * float(parts.get(_UNKNOWN, Fraction(0))):.4g} %",
            )
    return pd.DataFrame(found, columns=["piece", "party", "share"])


def _records(held: pd.DataFrame, pieces: set[str]) -> dict[str, list[_Record]]:
    """Holder, kind of co-ownership and share of each right, by piece; a row said twice once."""
    rows = held.drop_duplicates(["piece", "right", "holder", "co_ownership", "share"])
    columns = (rows[name].astype("string") for name in ("piece", "holder", "co_ownership"))
    found: dict[str, list[_Record]] = {}
    for piece, holder, kind, share in zip(*columns, rows["share"], strict=True):
        if not pd.isna(piece) and piece in pieces:
            who = "" if pd.isna(holder) else str(holder)
            record = (who, "" if pd.isna(kind) else str(kind), share)
            found.setdefault(str(piece), []).append(record)
    return found


def _divided(records: Sequence[_Record]) -> tuple[dict[_Party, Fraction], str]:
    """Parts of one piece by party, and the code of what is wrong with them, if anything."""
    holders = {holder for holder, _, _ in records}
    kinds = {kind for _, kind, _ in records}
    if kinds == {"shares"}:
        return _by_shares(records)
    if not records or "" in holders:
        return {_UNKNOWN: Fraction(1)}, "E764"
    partly = any(kind == "sole" and _is_part(share) for _, kind, share in records)
    if len(holders) == 1 and kinds <= {"sole", "joint"} and not partly:
        return {("named", holders.pop()): Fraction(1)}, ""
    if kinds == {"joint"}:
        return {("joint", "、".join(sorted(holders))): Fraction(1)}, ""
    return {_UNKNOWN: Fraction(1)}, "E765"


def _by_shares(records: Sequence[_Record]) -> tuple[dict[_Party, Fraction], str]:
    read = [_fraction(share) for _, _, share in records]
    known = [share for share in read if share is not None]
    total = sum(known, Fraction(0))
    if total > 1 + _TOLERANCE:
        return {_UNKNOWN: Fraction(1)}, "E765"
    whole = len(known) == len(read) and abs(total - 1) <= _TOLERANCE
    scale = total if whole else max(total, Fraction(1))
    parts: dict[_Party, Fraction] = {}
    for (holder, _, _), share in zip(records, read, strict=True):
        party = ("named", holder) if holder else _UNKNOWN
        parts[party] = parts.get(party, Fraction(0)) + (share or Fraction(0)) / scale
    parts[_UNKNOWN] = parts.get(_UNKNOWN, Fraction(0)) + 1 - sum(parts.values(), Fraction(0))
    unnamed = any(not holder for holder, _, _ in records)
    code = ("E764" if unnamed else "") if whole else "E765"
    return {party: share for party, share in parts.items() if share}, code


def _is_part(share: Any) -> bool:
    """Whether a share is stated and is not one whole, which no sole right can be."""
    return not pd.isna(share) and _fraction(share) != 1


def _fraction(share: object) -> Fraction | None:
    if isinstance(share, Fraction):
        return share if share > 0 else None
    try:
        value = Fraction(str(share).strip())
    except (ValueError, ZeroDivisionError):
        return None
    return value if value > 0 else None


def _shared(parts: pd.DataFrame, order: Sequence[_Party], amounts: Ints) -> Ints:
    """Whole amounts (party, column) from amounts (piece, column), by exact entitlement."""
    ratios = [(share.numerator, share.denominator) for share in parts["share"]]
    keys = list(zip(parts["party"], ratios, strict=True))
    distinct = list(dict.fromkeys(keys))
    place = {key: at for at, key in enumerate(distinct)}
    codes = np.array([place[key] for key in keys], dtype=np.int64)
    sums = group_sum_int64(amounts[parts["piece"].to_numpy(dtype=np.int64)], codes, len(distinct))
    row = {party: at for at, party in enumerate(order)}
    out = np.zeros((len(order), amounts.shape[1]), dtype=np.int64)
    totals = amounts.sum(axis=0, dtype=np.int64)
    whole = lcm(*{below for _, (_, below) in distinct})
    weights = [(row[party], above * (whole // below)) for party, (above, below) in distinct]
    for column in range(amounts.shape[1]):
        entitled = [0] * len(order)
        for (at, weight), amount in zip(weights, sums[:, column].tolist(), strict=True):
            entitled[at] += weight * amount
        out[:, column] = _whole(entitled, int(totals[column]), whole)
    return out


def _whole(entitled: Sequence[int], total: int, whole: int) -> list[int]:
    """Whole numbers nearest below, and one more for the largest remainders.

    What each is entitled to is given in parts of which `whole` are one.
    """
    if sum(entitled) != total * whole:
        raise IdentityError("E769", what="by_holder")
    sign = -1 if total < 0 else 1
    divided = [divmod(sign * part, whole) for part in entitled]
    parts = [full for full, _ in divided]
    left = sign * total - sum(parts)
    order = sorted(range(len(parts)), key=lambda i: (-divided[i][1], i))
    for i in order[:left]:
        parts[i] += 1
    return [sign * part for part in parts]


@dataclass(frozen=True, slots=True)
class ProjectEnd:
    """How long a merged project can last.

    Attributes
    ----------
    last_day : date
        Last day of the crediting period, and of all rights whose end is known.
    certain : bool
        Whether every right's end is known; if not, the project may end before `last_day`, and no
        day is sure.
    pieces : tuple of str
        Pieces whose right ends the project; none when it runs its whole period.
    """

    last_day: date
    certain: bool
    pieces: tuple[str, ...]


def ends_with_first_right(
    terms: pd.DataFrame, crediting_end: date, findings: Findings
) -> ProjectEnd:
    """Last day of projects merged in one registration: the day the first owner loses the right.

    Parameters
    ----------
    terms : DataFrame, one row per piece
        ``piece``; ``until``, last day of the right to it, missing for one without end;
        ``term_known`` (boolean): whether the record tells.
    crediting_end : date
        Day after the last of the crediting period.
    findings : Findings
        Grows by the findings below.

    Returns
    -------
    ProjectEnd

    Raises
    ------
    VocabularyError
        A column is missing.

    Findings
    --------
    E766
        It is not known when the right to a piece ends.
    E767
        The project ends before its crediting period, with the right to a piece.

    References
    ----------
    .. [1] Notice on the methodologies for salt marsh and seagrass, CCER-14-003-V01 and
       CCER-14-004-V01, by a secondary text: projects of one province may share a registration,
       and the period ends once one owner has lost the right to sea or land.

    Examples
    --------
    >>> terms = pd.DataFrame(
    ...     {
    ...         "piece": ["P1", "P2"],
    ...         "until": pd.to_datetime(["2049-06-30", None]),
    ...         "term_known": [True, True],
    ...     }
    ... )
    >>> ends_with_first_right(terms, date(2060, 1, 1), Findings()).last_day
    datetime.date(2049, 6, 30)
    """
    require(terms, ("piece", "until", "term_known"), "rights")
    until = pd.to_datetime(terms["until"])
    known = terms["term_known"].astype("boolean").fillna(False).to_numpy(dtype=bool)
    last = crediting_end - timedelta(days=1)
    ends = until.where(known).dropna()
    first = min(last, day(ends.min())) if len(ends) else last
    stops = known & until.eq(pd.Timestamp(first)).to_numpy() & (first < last)
    for code, where in (("E766", ~known), ("E767", stops)):
        findings.add(
            code,
            layer="pieces",
            where=where,
            feature=terms["piece"],
            column="until",
            observed=until.dt.date,
            expected=f">= {last}",
            last=first,
        )
    return ProjectEnd(
        first, bool(known.all()), tuple(sorted(terms.loc[stops, "piece"].astype(str)))
    )
