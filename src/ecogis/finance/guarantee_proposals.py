"""A loan is proposed: how much of it may be guaranteed under every limit (identities I19, I20)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance.guarantee import check_book
from ecogis.finance.guarantee_limits import KINDS, SMALL_KINDS, WHOLE, GuaranteeRules
from ecogis.finance.parties import party_key, party_keys, related_groups

__all__ = ["GuaranteeBook", "Proposal"]

Debt = tuple[str, str, int]  # party, kind, balance [fen]


@dataclass(frozen=True, slots=True)
class Proposal:
    """A guarantee that is asked for.

    Attributes
    ----------
    loan, borrower : str
        Identifiers.
    kind : str
        small_firm, farmer, bond_aa or other.
    balance_fen : int
        What is to be guaranteed. [fen]
    """

    loan: str
    borrower: str
    kind: str
    balance_fen: int


class GuaranteeBook:
    """A book of guarantees that takes one more only while every limit holds.

    The higher leverage counts only where the book has it before a proposal and after it. A book
    that passes a limit already, or that cannot be judged, takes nothing.

    Parameters
    ----------
    book : DataFrame
        ``loan borrower kind balance_fen``; see `check_book`.
    net_assets_fen : int
        Net assets of the company. [fen]
    relations : DataFrame or None
        ``party related_party``, those of borrowers to come included; without them the book cannot
        be judged.
    rules : GuaranteeRules
        What is in force on the day.

    Raises
    ------
    ConfigError
        E900 net assets cannot be.
    VocabularyError
        A column is missing.

    Examples
    --------
    >>> from datetime import date
    >>> from ecogis.finance.guarantee_limits import guarantee_rules
    >>> empty = pd.DataFrame({"loan": [], "borrower": [], "kind": [], "balance_fen": []})
    >>> none = pd.DataFrame({"party": [], "related_party": []})
    >>> rules = guarantee_rules(date(2026, 8, 31))
    >>> book = GuaranteeBook(empty, 5_000_000_000, none, rules=rules)
    >>> book.room("F1", "small_firm")
    500000000
    >>> book.propose(Proposal("L1", "F1", "small_firm", 300_000_000))
    >>> book.room("F1", "small_firm")
    200000000
    """

    def __init__(
        self,
        book: pd.DataFrame,
        net_assets_fen: int,
        relations: pd.DataFrame | None,
        *,
        rules: GuaranteeRules,
    ) -> None:
        findings = Findings()
        found = check_book(book, net_assets_fen, relations, rules=rules, findings=findings)
        self.rules = rules
        self.net_assets_fen = net_assets_fen
        self.sound = found.passed is True
        self._rows = found.loans[["loan", "borrower", "kind", "balance_fen"]].to_dict("records")
        self._loans = {party_key(str(row["loan"])) for row in self._rows}
        self._group_of = {} if relations is None else _groups(relations)
        self._groups: dict[str, list[Debt]] = {}
        self._liability = 0
        self._balance = 0
        self._small = 0
        self._accounts: dict[str, bool] = {}
        self._small_accounts = 0
        columns = (found.loans[name] for name in ("party", "group", "kind", "balance_fen", "small"))
        for party, group, kind, balance, small in zip(*columns, strict=True):
            self._add(group, (party, kind, int(balance)), small=bool(small))

    def propose(self, proposal: Proposal) -> None:
        """Take a guarantee, or refuse it and leave the book as it was.

        Parameters
        ----------
        proposal : Proposal
            What is asked for.

        Raises
        ------
        StageRefusedError
            E905, with the limits it passes and the room there is.
        ConfigError
            E900 it has no borrower, an unknown kind or no amount, or its loan is in the book.
        """
        party = self._party(proposal)
        passed = self._passed(party, proposal.kind, int(proposal.balance_fen))
        if passed:
            room = self.room(proposal.borrower, proposal.kind)
            shown = f"{room // 100}.{room % 100:02d}"
            raise StageRefusedError("E905", loan=proposal.loan, rules=", ".join(passed), room=shown)
        debt = party, proposal.kind, int(proposal.balance_fen)
        self._add(self._group(party), debt, small=proposal.kind in SMALL_KINDS)
        self._loans.add(party_key(str(proposal.loan)))
        self._rows.append(
            {
                "loan": proposal.loan,
                "borrower": proposal.borrower,
                "kind": proposal.kind,
                "balance_fen": proposal.balance_fen,
            }
        )

    def room(self, borrower: str, kind: str) -> int:
        """The largest amount that may still be guaranteed for a borrower. [fen]

        Found by halving: what is allowed stays allowed for any smaller amount.

        Parameters
        ----------
        borrower : str
            Who would owe.
        kind : str
            Kind of the debt.

        Returns
        -------
        int
            Zero where nothing more may be guaranteed. [fen]

        Raises
        ------
        ConfigError
            E900 there is no borrower, or the kind is unknown.
        """
        party = self._party(Proposal("", borrower, kind, 1), named=False)
        least = min(self.rules.weights.values())
        low, high = 0, self.net_assets_fen * self.rules.group // least
        while low < high:
            middle = (low + high + 1) // 2
            low, high = (low, middle - 1) if self._passed(party, kind, middle) else (middle, high)
        return low

    def table(self) -> pd.DataFrame:
        """The book as it stands: ``loan borrower kind balance_fen``."""
        return pd.DataFrame(self._rows, columns=["loan", "borrower", "kind", "balance_fen"])

    def _party(self, proposal: Proposal, *, named: bool = True) -> str:
        key, loan = _key(proposal.borrower), _key(proposal.loan)
        wrong = {
            "borrower": (proposal.borrower, not key, "not empty"),
            "kind": (proposal.kind, proposal.kind not in KINDS, ", ".join(KINDS)),
            "balance": (proposal.balance_fen, not _is_amount(proposal.balance_fen), "> 0 fen, int"),
            "loan": (proposal.loan, named and (not loan or loan in self._loans), "new"),
        }
        for name, (value, is_wrong, expected) in wrong.items():
            if is_wrong:
                raise ConfigError("E900", field=name, value=value, expected=expected)
        return key

    def _group(self, party: str) -> str:
        return self._group_of.get(party, party)

    def _add(self, group: str, debt: Debt, *, small: bool) -> None:
        party, _, balance = debt
        debts = self._groups.setdefault(group, [])
        before = sum(self._weighted(debts).values())
        debts.append(debt)
        self._liability += sum(self._weighted(debts).values()) - before
        self._balance += balance
        self._small += balance * small
        if not balance:  # repaid: no account in force
            return
        was = self._accounts.get(party)
        self._accounts[party] = small if was is None else was and small
        self._small_accounts += int(self._accounts[party]) - int(bool(was))

    def _weighted(self, debts: list[Debt]) -> dict[str, int]:
        """Liability of the parties of a group. [fen/10000]"""
        whole = sum(balance for _, _, balance in debts)
        found: dict[str, int] = {}
        for party, kind, balance in debts:
            ceiling = self.rules.ceilings_fen.get(kind, whole)
            weight = self.rules.weights[kind if whole <= ceiling else "other"]
            found[party] = found.get(party, 0) + balance * weight
        return found

    def _passed(self, party: str, kind: str, amount: int) -> list[str]:
        """Limits the book would pass with `amount` more."""
        if not self.sound:
            return ["book"]
        debts = self._groups.get(self._group(party), [])
        before = sum(self._weighted(debts).values())
        after = self._weighted([*debts, (party, kind, amount)])
        group = sum(after.values())
        net = self.net_assets_fen
        whole = self._liability - before + group
        over = {
            "leverage": whole > net * self._leverage(party, kind, amount),
            "single": max(after.values()) > net * self.rules.single,
            "group": group > net * self.rules.group,
        }
        return [rule for rule, is_over in over.items() if is_over]

    def _leverage(self, party: str, kind: str, amount: int) -> int:
        small = kind in SMALL_KINDS
        was = self._accounts.get(party)
        accounts = len(self._accounts) + (was is None)
        small_accounts = self._small_accounts + (small if was is None else (was and small) - was)
        now = self._is_small(self._balance, self._small, len(self._accounts), self._small_accounts)
        then = self._is_small(
            self._balance + amount, self._small + amount * small, accounts, small_accounts
        )
        return self.rules.leverage_small if now and then else self.rules.leverage

    def _is_small(self, balance: int, small: int, accounts: int, small_accounts: int) -> bool:
        """Whether small firms and farmers are the main business."""
        return (
            balance > 0
            and small * WHOLE >= balance * self.rules.small_balance
            and small_accounts * WHOLE >= accounts * self.rules.small_accounts
        )


def _groups(relations: pd.DataFrame) -> dict[str, str]:
    """Group of every party that has a relation."""
    keys = party_keys(pd.concat([relations["party"], relations["related_party"]]))
    groups = related_groups(keys, relations, Findings())
    pairs = zip(keys, groups, strict=True)
    return {str(key): str(group) for key, group in pairs if isinstance(key, str)}


def _key(name: Any) -> str:
    """A party's or loan's key; empty where none is named."""
    return "" if pd.isna(name) else party_key(str(name))


def _is_amount(value: object) -> bool:
    if isinstance(value, bool) or not isinstance(value, int | np.integer):
        return False
    return int(value) > 0
