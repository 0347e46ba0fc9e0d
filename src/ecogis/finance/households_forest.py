"""Forest rights of the cadastre as items of household balance sheets; annuities of leased land."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.households_items import MOST_FEN, whole_fen
from ecogis.finance.parties import party_keys
from ecogis.finance.schedules import MILLION

__all__ = ["ITEM_OF_KIND", "annuity_value", "capitalised_value", "forest_items"]

ITEM_OF_KIND: Final[Mapping[str, str]] = MappingProxyType(
    {"operating_right": "H06", "forest_right": "H07", "compensation": "H08", "ticket": "H09"}
)
"""Which item a kind of right is."""

_MULTIPLIED: Final = "compensation"
_MOST_YEARS: Final = 1_000  # so that the product below is whole


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
        ``household item value_fen right``; the value is missing where share, kind or value is not
        known, so that no line is drawn from that sheet. Values never add up to more than the whole.

    Raises
    ------
    ConfigError
        E900 the multiple is no number of whole hundredths from 0 to 1000.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E946
        A right without a share, a kind or a value that can be, or more than the whole of a right
        (but for a millionth by holder, from rounding); where the share of one holder is not known,
        nobody's is.

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
    within = not isinstance(multiple, bool) and 0 <= multiple <= _MOST_YEARS
    if not within or round(multiple * 100) / 100 != multiple:
        raise ConfigError("E900", field="multiple", value=multiple, expected="0-1000, 0.01 ×")
    share = whole_fen(rights["share_ppm"])
    given, yearly = (whole_fen(rights[name]) for name in ("value_fen", "yearly_fen"))
    times = rights["kind"].eq(_MULTIPLIED).to_numpy(dtype=bool)
    # 1e13 fen at 1e5 hundredths of a year stay below 2**63
    whole = whole_fen(given.mask(times, yearly * round(multiple * 100) // 100))
    item = rights["kind"].map(ITEM_OF_KIND)
    right = party_keys(rights["right"]).set_axis(rights.index)
    fits = share.between(1, MILLION).fillna(value=False) & right.notna()
    by_right = share.where(fits, 0).groupby(right)
    held = by_right.transform("sum").fillna(0)
    whole_or_less = held <= MILLION + by_right.transform("size").fillna(0)
    shared = fits.groupby(right).transform("all").fillna(value=False).astype(bool)
    wrong = ~(shared & whole_or_less & whole.notna() & item.notna()).to_numpy(dtype=bool)
    findings.add(
        "E946", layer="rights", where=wrong, feature=rights["right"],
        row=np.arange(1, len(rights) + 1), observed=rights["household"], action="excluded",
    )  # fmt: skip
    parts = held.clip(lower=MILLION)
    # quotient and remainder apart: neither product reaches 2**63
    value = (whole // parts * share + whole % parts * share // parts).mask(wrong)
    return pd.DataFrame({"household": rights["household"].array, "item": item.array,
                         "value_fen": value.array, "right": rights["right"].array})  # fmt: skip


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
        E900 a number is negative or no number, or the value is above `MOST_FEN`.

    Examples
    --------
    >>> annuity_value(100_000, 2, 0.0), annuity_value(110_000, 1, 0.1)
    (200000, 100000)
    """
    _must_be("annuity", yearly_fen, years, rate)
    factor = years if rate == 0 else -np.expm1(-years * np.log1p(rate)) / rate
    return _floored("annuity", yearly_fen * factor)


def capitalised_value(yearly_fen: int, rate: float) -> int:
    """Value of a lasting yearly dividend at a rate, rounded down. [fen]

    Raises
    ------
    ConfigError
        E900 the dividend is negative, the rate not above nought, or the value above `MOST_FEN`.

    Examples
    --------
    >>> capitalised_value(5_000, 0.05)
    100000
    """
    _must_be("dividend", yearly_fen, rate)
    return _floored("dividend", yearly_fen / rate if rate else np.inf)


def _must_be(field: str, *numbers: float) -> None:
    """Refuse what is no number of nought or more."""
    if not all(not isinstance(one, bool) and 0 <= one < np.inf for one in numbers):
        raise ConfigError("E900", field=field, value=numbers, expected=">= 0")


def _floored(field: str, fen: float) -> int:
    """A value as whole fen; one that no item may have is refused."""
    if fen > MOST_FEN:
        raise ConfigError("E900", field=field, value=fen, expected=f"<= {MOST_FEN} fen")
    return int(np.floor(fen + 1e-6))
