"""The line of a household: formula, village review, cap by place and date, and the decision."""

from collections.abc import Collection
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import require
from ecogis.finance.guarantee_limits import WHOLE
from ecogis.finance.households import HouseholdRules, balance_sheets
from ecogis.finance.households_items import whole_fen
from ecogis.finance.parties import party_key
from ecogis.finance.products_places import place_path

__all__ = ["DECISIONS", "decisions", "score"]

Ints = npt.NDArray[np.int64]
Cap = tuple[Any, int, str, str]
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
    "sheet": (
        "资产负债表有不可用项目或负债未说明",
        "an item cannot be used, or a debt is not stated",
    ),
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
        Places where the higher cap is allowed, as paths below the place it is stated for; the
        sources say “some areas” without naming them. A policy.
    step_fen : int
        The line is rounded down to it: 100 CNY. A policy. [fen]

    Returns
    -------
    DataFrame, one row per household
        The sheet (as `balance_sheets`, with its ``confidence``), ``multiplier`` [1],
        ``formula_fen``, ``cap_fen`` (missing where none is in force), ``floor_fen``, ``cap_place``,
        ``cap_kind`` (standard, higher), ``minutes``, ``verdict`` (granted, refused, open; in words
        ``verdict_zh``, ``verdict_en``), ``line_fen`` [fen] (0 unless granted), ``reason``,
        ``reason_zh``, ``reason_en``, ``day`` and ``rules``. Names and identity numbers are not
        carried.

    Raises
    ------
    ConfigError
        E943 a household is missing or stands twice; E900 the step is no whole fen above nought,
        or a place of `higher` does not lie below one the higher cap is stated for.
    VocabularyError
        E004 a column is missing.

    Findings
    --------
    E944, E973, E974, E975, E976
        As `balance_sheets`: items that cannot be used, debts that are not stated.
    E945
        Unsecured loans are missing or below nought, or the grade is unknown: no line is drawn.
    E977
        A place of `higher` none of the households lies in.

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
    ...     {
    ...         "household": ["A"] * 5,
    ...         "item": ["H10", "H15", "H17", "H18", "H19"],
    ...         "value_fen": [8_000_000, 5_000_000, 0, 0, 0],
    ...     }
    ... )
    >>> rules = household_rules(date(2026, 8, 31))
    >>> told = score(people, items, rules, findings=Findings())
    >>> told[["verdict", "line_fen", "reason"]].values.tolist()
    [['granted', 4200000, 'formula']]
    """
    needed = ["household", "place", "unsecured_fen", "bad_record", "grade", "veto", "minutes"]
    require(households, needed, "households")
    if type(step_fen) is not int or step_fen < 1:
        raise ConfigError("E900", field="step_fen", value=step_fen, expected=">= 1 fen, int")
    people = households.reset_index(drop=True)
    sheet = balance_sheets(people["household"], items, rules, findings=findings)
    owed = whole_fen(people["unsecured_fen"])
    grade = people["grade"].map(rules.grades).astype("Int64")
    stated = owed.notna().to_numpy()
    graded = grade.notna().to_numpy()
    findings.add(
        "E945", layer="households", where=~stated | (people["grade"].notna().to_numpy() & ~graded),
        feature=people["household"], row=np.arange(1, len(people) + 1), observed=people["grade"],
    )  # fmt: skip
    multiplier: Ints = np.asarray(grade.fillna(0), dtype=np.int64)
    formula = _formula(sheet, np.asarray(owed.fillna(0), dtype=np.int64), multiplier, rules)
    caps = _caps(people["place"].astype("string"), rules, higher, findings)
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
        minutes=people["minutes"].array, verdict=verdict,
        verdict_zh=[DECISIONS[one][0] for one in verdict],
        verdict_en=[DECISIONS[one][1] for one in verdict], line_fen=np.where(granted, line, 0),
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
    """max(0, a N + b I + H - U) g, each product rounded down; H only on top of something. [fen]"""
    net, income, bonus = (
        sheet[name].to_numpy(dtype=np.int64) for name in ("net_fen", "income_fen", "bonus_fen")
    )
    given = _part(net, rules.net_share) + _part(income, rules.income_share)
    added = np.where(given > 0, np.minimum(bonus, rules.bonus_most_fen), 0)
    # up to 1e14 fen, far above every cap: the product with g <= 2e4 stays below 2**63
    found: Ints = np.clip(given + added - owed, 0, 10**14) * multiplier // WHOLE
    return found


def _part(amount: Ints, share: int) -> Ints:
    """Some ten-thousandths of an amount, rounded down; quotient and remainder apart."""
    found: Ints = amount // WHOLE * share + amount % WHOLE * share // WHOLE
    return found


def _caps(
    places: pd.Series, rules: HouseholdRules, higher: Collection[str], findings: Findings
) -> pd.DataFrame:
    """Cap, floor and where they are from, of each place: the narrowest one stated for it."""
    paths = {text: place_path(text) for text in places.dropna().unique()}
    allowed = _allowed(higher, rules.caps, paths.values(), findings)
    found = {text: _cap(path, rules.caps, allowed) for text, path in paths.items()}
    rows = [found.get(text, _NO_CAP) for text in places]
    table = pd.DataFrame(rows, columns=["cap_fen", "floor_fen", "cap_place", "cap_kind"])
    return table.astype({"cap_fen": "Int64", "floor_fen": "Int64"})


def _allowed(
    higher: Collection[str], caps: pd.DataFrame, known: Collection[str], findings: Findings
) -> list[str]:
    """Places the higher cap is allowed in: some areas of where it is stated, never all of it."""
    stated = caps.loc[caps["cap_kind"] == "higher", "place"].tolist()
    allowed = {text: place_path(text) for text in higher}
    for text, path in allowed.items():
        if not any(path.startswith(f"{one}/") for one in stated):
            expected = " | ".join(f"{one}/…" for one in stated) or "—"
            raise ConfigError("E900", field="higher", value=text, expected=expected)
        if not any(_within(place, path) for place in known):
            findings.add("E977", layer="households", column="place", observed=text)
    return list(allowed.values())


_NO_CAP: Final[Cap] = (pd.NA, 0, "", "")


def _cap(place: str, caps: pd.DataFrame, allowed: list[str]) -> Cap:
    best: Cap = _NO_CAP
    raised = any(_within(place, other) for other in allowed)
    width = (0, 0)
    for row in caps.to_dict("records"):
        high = row["cap_kind"] == "higher"
        own = (len(row["place"]), int(high))
        if _within(place, row["place"]) and (raised or not high) and own > width:
            best, width = (row["cap_fen"], row["floor_fen"], row["place"], row["cap_kind"]), own
    return best


def _within(place: str, other: str) -> bool:
    return place == other or place.startswith(f"{other}/")


_NO_MINUTES: Final = (
    "NO", "N", "NONE", "NA", "NIL", "NULL", "NAN", "FALSE", "无", "没有", "没", "否", "暂无", "未",
    "缺", "不详", "未知", "待补", "未评议", "无纪要", "没有纪要",
)  # fmt: skip


def _kept(minutes: pd.Series) -> Bools:
    """Whether a number of minutes is named: signs, noughts and words for none name nothing."""
    said = {
        text: "".join(sign for sign in party_key(text) if sign.isalnum()).strip("0")
        for text in minutes.dropna().unique()
    }
    named = {text: bool(bare) and bare not in _NO_MINUTES for text, bare in said.items()}
    return np.asarray(minutes.map(named).fillna(value=False), dtype=bool)


def _flag(cells: pd.Series) -> pd.Series:
    """Yes, no or not known; what is neither true nor false is not known."""
    if pd.api.types.is_bool_dtype(cells):
        return cells.astype("boolean")
    given = cells.astype(object).where(cells.notna(), "").tolist()
    known = [bool(cell) if cell in (True, False) else None for cell in given]
    return pd.Series(known, index=cells.index, dtype="boolean")


def _tests(
    people: pd.DataFrame, sheet: pd.DataFrame, caps: pd.DataFrame, *, stated: Bools, graded: Bools
) -> dict[str, Bools]:
    """What refuses or leaves open, apart from amounts."""
    record, veto = (_flag(people[name]) for name in ("bad_record", "veto"))
    minutes = _kept(people["minutes"].astype("string"))
    return {
        "record": record.fillna(value=False).to_numpy(dtype=bool),
        "veto": veto.fillna(value=False).to_numpy(dtype=bool) & minutes,
        "sheet": ~sheet["sound"].to_numpy(),
        "debt": ~stated,
        "record_unknown": record.isna().to_numpy(),
        "review": ~graded | ~minutes | veto.isna().to_numpy(),
        "place": caps["cap_fen"].isna().to_numpy(),
    }
