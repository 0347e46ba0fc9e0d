"""A lender's book of loans against the lender's policy, at a day."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

import msgspec
import numpy as np
import pandas as pd

from ecogis import io, valuation
from ecogis.core.findings import Findings
from ecogis.pipeline.config_faults import read_struct
from ecogis.valuation import WatchPolicy

__all__ = ["Watched", "read_policy", "watch"]

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Action = Literal["margin_call", "more_collateral", "early_repayment", "review", "supply"]

_UNUSABLE: Final = ("record", "台账记录有误", "the record is wrong")
_MONEY: Final = ("balance_fen", "pledge_value_fen", "area_before_dm2", "area_dm2")


class _Actions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """[actions]: what a trigger asks for; one that is not named has its usual action."""

    cover: Action | None = None
    price: Action | None = None
    area: Action | None = None
    hazard: Action | None = None
    title: Action | None = None
    verification: Action | None = None


class _Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The policy file: limits of the lender and what each asks for."""

    because: Annotated[str, msgspec.Meta(min_length=4)]
    confidence: Literal["quoted", "inferred", "recalled", "assumed"]
    least_cover: Annotated[float, msgspec.Meta(gt=0.0)]
    price_fall: Share
    area_lost: Share
    hazard_share: Share
    verification_days: Annotated[int, msgspec.Meta(ge=0)]
    actions: _Actions = _Actions()


@dataclass(frozen=True, slots=True)
class Watched:
    """What was found in a book of loans.

    Attributes
    ----------
    table : DataFrame
        Triggers pulled or not known, as `ecogis.valuation.watch_list` gives them; a loan whose
        record cannot be judged stands in it with the trigger ``record``.
    loans : int
        Rows of the book.
    findings : Findings
        What is wrong in the book, row by row.
    """

    table: pd.DataFrame
    loans: int
    findings: Findings


def read_policy(path: str | Path) -> WatchPolicy:
    """Read a lender's policy: strict TOML, every limit stated.

    Raises
    ------
    ConfigError
        E885, E541, E556 when there is no such file or it is not TOML in UTF-8; E542, E543, E544
        when a key is unknown, missing or out of range.
    """
    file = Path(path)
    found = read_struct(file, _Policy, "E885")
    stated = msgspec.structs.asdict(found)
    actions = msgspec.structs.asdict(found.actions).items()
    stated["actions"] = {trigger: action for trigger, action in actions if action is not None}
    return WatchPolicy(**stated)


def watch(
    book: str | Path,
    policy: WatchPolicy | str | Path,
    date: dt.date,
    *,
    profile: str | Path = "loan-book",
    sheet: str | None = None,
) -> Watched:
    """Judge every loan of a book at a day.

    Parameters
    ----------
    book : str or Path
        CSV or XLSX with one row per loan.
    policy : WatchPolicy, str or Path
        Limits and actions, or the file they stand in.
    date : date
        Day of the review.
    profile : str or Path
        Which column is which; ``loan-book`` or the user's own file.
    sheet : str, optional
        Sheet of a workbook.

    Returns
    -------
    Watched
        Loans that cannot be judged are told and listed; the others are judged all the same.

    Raises
    ------
    ConfigError
        The policy or the profile is wrong.
    InputError
        The book cannot be read, or a column is missing.

    Findings
    --------
    E886
        A row without a loan's name or balance, with a name that stands twice, or with an amount
        below nought.
    """
    limits = policy if isinstance(policy, WatchPolicy) else read_policy(policy)
    findings = Findings()
    table = io.read_table(book, sheet=sheet, profile=profile, role="loan_book", findings=findings)
    told = table.assign(
        **{name: table[name].round().astype("Int64") for name in _MONEY},
        title_event=table["title_event"].eq("yes").astype("boolean").mask(_blank(table)),
    )
    wrong = _look(told, findings)
    found = valuation.watch_list(told[~wrong].reset_index(drop=True), limits, date)
    return Watched(_with_unusable(found, told[wrong]), len(told), findings)


def _blank(table: pd.DataFrame) -> pd.Series:
    return table["title_event"].isna()


def _look(table: pd.DataFrame, findings: Findings) -> np.ndarray:
    """Rows that cannot be judged; each is told once, with the first reason."""
    below = (table[list(_MONEY)] < 0).fillna(value=False).any(axis=1)
    reasons = {
        ("没有贷款编号", "it names no loan"): table["loan"].isna(),
        ("贷款编号重复", "the loan is named twice"): table["loan"].duplicated(keep=False),
        ("没有可用的余额", "there is no balance"): table["balance_fen"].isna(),
        ("金额或面积为负", "an amount or area is below nought"): below,
    }
    wrong = np.zeros(len(table), dtype=bool)
    for (zh, en), at in reasons.items():
        new = at.to_numpy(dtype=bool) & ~wrong
        findings.add(
            "E886", layer="loan_book", where=new, feature=table["loan"], row=table["row"],
            action="excluded", why_zh=zh, why=en,
        )  # fmt: skip
        wrong |= new
    return wrong


def _with_unusable(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """The list with the loans that could not be judged at its head."""
    if rows.empty:
        return found
    trigger, zh, en = _UNUSABLE
    action_zh, action_en = valuation.ACTIONS["supply"]
    named = rows["loan"].fillna("—").astype(str).to_numpy()
    table = pd.DataFrame({"loan": named}).assign(
        trigger=trigger, zh=zh, en=en, known=False, observed=np.nan, limit=np.nan,
        action="supply", action_zh=action_zh, action_en=action_en, repay_fen=0, pledge_more_fen=0,
    )  # fmt: skip
    parts = [table, found] if len(found) else [table]
    return pd.concat(parts, ignore_index=True)[list(found.columns)]
