"""Which stands may be felled, at what age, and when quota and permit let it happen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.growth.events import Rule
from ecogis.growth.schedules import Schedule
from ecogis.methods import ParameterSet
from ecogis.numerics import quantise

__all__ = ["Stock", "felling_ages", "permitted_rules", "within_quota"]

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

_DM3: Final = 0.001  # m3; volumes are compared with a quota in whole litres
_KEEP: Final = ("planted", "natural")


def felling_ages(
    age_groups: ParameterSet, date: date, species: Sequence[str], origin: str
) -> pd.Series[float]:
    """First age of final felling by species: the first year of the mature group (成熟林).

    Parameters
    ----------
    age_groups : ParameterSet
        Age groups, such as ``age-groups``.
    date : date
        Day the values must be in force.
    species : sequence of str
        Species wanted.
    origin : {"planted", "natural"}
        Origin of the stands.

    Returns
    -------
    Series of float64
        Age by species; a species without age groups is absent. [yr]

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> felling_ages(parameters("age-groups"), date(2026, 8, 31), ["杉木"], "planted").to_dict()
    {'杉木': 26.0}
    """
    if origin not in _KEEP:
        raise ConfigError("E670", what=f"origin = {origin}")
    groups = age_groups.texts("species_group", date, species)
    limits = age_groups.table(
        "near_mature_max", date, "yr", [(group, origin) for group in sorted(set(groups))]
    )
    ages = {
        name: float(limits[group, origin]) + 1.0
        for name, group in groups.items()
        if (group, origin) in limits.index
    }
    return pd.Series(ages, name="felling_age", dtype="float64")


def permitted_rules(
    stands: pd.DataFrame,
    rules: Mapping[str, Rule],
    law: ParameterSet,
    date: date,
    findings: Findings,
) -> tuple[list[Rule], pd.Series[str]]:
    """Rules with the fellings that are not allowed left out, and the rule of each stand.

    Public-welfare forest may only be tended, regenerated or improved; natural forest is not felled
    for timber. A stand whose category or origin is not known is felled not at all.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        Columns ``stand species forest_category origin``.
    rules : mapping of species to Rule
        What would be done in each species.
    law : ParameterSet
        Set with ``allowed`` by category, origin and kind of felling, such as ``harvest-law``.
    date : date
        Day the values must be in force.
    findings : Findings
        Grows by the finding below.

    Returns
    -------
    list of Rule, Series of str
        Rules by what is allowed; the name of each stand's, missing where it has none.

    Findings
    --------
    E671
        A felling of the stand's rule is not allowed there; left out, the stand kept.
    """
    require(stands, ("stand", "species", "forest_category", "origin"), "stands")
    allowed = law.texts("allowed", date)
    keys = stands[["species", "forest_category", "origin"]].astype("string").fillna("")
    made: dict[str, Rule] = {}
    names: dict[tuple[str, ...], str | None] = {}
    refused: dict[tuple[str, ...], str] = {}
    for key in sorted(set(keys.itertuples(index=False, name=None))):
        rule = rules.get(key[0])
        if rule is None:
            names[key] = None
            continue
        kept = [f for f in rule.fellings if allowed.get((*key[1:], f.event.kind)) == "yes"]
        left = sorted({f.event.kind for f in rule.fellings if f not in kept})
        refused[key] = ", ".join(left)
        name = "/".join(filter(None, (rule.name, *key[1:])))
        names[key] = name
        made[name] = Rule(name, tuple(kept), rule.replant, rule.delay_yr, rule.scale)
    rows = list(keys.itertuples(index=False, name=None))
    left_out = pd.Series([refused.get(row, "") for row in rows])
    findings.add(
        "E671",
        layer="stands",
        where=left_out.ne("").to_numpy(),
        feature=stands["stand"],
        row=stands.get("row"),
        column="forest_category",
        observed=left_out,
        area_ha=stands.get("area_ha"),
    )
    given = pd.Series([names[row] for row in rows], index=stands.index, dtype="string")
    return list(made.values()), given.rename("rule")


@dataclass(frozen=True, slots=True)
class Stock:
    """What stands where, as far as a quota needs it.

    Attributes
    ----------
    volume : array (class, age), float64
        Standing volume of each curve. [m3 ha-1]
    cls, age : array (stand), int
        Row of `volume`; age at the start. [yr]
    scale : array (stand), float64
        Stand over curve. [1]
    area_ha : array (stand), float64
        Area. [ha]
    """

    volume: Floats
    cls: NDArray[np.int32]
    age: NDArray[np.int32]
    scale: Floats
    area_ha: Floats


def within_quota(
    made: Schedule,
    stock: Stock,
    stands: pd.DataFrame,
    quota_m3: ArrayLike,
    findings: Findings,
    *,
    groups: ArrayLike | None = None,
    first_year: int = 0,
) -> pd.DataFrame:
    """Fellings that fit the yearly quota and each stand's permit, the oldest stands first.

    Every felling counts with the volume it takes. Each year stands whose rule has a felling due, or
    whose plan names one (`Schedule.given`, in place of the rule's),
    are taken by falling age, then by name, as long as their volumes together stay within the
    quota of their group. A final felling that does not fit is due again next year; a thinning
    that does not fit is missed. What is left of a quota is not carried over. Disturbances are not
    foreseen: a plan holds for stands as they are expected to grow.

    Parameters
    ----------
    made : Schedule
        Rules and the rule of each stand.
    stock : Stock
        Volumes, in the order of the stands.
    stands : DataFrame, one row per stand
        Column ``stand``; optionally ``permit_from`` and ``permit_to``, first and last year (from
        0) a stand may be felled in, missing: not limited.
    quota_m3 : array (year) or (group, year), float64
        Volume that may be felled in each year. [m3]
    findings : Findings
        Grows by the finding below.
    groups : array (stand), int, optional
        Row of the quota; without it all share one.
    first_year : int
        Calendar year of year 0, for the findings.

    Returns
    -------
    DataFrame, one row per felling
        ``stand year event volume_m3``, the plan `schedule` takes. Rules of that schedule should
        have no fellings of their own. [m3]

    Raises
    ------
    ConfigError
        E670: quota, groups and stands do not fit.

    Findings
    --------
    E679
        A stand was past its age of final felling in some years but not felled by the last.
    E691, E692
        A felling does not fit the quota of its year, or is outside the stand's permit: of a plan
        every one, of a rule the first of each stand.
    """
    quota = np.atleast_2d(quantise(quota_m3, _DM3))
    member = np.zeros(len(stands), dtype=np.int64) if groups is None else np.asarray(groups)
    sizes = {len(stands), member.size, made.rule.size, stock.cls.size, stock.age.size}
    if len(sizes) > 1 or (member.size and not 0 <= member.min() <= member.max() < len(quota)):
        raise ConfigError("E670", what="quota, groups, stands")
    if made.given.size and made.given.shape[1] < quota.shape[1]:
        raise ConfigError("E670", what="quota, plan")
    run = _Quota(made, stock, stands, member)
    rows = [run.year(year, quota[:, year]) for year in range(quota.shape[1])]
    run.tell(stands, findings, first_year)
    waiting = run.waiting()
    findings.add(
        "E679",
        layer="stands",
        where=waiting,
        feature=stands["stand"],
        row=stands.get("row"),
        column="age_yr",
        observed=run.age,
        area_ha=stock.area_ha,
    )
    return pd.concat(rows, ignore_index=True)


class _Quota:
    """Stands through the years of a quota."""

    def __init__(self, made: Schedule, stock: Stock, stands: pd.DataFrame, member: Whole) -> None:
        self.made, self.stock, self.member = made, stock, member
        self.names = stands["stand"].to_numpy(dtype=object)
        self.rank = np.argsort(np.argsort(self.names.astype(str), kind="stable"), kind="stable")
        self.age, self.scale = stock.age.astype(np.int64), stock.scale.astype(np.float64)
        last = np.iinfo(np.int64).max
        self.first = _years(stands, "permit_from", 0)
        self.last = _years(stands, "permit_to", last)
        self.delay = np.array([rule.delay_yr for rule in made.rules])
        self.cls = stock.cls.astype(np.int64)
        self.cuts: list[pd.DataFrame] = []

    def due(self, year: int = -1) -> Whole:
        """Event due for each stand, 0 none; of a year also what the plan names."""
        spans = self.made.felling.shape[1] - 1
        event = self.made.felling[self.made.rule, np.clip(self.age, 0, spans)].astype(np.int64)
        if year < 0 or not self.made.given.size:
            return np.asarray(event)
        given = self.made.given[:, year].astype(np.int64)
        return np.asarray(np.where(given > 0, given, event))

    def year(self, year: int, left: Whole) -> pd.DataFrame:
        """Fellings of one year; the stands grow a year older."""
        event = self.due(year)
        closed = (event > 0) & ((year < self.first) | (year > self.last))
        self._cut("E692", year, closed, event)
        event[closed] = 0
        taken = quantise(self.standing() * self.made.effects[event, 0], _DM3)
        order = np.lexsort((self.rank, -self.age, self.member))
        order = order[event[order] > 0]
        running = np.cumsum(taken[order])
        start = np.searchsorted(self.member[order], np.arange(len(left)))
        before = np.append(0, running)[start]
        fits = order[running - before[self.member[order]] <= left[self.member[order]]]
        fits = np.sort(fits)
        late = event > 0
        late[fits] = False
        free = left - np.bincount(self.member[fits], taken[fits], len(left)).astype(np.int64)
        self._cut("E691", year, late, event, need=taken, left=free[self.member])
        names = np.array(["", *(each.name for each in self.made.events)], dtype=object)
        found = pd.DataFrame(
            {
                "stand": self.names[fits],
                "year": year,
                "event": names[event[fits]],
                "volume_m3": taken[fits] * _DM3,
            }
        )
        self._fell(fits, event[fits])
        self.age += 1
        return found

    def _cut(
        self, code: str, year: int, where: NDArray[np.bool_], event: Whole, **volumes: Whole
    ) -> None:
        """Note fellings that a limit prevents."""
        rows = np.flatnonzero(where)
        planned = self.made.given[rows, year] > 0 if self.made.given.size else rows < 0
        found = {"stand": rows, "code": code, "year": year, "event": event[rows]}
        found |= {name: values[rows] * _DM3 for name, values in volumes.items()}
        self.cuts.append(pd.DataFrame(found).assign(planned=planned))

    def tell(self, stands: pd.DataFrame, findings: Findings, first_year: int) -> None:
        """Findings of what was cut: all of a plan, of a rule the first of each stand."""
        cuts = pd.concat(self.cuts, ignore_index=True)
        cuts = cuts[cuts["planned"] | ~cuts.duplicated(["stand", "code"])]
        names = np.array(["", *(each.name for each in self.made.events)], dtype=object)
        rows = cuts["stand"].to_numpy(dtype=np.int64)
        years = (cuts["year"] + first_year).astype(str).to_numpy()
        spans = [self._span(row, first_year) for row in rows.tolist()]
        for code in ("E691", "E692"):
            findings.add(
                code,
                layer="stands",
                where=cuts["code"].eq(code).to_numpy(),
                feature=self.names[rows],
                row=None if "row" not in stands else stands["row"].to_numpy()[rows],
                column="permit_from" if code == "E692" else "standing_volume",
                observed=np.array(
                    [f"{y} {n}" for y, n in zip(years, names[cuts["event"]], strict=True)]
                ),
                area_ha=np.asarray(self.stock.area_ha)[rows],
                need=[f"{value:,.1f}" for value in cuts.get("need", pd.Series(0.0, cuts.index))],
                left=[f"{value:,.1f}" for value in cuts.get("left", pd.Series(0.0, cuts.index))],
                permit=spans,
            )

    def _span(self, row: int, first_year: int) -> str:
        """Years of a stand's permit."""
        if self.first[row] > self.last[row]:
            return "-"
        open_end = self.last[row] == np.iinfo(np.int64).max
        return f"{self.first[row] + first_year}-{'' if open_end else self.last[row] + first_year}"

    def standing(self) -> Floats:
        """Standing volume of each stand. [m3]"""
        ages = np.clip(self.age, 0, self.stock.volume.shape[1] - 1)
        return np.asarray(self.scale * self.stock.volume[self.cls, ages] * self.stock.area_ha)

    def waiting(self) -> NDArray[np.bool_]:
        """Stands with a final felling still due."""
        return np.asarray(self.made.effects[self.due(), 7] > 0.0)

    def _fell(self, stands: Whole, event: Whole) -> None:
        self.scale[stands] *= 1.0 - self.made.effects[event, 0]
        anew = stands[self.made.effects[event, 7] > 0.0]
        self.age[anew] = -self.delay[self.made.rule[anew]]
        for row in anew.tolist():
            scale = self.made.rules[self.made.rule[row]].scale
            self.scale[row] = self.stock.scale[row] if scale is None else scale


def _years(stands: pd.DataFrame, column: str, otherwise: int) -> Whole:
    if column not in stands:
        return np.full(len(stands), otherwise, dtype=np.int64)
    years = stands[column].astype("Int64").fillna(otherwise).to_numpy(dtype=np.int64)
    return np.asarray(years, dtype=np.int64)
