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
from ecogis.finance.households_items import whole_fen
from ecogis.finance.products import Product
from ecogis.finance.products_places import place_path

__all__ = ["Held", "granted", "line_caps", "stated_cap"]

Bools = npt.NDArray[np.bool_]

_MONEY: Final = ("value_fen", "yearly_fen", "deposit_fen")
_LARGEST_FEN: Final = 2**62
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
    doubtful : array of bool, one per borrower
        Whether an asset of the borrower could not be used, so that what is absent is not known.
    """

    assets: pd.DataFrame
    count: int
    doubtful: Bools

    @classmethod
    def of(
        cls, assets: pd.DataFrame, borrowers: pd.Series, kinds: Collection[str], findings: Findings
    ) -> "Held":
        """Take the assets that can be used; the others (E942) and repeated rows (E877) are told."""
        require(assets, ["borrower", "kind", "value_fen"], "assets")
        place = {name: at for at, name in enumerate(borrowers)}
        who = assets["borrower"].map(place).reset_index(drop=True)
        stated = {n: assets[n].reset_index(drop=True) for n in _MONEY if n in assets}
        absent: Any = pd.array([pd.NA] * len(assets), dtype="Int64")
        money = {n: whole_fen(stated[n]).array if n in stated else absent for n in _MONEY}
        table = pd.DataFrame({"kind": assets["kind"].array} | money).assign(who=who)
        wrong = who.isna() | ~table["kind"].isin(list(kinds))
        for name, cells in stated.items():
            wrong |= cells.notna() & table[name].isna()
        twice = ~wrong & table.duplicated()
        about: dict[str, Any] = {
            "layer": "assets", "row": np.arange(1, len(assets) + 1), "feature": assets["borrower"],
            "observed": assets["kind"], "action": "excluded",
        }  # fmt: skip
        findings.add("E942", where=wrong.to_numpy(dtype=bool), **about)
        findings.add("E877", where=twice.to_numpy(dtype=bool), **about)
        doubtful = np.zeros(len(borrowers), dtype=bool)
        doubtful[who[wrong & who.notna()].to_numpy(dtype=np.int64)] = True
        kept = table[~wrong & ~twice].astype({"who": np.int64})
        return cls(kept.reset_index(drop=True), len(borrowers), doubtful)

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
        if basis == _BASIS["deposit"]:  # one deposit stands behind all that a borrower brings
            mine = mine.sort_values(basis, na_position="first").drop_duplicates("who", keep="last")
        over, under = factor.as_integer_ratio()
        total, unknown = [0] * self.count, ~self.has(kinds)
        for who, fen in zip(mine["who"], mine[basis], strict=True):
            if pd.isna(fen):
                unknown[who] = True
            else:
                total[who] += int(fen) * over // under
        unknown |= np.array([fen > _LARGEST_FEN for fen in total], dtype=bool)
        found = pd.Series(np.where(unknown, 0, np.array(total, dtype=object)), dtype="Int64")
        return found.mask(unknown)


def granted(
    product: Product, held: Held, *, line: pd.Series, wanted: pd.Series, cap: pd.Series
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
    cap : Series of Int64
        As `stated_cap` has it; missing where there is none. [fen]

    Returns
    -------
    amount : Series of Int64
        Missing where no rule is public or what it rests on is not known; a household line no cap
        is in force for is not known either. [fen]
    limited_by : Series of str
        rule, cap or wanted; blank where the amount is missing.
    """
    if product.rule == "unstated":
        amount = pd.Series(pd.NA, index=range(held.count), dtype="Int64")
    elif product.rule == "fixed":
        amount = cap.copy()
    elif product.rule == "line":
        amount = line.reset_index(drop=True).mask(cap.isna())
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


def stated_cap(
    product: Product, count: int, *, raised: pd.Series | None, place_caps: pd.Series
) -> pd.Series:
    """Cap of a product for each borrower; missing where there is none. [fen]

    Parameters
    ----------
    product : Product
        The product.
    count : int
        Number of borrowers.
    raised : Series of boolean, optional
        Where the higher cap of the product holds.
    place_caps : Series of Int64
        As `line_caps` has them: no household line passes the cap of its place. [fen]

    Returns
    -------
    Series of Int64
        One per borrower.
    """
    cap = pd.Series(product.amount_max_fen, index=range(count), dtype="Int64")
    if raised is not None:
        cap = cap.mask(raised.reset_index(drop=True).to_numpy(dtype=bool), product.raised_max_fen)
    if product.rule != "line":
        return cap
    lower = (place_caps < cap).fillna(value=False) | cap.isna()
    return cap.mask(lower, place_caps)


def line_caps(places: pd.Series, higher: pd.Series, caps: pd.DataFrame) -> pd.Series:
    """Cap of a household line in each place, by the narrowest place one is stated for. [fen]

    Parameters
    ----------
    places : Series of str
        Paths.
    higher : Series of boolean
        Where the higher cap is allowed; not known is no.
    caps : DataFrame
        ``place cap_kind cap_fen`` of the day, as `HouseholdRules` has them. [fen]

    Returns
    -------
    Series of Int64
        Missing where no cap is in force.

    Examples
    --------
    >>> caps = pd.DataFrame({"place": ["浙江"], "cap_kind": ["standard"], "cap_fen": [30_000_000]})
    >>> line_caps(pd.Series(["浙江省/衢州市", "江西"]), pd.Series([False, False]), caps).tolist()
    [30000000, <NA>]
    """
    raised = higher.fillna(value=False).to_numpy(dtype=bool)
    ranked = caps.assign(wide=caps["place"].str.len(), high=caps["cap_kind"] == "higher")
    ranked = ranked.sort_values(["wide", "high"])
    found = pd.Series(pd.NA, index=range(len(places)), dtype="Int64")
    paths = pd.Series([f"{place_path(text)}/" if isinstance(text, str) else "" for text in places])
    for place, high, fen in zip(ranked["place"], ranked["high"], ranked["cap_fen"], strict=True):
        inside = paths.str.startswith(f"{place}/").to_numpy(dtype=bool)
        found = found.mask(inside & (raised if high else True), int(fen))
    return found
