"""The collection ledger: proposed by one person, approved by another, never changed, replayable.

Every entry has two times: when it was recorded and the day it takes effect. So the ledger can be
asked what held on a day, and what was known of that day on another.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.periods import day as day_of
from ecogis.finance.collection import Collection, checked, record_of
from ecogis.finance.collection_book import Known, replay
from ecogis.finance.collection_limits import must_allow
from ecogis.finance.collection_store import START, CollectionStore, Entry, new_id, now
from ecogis.finance.movements import (
    Holding,
    Posting,
    checked_holdings,
    must_be_parties,
    must_be_whole,
)
from ecogis.finance.parties import party_key
from ecogis.methods import ParameterSet, parameters

__all__ = ["CollectionLedger"]

_ZONE: Final = timezone(timedelta(hours=8))
_ENDS: Final = {"approve": "approved", "refuse": "refused"}


class CollectionLedger:
    """A ledger of collections in one SQLite file.

    Parameters
    ----------
    store : CollectionStore
        Where it is kept; see `create` and `open`.
    actor : str
        Who enters; kept without width, case and blanks, so that one person has one spelling.
    modes : ParameterSet, optional
        Another edition of ``collection-modes``.
    clock : callable
        Gives the time, with its zone.
    ids : callable
        Gives identifiers of transactions.

    Examples
    --------
    >>> from ecogis.finance.collection import Lot
    >>> from datetime import UTC
    >>> store = CollectionStore(":memory:", new=True)
    >>> clock = lambda: datetime(2026, 1, 5, tzinfo=UTC)
    >>> one = CollectionLedger(store, "A", clock=clock)
    >>> other = CollectionLedger(store, "B", clock=clock)
    >>> opening = [Holding("P1", "operating_right", "H1", 600, "0" * 64)]
    >>> _ = other.approve(one.open_holdings(opening, day=date(2026, 1, 5)))
    >>> one.balances(date(2026, 1, 5))[["party", "amount"]].values.tolist()
    [['H1', 600], ['cadastre', -600]]
    """

    def __init__(
        self,
        store: CollectionStore,
        actor: str,
        *,
        modes: ParameterSet | None = None,
        clock: Callable[[], datetime] = now,
        ids: Callable[[], str] = new_id,
    ) -> None:
        self.actor = party_key(actor)
        if not self.actor:
            raise ConfigError("E900", field="actor", value=actor, expected="not empty")
        self.store = store
        self.modes = parameters("collection-modes") if modes is None else modes
        self._clock = clock
        self._ids = ids
        self._known = Known(self.modes)
        self._last = (0, START)

    @classmethod
    def create(cls, file: str | Path, actor: str, **settings: Any) -> "CollectionLedger":
        """Make a new ledger; `settings` as for the class.

        Raises
        ------
        InputError
            E918 the file is there already.
        """
        return cls(CollectionStore(file, new=True), actor, **settings)

    @classmethod
    def open(cls, file: str | Path, actor: str, **settings: Any) -> "CollectionLedger":
        """Open a ledger that is there, or say E918 or E909; `settings` as for the class."""
        ledger = cls(CollectionStore(file), actor, **settings)
        ledger.verify()
        return ledger

    def close(self) -> None:
        """Let the file go."""
        self.store.close()

    @contextmanager
    def together(self) -> Iterator[None]:
        """Enter all of what is entered within, or nothing."""
        try:
            with self.store.alone():
                yield
        except BaseException:
            self._known, self._last = Known(self.modes), (0, START)
            raise

    def open_holdings(self, holdings: Sequence[Holding], *, day: date, reason: str = "") -> str:
        """Propose what parties hold by the cadastre when the ledger begins, or what comes to it.

        Parameters
        ----------
        holdings : sequence of Holding
            Parcels, rights and holders; the outline is the one later collections must mean.
        day : date
            Day it holds from.
        reason : str
            Why; needed where `day` lies before today.

        Returns
        -------
        str
            Identifier of the transaction.

        Raises
        ------
        ConfigError
            E900 a kind of right is unknown, a quantity not whole and above zero, or a holder is
            named twice.
        StageRefusedError
            E910 no reason for a day past; E921 it was opened before.
        """
        lines = list(map(asdict, checked_holdings(holdings)))
        return self._propose("opening", {"holdings": lines}, day, reason)

    def collect(self, collection: Collection, *, day: date, reason: str = "") -> str:
        """Propose a collection.

        Parameters
        ----------
        collection : Collection
            What is agreed.
        day, reason
            As for `open_holdings`.

        Returns
        -------
        str
            Identifier of the transaction.

        Raises
        ------
        ConfigError
            E900 a field cannot be.
        StageRefusedError
            E908 a giver does not hold what is to pass; E911 it is in another collection; E910.
        """
        return self._propose(
            "collection",
            {"collection": record_of(checked(collection, day, rules=self.modes))},
            day,
            reason,
        )

    def pay(self, tx_id: str, number: int, amount_fen: int, *, day: date, reason: str = "") -> str:
        """Propose to book a payment, whole or in part, on a payment of a collection's schedule.

        Parameters
        ----------
        tx_id : str
            The collection.
        number : int
            Place of the payment in its schedule, from 1.
        amount_fen : int
            What was paid. [fen]
        day : date
            Day of payment.
        reason : str
            Why; needed where `day` lies before today.

        Raises
        ------
        StageRefusedError
            E907 the collection is not in force; E910.
        ConfigError
            E900 there is no such payment, or more is paid than due.
        """
        must_be_whole({"number": number, "amount_fen": amount_fen})
        body = {"of": tx_id, "number": number, "amount_fen": amount_fen}
        return self._propose("payment", body, day, reason)

    def share_income(
        self,
        tx_id: str,
        net_income_fen: int,
        *,
        payer: str,
        felling: bool,
        document: str,
        day: date,
        reason: str = "",
    ) -> str:
        """Propose to book the givers' share of a net income.

        Parameters
        ----------
        tx_id : str
            The collection.
        net_income_fen : int
            Income less its costs. [fen]
        payer : str
            Who pays it out.
        felling : bool
            Whether it comes from felling; then the forest must be known to be no public-benefit
            forest and a quota to be at hand.
        document : str
            Number of the settlement it rests on, or its period; each counts once.
        day, reason
            As for `pay`; a day after the term needs a reason too.

        Raises
        ------
        StageRefusedError
            E907 the collection is not in force; E910.
        ConfigError
            E900 the collection has no share of profit, its forest may not be felled, the document
            was used before, or the day lies before the term.
        """
        must_be_whole({"net_income_fen": net_income_fen})
        must_be_parties("payer", [payer])
        body = {"of": tx_id, "net_fen": net_income_fen, "payer": payer, "felling": felling}
        body |= {"document": document, "late": bool(reason.strip())}
        return self._propose("income", body, day, reason)

    def settle(
        self, tx_id: str, parts: Mapping[str, int], *, payer: str, day: date, reason: str = ""
    ) -> str:
        """Propose to book who was paid out of what a disposal brought.

        Parameters
        ----------
        tx_id : str
            The collection that disposed of it, of mode CM8.
        parts : mapping
            By party; never more in all than was paid on the collection. [fen]
        payer : str
            Who pays it out.
        day, reason
            As for `pay`.

        Raises
        ------
        StageRefusedError
            E907 the collection is not in force, or is no disposal; E910.
        ConfigError
            E900 a part is not above zero, or more is paid out than came in.
        """
        must_be_whole(parts)
        must_be_parties("parts", [payer, *parts])
        body = {"of": tx_id, "parts": dict(parts), "payer": payer}
        return self._propose("settlement", body, day, reason)

    def reverse(self, tx_id: str, *, day: date, reason: str) -> str:
        """Propose to take a collection back from a day on; payments made stay as they are.

        Raises
        ------
        StageRefusedError
            E907 it is not in force; E908 a taker holds it no more.
        """
        return self._propose("reversal", {"of": tx_id}, day, reason)

    def approve(self, tx_id: str, *, reason: str = "") -> str:
        """Let a proposal take effect on its day, as another person than the one who made it.

        Raises
        ------
        StageRefusedError
            E906 the same person; E907 it is decided already or unknown; E908, E911, E921 as
            proposed; E910 its day is past by now, and neither it nor this has a reason.
        """
        return self._decide("approve", tx_id, reason)

    def refuse(self, tx_id: str, *, reason: str) -> str:
        """Drop a proposal; the person who made it may.

        Raises
        ------
        StageRefusedError
            E907 it is decided already or unknown.
        """
        return self._decide("refuse", tx_id, reason)

    def known(self, until: datetime | None = None) -> Known:
        """What the entries recorded up to a time make; all of them without one."""
        text = None if until is None else until.astimezone(_ZONE).isoformat(timespec="seconds")
        known = Known(self.modes)
        replay(self.store.entries(), known, until=text)
        return known

    def balances(self, day: date, *, until: datetime | None = None) -> pd.DataFrame:
        """What every party holds and has been paid at the end of a day.

        Parameters
        ----------
        day : date
            Day asked about.
        until : datetime, optional
            Only what had been recorded by then.

        Returns
        -------
        DataFrame, one row per account and party that is not zero
            ``account right parcel party amount``; dm2, kg CO2e for carbon rights, fen for cash.
            Every account adds up to nothing.
        """
        return self.known(until).balances(day)

    def verify(self) -> None:
        """Check the chain, and that the postings are what the entries make.

        Raises
        ------
        InputError
            E909 names the first entry that does not hold, or an approval without its postings.
        """
        known = self.known()
        known.must_equal(self.store.postings(), self.store.settled(), self.store.name)

    def head(self) -> tuple[int, str]:
        """Place and hash of the last entry.

        Kept outside the file it tells what the file cannot: that its end was cut off, or that all
        of it was written anew.
        """
        self._present()
        return self._last

    def _propose(self, what: str, body: dict[str, Any], day: date, reason: str) -> str:
        tx_id = self._ids()
        recorded = self._clock().astimezone(_ZONE)
        if day < recorded.date() and not reason.strip():
            raise StageRefusedError("E910", tx=tx_id, day=day, recorded=recorded.date())
        with self.store.alone():
            known = self._present()
            entry = self._append("propose", tx_id, day, reason, {"what": what} | body)
            must_allow(known, entry, known.made(entry))
        return tx_id

    def _decide(self, kind: str, tx_id: str, reason: str) -> str:
        with self.store.alone():
            known = self._present()
            state = known.states.get(tx_id, "—")
            if state != "proposed":
                raise StageRefusedError("E907", tx=tx_id, state=state, kind=kind)
            proposal = known.proposals[tx_id]
            day = day_of(proposal.effective)
            if kind == "approve":
                self._must_be_approvable(proposal, reason)
            entry = self._append(kind, tx_id, day, reason, {})
            if kind == "approve":
                postings: list[Posting] = known.made(proposal)
                must_allow(known, proposal, postings)
                self.store.post(entry.seq, postings)
        return _ENDS[kind]

    def _must_be_approvable(self, proposal: Entry, reason: str) -> None:
        """Another person approves, and says why where the day is past by then."""
        tx_id, day = proposal.tx_id, day_of(proposal.effective)
        if party_key(proposal.actor) == self.actor:
            raise StageRefusedError("E906", tx=tx_id, actor=self.actor)
        today = self._clock().astimezone(_ZONE).date()
        if day < today and not (reason.strip() or proposal.reason):
            raise StageRefusedError("E910", tx=tx_id, day=day, recorded=today)

    def _present(self) -> Known:
        """The state as it is, carried on from where this object left it."""
        self._last = replay(self.store.entries(self._last[0]), self._known, self._last)
        return self._known

    def _append(self, kind: str, tx_id: str, day: date, reason: str, body: dict[str, Any]) -> Entry:
        recorded = self._clock().astimezone(_ZONE).isoformat(timespec="seconds")
        return self.store.append(
            lambda seq, previous: Entry(
                seq, tx_id, kind, recorded, day.isoformat(), self.actor, reason.strip(), body,
                previous,
            )
        )  # fmt: skip
