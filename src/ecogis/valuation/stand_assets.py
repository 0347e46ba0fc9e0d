"""Standing trees of a project by the method of their age group, stand by stand."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.core.vocabulary import codes, require
from ecogis.valuation.forest_assets import (
    Harvest,
    check_rising,
    harvest_value,
    perpetual_income,
    replacement_cost,
    stumpage_residual,
)

__all__ = ["TimberTerms", "stand_assets", "stand_assets_by_age"]

_NEEDED: Final = (
    "stand", "species", "site_class", "age_group", "age_yr", "area_ha", "standing_volume",
    "final_volume",
)  # fmt: skip
_FIGURES: Final = ("age_yr", "area_ha", "standing_volume", "final_volume")
_METHODS: Final = {
    "replacement": ("重置成本法", "replacement cost"),
    "harvest": ("收获现值法", "harvest present value"),
    "stumpage": ("市场价倒算法", "market price backward"),
    "income": ("年金资本化法", "perpetual income"),
    "": ("未评估", "not valued"),
}
_BY_AGE: Final = {
    "young": "replacement",
    "middle": "harvest",
    "near_mature": "stumpage",
    "mature": "stumpage",
    "over_mature": "stumpage",
}


_NO_TERMS: Final = ("没有该树种的参数", "no terms for the species")
_NO_STAND: Final = (
    "缺少龄组、年龄或蓄积,或中龄林已超过轮伐期",
    "no age group, age or volume, or middle-aged beyond the rotation",
)


@dataclass(frozen=True, slots=True)
class TimberTerms:
    """Prices, costs and return of one species; all are stated by the client.

    Parameters
    ----------
    rate : float
        Return of the investment. [1]
    rotation_yr : int
        Age at the final harvest. [yr]
    price_cny_m3, cost_cny_m3 : float
        Price of timber, and cost of harvest, haul, sale and taxes. [CNY m-3]
    profit_share : float
        The operator's normal profit over the sales. [1]
    outturn : float
        Timber over standing volume. [1]
    planting_cny_ha : tuple of float
        Cost of the first years, one figure each. [CNY ha-1]
    yearly_cny_ha : float
        Cost of each later year. [CNY ha-1]
    income_cny_ha : float, optional
        Steady yearly income instead, as of bamboo: the other prices then do not count. [CNY ha-1]

    Raises
    ------
    UnitError
        A share is none.
    """

    rate: float
    rotation_yr: int = 1
    price_cny_m3: float = 0.0
    cost_cny_m3: float = 0.0
    profit_share: float = 0.0
    outturn: float = 1.0
    planting_cny_ha: tuple[float, ...] = ()
    yearly_cny_ha: float = 0.0
    income_cny_ha: float | None = None

    def __post_init__(self) -> None:
        for name in ("rate", "profit_share", "outturn"):
            share(getattr(self, name), name)
        if self.rate == 0.0:
            raise ConfigError("E532", name="rate", value=self.rate, expected="above 0")

    def stumpage(self, volume: float) -> float:
        """Net income of felling a volume. [CNY ha-1]"""
        timber = volume * self.outturn
        sales = timber * self.price_cny_m3
        return stumpage_residual(sales, timber * self.cost_cny_m3, self.profit_share * sales)


def stand_assets(
    stands: pd.DataFrame, terms: Mapping[str, TimberTerms], findings: Findings
) -> pd.DataFrame:
    """Value of each stand's trees by the method of its age group.

    Young stands by replacement cost, middle-aged ones by harvest present value, older ones by the
    market price backward; what brings a steady income by that income.

    Parameters
    ----------
    stands : DataFrame, one row per stand
        ``stand``, ``species``, ``site_class``, ``age_group``, ``age_yr`` [yr], ``area_ha`` [ha],
        ``standing_volume`` now and ``final_volume`` at the rotation's end [m3 ha-1]; what is
        missing is not known.
    terms : mapping of str to TimberTerms
        Species to its terms.
    findings : Findings
        Takes E884 and E862.

    Returns
    -------
    DataFrame
        The same rows with ``method``, ``value_cny_ha`` [CNY ha-1] and ``value_fen`` [fen]; both
        amounts missing where the stand cannot be valued.

    Findings
    --------
    E862
        The mean value a hectare falls from one age group of a species and site to the next (PC9).
    E884
        Stands of a species without terms; or without age group, age or volume, or older than the
        rotation while middle-aged: they are not valued.

    References
    ----------
    .. [1] Methods by age group: Journal of Natural Resources 2023, table 4.

    Examples
    --------
    A mature hectare of 200 m3, seven tenths of it timber at 900 less 300 and a tenth of the sales:
    140 x (900 - 300 - 90).

    >>> stands = pd.DataFrame(
    ...     {
    ...         "stand": ["S1"], "species": ["杉木"], "site_class": [""],
    ...         "age_group": ["mature"], "age_yr": [30], "area_ha": [2.0],
    ...         "standing_volume": [200.0], "final_volume": [200.0],
    ...     }
    ... )  # fmt: skip
    >>> fir = TimberTerms(
    ...     0.075, 26, price_cny_m3=900, cost_cny_m3=300, profit_share=0.1, outturn=0.7
    ... )
    >>> found = stand_assets(stands, {"杉木": fir}, Findings())
    >>> found[["method", "value_cny_ha", "value_fen"]].to_numpy().tolist()
    [['stumpage', 71400.0, 14280000]]
    """
    require(stands, _NEEDED, "stands")
    figures = {name: stands[name].astype("float64") for name in _FIGURES}
    stands = stands.assign(**figures)
    valued = [_valued(row, terms) for row in stands[list(_NEEDED)].itertuples(index=False)]
    methods = [method for method, _ in valued]
    per_ha = pd.Series([value for _, value in valued], index=stands.index, dtype="float64")
    found = stands.assign(method=methods, value_cny_ha=per_ha)
    found["value_fen"] = (per_ha * found["area_ha"] * 100).round().astype("Int64")
    _tell_open(found[per_ha.isna()], terms, findings)
    check_rising(_means(found[per_ha.notna()]), findings)
    return found


def _tell_open(stands: pd.DataFrame, terms: Mapping[str, TimberTerms], findings: Findings) -> None:
    """One finding for each species that has stands not valued."""
    for name, rows in stands.groupby(stands["species"].fillna("—"), sort=True):
        zh, en = _NO_STAND if name in terms else _NO_TERMS
        findings.add(
            "E884", layer="stands", feature=name, column="value_cny_ha", observed=len(rows),
            area_ha=float(rows["area_ha"].sum()), why_zh=zh, why=en,
        )  # fmt: skip


def _means(valued: pd.DataFrame) -> pd.DataFrame:
    """Mean value a hectare by species, site and age group: single stands differ by their stock."""
    keys = ["species", "site_class", "age_group", "method"]
    weighed = valued.assign(
        value=valued["value_cny_ha"] * valued["area_ha"], years=valued["age_yr"] * valued["area_ha"]
    )
    sums = weighed.groupby(keys, as_index=False)[["value", "years", "area_ha"]].sum()
    groups = {name: label.zh for name, label in codes("age_group").items()}
    return sums.assign(
        stand=sums["species"] + " " + sums["age_group"].map(groups),
        age_yr=sums["years"] / sums["area_ha"],
        value_cny_ha=(sums["value"] / sums["area_ha"]).round(2),
    )


def _valued(row: Any, terms: Mapping[str, TimberTerms]) -> tuple[str, float]:
    """Method and value a hectare; no method where something is not known."""
    found = terms.get(str(row.species))
    if found is None:
        return "", np.nan
    if found.income_cny_ha is not None:
        return "income", perpetual_income(found.income_cny_ha, found.rate)
    method = "" if pd.isna(row.age_group) else _BY_AGE.get(str(row.age_group), "")
    return (method, _by_age(row, method, found)) if _suits(row, method, found) else ("", np.nan)


def _suits(row: Any, method: str, terms: TimberTerms) -> bool:
    """Whether all that a method asks for is known."""
    asked = {
        "replacement": not pd.isna(row.age_yr),
        "harvest": row.age_yr <= terms.rotation_yr and row.final_volume > 0,
        "stumpage": row.standing_volume > 0,
    }
    return bool(asked.get(method, False))


def _by_age(row: Any, method: str, terms: TimberTerms) -> float:
    if method == "replacement":
        return _replaced(terms, int(row.age_yr))
    if method == "stumpage":
        return terms.stumpage(row.standing_volume)
    harvest = Harvest(terms.rotation_yr, terms.stumpage(row.final_volume), {})
    return harvest_value(harvest, int(row.age_yr), terms.yearly_cny_ha, terms.rate)


def _replaced(terms: TimberTerms, age_yr: int) -> float:
    """Planting costs of the first years, the yearly cost of the others, with their return."""
    first = list(terms.planting_cny_ha[:age_yr])
    return replacement_cost([*first, *[terms.yearly_cny_ha] * (age_yr - len(first))], terms.rate)


def stand_assets_by_age(valued: pd.DataFrame) -> pd.DataFrame:
    """Sums over stands by age group and method.

    Parameters
    ----------
    valued : DataFrame
        As `stand_assets` gives it.

    Returns
    -------
    DataFrame, one row per age group and method
        ``age_group``, ``method``, ``zh``, ``en``, ``stands``, ``area_ha`` [ha], ``volume_m3``
        [m3], ``value_fen`` [fen], missing where nothing of the row is valued.
    """
    order = {name: place for place, name in enumerate(_BY_AGE)}
    volume = (valued["standing_volume"].fillna(0.0) * valued["area_ha"]).round(3)
    groups = valued.assign(
        volume_m3=volume, age_group=valued["age_group"].fillna("not_stated")
    ).groupby(["age_group", "method"], as_index=False)
    found = groups.agg(
        stands=("stand", "size"),
        area_ha=("area_ha", "sum"),
        volume_m3=("volume_m3", "sum"),
        value_fen=("value_fen", lambda fens: fens.sum(min_count=1)),
    )
    named = found.assign(
        zh=[_METHODS[name][0] for name in found["method"]],
        en=[_METHODS[name][1] for name in found["method"]],
    )
    names = ["age_group", "method", "zh", "en", "stands", "area_ha", "volume_m3", "value_fen"]
    place = named["age_group"].map(order).fillna(len(order))
    table: pd.DataFrame = named.loc[place.sort_values(kind="stable").index, names]
    return table.reset_index(drop=True)
