"""Undiscounted products as banks have used them, exact in decimals; and what they leave open."""

from dataclasses import dataclass
from decimal import Decimal

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.valuation.money import Amount, cny, exact, fen

__all__ = [
    "Undiscounted",
    "area_payment",
    "cover",
    "mean_rate",
    "quantity_value",
    "undiscounted_value",
]


@dataclass(frozen=True, slots=True)
class Undiscounted:
    """Exact product of area, rate and years; its whole tonnes; their value."""

    tonnes_exact: Decimal
    tonnes: int
    value_fen: int


def undiscounted_value(
    area_mu: Amount, rate_t_per_mu_yr: Amount, years: Amount, price_cny_t: Amount
) -> Undiscounted:
    """Area times rate times years, in whole tonnes, times the price; nothing is discounted.

    The calculation of the first bamboo carbon loan. It overstates what can be lent on: no time
    value, no cost, no risk. Kept to compare, not to lend on.

    Parameters
    ----------
    area_mu : number
        Area. [mu]
    rate_t_per_mu_yr : number
        Reductions by area and year. [t CO2e mu-1 yr-1]
    years : number
        Length of the contract. [yr]
    price_cny_t : number
        Price. [CNY t-1]

    Returns
    -------
    Undiscounted
        Tonnes rounded down; value exact to the fen.

    Examples
    --------
    >>> anji = undiscounted_value(1030, "0.39", "17.54", "52.78")
    >>> anji.tonnes_exact, anji.tonnes, cny(anji.value_fen)
    (Decimal('7045.8180'), 7045, Decimal('371835.10'))
    """
    tonnes = exact(area_mu, "area_mu") * exact(rate_t_per_mu_yr, "rate") * exact(years, "years")
    if tonnes < 0:
        raise ConfigError("E532", name="area x rate x years", value=tonnes, expected="0 or more")
    return Undiscounted(tonnes, int(tonnes), quantity_value(int(tonnes), price_cny_t))


def quantity_value(tonnes: Amount, price_cny_t: Amount) -> int:
    """Tonnes times price, exact, rounded to the fen at the end. [fen]

    >>> cny(quantity_value(5913, 336))
    Decimal('1986768.00')
    """
    return fen(exact(tonnes, "tonnes") * exact(price_cny_t, "price_cny_t"))


def area_payment(area_mu: Amount, payment_cny_per_mu_yr: Amount, years: Amount) -> int:
    """Payment of a storage contract by area and year. [fen]

    >>> cny(area_payment(5425, "16.926", 3))
    Decimal('275470.65')
    """
    area = exact(area_mu, "area_mu") * exact(years, "years")
    return fen(area * exact(payment_cny_per_mu_yr, "payment_cny_per_mu_yr"))


def cover(value_fen: int, principal_fen: int, *, subject: str, findings: Findings) -> float | None:
    """Carbon value over principal; none without a principal. [1]

    A value is never inferred from a loan; a loan above the value rests on something else.

    Findings
    --------
    E536
        The principal exceeds the value: carbon is not the real collateral.
    """
    if not principal_fen:
        return None
    ratio = value_fen / principal_fen
    if value_fen < principal_fen:
        findings.add(
            "E536", layer="loan", feature=subject, observed=f"{ratio:.3f}",
            principal=cny(principal_fen), value=cny(value_fen),
        )  # fmt: skip
    return ratio


def mean_rate(
    tonnes: Amount,
    area_ha: Amount,
    years: Amount,
    *,
    subject: str,
    explain_above: float,
    findings: Findings,
) -> float:
    """Reductions by hectare and year over the whole period. [t CO2e ha-1 yr-1]

    Parameters
    ----------
    tonnes, area_ha, years : number
        Claim, area and length. [t CO2e, ha, yr]
    subject : str
        Whose claim it is.
    explain_above : float
        Rate above which the claim needs an explanation; depends on region and activity.
        [t CO2e ha-1 yr-1]
    findings : Findings
        Takes E537.

    Returns
    -------
    float
        Mean rate.

    Findings
    --------
    E537
        The rate is above the plausible one: the claim may be a stock.

    Examples
    --------
    >>> seen = Findings()
    >>> round(mean_rate(60610, 200, 20, subject="P02", explain_above=8, findings=seen), 2)
    15.15
    >>> seen.count("E537")
    1
    """
    span = exact(area_ha, "area_ha") * exact(years, "years")
    if span <= 0:
        raise ConfigError("E532", name="area_ha x years", value=span, expected="above 0")
    rate = float(exact(tonnes, "tonnes") / span)
    if rate > explain_above:
        limit = f"{explain_above:g} t"
        findings.add("E537", layer="claims", feature=subject, observed=f"{rate:.2f}", limit=limit)
    return rate
