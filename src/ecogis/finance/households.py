"""Household balance sheets: items weighed, net assets, income, and the line drawn from them.

    L = floor(min(cap, max(0, a N + b I - U) g + H))

with N weighted net assets, I weighted yearly income, U unsecured loans outstanding, g the village's
multiplier and H what the lender adds for honours and points, in fen. Weights, a, b and g are
assumptions (no public formula exists); the caps were read in the press. All arithmetic is integer.
"""

from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.guarantee_limits import WHOLE, parts_of
from ecogis.methods import ParameterSet, parameters

__all__ = ["HouseholdRules", "balance_sheets", "household_rules"]

Ints = npt.NDArray[np.int64]

_MOST_FEN: Final = 10**13  # 1e11 CNY: a larger item is a slip of the decimal point
_CLASSES: Final = ("fixed", "rights", "financial")
_DEBTS: Final = ("bank_debt", "contingent", "private_debt")


@dataclass(frozen=True, slots=True)
class HouseholdRules:
    """Weights, formula, grades and caps in force on a day.

    Attributes
    ----------
    day : date
        Day they are in force on.
    weights : dict of str to int
        By item, for those that are weighed. [1/10000]
    classes : dict of str to str
        Class of each item.
    net_share, income_share : int
        a and b. [1/10000]
    grades : dict of str to int
        Multiplier by grade of the village review. [1/10000]
    caps : DataFrame
        ``place cap_kind cap_fen floor_fen``. [fen]
    label : str
        Edition they are from.
    """

    day: date
    weights: dict[str, int]
    classes: dict[str, str]
    net_share: int
    income_share: int
    grades: dict[str, int]
    caps: pd.DataFrame
    label: str


def household_rules(day: date, *, rules: ParameterSet | None = None) -> HouseholdRules:
    """What a household is scored by on a day.

    Parameters
    ----------
    day : date
        Day of the decision.
    rules : ParameterSet, optional
        A bank's own edition; the shipped one otherwise.

    Returns
    -------
    HouseholdRules
        Whole ten-thousandths and fen.

    Raises
    ------
    NotInForceError
        A rule was not in force yet.

    Examples
    --------
    >>> found = household_rules(date(2026, 8, 31))
    >>> found.weights["H01"], found.grades["A"], int(found.caps["cap_fen"].min()) // 100
    (5000, 10000, 300000)
    """
    held = parameters("household-credit") if rules is None else rules
    items = held.frame("items", day)
    weighed = items.dropna(subset=["weight"])
    pairs = zip(weighed["item"], weighed["weight"], strict=True)
    caps = held.frame("caps", day)
    grades = held.table("multiplier", day, "1")
    return HouseholdRules(
        day=day,
        weights={item: parts_of(weight, item) for item, weight in pairs},
        classes=dict(zip(items["item"], items["class_en"], strict=True)),
        net_share=parts_of(held.value("net_asset_share", day, "1"), "net_asset_share"),
        income_share=parts_of(held.value("income_share", day, "1"), "income_share"),
        grades={str(grade): parts_of(value, str(grade)) for grade, value in grades.items()},
        caps=caps[["place", "cap_kind"]].assign(
            cap_fen=(caps["cap"] * 100).round().astype("int64"),
            floor_fen=(caps["floor"] * 100).round().astype("int64"),
        ),
        label=held.label,
    )


def balance_sheets(
    households: pd.Series, items: pd.DataFrame, rules: HouseholdRules, *, findings: Findings
) -> pd.DataFrame:
    """The balance sheet of each household, weighed. [fen]

    An asset or income counts its weight, rounded down; a debt is held against it by its weight,
    rounded up. What the lender adds for standing and points (H13, H14) is handed over in CNY by its
    own table and is no asset here.

    Parameters
    ----------
    households : Series of str
        Keys, one per household.
    items : DataFrame, one row per item
        ``household``, ``item`` (H01 …) and ``value_fen`` [fen].
    rules : HouseholdRules
        As `household_rules` gives them.
    findings : Findings
        Takes what cannot be used.

    Returns
    -------
    DataFrame, one row per household, in their order
        ``household``, ``assets_fen`` (as valued), ``weighted_fen``, ``debts_fen``, ``net_fen``,
        ``income_fen``, ``bonus_fen`` [fen], ``fixed_fen rights_fen financial_fen`` (weighted), and
        ``sound``: False where an item of it could not be used.

    Raises
    ------
    ConfigError
        E943 a household is missing or stands twice.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E944
        An item of an unknown kind or household, or without a usable value; it is left out and the
        sheet is not sound, so that no line is drawn from it.

    Examples
    --------
    A house of 200,000 at one half, deposits of 10,000, a loan of 30,000:

    >>> items = pd.DataFrame(
    ...     {
    ...         "household": ["A"] * 3,
    ...         "item": ["H01", "H10", "H17"],
    ...         "value_fen": [20_000_000, 1_000_000, 3_000_000],
    ...     }
    ... )
    >>> rules = household_rules(date(2026, 8, 31))
    >>> told = balance_sheets(pd.Series(["A"]), items, rules, findings=Findings())
    >>> told[["assets_fen", "weighted_fen", "debts_fen", "net_fen"]].values.tolist()
    [[21000000, 11000000, 3000000, 8000000]]
    """
    require(items, ["household", "item", "value_fen"], "items")
    if households.isna().any() or households.duplicated().any():
        value = households[households.isna() | households.duplicated()].iloc[0]
        raise ConfigError("E943", value=value)
    known = pd.Index(households)
    who = known.get_indexer(items["household"])
    value = items["value_fen"].astype("Int64")
    usable = items["item"].isin([name for name in rules.classes if name != "H20"]).to_numpy()
    fits = value.between(0, _MOST_FEN).fillna(value=False).to_numpy(dtype=bool)
    wrong = (who < 0) | ~usable | ~fits
    findings.add(
        "E944", layer="household_items", where=wrong, feature=items["household"],
        row=np.arange(1, len(items) + 1), observed=items["item"], action="excluded",
    )  # fmt: skip
    sound = np.ones(len(known), dtype=bool)
    sound[who[wrong & (who >= 0)]] = False
    good = ~wrong
    sums = _sums(
        who[good],
        items["item"].to_numpy()[good],
        value[good].to_numpy(dtype=np.int64),
        rules=rules,
        count=len(known),
    )
    return pd.DataFrame({"household": households.to_numpy()} | sums | {"sound": sound})


def _sums(
    who: Ints, item: npt.NDArray[np.object_], value: Ints, *, rules: HouseholdRules, count: int
) -> dict[str, Ints]:
    """Columns of the sheets from usable items."""
    names = list(rules.classes)
    code = pd.Index(names).get_indexer(pd.Index(item))
    weights = np.array([rules.weights.get(name, WHOLE) for name in names], dtype=np.int64)[code]
    kinds = np.array([rules.classes[name] for name in names], dtype=object)[code]
    debt = np.isin(kinds, _DEBTS)
    # value <= 1e13 and weight <= 1e4: the product stays below 2**63
    weighed = np.where(debt, -(-value * weights // WHOLE), value * weights // WHOLE)
    owned = np.isin(kinds, _CLASSES)
    masks = {"weighted_fen": owned, "debts_fen": debt, "income_fen": kinds == "income",
             "bonus_fen": kinds == "intangible"}  # fmt: skip
    masks |= {f"{name}_fen": kinds == name for name in _CLASSES}
    found = {name: _added(who[mask], weighed[mask], count) for name, mask in masks.items()}
    face = _added(who[owned], value[owned], count)
    net = found["weighted_fen"] - found["debts_fen"]
    return {"assets_fen": face} | found | {"net_fen": net}


def _added(who: Ints, amount: Ints, count: int) -> Ints:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, who, amount)
    return total
