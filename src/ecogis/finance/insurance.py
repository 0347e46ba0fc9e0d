"""Insurance of forests and carbon: index and cost policies, premium shares, the three lists."""

from collections.abc import Mapping
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Final

import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.amounts import finite_number, whole_amount
from ecogis.finance.risk_sharing import share_loss
from ecogis.finance.told_days import told_days
from ecogis.methods import ParameterSet, parameters

__all__ = ["cost_payout", "index_payout", "premium_shares", "service_lists", "share_premium"]

_LISTS: Final = 3
_PATTERNS: Final = {
    "rain": ("district", "farmer"),
    "cost": ("city", "district", "farmer"),
}


def index_payout(index: float, threshold: float, unit_fen: int, limit_fen: int) -> int:
    """What an index policy pays: each unit beyond the threshold, up to a limit. [fen]

    Parameters
    ----------
    index : float
        Index seen in the year, such as tonnes of carbon lost; in the policy's unit.
    threshold : float
        Above it the policy pays; in the same unit.
    unit_fen : int
        Paid for a unit of the index. [fen]
    limit_fen : int
        Paid in a year at most. [fen]

    Returns
    -------
    int
        Rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 a number is negative or none.

    References
    ----------
    .. [1] Forest carbon index policy of Xinluo, 2021-04 (中新网 2021-05-26): trigger is the yearly
       carbon loss beyond a threshold, at most 20 M CNY; the pay by tonne is not told.

    Examples
    --------
    >>> index_payout(1_500.0, 1_000.0, 2_000, 900_000), index_payout(1_000.0, 1_000.0, 2_000, 9)
    (900000, 0)
    """
    unit, most = whole_amount(unit_fen, "unit"), whole_amount(limit_fen, "limit")
    seen, above = (finite_number(one, "index") for one in (index, threshold))
    beyond = max(Decimal(str(seen)) - Decimal(str(above)), Decimal(0))
    return min(int((beyond * unit).to_integral_value(ROUND_FLOOR)), most)


def cost_payout(insured_fen: int, loss: float, *, deductible: float = 0.0) -> int:
    """What a cost policy pays: the insured cost times the share lost, beyond a deductible. [fen]

    Parameters
    ----------
    insured_fen : int
        Insured cost of the area hit. [fen]
    loss : float
        Share lost. [1]
    deductible : float
        Share below which nothing is paid; above it the whole share is. A policy. [1]

    Returns
    -------
    int
        Rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 a share is not between 0 and 1, or the cost is not whole fen, nought or more.

    Examples
    --------
    >>> cost_payout(100_000, 0.35), cost_payout(100_000, 0.05, deductible=0.1)
    (35000, 0)
    """
    insured, lost = whole_amount(insured_fen, "insured"), finite_number(loss, "loss", most=1.0)
    if lost < finite_number(deductible, "deductible", most=1.0):
        return 0
    return int((Decimal(insured) * Decimal(str(lost))).to_integral_value(ROUND_FLOOR))


def premium_shares(
    pattern: str, day: date, *, rules: ParameterSet | None = None
) -> dict[str, float]:
    """Who paid which share of a premium in Lin'an: ``rain`` index, frost and drought ``cost``. [1]

    Raises
    ------
    ConfigError
        E900 there is no such pattern.
    NotInForceError
        The day comes before it was seen.

    Examples
    --------
    >>> premium_shares("cost", date(2026, 8, 31))
    {'city': 0.4, 'district': 0.4, 'farmer': 0.2}
    """
    if pattern not in _PATTERNS:
        raise ConfigError("E900", field="pattern", value=pattern, expected=", ".join(_PATTERNS))
    held = parameters("forest-insurance") if rules is None else rules
    return {party: held.value(f"{pattern}_{party}_share", day, "1") for party in _PATTERNS[pattern]}


def share_premium(premium_fen: int, shares: Mapping[str, float]) -> dict[str, int]:
    """A premium over those who pay it, to the 分. [fen]

    >>> share_premium(15_000, {"city": 0.4, "district": 0.4, "farmer": 0.2})
    {'city': 6000, 'district': 6000, 'farmer': 3000}
    """
    return share_loss(premium_fen, shares)


def service_lists(services: pd.DataFrame, day: date, *, findings: Findings) -> pd.DataFrame:
    """The three lists of insurance services of a county on a day.

    What the lists hold is published nowhere; the county states it.

    Parameters
    ----------
    services : DataFrame, one row per service
        ``list`` (its name), ``service``, ``from`` and ``to`` (dates; the last day, may be missing).
    day : date
        Day asked for.
    findings : Findings
        Takes what is wrong.

    Returns
    -------
    DataFrame
        ``list service from`` of the services in force, by list.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E948
        There are not three lists, or a service has no name, no first day, ends before it, or
        stands twice.

    Examples
    --------
    >>> table = pd.DataFrame(
    ...     {
    ...         "list": ["一", "二", "三"],
    ...         "service": ["a", "b", "c"],
    ...         "from": ["2026-01-01"] * 3,
    ...         "to": [None, "2026-06-30", None],
    ...     }
    ... )
    >>> service_lists(table, date(2026, 8, 31), findings=Findings())["service"].tolist()
    ['a', 'c']
    """
    require(services, ["list", "service", "from", "to"], "insurance_lists")
    start, end = (told_days(services[name]) for name in ("from", "to"))
    names_told = services[["list", "service"]].fillna("").astype(str)
    wrong = names_told.apply(lambda names: names.str.strip() == "").any(axis=1) | start.isna()
    wrong |= (services["to"].notna() & end.isna()) | (end < start)
    names_told = names_told.apply(lambda names: names.str.strip())
    named = names_told["list"]
    spans = names_told.assign(start=start, end=end)
    wrong |= spans[~wrong].duplicated().reindex(spans.index, fill_value=False)
    names = named[named != ""].nunique()
    findings.add(
        "E948", layer="insurance_lists", where=wrong.to_numpy(), feature=services["service"],
        observed=services["list"], action="excluded",
    )  # fmt: skip
    if names != _LISTS:
        findings.add("E948", layer="insurance_lists", observed=names, expected=str(_LISTS))
    at = pd.Timestamp(day)
    held = ~wrong & (start <= at) & (end.isna() | (end >= at))
    kept: pd.DataFrame = services.loc[held, ["list", "service", "from"]]
    return kept.sort_values(["list", "service"], kind="stable").reset_index(drop=True)
