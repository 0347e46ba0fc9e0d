"""Forest rights of the cadastre as items of household balance sheets; annuities of leased land."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.schedules import MILLION

__all__ = ["ITEM_OF_KIND", "annuity_value", "capitalised_value", "forest_items"]

ITEM_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {"operating_right": "H06", "forest_right": "H07", "compensation": "H08", "ticket": "H09"}
)
"""Which item a kind of right is."""

_MULTIPLIED: Final = "compensation"


def forest_items(rights: pd.DataFrame, multiple: float, *, findings: Findings) -> pd.DataFrame:
    """Items of the balance sheet from rights the cadastre and the valuation hand over.

    Parameters
    ----------
    rights : DataFrame, one row per holder of a right
        ``household``, ``right``, ``kind`` (see `ITEM_OF_KIND`), ``value_fen`` of the whole right
        or, for compensation, ``yearly_fen`` [fen], and ``share_ppm`` of the household [1e-6].
    multiple : float
        Years compensation is counted for. [1]
    findings : Findings
        Takes what cannot be used.

    Returns
    -------
    DataFrame, one row per right
        ``household item value_fen``; the value is missing where share, kind or value is not known,
        so that no line is drawn from that sheet.

    Raises
    ------
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E946
        A right without a share, a kind or a value, or more than the whole of a right.

    Examples
    --------
    Half of a right of 100,000, and 3,000 a year of compensation at 15 times:

    >>> rights = pd.DataFrame(
    ...     {
    ...         "household": ["A", "A"],
    ...         "right": ["R1", "R2"],
    ...         "kind": ["forest_right", "compensation"],
    ...         "value_fen": [10_000_000, pd.NA],
    ...         "yearly_fen": [pd.NA, 300_000],
    ...         "share_ppm": [500_000, 1_000_000],
    ...     }
    ... )
    >>> forest_items(rights, 15, findings=Findings())["value_fen"].tolist()
    [5000000, 4500000]
    """
    require(
        rights, ["household", "right", "kind", "value_fen", "yearly_fen", "share_ppm"], "rights"
    )
    share = rights["share_ppm"].astype("Int64")
    given = rights["value_fen"].astype("Int64")
    times = rights["kind"].eq(_MULTIPLIED).to_numpy(dtype=bool)
    yearly = rights["yearly_fen"].astype("Int64")
    parts = round(multiple * 100)
    whole = given.mask(times, (yearly * parts) // 100)
    item = rights["kind"].map(ITEM_OF_KIND)
    held = share.groupby(rights["right"]).transform("sum")
    fits = share.between(1, MILLION).fillna(value=False) & (held <= MILLION).fillna(value=False)
    fits &= (whole >= 0).fillna(value=False) & item.notna()
    wrong = ~fits.to_numpy(dtype=bool)
    findings.add(
        "E946", layer="rights", where=wrong, feature=rights["right"],
        row=np.arange(1, len(rights) + 1), observed=rights["household"], action="excluded",
    )  # fmt: skip
    value = (whole * share // MILLION).mask(wrong)
    return pd.DataFrame(
        {"household": rights["household"].array, "item": item.array, "value_fen": value.array}
    )


def annuity_value(yearly_fen: int, years: float, rate: float) -> int:
    """Value of a yearly net rent over the years left of a lease, rounded down. [fen]

    .. math:: V = R (1 - (1 + i)^{-n}) / i

    Parameters
    ----------
    yearly_fen : int
        Net rent of a year, at its end. [fen]
    years : float
        Years left. [yr]
    rate : float
        Discount rate; 0 adds the rents up. [1]

    Raises
    ------
    ConfigError
        E900 a number is negative.

    Examples
    --------
    >>> annuity_value(100_000, 2, 0.0), annuity_value(110_000, 1, 0.1)
    (200000, 100000)
    """
    if min(yearly_fen, years, rate) < 0:
        raise ConfigError("E900", field="annuity", value=(yearly_fen, years, rate), expected=">= 0")
    factor = years if rate == 0 else -np.expm1(-years * np.log1p(rate)) / rate
    return int(np.floor(yearly_fen * factor + 1e-6))


def capitalised_value(yearly_fen: int, rate: float) -> int:
    """Value of a lasting yearly dividend at a rate, rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 the dividend is negative or the rate not above nought.

    Examples
    --------
    >>> capitalised_value(5_000, 0.05)
    100000
    """
    if yearly_fen < 0 or rate <= 0:
        raise ConfigError("E900", field="dividend", value=(yearly_fen, rate), expected="> 0")
    return int(np.floor(yearly_fen / rate + 1e-6))
