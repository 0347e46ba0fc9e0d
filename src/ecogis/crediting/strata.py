"""Strata: land that is alike enough to be sampled and reported as one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require

__all__ = ["EX_ANTE", "EX_POST", "Strata", "stratify"]

EX_ANTE = ("species", "planting_year", "site_class", "origin")
"""Columns strata are formed by before anything is measured, the most telling first. A policy."""

EX_POST = (*EX_ANTE, "change_cause", "change_year")
"""The same and what has happened since, such as fire or harvest. A policy."""

_EVENTS = ("change_cause", "change_year")  # no value: nothing has happened on record
_NOT_STATED, _NONE = "not_stated", "none"
_HA_PER_DM2 = 1e-6


@dataclass(frozen=True, slots=True)
class Strata:
    """Which stratum each piece of land belongs to.

    Attributes
    ----------
    members : DataFrame, one row per unit, in the order given
        The unit's key, ``stratum`` and ``area_dm2``. [1, 1, 0.01 m2]
    table : DataFrame, one row per stratum, by name
        ``stratum``; the columns it was formed by, missing where merged strata differ in them;
        ``area_dm2`` int64, ``area_ha``, ``weight`` share of the whole area, ``members`` number of
        units, ``merged`` the strata that were counted with it (joined by ``;``).
    """

    members: pd.DataFrame
    table: pd.DataFrame


def stratify(
    units: pd.DataFrame,
    findings: Findings,
    *,
    by: Sequence[str] = EX_ANTE,
    minimum_ha: float = 0.0,
    key: str = "piece",
) -> Strata:
    """Divide pieces or stands into strata, and count strata that are too small with their like.

    A stratum below the minimum is counted with the one that shares the most leading columns of
    `by`, of these the largest; the smallest goes first. Strata that differ in the first column,
    such as the species, are never counted together. A unit without a value goes to a stratum of
    its own, ``not_stated``; nothing is left out. The order of rows changes nothing.

    Parameters
    ----------
    units : DataFrame, one row per piece or stand
        Columns `key`, ``area_dm2`` and those of `by`. [1, 0.01 m2, 1]
    findings : Findings
        Grows by the findings below.
    by : sequence of str
        Columns, the most telling first: `EX_ANTE` or, once there is something to see, `EX_POST`.
        In ``change_cause`` and ``change_year`` no value means that nothing has happened.
    minimum_ha : float
        Smallest stratum. A policy. [ha]
    key : str
        Column that names a unit, ``piece`` or ``stand``.

    Returns
    -------
    Strata

    Raises
    ------
    ConfigError
        No column is named, or an area is missing or negative.
    VocabularyError
        A column is missing.

    Findings
    --------
    E750
        Land without a value in a column.
    E751
        A stratum is too small and counted with another.
    E752
        A stratum is too small and has no like; it stays.

    Examples
    --------
    >>> pieces = pd.DataFrame(
    ...     {
    ...         "piece": ["P1", "P2", "P3"],
    ...         "species": ["杉木", "杉木", "木荷"],
    ...         "origin": ["planted", "natural", "planted"],
    ...         "area_dm2": [9_000_000, 1_000_000, 5_000_000],
    ...     }
    ... )
    >>> found = stratify(pieces, Findings(), by=("species", "origin"), minimum_ha=2.0)
    >>> found.table[["stratum", "area_ha", "merged"]].values.tolist()
    [['木荷/planted', 5.0, ''], ['杉木/planted', 10.0, '杉木/natural']]
    """
    require(units, (key, "area_dm2", *by), "strata")
    area = pd.to_numeric(units["area_dm2"])
    if not by or area.isna().any() or (area < 0).any():
        raise ConfigError("E753", what="area_dm2" if by else "by")
    words = pd.DataFrame({name: _words(units[name]) for name in by}, index=units.index)
    _report_unstated(words, area, findings)
    own = reduce(lambda left, right: left + "/" + right, (words[name] for name in by))
    own = own.astype("string")
    into = _counted_with(words, own, area, minimum_ha / _HA_PER_DM2)
    _report_small(own, area, into, findings, minimum_ha)
    members = pd.DataFrame({key: units[key], "stratum": own.map(into).astype("string")})
    members["area_dm2"] = area.astype(np.int64)
    return Strata(members.reset_index(drop=True), _table(words, own, members))


def _words(column: pd.Series) -> pd.Series:
    """A column's values as text; whole numbers without a point."""
    absent = _NONE if column.name in _EVENTS else _NOT_STATED
    codes, values = pd.factorize(column)
    texts = [f"{value:g}" if isinstance(value, float) else str(value) for value in values]
    return pd.Series(np.array([*texts, absent], dtype=object)[codes], index=column.index)


def _report_unstated(words: pd.DataFrame, area: pd.Series, findings: Findings) -> None:
    for name in words:
        lost = words[name].eq(_NOT_STATED)
        if lost.any():
            findings.add(
                "E750",
                layer="strata",
                column=str(name),
                observed=int(lost.sum()),
                area_ha=float(area[lost].sum()) * _HA_PER_DM2,
            )


def _counted_with(
    words: pd.DataFrame, own: pd.Series, area: pd.Series, least_dm2: float
) -> dict[str, str]:
    """The stratum each of them ends up in, by name."""
    firsts = words.assign(own=own).drop_duplicates("own").set_index("own")
    keys = {str(name): tuple(row) for name, *row in firsts.itertuples()}
    sizes = {str(name): int(size) for name, size in area.groupby(own).sum().items()}
    into = {name: name for name in keys}
    alone: set[str] = set()
    while small := sorted((s, name) for name, s in sizes.items() if s < least_dm2 - 0.5):
        left = [name for _, name in small if name not in alone]
        if not left:
            break
        like = _nearest(left[0], keys, sizes)
        if like is None:
            alone.add(left[0])
            continue
        sizes[like] += sizes.pop(left[0])
        into = {name: like if end == left[0] else end for name, end in into.items()}
    return into


def _nearest(
    name: str, keys: Mapping[str, tuple[str, ...]], sizes: Mapping[str, int]
) -> str | None:
    """The stratum with the most leading columns in common, of these the largest."""

    def common(other: str) -> int:
        same = [a == b for a, b in zip(keys[name], keys[other], strict=True)]
        return same.index(False) if False in same else len(same)

    like = [other for other in sizes if other != name and common(other)]
    return min(like, key=lambda other: (-common(other), -sizes[other], other), default=None)


def _report_small(
    own: pd.Series,
    area: pd.Series,
    into: Mapping[str, str],
    findings: Findings,
    minimum_ha: float,
) -> None:
    size = area.groupby(own).sum() * _HA_PER_DM2
    whole = size.groupby(size.index.map(into)).sum()
    moved = [name for name in size.index if into[name] != name]
    small = [name for name in whole.index if whole[name] < minimum_ha - 0.5 * _HA_PER_DM2]
    for code, names in (("E751", moved), ("E752", small)):
        for name in names:
            findings.add(
                code,
                layer="strata",
                feature=name,
                column="area_ha",
                observed=f"{size[name]:.4f}",
                expected=f">= {minimum_ha:g}",
                area_ha=float(size[name]),
                into=into[name],
            )


def _table(words: pd.DataFrame, own: pd.Series, members: pd.DataFrame) -> pd.DataFrame:
    groups = members["stratum"]
    area = members["area_dm2"].groupby(groups).sum()
    shared = words.groupby(groups)
    firsts, same = shared.first(), shared.nunique().eq(1)
    columns = {str(name): firsts[name].where(same[name]) for name in words}
    others = own[own.ne(groups)]
    merged = others.groupby(groups).agg(lambda names: ";".join(sorted(set(names))))
    table = pd.DataFrame({name: column.astype("string") for name, column in columns.items()})
    table["area_dm2"] = area.astype(np.int64)
    table["area_ha"] = area * _HA_PER_DM2
    table["weight"] = area / area.sum() if area.sum() else 0.0
    table["members"] = groups.groupby(groups).size().astype(np.int64)
    table["merged"] = merged.reindex(table.index).fillna("").astype("string")
    return table.rename_axis("stratum").reset_index()
