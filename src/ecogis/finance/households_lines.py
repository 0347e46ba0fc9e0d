"""The line of a household: formula, village review, cap by place and date, and the decision."""

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.guarantee_limits import WHOLE
from ecogis.finance.households import HouseholdRules, balance_sheets
from ecogis.finance.products_places import place_path

__all__ = ["DECISIONS", "decisions", "score"]

Ints = npt.NDArray[np.int64]
Cap = tuple[Any, int, str]
Bools = npt.NDArray[np.bool_]

DECISIONS: Final = {
    "granted": ("授信", "granted"),
    "refused": ("不授信", "refused"),
    "open": ("资料不足", "not decided"),
}
"""Verdicts in Chinese and English."""

_REASONS: Final = {
    "formula": ("按公式", "the formula"),
    "cap": ("达到上限", "the cap"),
    "sheet": ("资产负债表有不可用项目", "an item of the sheet cannot be used"),
    "debt": ("未说明无担保贷款余额", "unsecured loans are not stated"),
    "record_unknown": ("征信情况不明", "the credit record is not known"),
    "review": ("没有有效的村级评议(等级、纪要)", "no valid village review (grade, minutes)"),
    "place": ("当地当日没有上限规定", "no cap is in force for the place and day"),
    "record": ("有不良记录", "a bad record"),
    "veto": ("村级评议一票否决", "the village review's veto"),
    "grade": ("评议等级不予授信", "the grade of the review"),
    "floor": ("低于起点", "below the least line"),
    "nothing": ("公式结果为零", "the formula gives nothing"),
}
_OPEN: Final = ("sheet", "debt", "record_unknown", "review", "place")


def score(
    households: pd.DataFrame,
    items: pd.DataFrame,
    rules: HouseholdRules,
    *,
    findings: Findings,
    higher: Collection[str] = (),
    step_fen: int = 10_000,
) -> pd.DataFrame:
    """Draw the line of every household; the decision record with its reasons.

    Parameters
    ----------
    households : DataFrame, one row per household
        ``household``, ``place``, ``unsecured_fen`` (unsecured loans outstanding [fen]),
        ``bad_record`` (boolean), ``grade`` of the village review, ``veto`` (boolean) and
        ``minutes`` (number of the minutes kept).
    items : DataFrame, one row per item
        As `households.balance_sheets` takes it.
    rules : HouseholdRules
        As `households.household_rules` gives them for the day of the decision.
    findings : Findings
        Takes what cannot be used.
    higher : collection of str
        Places where the higher cap is allowed, as paths; the sources say “some areas” without
        naming them. A policy.
    step_fen : int
        The line is rounded down to it: 100 CNY. A policy. [fen]

    Returns
    -------
    DataFrame, one row per household
        The sheet (as `balance_sheets`), ``multiplier`` [1], ``formula_fen``, ``cap_fen`` (missing
        where none is in force), ``floor_fen``, ``cap_place``, ``minutes``, ``verdict`` (granted,
        refused, open), ``line_fen`` [fen] (0 unless granted), ``reason``, ``reason_zh``,
        ``reason_en``, ``day`` and ``rules``. Names and identity numbers are not carried.

    Raises
    ------
    ConfigError
        E943 a household is missing or stands twice.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E944
        An item that cannot be used.
    E945
        Unsecured loans are missing or below nought, or the grade is unknown: no line is drawn.

    Notes
    -----
    What is not known never counts for the household: without a valid review, a known record or a
    cap in force the verdict is open and the line nought. A veto or a bad record refuses.

    Examples
    --------
    Net 80,000 and wages of 50,000: 0.15 x 80,000 + 0.6 x 50,000 = 42,000.

    >>> from datetime import date
    >>> from ecogis.finance.households import household_rules
    >>> people = pd.DataFrame(
    ...     {
    ...         "household": ["A"],
    ...         "place": ["浙江/丽水/云和"],
    ...         "unsecured_fen": [0],
    ...         "bad_record": [False],
    ...         "grade": ["A"],
    ...         "veto": [False],
    ...         "minutes": ["2026-3"],
    ...     }
    ... )
    >>> items = pd.DataFrame(
    ...     {"household": ["A", "A"], "item": ["H10", "H15"], "value_fen": [8_000_000, 5_000_000]}
    ... )
    >>> rules = household_rules(date(2026, 8, 31))
    >>> told = score(people, items, rules, findings=Findings())
    >>> told[["verdict", "line_fen", "reason"]].values.tolist()
    [['granted', 4200000, 'formula']]
    """
    needed = ["household", "place", "unsecured_fen", "bad_record", "grade", "veto", "minutes"]
    require(households, needed, "households")
    people = households.reset_index(drop=True)
    sheet = balance_sheets(people["household"], items, rules, findings=findings)
    owed = people["unsecured_fen"].astype("Int64")
    grade = people["grade"].map(rules.grades).astype("Int64")
    stated = (owed >= 0).fillna(value=False).to_numpy(dtype=bool)
    graded = grade.notna().to_numpy()
    findings.add(
        "E945", layer="households", where=~stated | (people["grade"].notna().to_numpy() & ~graded),
        feature=people["household"], row=np.arange(1, len(people) + 1), observed=people["grade"],
    )  # fmt: skip
    multiplier: Ints = np.asarray(grade.fillna(0), dtype=np.int64)
    formula = _formula(sheet, np.asarray(owed.fillna(0), dtype=np.int64), multiplier, rules)
    caps = _caps(people["place"].astype("string"), rules, higher)
    cap = caps["cap_fen"].fillna(0).to_numpy(dtype=np.int64)
    line = np.minimum(formula, cap) // step_fen * step_fen
    tests = _tests(people, sheet, caps, stated=stated, graded=graded)
    tests |= {
        "grade": multiplier == 0,
        "nothing": line == 0,
        "floor": line < caps["floor_fen"].to_numpy(dtype=np.int64),
        "cap": formula >= cap,
    }
    reason = np.select([tests[name] for name in _PRECEDENCE], _PRECEDENCE, "formula")
    granted = np.isin(reason, ("formula", "cap"))
    verdict = np.select([granted, np.isin(reason, _OPEN)], ["granted", "open"], "refused")
    return sheet.assign(
        multiplier=multiplier / WHOLE, formula_fen=formula, **{str(n): caps[n].array for n in caps},
        minutes=people["minutes"].array, verdict=verdict, line_fen=np.where(granted, line, 0),
        reason=reason, reason_zh=[_REASONS[one][0] for one in reason],
        reason_en=[_REASONS[one][1] for one in reason], day=rules.day.isoformat(),
        rules=rules.label,
    )  # fmt: skip


_PRECEDENCE: Final = [
    "record", "veto", "sheet", "debt", "record_unknown", "review", "place", "grade", "nothing",
    "floor", "cap",
]  # fmt: skip


def decisions(
    scored: pd.DataFrame, *, names: pd.Series | None = None, prefix: str = "户"
) -> pd.DataFrame:
    """The decisions of a village, without names or keys unless they are handed over.

    Parameters
    ----------
    scored : DataFrame
        As `score` gives it.
    names : Series, optional
        What to call the households, in the order of the table; only for those who may see it.
    prefix : str
        Word before the running number otherwise.

    Returns
    -------
    DataFrame, one row per household
        ``number`` (and ``household``, ``name`` where names were asked for), verdict, line, reasons
        and what they rest on.

    Examples
    --------
    >>> scored = pd.DataFrame({"household": ["330-1", "330-2"], "line_fen": [0, 5]})
    >>> decisions(scored).values.tolist()
    [['户00001', 0], ['户00002', 5]]
    """
    table = scored.drop(columns="household")
    table.insert(0, "number", [f"{prefix}{at:05d}" for at in range(1, len(table) + 1)])
    if names is not None:
        table.insert(1, "household", scored["household"].array)
        table.insert(2, "name", names.array)
    return table


def _formula(sheet: pd.DataFrame, owed: Ints, multiplier: Ints, rules: HouseholdRules) -> Ints:
    """max(0, a N + b I - U) g + H, each product rounded down; bonus only with a multiplier."""
    net, income, bonus = (
        sheet[name].to_numpy(dtype=np.int64) for name in ("net_fen", "income_fen", "bonus_fen")
    )
    base = net * rules.net_share // WHOLE + income * rules.income_share // WHOLE - owed
    # a sheet of 20 items stays below 2e15 fen: the product with g <= 2e4 below 2**63 by the clip
    capped = np.clip(base, 0, 10**14)
    found: Ints = capped * multiplier // WHOLE + np.where(multiplier > 0, bonus, 0)
    return found


def _caps(places: pd.Series, rules: HouseholdRules, higher: Collection[str]) -> pd.DataFrame:
    """Cap, floor and where they are from, of each place: the narrowest one stated for it."""
    allowed = [place_path(place) for place in higher]
    found = {text: _cap(place_path(text), rules.caps, allowed) for text in places.dropna().unique()}
    rows = [found.get(text, _NO_CAP) for text in places]
    table = pd.DataFrame(rows, columns=["cap_fen", "floor_fen", "cap_place"])
    return table.astype({"cap_fen": "Int64", "floor_fen": "Int64"})


_NO_CAP: Final[Cap] = (pd.NA, 0, "")


def _cap(place: str, caps: pd.DataFrame, allowed: list[str]) -> Cap:
    best: Cap = _NO_CAP
    raised = any(_within(place, other) for other in allowed)
    width = (0, 0)
    for row in caps.to_dict("records"):
        high = row["cap_kind"] == "higher"
        own = (len(row["place"]), int(high))
        if _within(place, row["place"]) and (raised or not high) and own > width:
            best, width = (row["cap_fen"], row["floor_fen"], row["place"]), own
    return best


def _within(place: str, other: str) -> bool:
    return place == other or place.startswith(f"{other}/")


def _tests(
    people: pd.DataFrame, sheet: pd.DataFrame, caps: pd.DataFrame, *, stated: Bools, graded: Bools
) -> dict[str, Bools]:
    """What refuses or leaves open, apart from amounts."""
    record, veto = (people[name].astype("boolean") for name in ("bad_record", "veto"))
    minutes = people["minutes"].astype("string").str.strip().fillna("").ne("").to_numpy(dtype=bool)
    return {
        "record": record.fillna(value=False).to_numpy(dtype=bool),
        "veto": veto.fillna(value=False).to_numpy(dtype=bool) & minutes,
        "sheet": ~sheet["sound"].to_numpy(),
        "debt": ~stated,
        "record_unknown": record.isna().to_numpy(),
        "review": ~graded | ~minutes | veto.isna().to_numpy(),
        "place": caps["cap_fen"].isna().to_numpy(),
    }
