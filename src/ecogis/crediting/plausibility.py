"""Whether the credits per hectare are like those of registered projects."""

from __future__ import annotations

import pandas as pd

from ecogis.core.findings import Findings

__all__ = ["check_rate", "mean_rate"]

_KG_PER_T = 1000.0
_DM2_PER_HA = 1_000_000.0


def mean_rate(vintages: pd.DataFrame, area_dm2: int) -> float:
    """Mean yearly credits of a hectare over all vintages; zero without land. [t CO2e ha-1 yr-1]

    >>> mean_rate(pd.DataFrame({"credit_kg": [9_000, 11_000], "years": [1.0, 1.0]}), 2_000_000)
    5.0
    """
    hectare_years = area_dm2 / _DM2_PER_HA * float(vintages["years"].sum())
    if hectare_years == 0.0:
        return 0.0
    return int(vintages["credit_kg"].sum()) / _KG_PER_T / hectare_years


def check_rate(
    vintages: pd.DataFrame, area_dm2: int, findings: Findings, *, notable: float, refused: float
) -> None:
    """Find a mean rate above the notable (E373) or the refused one (E374).

    Parameters
    ----------
    vintages : DataFrame, one row per vintage
        Columns ``credit_kg years``. [kg CO2e, yr]
    area_dm2 : int
        Area of the creditable pieces. [0.01 m2]
    findings : Findings
        Grows by one row at most.
    notable, refused : float
        Policy. [t CO2e ha-1 yr-1]

    References
    ----------
    .. [1] National register of voluntary reduction projects, 113 forestry records with an area,
       state of 2026-08-19: South China afforestation 2.9 to 8.2, the highest 12.2.
    """
    rate = mean_rate(vintages, area_dm2)
    if rate <= notable:
        return
    limit = refused if rate > refused else notable
    findings.add(
        "E374" if rate > refused else "E373",
        layer="project",
        column="credit_kg",
        observed=f"{rate:.2f}",
        expected=f"<= {limit:g}",
        area_ha=area_dm2 / _DM2_PER_HA,
        limit=f"{limit:g}",
    )
