"""What of a project's credits can be pledged: never more than the project issues of them."""

from __future__ import annotations

from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ecogis.crediting.issuance import issuable_kg, kept_kg
from ecogis.numerics import largest_remainder

__all__ = ["own_parts", "pledgeable_parts", "within_project"]

Ints = NDArray[np.int64]

_KG_PER_T: Final = 1000


def own_parts(parts: Ints, vintages: pd.DataFrame, pieces: pd.DataFrame) -> tuple[Ints, Ints]:
    """Credits of pledgeable pieces that arise while the right runs, and those that do not.

    Parameters
    ----------
    parts : array (piece, vintage), int64
        Credits. [kg CO2e]
    vintages : DataFrame, one row per vintage
        ``start end``, datetime.
    pieces : DataFrame, one row per piece
        As in `credits`: optional ``pledgeable since until``.

    Returns
    -------
    own : array (piece, vintage), int64
        Of pieces that may be pledged; a loss counts whether the right runs or not. [kg CO2e]
    outside : array (piece), int64
        What arises outside the right to such a piece. [kg CO2e]
    """
    clear = _clear(pieces)[:, None]
    own = np.where(clear & (_while_right_runs(vintages, pieces) | (parts < 0)), parts, 0)
    return own, np.where(clear, parts - own, 0).sum(axis=1, dtype=np.int64)


def pledgeable_parts(own: Ints, credit_kg: Ints, row: Ints, piece: pd.Series) -> Ints:
    """Kilograms of each piece that the project issues and that can be pledged.

    Parameters
    ----------
    own : array (piece, vintage), int64
        From `own_parts`, without what lapses. [kg CO2e]
    credit_kg : array (vintage), int64
        The project's credits, without what lapses. [kg CO2e]
    row : array (vintage), int64
        Verification of each vintage, as `verified_at` gives it.
    piece : Series
        Names; equal remainders go by them.

    Returns
    -------
    array (piece, vintage), int64
        Zero or more, and never more than `own`. [kg CO2e]
    """
    order = np.argsort(piece.to_numpy(dtype=str), kind="stable")
    out = np.zeros(own.shape, dtype=np.int64)
    for column, total in enumerate(within_project(own.sum(axis=0), credit_kg, row).tolist()):
        if total:
            weights = np.maximum(own[order, column], 0)
            out[order, column] = largest_remainder(weights, total)
    return out


def within_project(own_kg: Ints, credit_kg: Ints, row: Ints) -> Ints:
    """Kilograms of each vintage that can be pledged, out of those the project issues.

    Where the project must first make up a loss, whoever's land lost it, each piece's gains make it
    up in proportion: of a vintage the same share can be pledged of what is issued as of what is
    credited. The pieces' own losses are made up by themselves besides. A kilogram that would make
    a whole tonne in a vintage of which the project issues none is left out. A policy.

    Parameters
    ----------
    own_kg : array (vintage), int64
        Credits of pledgeable pieces; of the sign of `credit_kg` and never beyond it. [kg CO2e]
    credit_kg, row : array (vintage), int64
        As in `pledgeable_parts`.

    Returns
    -------
    array (vintage), int64
        Zero or more; neither kilograms nor whole tonnes, of any vintage or of the vintages up to
        it, exceed the project's. [kg CO2e]

    Examples
    --------
    Half of the gains are pledgeable. Other land loses 4 t in the second year; of the 6 t gained in
    the third, 2 t are issued:

    >>> row = np.array([0, 1, 2])
    >>> within_project(np.array([2_000, 0, 3_000]), np.array([4_000, -4_000, 6_000]), row).tolist()
    [2000, 0, 1000]
    """
    issuable = issuable_kg(credit_kg, row).tolist()
    kept = kept_kg(own_kg, row).tolist()
    found: list[int] = []
    issued = done = 0
    for column, (mine, all_) in enumerate(zip(own_kg.tolist(), credit_kg.tolist(), strict=True)):
        tonnes = (issued + issuable[column]) // _KG_PER_T - issued // _KG_PER_T
        issued += issuable[column]
        share = mine * issuable[column] // all_ if issuable[column] else 0
        room = (done // _KG_PER_T + tonnes + 1) * _KG_PER_T - 1 - done
        found.append(max(min(share, kept[column] - done, room), 0))
        done += found[-1]
    return np.array(found, dtype=np.int64)


def _while_right_runs(vintages: pd.DataFrame, pieces: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether all of a vintage (column) lies within the right to a piece (row)."""
    first = pd.DatetimeIndex(vintages["start"]).as_unit("ns").to_numpy()
    last = pd.DatetimeIndex(vintages["end"]).as_unit("ns").to_numpy() - np.timedelta64(1, "D")
    since, until = (_days(pieces, name)[:, None] for name in ("since", "until"))
    begun = np.isnat(since) | (first[None, :] >= since)
    return np.asarray(begun & (np.isnat(until) | (last[None, :] <= until)))


def _days(pieces: pd.DataFrame, name: str) -> NDArray[np.datetime64]:
    if name not in pieces:
        return np.full(len(pieces), np.datetime64("NaT", "ns"))
    return np.asarray(pd.to_datetime(pieces[name]).to_numpy().astype("datetime64[ns]"))


def _clear(pieces: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a piece may be pledged at all; not known is no."""
    if "pledgeable" not in pieces:
        return np.ones(len(pieces), dtype=bool)
    return pieces["pledgeable"].astype("boolean").fillna(False).to_numpy(dtype=bool)
