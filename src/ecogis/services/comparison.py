"""Two years side by side: what quantities changed, what prices changed, exact to the fen."""

from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.units import factor
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
    quantity. Where one year has tonnes and the other kilograms, both are taken in the finer unit. A
    part that only one of the years has is a change of coverage, neither of the two.

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
        E002: the second account is not of a later year; E960: the two have another standard or
        another price set, so that a change would be neither of quantity nor of price.
    """
    if last.year <= first.year:
        raise ConfigError("E002", value=last.year, expected=f"> {first.year}")
    for a, b in (
        (first.standard.label, last.standard.label),
        (first.price_set, last.price_set),
    ):
        if a != b:
            raise ConfigError("E960", a=f"{first.year}: {a}", b=f"{last.year}: {b}")
    first_parts, last_parts = _alike(_parts(first), _parts(last))
    before = first_parts.rename(columns=dict(zip(_AMOUNTS, _BEFORE, strict=True)))
    after = last_parts.rename(columns=dict(zip(_AMOUNTS, _AFTER, strict=True)))
    both = before.merge(after, on=_KEY, how="outer", sort=False)
    present = both[["value0_fen", "value1_fen"]].notna().all(axis=1).to_numpy(dtype=bool)
    both[[*_BEFORE, *_AFTER]] = both[[*_BEFORE, *_AFTER]].fillna(0).astype("int64")
    return _split(both, present)


def _parts(made: GepAccount) -> pd.DataFrame:
    table = made.parts[made.parts["counted"] & made.parts["value_fen"].notna()]
    return table.groupby(_KEY, sort=False)[_AMOUNTS].sum().reset_index()


def _alike(first: pd.DataFrame, last: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantities of a product in one unit in both years, where units can be turned into another."""
    product = _KEY[:-1]
    units = pd.concat([first, last]).groupby(product)["unit"].unique()
    target = {key: _finest(list(found)) for key, found in units.items() if len(found) > 1}

    def turned(table: pd.DataFrame) -> pd.DataFrame:
        keys = list(zip(*(table[name] for name in product), strict=True))
        to = [target.get(key) or unit for key, unit in zip(keys, table["unit"], strict=True)]
        per = [factor(unit, other) for unit, other in zip(table["unit"], to, strict=True)]
        amount = table["quantity_milli"].to_numpy(dtype=np.float64) * per
        made = table.assign(unit=to, quantity_milli=quantise(amount, 1.0))
        return made.groupby(_KEY, sort=False)[_AMOUNTS].sum().reset_index()

    return (turned(first), turned(last)) if any(target.values()) else (first, last)


def _finest(units: list[str]) -> str | None:
    """The unit the others are most of; None where they are not all of one kind."""
    try:
        return max(units, key=lambda unit: factor(units[0], unit))
    except UnitError:
        return None


def _split(both: pd.DataFrame, present: np.ndarray) -> pd.DataFrame:
    q0, q1, v0, v1 = (
        both[name].to_numpy(dtype=np.float64)
        for name in ("quantity0_milli", "quantity1_milli", "value0_fen", "value1_fen")
    )
    split = present & (q0 != 0.0) & (q1 != 0.0)  # a loss has a price as a gain has
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
