"""Stock, and change of stock, estimated from sample plots, with its margin of error."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.crediting.margins import FREEDOMS, Total, margin_of
from ecogis.numerics import quantise

__all__ = ["Estimate", "plot_change", "plot_stock"]

_HA_PER_DM2 = 1e-6
_M2_PER_HA = 10_000.0
_KG_PER_T = 1000.0


@dataclass(frozen=True, slots=True)
class Estimate:
    """What plots say of a forest.

    Attributes
    ----------
    strata : DataFrame, one row per stratum, by name
        ``stratum area_dm2 weight plots stock_t_ha deviation_t_ha standard_error_t_ha co2e_kg``;
        ``co2e_kg`` Int64. A change has ``deviation_earlier_t_ha deviation_later_t_ha covariance``
        besides. [1, 0.01 m2, 1, 1, t CO2e ha-1 three times, kg CO2e]
    whole : Total
        All strata.
    domains : dict of str to Total
        Strata by domain, where domains were named.
    confidence : float
        Of every margin. [1]
    """

    strata: pd.DataFrame
    whole: Total
    domains: dict[str, Total]
    confidence: float


def plot_stock(
    plots: pd.DataFrame,
    strata: pd.DataFrame,
    findings: Findings,
    *,
    confidence: float,
    plot_area_m2: float | None = None,
    freedom: str = "pooled",
) -> Estimate:
    r"""Stock of a stratified forest from one measurement of its plots.

    .. math:: \bar y = \sum w_i \bar y_i, \qquad
              v(\bar y) = \sum w_i^2 \frac{s_i^2}{n_i} \Big(1 - \frac{n_i a}{A_i}\Big), \qquad
              u = t \sqrt{v}

    Parameters
    ----------
    plots : DataFrame, one row per plot
        Columns ``plot stratum stock_t_ha``. [1, 1, t CO2e ha-1]
    strata : DataFrame, one row per stratum
        Columns ``stratum area_dm2``; optional ``domain``, for totals of some strata only.
        [1, 0.01 m2, 1]
    findings : Findings
        Grows by the findings below.
    confidence : float
        Of the margins, such as the methodology's. [1]
    plot_area_m2 : float, optional
        Area of a plot; with it the part of a stratum that was sampled has no error. AR-TOOL14
        does without. [m2]
    freedom : {"pooled", "satterthwaite"}
        Degrees of freedom: plots less strata, or Satterthwaite's, for strata of unlike variance.

    Returns
    -------
    Estimate
        A stratum with fewer than two plots has no error, so the totals it is part of have none.

    Raises
    ------
    ConfigError
        An argument does not fit.
    VocabularyError
        A column is missing.

    Findings
    --------
    E754
        A plot has no stratum, or one that is not in the table; left out.
    E755
        A plot has no stock, or an impossible one; left out.
    E756
        A plot has no number, or several rows; left out.
    E757
        A stratum has fewer than two plots.

    References
    ----------
    .. [1] W. G. Cochran, "Sampling techniques," 3rd ed., Wiley, 1977, chapter 5.
    .. [2] CDM AR-TOOL14, version 04.2, equation (15): t with plots less strata.

    Examples
    --------
    Two strata of 30 and 70 ha: the mean is 0.3 × 12 + 0.7 × 6, its variance 0.09 × 4 + 0.49 × 1.

    >>> plots = pd.DataFrame(
    ...     {
    ...         "plot": ["1", "2", "3", "4"],
    ...         "stratum": ["A", "A", "B", "B"],
    ...         "stock_t_ha": [10.0, 14.0, 5.0, 7.0],
    ...     }
    ... )
    >>> strata = pd.DataFrame({"stratum": ["A", "B"], "area_dm2": [30_000_000, 70_000_000]})
    >>> found = plot_stock(plots, strata, Findings(), confidence=0.9).whole
    >>> round(found.stock_t_ha, 6), round(found.standard_error_t_ha**2, 6), found.co2e_kg
    (7.8, 0.85, 780000)
    """
    _check(strata, freedom, plot_area_m2)
    usable = _usable(plots, strata, findings)
    groups = usable["stock_t_ha"].groupby(usable["stratum"])
    table = _by_name(strata)
    table = table.assign(
        plots=_at(groups.size(), table, 0).astype(np.int64),
        stock_t_ha=_at(groups.mean(), table),
        deviation_t_ha=_at(groups.std(ddof=1), table),
    )
    table["degrees"] = (table["plots"] - 1).clip(lower=0).astype("float64")
    variance = table["deviation_t_ha"] ** 2 / table["plots"] * _unsampled(table, plot_area_m2)
    return _estimate(table, variance, findings, (confidence, freedom))


def plot_change(
    earlier: pd.DataFrame,
    later: pd.DataFrame,
    strata: pd.DataFrame,
    findings: Findings,
    *,
    confidence: float,
    plot_area_m2: float | None = None,
    freedom: str = "pooled",
) -> Estimate:
    r"""Change of stock between two measurements of permanent plots.

    Plots are compared with themselves, so what they share cancels:

    .. math:: v(\bar d_i) = \frac{s_{1i}^2 + s_{2i}^2 - 2 s_{12i}}{n_i}

    For plots drawn anew, which share nothing, see `difference`.

    Parameters
    ----------
    earlier, later : DataFrame, one row per plot
        As for `plot_stock`.
    strata : DataFrame, one row per stratum
        Strata of the later date.
    findings : Findings
        Grows by the findings below.
    confidence, plot_area_m2, freedom
        As for `plot_stock`.

    Returns
    -------
    Estimate
        Of the change; ``stock_t_ha`` and ``co2e_kg`` are later less earlier. Only plots measured
        twice count, in their stratum of the later date.

    Raises
    ------
    ConfigError
        An argument does not fit.

    Findings
    --------
    E754, E755, E756, E757
        As for `plot_stock`, of both dates.
    E760
        A permanent plot was in another stratum before.
    E761
        A permanent plot was measured on one of the dates only; left out.

    References
    ----------
    .. [1] FAO, Knowledge reference for national forest assessments, section 8, monitoring over
       time: the variance of a change of permanent and of temporary plots.

    Examples
    --------
    >>> first = pd.DataFrame(
    ...     {"plot": ["1", "2", "3"], "stratum": ["A"] * 3, "stock_t_ha": [50.0, 70.0, 90.0]}
    ... )
    >>> second = first.assign(stock_t_ha=[61.0, 80.0, 102.0])
    >>> strata = pd.DataFrame({"stratum": ["A"], "area_dm2": [10_000_000]})
    >>> found = plot_change(first, second, strata, Findings(), confidence=0.9)
    >>> round(found.whole.stock_t_ha, 6), found.strata["covariance"].round(6).tolist()
    (11.0, [410.0])
    """
    _check(strata, freedom, plot_area_m2)
    before, after = (_usable(plots, strata, findings) for plots in (earlier, later))
    table = _by_name(strata)
    found = _paired(before, after, table, findings)
    variance = found.pop("variance") * _unsampled(found, plot_area_m2)
    return _estimate(found, variance, findings, (confidence, freedom))


def _check(strata: pd.DataFrame, freedom: str, plot_area_m2: float | None) -> None:
    require(strata, ("stratum", "area_dm2"), "strata")
    area = pd.to_numeric(strata["area_dm2"])
    if area.isna().any() or (area < 0).any() or not area.sum() > 0:
        raise ConfigError("E753", what="area_dm2")
    if strata["stratum"].isna().any() or strata["stratum"].duplicated().any():
        raise ConfigError("E753", what="stratum")
    if freedom not in FREEDOMS:
        raise ConfigError("E753", what=f"freedom = {freedom} ({', '.join(FREEDOMS)})")
    if plot_area_m2 is not None and not plot_area_m2 > 0:
        raise ConfigError("E753", what=f"plot_area_m2 = {plot_area_m2:g}")


def _usable(plots: pd.DataFrame, strata: pd.DataFrame, findings: Findings) -> pd.DataFrame:
    require(plots, ("plot", "stratum", "stock_t_ha"), "plots")
    stratum = plots["stratum"].astype("string")
    stock = pd.to_numeric(plots["stock_t_ha"], errors="coerce").astype("float64")
    unknown = ~stratum.isin(strata["stratum"].astype("string")).to_numpy(dtype=bool)
    amounts = stock.to_numpy(dtype=np.float64)
    impossible = ~(np.isfinite(amounts) & (amounts >= 0))
    unclear = (plots["plot"].isna() | plots["plot"].duplicated(keep=False)).to_numpy(dtype=bool)
    for code, where, column in (
        ("E754", unknown, "stratum"),
        ("E755", impossible, "stock_t_ha"),
        ("E756", unclear, "plot"),
    ):
        findings.add(
            code,
            layer="plots",
            where=where,
            feature=plots["plot"],
            row=np.arange(1, len(plots) + 1),
            column=column,
            observed=plots[column],
            action="excluded",
        )
    kept = ~(unknown | impossible | unclear)
    columns = {"plot": plots["plot"].astype("string"), "stratum": stratum, "stock_t_ha": stock}
    return pd.DataFrame(columns)[kept].reset_index(drop=True)


def _by_name(strata: pd.DataFrame) -> pd.DataFrame:
    columns = [name for name in ("stratum", "area_dm2", "domain") if name in strata]
    table = strata[columns].sort_values("stratum", kind="stable", ignore_index=True)
    table["stratum"] = table["stratum"].astype("string")
    weight = table["area_dm2"] / table["area_dm2"].sum()
    return pd.DataFrame(table.assign(weight=weight))


def _at(values: pd.Series, table: pd.DataFrame, empty: float = np.nan) -> pd.Series:
    """A number of each stratum in the table's order; `empty` for one without plots."""
    found = values.reindex(table["stratum"]).fillna(empty)
    return pd.Series(found.to_numpy(dtype=np.float64), index=table.index)


def _unsampled(table: pd.DataFrame, plot_area_m2: float | None) -> pd.Series:
    """Part of each stratum that no plot covers, or one where land is taken as without end."""
    if plot_area_m2 is None:
        return pd.Series(1.0, index=table.index)
    plot_ha = plot_area_m2 / _M2_PER_HA
    covered = table["plots"] * plot_ha / (table["area_dm2"] * _HA_PER_DM2)
    return (1.0 - covered).clip(lower=0.0).fillna(1.0)


def _paired(
    before: pd.DataFrame, after: pd.DataFrame, table: pd.DataFrame, findings: Findings
) -> pd.DataFrame:
    both = after.merge(before, on="plot", how="outer", suffixes=("", "_before"))
    once = both["stock_t_ha"].isna() | both["stock_t_ha_before"].isna()
    moved = ~once & both["stratum"].ne(both["stratum_before"]).fillna(True)
    for code, where, action in (("E761", once, "excluded"), ("E760", moved, "kept")):
        findings.add(
            code,
            layer="plots",
            where=where.to_numpy(dtype=bool),
            feature=both["plot"],
            column="stratum",
            observed=both["stratum_before"],
            action=action,
            other=both["stratum"],
        )
    both = both[~once]
    change = both["stock_t_ha"] - both["stock_t_ha_before"]
    groups = both.assign(change=change).groupby("stratum")
    columns = groups[["stock_t_ha", "stock_t_ha_before", "change"]]
    count, deviation = groups.size(), columns.std(ddof=1)
    first, second = deviation["stock_t_ha_before"], deviation["stock_t_ha"]
    found = table.assign(
        plots=_at(count, table, 0).astype(np.int64),
        stock_t_ha=_at(groups["change"].mean(), table),
        deviation_t_ha=_at(deviation["change"], table),
        deviation_earlier_t_ha=_at(first, table),
        deviation_later_t_ha=_at(second, table),
        covariance=_at((first**2 + second**2 - deviation["change"] ** 2) / 2.0, table),
    )
    found["degrees"] = (found["plots"] - 1).clip(lower=0).astype("float64")
    return found.assign(variance=found["deviation_t_ha"] ** 2 / found["plots"])


def _estimate(
    table: pd.DataFrame, variance: pd.Series, findings: Findings, policy: tuple[float, str]
) -> Estimate:
    findings.add(
        "E757",
        layer="strata",
        where=((table["plots"] < 2) & (table["area_dm2"] > 0)).to_numpy(),
        feature=table["stratum"],
        column="plots",
        observed=table["plots"],
        expected=">= 2",
        area_ha=table["area_dm2"].to_numpy(dtype=np.float64) * _HA_PER_DM2,
    )
    table = table.assign(variance=variance, co2e_kg=_kilograms(table))
    whole = margin_of(table, policy)
    domains: dict[str, Total] = {}
    if "domain" in table:
        labels = table["domain"].astype("string").fillna("not_stated")
        domains = {str(name): margin_of(rows, policy) for name, rows in table.groupby(labels)}
    extra = [name for name in table if str(name).startswith(("deviation_", "covariance"))]
    shown = ["stratum", "area_dm2", "weight", "plots", "stock_t_ha", *extra]
    out = table[shown].assign(standard_error_t_ha=variance**0.5, co2e_kg=table["co2e_kg"])
    return Estimate(out, whole, domains, policy[0])


def _kilograms(table: pd.DataFrame) -> pd.Series:
    tonnes = table["stock_t_ha"] * (table["area_dm2"] * _HA_PER_DM2)
    whole = pd.Series(quantise(tonnes.fillna(0.0) * _KG_PER_T, 1.0), index=table.index)
    return whole.astype("Int64").mask(tonnes.isna())
