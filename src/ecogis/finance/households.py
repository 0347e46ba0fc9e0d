"""Household balance sheets: items weighed, net assets, income, and the line drawn from them.

    L = floor(min(cap, max(0, a N + b I + H - U) g))

with N weighted net assets, I weighted yearly income, U unsecured loans outstanding, g the village's
multiplier and H what the lender adds for honours and points, up to a most and only where a N + b I
is above nought, in fen. Weights, a, b, g and that most are assumptions (no public formula exists);
the caps were read in the press. All arithmetic is integer.
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
from ecogis.finance.households_items import DEBTS, usable_items
from ecogis.finance.parties import party_keys
from ecogis.methods import CONFIDENCES, ParameterSet, parameters, weakest

__all__ = ["HouseholdRules", "balance_sheets", "household_rules"]

Ints = npt.NDArray[np.int64]

_EDITION: Final = "household-credit@2026-2"
_CLASSES: Final = ("fixed", "rights", "financial")
_BONUS: Final = "intangible"


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
    bonus_most_fen : int
        Most that honours and points count. [fen]
    compensation_multiple : float
        Years a compensation is counted for. [1]
    marks : dict of str to str
        Confidence of what each item counts by.
    formula_mark : str
        Weakest confidence of a, b and the grades.
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
    bonus_most_fen: int
    compensation_multiple: float
    marks: dict[str, str]
    formula_mark: str
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
    held = parameters(_EDITION) if rules is None else rules
    items = held.frame("items", day)
    weighed = items.dropna(subset=["weight"])
    pairs = zip(weighed["item"], weighed["weight"], strict=True)
    caps = held.frame("caps", day)
    shares = {name: held.entry(name, day) for name in ("net_asset_share", "income_share")}
    grades = held.frame("grades", day)
    most = held.entry("bonus_most", day)
    bonus = items["class_en"] == _BONUS
    marks = items["confidence"].mask(bonus, most.confidence)
    used = [*(value.confidence for value in shares.values()), *grades["confidence"]]
    return HouseholdRules(
        day=day,
        weights={item: parts_of(weight, item) for item, weight in pairs},
        classes=dict(zip(items["item"], items["class_en"], strict=True)),
        net_share=parts_of(float(shares["net_asset_share"].value), "net_asset_share"),
        income_share=parts_of(float(shares["income_share"].value), "income_share"),
        grades={str(grade): parts_of(value, str(grade))
                for grade, value in zip(grades["grade"], grades["multiplier"], strict=True)},
        caps=caps[["place", "cap_kind"]].assign(
            cap_fen=(caps["cap"] * 100).round().astype("int64"),
            floor_fen=(caps["floor"] * 100).round().astype("int64"),
        ),
        bonus_most_fen=round(held.value("bonus_most", day, "fen")),
        compensation_multiple=held.value("compensation_multiple", day, "1"),
        marks=dict(zip(items["item"], marks, strict=True)),
        formula_mark=weakest(used),
        label=held.label,
    )  # fmt: skip


def balance_sheets(
    households: pd.Series, items: pd.DataFrame, rules: HouseholdRules, *, findings: Findings
) -> pd.DataFrame:
    """The balance sheet of each household, weighed. [fen]

    An asset or income counts its weight, rounded down; a debt is held against it by its weight,
    rounded up. What the lender adds for standing and points (H13, H14) is valued by its own table
    and is no asset here. Debts that are not stated are not nought: bank loans, guarantees given and
    private loans each need a row, of nought where there are none.

    Parameters
    ----------
    households : Series of str
        Keys, one per household.
    items : DataFrame, one row per item
        ``household``, ``item`` (H01 …), ``value_fen`` [fen] and, for those `forest_items` gives,
        ``right``. Spellings of one household are one, as `party_keys` folds them.
    rules : HouseholdRules
        As `household_rules` gives them.
    findings : Findings
        Takes what cannot be used.

    Returns
    -------
    DataFrame, one row per household, in their order
        ``household``, ``assets_fen`` (as valued), ``weighted_fen``, ``debts_fen``, ``net_fen``,
        ``income_fen``, ``bonus_fen`` [fen], ``fixed_fen rights_fen financial_fen`` (weighted),
        ``sound``: False where an item of it could not be used or a debt is not stated, and
        ``confidence``, the weakest of its weights and of the formula.

    Raises
    ------
    ConfigError
        E943 a household is missing or stands twice.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E944, E973, E975
        An item of an unknown kind or household, without a usable value, given twice, or typed in
        beside rights of the cadastre; it is left out and the sheet is not sound, so that no line is
        drawn from it.
    E974
        A right of a household that is not scored.
    E976
        A debt is not stated; the sheet is not sound.

    Examples
    --------
    A house of 200,000 at one half, deposits of 10,000, a loan of 30,000, no other debt:

    >>> items = pd.DataFrame(
    ...     {
    ...         "household": ["A"] * 5,
    ...         "item": ["H01", "H10", "H17", "H18", "H19"],
    ...         "value_fen": [20_000_000, 1_000_000, 3_000_000, 0, 0],
    ...     }
    ... )
    >>> rules = household_rules(date(2026, 8, 31))
    >>> told = balance_sheets(pd.Series(["A"]), items, rules, findings=Findings())
    >>> told[["assets_fen", "weighted_fen", "debts_fen", "net_fen"]].values.tolist()
    [[21000000, 11000000, 3000000, 8000000]]
    """
    require(items, ["household", "item", "value_fen"], "items")
    keys = party_keys(households)
    strange = (keys.isna() | keys.duplicated()).to_numpy(dtype=bool)
    if strange.any():  # by its row, since the key may be an identity number
        raise ConfigError("E943", value=int(strange.argmax()) + 1)
    kept, sound = usable_items(pd.Index(keys), items, rules.classes, findings=findings)
    sums = _sums(kept, rules=rules, count=len(keys))
    return pd.DataFrame({"household": households.to_numpy()} | sums | {"sound": sound})


def _sums(
    kept: pd.DataFrame, *, rules: HouseholdRules, count: int
) -> dict[str, npt.NDArray[np.generic]]:
    """Columns of the sheets from usable items."""
    who, value = (kept[name].to_numpy(dtype=np.int64) for name in ("who", "value_fen"))
    names = list(rules.classes)
    code = pd.Index(names).get_indexer(pd.Index(kept["item"]))
    weights = np.array([rules.weights.get(name, WHOLE) for name in names], dtype=np.int64)[code]
    kinds = np.array([rules.classes[name] for name in names], dtype=object)[code]
    debt = np.isin(kinds, DEBTS)
    # value <= 1e13 and weight <= 1e4: the product stays below 2**63
    weighed = np.where(debt, -(-value * weights // WHOLE), value * weights // WHOLE)
    owned = np.isin(kinds, _CLASSES)
    masks = {"weighted_fen": owned, "debts_fen": debt, "income_fen": kinds == "income",
             "bonus_fen": kinds == _BONUS}  # fmt: skip
    masks |= {f"{name}_fen": kinds == name for name in _CLASSES}
    found = {name: _added(who[mask], weighed[mask], count) for name, mask in masks.items()}
    face = _added(who[owned], value[owned], count)
    net = found["weighted_fen"] - found["debts_fen"]
    marks = np.array([CONFIDENCES.index(rules.marks[name]) for name in names], dtype=np.int64)
    rank = np.full(count, CONFIDENCES.index(rules.formula_mark), dtype=np.int64)
    np.maximum.at(rank, who, np.where(value > 0, marks[code], 0))
    mark = np.array(CONFIDENCES, dtype=object)[rank]
    return {"assets_fen": face} | found | {"net_fen": net, "confidence": mark}


def _added(who: Ints, amount: Ints, count: int) -> Ints:
    total = np.zeros(count, dtype=np.int64)
    np.add.at(total, who, amount)
    return total
