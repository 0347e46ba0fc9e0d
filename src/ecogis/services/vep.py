"""Value of the products of one piece of land (特定地域单元生态产品价值): a cross-check only."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import share
from ecogis.numerics.rounding import quantise
from ecogis.services.account import GepAccount

__all__ = ["Vep", "land_of", "observed_cover", "vep"]


@dataclass(frozen=True, slots=True)
class Vep:
    """What the products of some land are worth over a term.

    Attributes
    ----------
    table : DataFrame
        ``item part yearly_fen realisable_fen``: value of a year, and the share that can be sold.
    yearly_fen : int
        Sum of what can be sold in a year. [fen]
    value_fen : int
        Its present value over the term; never a part of a pledge value. [fen]
    """

    table: pd.DataFrame
    yearly_fen: int
    value_fen: int


def vep(
    made: GepAccount,
    land: "pd.Series[float]",
    sold: Mapping[str, float],
    *,
    years: int,
    rate: float,
) -> Vep:
    """Present value of what the products of a borrower's land can be sold for.

    Only items for which somebody pays have a market value: each is named with the share of it that
    can be sold. Values are yearly and come at the end of each year; this is a cross-check beside a
    valuation and enters none.

    Parameters
    ----------
    made : GepAccount
        The account of the area.
    land : Series of float
        Share of each land unit that is the borrower's, by unit. [1]
    sold : mapping of str to float
        Share of each item that can be sold. [1]
    years : int
        Term, one or more. [yr]
    rate : float
        Discount rate, a share; nought is allowed: the value is then years times the yearly. [1]

    Returns
    -------
    Vep

    Raises
    ------
    ConfigError
        E002: there is no year.
    UnitError
        E007: a rate or share is no share, as 5 for 0.05.
    """
    if years < 1:
        raise ConfigError("E002", value=years, expected="≥ 1")
    share(rate, "rate")
    for name, part in sold.items():
        share(part, name)
    rows = made.counted
    mine = rows["unit_id"].map(land).fillna(0.0).to_numpy(dtype=float)
    fen = rows["value_fen"].to_numpy(dtype=float)
    able = rows["item"].map(sold).fillna(0.0).to_numpy(dtype=float)
    found = rows[["item", "part"]].assign(
        yearly_fen=quantise(fen * mine, 1.0), realisable_fen=quantise(fen * mine * able, 1.0)
    )
    sums = ["yearly_fen", "realisable_fen"]
    table = found.groupby(["item", "part"], sort=False)[sums].sum().reset_index()
    yearly = int(table["realisable_fen"].sum())
    return Vep(table, yearly, _present(yearly, years, rate))


def _present(yearly: int, years: int, rate: float) -> int:
    """Value of a yearly amount at the end of each year; at no rate it is years times it."""
    with localcontext() as context:
        context.prec = 40
        step = Decimal(1) / (Decimal(1) + Decimal(repr(rate)))
        factor = sum((step**year for year in range(1, years + 1)), Decimal(0))
        return int((Decimal(yearly) * factor).to_integral_value(ROUND_HALF_EVEN))


def observed_cover(value: Vep, loan_fen: int, findings: Findings) -> float | None:
    """A loan over the value, as seen (PC10): never a ground of value.

    Returns
    -------
    float or None
        Loan over value; None where there is no value. [1]

    Findings
    --------
    E496
        The ratio, for the report.
    """
    ratio = loan_fen / value.value_fen if value.value_fen else None
    findings.add("E496", layer="gep", observed="—" if ratio is None else f"{ratio:.4f}",
                 loan=f"{loan_fen / 100:,.2f}", value=f"{value.value_fen / 100:,.2f}")  # fmt: skip
    return ratio


def land_of(
    pieces: pd.DataFrame, parcels: Collection[str], stand_dm2: pd.Series
) -> "pd.Series[float]":
    """Share of each stand that lies in some parcels. [1]

    A stand of no area, such as one outside the boundary of the survey, has nothing to share.

    Parameters
    ----------
    pieces : DataFrame
        ``stand``, ``parcel``, ``area_dm2``.
    parcels : collection of str
        The borrower's parcels.
    stand_dm2 : Series of int64
        Area of each stand. [dm2]

    Examples
    --------
    >>> pieces = pd.DataFrame(
    ...     {"stand": ["S", "S"], "parcel": ["P", "Q"], "area_dm2": [250_000, 750_000]}
    ... )
    >>> land_of(pieces, ["P"], pd.Series({"S": 1_000_000})).to_dict()
    {'S': 0.25}
    >>> land_of(pieces, ["P"], pd.Series({"S": 0})).to_dict()
    {'S': 0.0}
    """
    own = pieces[pieces["parcel"].isin(list(parcels))]
    area = own.groupby("stand")["area_dm2"].sum()
    whole = stand_dm2.reindex(area.index).astype(float)
    return (area.astype(float) / whole.where(whole > 0.0)).fillna(0.0)
