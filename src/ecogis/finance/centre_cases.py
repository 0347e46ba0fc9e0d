"""A default case as it stands: its loan, its collateral, its steps, and what is still owed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import pandas as pd

from ecogis.core.errors import StageRefusedError
from ecogis.finance.payout import Claim, owed_fen, waterfall
from ecogis.methods import ParameterSet

__all__ = ["Case", "Debt", "Step"]


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a case, as it is recorded.

    Attributes
    ----------
    case : str
        The case.
    to : str
        State it leads to; performing opens a case.
    day : date
        Day it took effect.
    said : mapping
        What the step states: ``reason``, ``overdue_days``, ``paid_fen``, ``appraisal_id``,
        ``value_fen``, ``route``, ``proceeds_fen``, ``cost_fen``; to open, ``right``, ``loan``,
        ``principal_fen`` and ``interest_fen``. Any step before the disposal may state
        ``interest_fen`` anew, as it is owed on that day.
    """

    case: str
    to: str
    day: date
    said: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed on a loan, whatever cases it has.

    Attributes
    ----------
    principal_fen, interest_fen : int
        What the borrower owes. [fen]
    compensated_fen : int
        The part of the principal the guarantor has paid the bank. [fen]
    """

    principal_fen: int
    interest_fen: int
    compensated_fen: int = 0

    @property
    def whole_fen(self) -> int:
        """Principal and interest. [fen]"""
        return self.principal_fen + self.interest_fen

    def repaid(self, paid_fen: int, order: Sequence[str]) -> "Debt":
        """What is left after the borrower has paid, of principal the bank's part first.

        Parameters
        ----------
        paid_fen : int
            What was paid, at most what is owed. [fen]
        order : sequence of str
            ``principal`` and ``interest``, the one paid first first.

        Returns
        -------
        Debt
            What is left.

        Examples
        --------
        >>> Debt(1_000, 30).repaid(900, ("principal", "interest"))
        Debt(principal_fen=100, interest_fen=30, compensated_fen=0)
        """
        owed = {"principal": self.principal_fen, "interest": self.interest_fen}
        for item in order:
            part = min(owed[item], paid_fen)
            owed[item] -= part
            paid_fen -= part
        principal = owed["principal"]
        return Debt(principal, owed["interest"], min(self.compensated_fen, principal))


@dataclass(frozen=True, slots=True)
class Case:
    """A loan and its collateral as they stand.

    Attributes
    ----------
    case, right, loan : str
        Identifiers; the right is what was pledged.
    state : str
        Where it stands.
    since : date
        Day it came there.
    principal_fen, interest_fen : int
        What is owed on the loan; once disposed of, what was owed then. [fen]
    compensated_fen : int
        What the guarantor has paid the bank. [fen]
    value_fen : int or None
        Latest appraisal. [fen]
    collected : date or None
        Day the centre took the right.
    route : str
        How it was disposed of; empty before.
    proceeds_fen, cost_fen : int
        What the disposal brought and cost. [fen]
    steps : tuple of Step
        All its steps.
    """

    case: str
    right: str
    loan: str
    state: str
    since: date
    principal_fen: int
    interest_fen: int
    compensated_fen: int = 0
    value_fen: int | None = None
    collected: date | None = None
    route: str = ""
    proceeds_fen: int = 0
    cost_fen: int = 0
    steps: tuple[Step, ...] = ()

    @property
    def debt(self) -> Debt:
        """What is owed on the loan, as the case has it."""
        return Debt(self.principal_fen, self.interest_fen, self.compensated_fen)

    def payout(self, *, fee_fen: int = 0, rules: ParameterSet | None = None) -> pd.DataFrame:
        """Who gets what of the disposal; see `waterfall`.

        Parameters
        ----------
        fee_fen : int
            The centre's fee. [fen]
        rules : ParameterSet, optional
            Another edition of ``collateral-centre``.

        Raises
        ------
        StageRefusedError
            E914 nothing has been disposed of.
        """
        if not self.route:
            raise StageRefusedError("E914", case=self.case, to="payout", what="route")
        owed = owed_fen(self.principal_fen, self.interest_fen, self.compensated_fen)
        own = [Claim("centre", "cost", self.cost_fen), Claim("centre", "fee", fee_fen)]
        sold = next(step.day for step in self.steps if step.to == "disposed")
        return waterfall(self.proceeds_fen, [*owed, *own], sold, rules=rules)

    def left(self, rules: ParameterSet) -> Debt:
        """What the loan still owes after the disposal has been paid out."""
        paid = self.payout(rules=rules)
        short = paid.groupby(["item", "party"])["short_fen"].sum()
        compensated = int(short["principal", "guarantor"])
        principal = int(short["principal", "bank"]) + compensated
        return Debt(principal, int(short["interest", "bank"]), compensated)
