"""Whether the credits per hectare are like those of registered projects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import pandas as pd

from ecogis.core.findings import Findings
from ecogis.methods import ParameterSet

__all__ = ["Band", "check_rate", "mean_rate", "register_bands"]

_KG_PER_T = 1000.0
_DM2_PER_HA = 1_000_000.0
_RATE: Final = "t CO2e ha-1 yr-1"
_EVERYWHERE: Final = "all"


@dataclass(frozen=True, slots=True)
class Band:
    """Lowest and highest yearly credits of a hectare among registered projects.

    Attributes
    ----------
    methodology : str
        Its id.
    province : str
        First two digits of the administrative code; ``all`` for the whole register.
    low, high : float
        [t CO2e ha-1 yr-1]
    projects : int
        How many projects the band is made of.
    """

    methodology: str
    province: str
    low: float
    high: float
    projects: int

    def holds(self, rate: float) -> bool:
        """Whether a rate, at the two digits the register is printed with, lies within.

        >>> Band("CCER-14-002-V01", "44", 16.68, 16.72, 2).holds(16.724)
        True
        """
        return self.low <= round(rate, 2) <= self.high


def register_bands(
    rates: ParameterSet, methodology: str, province: str, day: date
) -> tuple[Band, ...]:
    """The bands of a methodology: over the whole register, and in a province where it has one.

    Parameters
    ----------
    rates : ParameterSet
        The set ``register-rates``.
    methodology : str
        Its id, without the edition.
    province : str
        First two digits of the administrative code.
    day : date
        Valuation date.

    Returns
    -------
    tuple of Band
        The whole register first; empty for a methodology without registered projects.

    Examples
    --------
    >>> from ecogis.methods import parameters
    >>> rates = parameters("register-rates")
    >>> for band in register_bands(rates, "CCER-14-001-V01", "36", date(2026, 8, 31)):
    ...     print(band.province, band.low, band.high, band.projects)
    all 1.06 12.16 98
    36 2.88 5.77 14
    """
    known = set(rates.keys("rate_low"))
    return tuple(
        Band(
            methodology,
            place,
            rates.value("rate_low", day, _RATE, key=(methodology, place)),
            rates.value("rate_high", day, _RATE, key=(methodology, place)),
            int(rates.value("register_projects", day, "1", key=(methodology, place))),
        )
        for place in (_EVERYWHERE, province)
        if (methodology, place) in known
    )


def mean_rate(vintages: pd.DataFrame, area_dm2: int) -> float:
    """Mean yearly credits of a hectare over all vintages; zero without land. [t CO2e ha-1 yr-1]

    Every year of the crediting period counts, also one in which trees are felled.

    >>> mean_rate(pd.DataFrame({"credit_kg": [9_000, 11_000], "years": [1.0, 1.0]}), 2_000_000)
    5.0
    """
    hectare_years = area_dm2 / _DM2_PER_HA * float(vintages["years"].sum())
    if hectare_years == 0.0:
        return 0.0
    return int(vintages["credit_kg"].sum()) / _KG_PER_T / hectare_years


def check_rate(
    vintages: pd.DataFrame,
    area_dm2: int,
    findings: Findings,
    *,
    bands: Sequence[Band] = (),
    notable: float = 25.0,
    refused: float = 40.0,
) -> None:
    """Find a mean rate outside the register's bands, or above what any forest is credited with.

    Parameters
    ----------
    vintages : DataFrame, one row per vintage
        Columns ``credit_kg years``. [kg CO2e, yr]
    area_dm2 : int
        Area of the creditable pieces; without land nothing is found. [0.01 m2]
    findings : Findings
        Takes E373 (rate above the notable limit) or E374 (above the refused one, an error), E730
        (outside the band of all the methodology's projects) and E731 (of those in the province).
    bands : sequence of Band
        From `register_bands`. Without them only the limits are looked at.
    notable, refused : float
        A policy. [t CO2e ha-1 yr-1]

    References
    ----------
    .. [1] National register of voluntary reduction projects, 113 forestry records with an area,
       state of 2026-08-19: parameter set ``register-rates``.

    Examples
    --------
    >>> seen, year = Findings(), pd.DataFrame({"credit_kg": [6_000], "years": [1.0]})
    >>> jiangxi = Band("CCER-14-001-V01", "36", 2.88, 5.77, 14)
    >>> check_rate(year, 1_000_000, seen, bands=[jiangxi])
    >>> seen.table()[["code", "observed", "expected"]].values.tolist()
    [['E731', '6.00', '2.88-5.77']]
    """
    rate = mean_rate(vintages, area_dm2)
    if area_dm2 == 0:
        return
    hectares = area_dm2 / _DM2_PER_HA
    if rate > notable:
        limit = refused if rate > refused else notable
        findings.add(
            "E374" if rate > refused else "E373",
            layer="project",
            column="credit_kg",
            observed=f"{rate:.2f}",
            expected=f"<= {limit:g}",
            area_ha=hectares,
            limit=f"{limit:g}",
        )
    for band in bands:
        if not band.holds(rate):
            _missed(band, rate, hectares, findings)


def _missed(band: Band, rate: float, hectares: float, findings: Findings) -> None:
    everywhere = band.province == _EVERYWHERE
    findings.add(
        "E730" if everywhere else "E731",
        layer="project",
        column="credit_kg",
        observed=f"{rate:.2f}",
        expected=f"{band.low:g}-{band.high:g}",
        area_ha=hectares,
        methodology=band.methodology,
        province=band.province,
        low=f"{band.low:g}",
        high=f"{band.high:g}",
        projects=band.projects,
    )
