"""What a guarantee company may still take on, from its book, its fund and who is related."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

import numpy as np
import pandas as pd

from ecogis.core.findings import Findings
from ecogis.core.provenance import sha256_file
from ecogis.finance.guarantee import check_book
from ecogis.finance.guarantee_limits import guarantee_rules
from ecogis.finance.guarantee_proposals import GuaranteeBook, Proposal
from ecogis.finance.told_days import told_days
from ecogis.io import LayerInfo
from ecogis.pipeline.config_values import Guarantee
from ecogis.pipeline.finance_inputs import finance_table

__all__ = ["Room", "guarantee_room", "net_assets_on"]

_FORMS: Final = {"book": "guarantee_book", "fund": "guarantee_fund", "relations": "relations"}


@dataclass(frozen=True, slots=True)
class Room:
    """What may still be guaranteed for a borrower, and the book it comes from.

    Attributes
    ----------
    fen : int
        The largest amount that would be taken; zero where the book cannot be judged. [fen]
    assets_day : str
        Day of the net assets it rests on; empty where none are known.
    book : GuaranteeBook or None
        The book, to be asked once more when the loan is known; none where it cannot be judged.
    inputs : tuple of (str, LayerInfo)
        The files read, by role, for the manifest.
    """

    fen: int
    assets_day: str
    book: GuaranteeBook | None
    inputs: tuple[tuple[str, LayerInfo], ...]

    @property
    def cny(self) -> Decimal:
        """The same in yuan. [CNY]"""
        return Decimal(self.fen) / 100

    def take(self, asked: Guarantee, principal_fen: int) -> None:
        """Let the book take the loan that is proposed (identity I20).

        Parameters
        ----------
        asked : Guarantee
            Who borrows, and the number of the loan.
        principal_fen : int
            Its principal; nothing is asked where it is nought. [fen]

        Raises
        ------
        StageRefusedError
            E905 it passes a limit.
        ConfigError
            E900 the book has a loan of that number already.
        """
        if self.book is not None and principal_fen:
            self.book.propose(Proposal(asked.loan, asked.borrower, asked.kind, principal_fen))


def guarantee_room(asked: Guarantee, folder: Path, day: date, findings: Findings) -> Room:
    """Read a guarantee company's book and find what it may still take on for a borrower.

    What is wrong with the book itself is summed up in one finding, since its rows are other
    people's loans: `ecogis finance guarantee check` shows them.

    Parameters
    ----------
    asked : Guarantee
        The section of the project file.
    folder : Path
        Folder its paths start from.
    day : date
        Valuation date.
    findings : Findings
        Takes what keeps the book from taking anything.

    Returns
    -------
    Room
        Nought where a limit is passed, or where book, relations or net assets are not known.

    Raises
    ------
    InputError
        A file cannot be read; E952 a column is missing.
    ConfigError
        E900 the borrower is empty, or the net assets are too large.

    Findings
    --------
    E966
        The book takes nothing more, and why.
    """
    told = Findings()
    files = {name: folder / getattr(asked, name) for name in _FORMS}
    tables = {name: finance_table(files[name], form, told) for name, form in _FORMS.items()}
    inputs = tuple(
        (f"guarantee_{name}", _info(files[name], len(table))) for name, table in tables.items()
    )
    assets, assets_day = net_assets_on(tables["fund"], day)
    book = None
    if assets is not None:
        rules = guarantee_rules(day)
        found = check_book(tables["book"], assets, tables["relations"], rules=rules, findings=told)
        if found.passed is True:
            book = GuaranteeBook(tables["book"], assets, tables["relations"], rules=rules)
    if book is None:
        codes = ", ".join(sorted(set(told.table()["code"]))) or "—"
        findings.add(
            "E966", layer="guarantees", observed=codes, expected=day.isoformat(),
            assets=assets_day or "—",
        )  # fmt: skip
    room = 0 if book is None else book.room(asked.borrower, asked.kind)
    return Room(room, assets_day, book, inputs)


def net_assets_on(fund: pd.DataFrame, day: date) -> tuple[int | None, str]:
    """Net assets of a guarantee company by its last statement up to a day.

    Parameters
    ----------
    fund : DataFrame, one row per statement
        ``day`` and ``net_assets_fen`` [fen].
    day : date
        Day asked for.

    Returns
    -------
    assets : int or None
        None where there is no statement by then, the last one stands twice, or it states no amount
        of nought or more. [fen]
    statement : str
        Day of the last statement; empty where there is none.

    Examples
    --------
    >>> fund = pd.DataFrame({"day": ["2025-12-31", "2026-12-31"], "net_assets_fen": [5, 9]})
    >>> net_assets_on(fund, date(2026, 8, 31))
    (5, '2025-12-31')
    """
    when = told_days(fund["day"])
    usable = (when <= pd.Timestamp(day)).to_numpy()
    if when.isna().any() or not usable.any():
        return None, ""
    last = when[usable].max()
    amounts = fund.loc[np.asarray(when == last), "net_assets_fen"].tolist()
    known = len(amounts) == 1 and not pd.isna(amounts[0]) and amounts[0] >= 0
    return (int(amounts[0]) if known else None), f"{last:%Y-%m-%d}"


def _info(file: Path, rows: int) -> LayerInfo:
    return LayerInfo(file.name, "", rows, "", "", sha256_file(file))
