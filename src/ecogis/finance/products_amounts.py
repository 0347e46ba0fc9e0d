"""How much a product grants on what a borrower holds; whole fen, rounded down."""

from collections.abc import Collection
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.products import Product

__all__ = ["Held", "granted"]

Bools = npt.NDArray[np.bool_]

_MONEY: Final = ("value_fen", "yearly_fen", "deposit_fen")
_BASIS: Final = {"value": "value_fen", "yearly": "yearly_fen", "deposit": "deposit_fen"}


@dataclass(frozen=True, slots=True)
class Held:
    """What borrowers hold, by borrower and kind.

    Attributes
    ----------
    assets : DataFrame, one row per usable asset
        ``who`` (place of the borrower), ``kind`` and the amounts, Int64. [fen]
    count : int
        Number of borrowers.
    """

    assets: pd.DataFrame
    count: int

    @classmethod
    def of(
        cls, assets: pd.DataFrame, borrowers: pd.Series, kinds: Collection[str], findings: Findings
    ) -> "Held":
        """Take the assets that can be used; the others are told (E942)."""
        require(assets, ["borrower", "kind", "value_fen"], "assets")
        place = {name: at for at, name in enumerate(borrowers)}
        who = assets["borrower"].map(place)
        absent: Any = pd.array([pd.NA] * len(assets), dtype="Int64")
        money = {n: assets[n].astype("Int64").array if n in assets else absent for n in _MONEY}
        table = pd.DataFrame({"kind": assets["kind"].array} | money)
        below = (table[list(_MONEY)] < 0).fillna(value=False).any(axis=1).to_numpy(dtype=bool)
        wrong = who.isna().to_numpy() | ~table["kind"].isin(list(kinds)).to_numpy() | below
        findings.add(
            "E942", layer="assets", where=wrong, feature=assets["borrower"],
            row=np.arange(1, len(assets) + 1), observed=assets["kind"], action="excluded",
        )  # fmt: skip
        kept = table[~wrong].assign(who=who.to_numpy()[~wrong].astype(np.int64))
        return cls(kept.reset_index(drop=True), len(borrowers))

    def has(self, kinds: Collection[str]) -> Bools:
        """Whether each borrower has an asset of one of the kinds; ``a+b`` asks for both."""
        found = np.zeros(self.count, dtype=bool)
        for kind in kinds:
            found |= np.logical_and.reduce([self._one(part) for part in kind.split("+")])
        return found

    def _one(self, kind: str) -> Bools:
        found = np.zeros(self.count, dtype=bool)
        found[self.assets["who"].to_numpy()[self.assets["kind"].to_numpy() == kind]] = True
        return found

    def worth(self, kinds: Collection[str]) -> pd.Series:
        """Value of a borrower's assets of some kinds; missing where one is not valued. [fen]"""
        return self.amount(kinds, "value_fen", Decimal(1))

    def amount(self, kinds: Collection[str], basis: str, factor: Decimal) -> pd.Series:
        """Factor times an amount over a borrower's assets of some kinds, each rounded down. [fen]

        Missing where one of them does not state the amount, or there is none.
        """
        parts = {part for kind in kinds for part in kind.split("+")}
        mine = self.assets[self.assets["kind"].isin(list(parts))]
        given = mine[basis]
        over, under = factor.as_integer_ratio()
        granted_on = np.array(
            [0 if pd.isna(fen) else int(fen) * over // under for fen in given], dtype=np.int64
        )
        total = np.zeros(self.count, dtype=np.int64)
        np.add.at(total, mine["who"].to_numpy(), granted_on)
        unknown = ~self.has(kinds)
        unknown[mine["who"].to_numpy()[given.isna().to_numpy()]] = True
        return pd.Series(total, dtype="Int64").mask(unknown)


def granted(
    product: Product,
    held: Held,
    *,
    line: pd.Series,
    wanted: pd.Series,
    raised: pd.Series | None,
) -> tuple[pd.Series, pd.Series]:
    """What a product grants each borrower, and what limits it.

    Parameters
    ----------
    product : Product
        The product.
    held : Held
        What borrowers hold.
    line, wanted : Series of Int64
        Household line, and what the borrower asks for; missing where not stated. [fen]
    raised : Series of boolean, optional
        Where the higher cap of the product holds.

    Returns
    -------
    amount : Series of Int64
        Missing where no rule is public or what it rests on is not known. [fen]
    limited_by : Series of str
        rule, cap or wanted; blank where the amount is missing.
    """
    cap = _cap(product, held.count, raised)
    if product.rule == "unstated":
        amount = pd.Series(pd.NA, index=range(held.count), dtype="Int64")
    elif product.rule == "fixed":
        amount = cap.copy()
    elif product.rule == "line":
        amount = line.reset_index(drop=True)
    else:
        factor = product.factor or Decimal(0)
        amount = held.amount(product.assets, _BASIS[product.rule], factor)
    limited = pd.Series("rule", index=amount.index, dtype="string")
    for name, limit in (("cap", cap), ("wanted", wanted.reset_index(drop=True))):
        binds = (limit < amount).fillna(value=False)
        amount, limited = amount.mask(binds, limit), limited.mask(binds, name)
    if product.rule == "fixed":
        limited = limited.mask(limited == "rule", "cap")
    return amount, limited.mask(amount.isna(), "")


def _cap(product: Product, count: int, raised: pd.Series | None) -> pd.Series:
    """The stated cap of each borrower; missing where there is none. [fen]"""
    cap = pd.Series(product.amount_max_fen, index=range(count), dtype="Int64")
    if raised is None:
        return cap
    higher = raised.reset_index(drop=True).to_numpy(dtype=bool)
    return cap.mask(higher, product.raised_max_fen)
