"""Two years side by side: what quantities changed, what prices changed, exact to the fen."""

from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.numerics.rounding import quantise
from ecogis.services.account import GepAccount

__all__ = ["compared"]

_KEY: Final = ["item", "part", "product", "unit"]
_AMOUNTS: Final = ["quantity_milli", "value_fen"]
_BEFORE: Final = ["quantity0_milli", "value0_fen"]
_AFTER: Final = ["quantity1_milli", "value1_fen"]


def compared(first: GepAccount, last: GepAccount) -> pd.DataFrame:
    r"""The change between two accounts, split into quantity and price.

    .. math:: V_1 - V_0 = (Q_1 - Q_0) \bar p + \bar Q (p_1 - p_0)

    with mid-point prices and quantities (I08); the mean price of each year is its value over its
    quantity. A part that only one of the years has is a change of coverage, neither of the two.

    Parameters
    ----------
    first, last : GepAccount
        Accounts of the same area.

    Returns
    -------
    DataFrame, one row per part that counts in either year
        ``item part product unit quantity0_milli quantity1_milli value0_fen value1_fen
        quantity_effect_fen price_effect_fen coverage_fen``; the three effects add up to the
        difference of the two totals exactly.

    Raises
    ------
    ConfigError
        E002: the second account is not of a later year.
    """
    if last.year <= first.year:
        raise ConfigError("E002", value=last.year, expected=f"> {first.year}")
    before = _parts(first).rename(columns=dict(zip(_AMOUNTS, _BEFORE, strict=True)))
    after = _parts(last).rename(columns=dict(zip(_AMOUNTS, _AFTER, strict=True)))
    both = before.merge(after, on=_KEY, how="outer", sort=False)
    present = both[["value0_fen", "value1_fen"]].notna().all(axis=1).to_numpy(dtype=bool)
    both[[*_BEFORE, *_AFTER]] = both[[*_BEFORE, *_AFTER]].fillna(0).astype("int64")
    return _split(both, present)


def _parts(made: GepAccount) -> pd.DataFrame:
    table = made.parts[made.parts["counted"] & made.parts["value_fen"].notna()]
    return table.groupby(_KEY, sort=False)[_AMOUNTS].sum().reset_index()


def _split(both: pd.DataFrame, present: np.ndarray) -> pd.DataFrame:
    q0, q1, v0, v1 = (
        both[name].to_numpy(dtype=np.float64)
        for name in ("quantity0_milli", "quantity1_milli", "value0_fen", "value1_fen")
    )
    split = present & (q0 > 0.0) & (q1 > 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        middle = (v0 / q0 + v1 / q1) / 2.0
    by_quantity = np.where(split, (q1 - q0) * np.where(split, middle, 0.0), 0.0)
    change = (both["value1_fen"] - both["value0_fen"]).to_numpy(dtype=np.int64)
    quantity = quantise(by_quantity, 1.0)
    columns = [*_KEY, *_BEFORE[:1], *_AFTER[:1], *_BEFORE[1:], *_AFTER[1:]]
    return both[columns].assign(
        quantity_effect_fen=quantity,
        price_effect_fen=np.where(split, change - quantity, 0),
        coverage_fen=np.where(split, 0, change),
    )
