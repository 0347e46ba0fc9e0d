"""How much of an account may be left to the statistical difference. A policy, printed with it."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pandas as pd

from ecogis.accounts.postings import UNITS
from ecogis.core.findings import Findings

__all__ = ["Limits", "difference"]

_LINES: Final = {"land": ("A91", "A00"), "timber": ("T91", "T00"), "carbon": ("T91", "T00")}
_NAMES: Final = {"land": ("土地", "land"), "timber": ("林木", "timber"), "carbon": ("碳", "carbon")}


@dataclass(frozen=True, slots=True)
class Limits:
    """Largest statistical difference, as shares of the opening. A policy.

    Attributes
    ----------
    area, volume : float
        Limit of land and of timber; carbon has that of timber. [1]
    rounding_dm2 : int
        Per stand and survey: a rest no larger is the rounding of a covered stand. [0.01 m2]
    unmatched : float
        Share of the closing area in one survey only above which E390 is found. [1]
    drop : float
        Share of its volume a stand may lose without a cause before E392 is found. [1]
    because : str
        Why the limits are what they are, printed beside them.
    """

    area: float = 0.0
    volume: float = 0.02
    rounding_dm2: int = 2
    unmatched: float = 0.01
    drop: float = 0.05
    because: str = ""


def difference(
    postings: pd.DataFrame, limits: Limits, *, stands: int, findings: Findings | None = None
) -> pd.DataFrame:
    """The statistical difference of land, timber and carbon against the limits.

    By two surveys all land of one survey only counts, whichever it is, and what was on it: the
    opening's part and the closing's never cancel. By event records the surveyed closing is compared
    with the modelled one in each township and land class; within these what is above the model in
    one stand and below it in another cancels, as growth by a curve is right on the mean only.

    Parameters
    ----------
    postings : DataFrame
        As a `Balance` holds them.
    limits : Limits
        The policy.
    stands : int
        Number of stands of both surveys, for the rounding.
    findings : Findings, optional
        Takes what is above a limit.

    Returns
    -------
    DataFrame
        ``account zh en limit_share found_share opening found allowed unit township land_class
        line_code because``: the township and class with the largest part are named.

    Findings
    --------
    E401
        An account's difference is above its limit: the sheet is refused.

    Examples
    --------
    >>> from ecogis.accounts.postings import Ledger
    >>> ledger = Ledger({"township": ["T"]}, ["survey"])
    >>> nought = np.zeros(1, dtype=np.int64)
    >>> for line, amount in (("T00", 100), ("T91", 3)):
    ...     ledger.book("timber", line, nought + amount, {"township": nought})
    >>> table = difference(ledger.postings(), Limits(), stands=2)
    >>> table.set_index("account").loc["timber", ["found", "allowed"]].tolist()
    [3, 2]
    """
    rows = []
    for account, (line, first) in _LINES.items():
        mine = postings[postings["account"].eq(account)]
        opening = int(mine.loc[mine["line_code"].eq(first), "amount"].sum())
        apart = mine[mine["line_code"].eq(line)]
        places = ["township", "land_class"]
        sums = apart.groupby([*places, "source"], observed=True)["amount"].sum().abs()
        cells = sums.groupby(level=places, observed=True).sum()
        found = int(cells.sum())
        share = limits.area if account == "land" else limits.volume
        allowed = int(np.floor(share * opening))
        allowed += limits.rounding_dm2 * stands if account == "land" else 0
        place = list(cells.index)[int(cells.to_numpy().argmax())] if len(cells) else ("", "")
        zh, en = _NAMES[account]
        row = {
            "account": account,
            "zh": zh,
            "en": en,
            "limit_share": share,
            "found_share": found / opening if opening else 0.0,
            "opening": opening,
            "found": found,
            "allowed": allowed,
            "unit": UNITS[account],
            "township": str(place[0]),
            "land_class": str(place[1]),
            "line_code": line,
            "because": limits.because,
        }
        rows.append(row)
        if findings is not None and found > allowed:
            _tell(row, findings)
    return pd.DataFrame(rows)


def _tell(row: dict[str, object], findings: Findings) -> None:
    share = float(str(row["found_share"]))
    findings.add(
        "E401",
        layer="stands",
        column=str(row["line_code"]),
        observed=row["found"],
        account_zh=row["zh"],
        account=row["en"],
        township=row["township"] or "—",
        land_class=row["land_class"] or "—",
        line=row["line_code"],
        p=round(100 * share, 3),
        limit=round(100 * float(str(row["limit_share"])), 3),
    )
