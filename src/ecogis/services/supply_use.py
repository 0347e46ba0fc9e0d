"""Supply and use of ecosystem services, as SEEA EA lays them out: who gives and who takes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.numerics.rounding import largest_remainder
from ecogis.services.account import GepAccount
from ecogis.services.items import parts, words

__all__ = ["SupplyUse", "supply_use"]

_KEY: Final = ["item", "part", "product", "unit"]
_AMOUNTS: Final = ("quantity_milli", "value_fen")


@dataclass(frozen=True, slots=True)
class SupplyUse:
    """Supply by ecosystem type and use by who takes it, in the same rows.

    Attributes
    ----------
    supply : DataFrame
        ``item part product unit ecosystem quantity_milli value_fen``.
    use : DataFrame
        ``item part product unit user quantity_milli value_fen``.
    """

    supply: pd.DataFrame
    use: pd.DataFrame


def supply_use(
    made: GepAccount, shares: Mapping[str, Mapping[str, float]] | None = None
) -> SupplyUse:
    """Supply and use tables of an account, in quantities and money.

    Parameters
    ----------
    made : GepAccount
        The account; what does not count is left out.
    shares : mapping of str to mapping of str to float, optional
        Who uses a part, by share; a part that is not named goes whole to the user that the list
        of items has (a policy: the layout is recalled, who benefits is assumed). [1]

    Returns
    -------
    SupplyUse
        Total use of every row is its total supply, exactly (I09).

    Raises
    ------
    ConfigError
        E002: a user is not known, or shares do not add up to one.
    IdentityError
        E504 (I09): supply and use differ.

    References
    ----------
    .. [1] SEEA Ecosystem Accounting, service supply and use tables (layout recalled).
    """
    rows = made.counted
    supply = rows.groupby([*_KEY, "ecosystem"], sort=False)[list(_AMOUNTS)].sum().reset_index()
    supply = supply.astype(dict.fromkeys(_AMOUNTS, "int64"))
    whole = supply.groupby(_KEY, sort=False)[list(_AMOUNTS)].sum().reset_index()
    lines = [_used(row, shares or {}) for _, row in whole.iterrows()]
    heads = [*_KEY, "user", *_AMOUNTS]
    use = pd.concat(lines, ignore_index=True) if lines else pd.DataFrame(columns=heads)
    for name in _AMOUNTS:
        gap = int(supply[name].sum()) - int(use[name].sum())
        if gap:
            raise IdentityError(
                "E504", identity="I09", cells=f"supply, use: {name}", difference=gap
            )
    return SupplyUse(supply, use)


def _used(row: pd.Series, shares: Mapping[str, Mapping[str, float]]) -> pd.DataFrame:
    part = parts()[row["item"], row["part"]]
    given = shares.get(part.part, {part.user: 1.0})
    known = words("users")
    for user in given:
        if user not in known:
            raise ConfigError("E002", value=user, expected=", ".join(known))
    weights = np.array(list(given.values()), dtype=np.float64)
    if (weights < 0.0).any() or abs(weights.sum() - 1.0) > 1e-9:
        raise ConfigError("E002", value=f"{part.part}: {weights.sum():g}", expected="1")
    made = pd.DataFrame({name: row[name] for name in _KEY}, index=range(len(given)))
    made["user"] = list(given)
    for name in _AMOUNTS:
        made[name] = largest_remainder(weights, int(row[name]))
    return made
