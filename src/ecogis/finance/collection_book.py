"""What the entries of a collection ledger make: states, balances, payments; from the first on."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError, EcogisError, InputError, StageRefusedError
from ecogis.core.periods import day as day_of
from ecogis.finance.collection import Collection, from_record
from ecogis.finance.collection_store import START, Entry, chained
from ecogis.finance.movements import Posting, collected, income, opened, paid, turned
from ecogis.finance.parties import party_key
from ecogis.methods import ParameterSet

__all__ = ["Known", "replay"]

_COLUMNS: Final = ("account", "right", "parcel", "party", "amount")
_KINDS: Final = ("propose", "approve", "refuse")
Row = tuple[int, str, str, str, int]


@dataclass
class Known:
    """The ledger's state, made from its entries alone.

    Attributes
    ----------
    modes : ParameterSet
        The modes of collection.
    states : dict
        By transaction: proposed, approved, refused or reversed.
    proposals : dict
        By transaction: the entry that proposed it.
    collections : dict
        By transaction: the collections approved.
    deciders : dict
        By transaction: who approved or refused it.
    postings : list of (int, Posting)
        Postings with the place of the approval they came with.
    outlines : dict
        By parcel: the geometry it has.
    paid : dict
        By collection and payment: days and amounts paid. [fen]
    settled : dict
        By collection: what has been paid out of its price. [fen]
    lines : dict
        Postings by account and party.
    at : dict
        By parcel, and by series of stored reductions: the collections approved.
    reversals : dict
        By collection: the day from which it was taken back.
    opened : dict
        By parcel and right: whom it was opened for.
    incomes : set
        Collections with the documents income was settled on.
    approvals : list of int
        Places of the approvals.
    """

    modes: ParameterSet
    states: dict[str, str] = field(default_factory=dict)
    proposals: dict[str, Entry] = field(default_factory=dict)
    collections: dict[str, Collection] = field(default_factory=dict)
    deciders: dict[str, str] = field(default_factory=dict)
    postings: list[tuple[int, Posting]] = field(default_factory=list)
    outlines: dict[str, str] = field(default_factory=dict)
    paid: dict[tuple[str, int], list[tuple[date, int]]] = field(default_factory=dict)
    settled: dict[str, int] = field(default_factory=dict)
    lines: dict[tuple[str, str], list[Posting]] = field(default_factory=dict)
    at: dict[str, list[str]] = field(default_factory=dict)
    reversals: dict[str, date] = field(default_factory=dict)
    opened: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    incomes: set[tuple[str, str]] = field(default_factory=set)
    approvals: list[int] = field(default_factory=list)

    def add(self, entry: Entry) -> None:
        """Let an entry happen.

        Raises
        ------
        InputError
            E909 it does not follow from those before it.
        """
        try:
            self._happen(entry)
        except (KeyError, TypeError, ValueError, AttributeError, EcogisError) as fault:
            detail = fault if isinstance(fault, InputError) else f"{entry.kind}: {fault}"
            raise InputError("E909", file="—", seq=entry.seq, detail=detail) from None

    def turned_on(self, tx_id: str) -> date:
        """The day from which a collection was taken back; the last of all days where it was not."""
        return self.reversals.get(tx_id, date.max)

    def _happen(self, entry: Entry) -> None:
        if entry.kind not in _KINDS:
            raise ValueError(entry.kind)
        if entry.kind == "propose":
            self.states[entry.tx_id] = "proposed"
            self.proposals[entry.tx_id] = entry
            return
        proposal = self.proposals[entry.tx_id]
        same = party_key(entry.actor) == party_key(proposal.actor)
        if self.states[entry.tx_id] != "proposed" or (same and entry.kind == "approve"):
            raise ValueError(f"{self.states[entry.tx_id]}, {entry.actor}")
        self.deciders[entry.tx_id] = entry.actor
        self.states[entry.tx_id] = "approved" if entry.kind == "approve" else "refused"
        if entry.kind == "approve":
            self._approved(proposal, entry.seq)

    def _approved(self, proposal: Entry, seq: int) -> None:
        self.approvals.append(seq)
        for posting in self.made(proposal):
            self.postings.append((seq, posting))
            self.lines.setdefault((posting.account, posting.party), []).append(posting)
        body = proposal.body
        if body["what"] == "opening":
            self.outlines |= {line["parcel"]: line["outline"] for line in body["holdings"]}
            for line in body["holdings"]:
                key = party_key(line["parcel"]), line["right"]
                self.opened.setdefault(key, set()).add(party_key(line["holder"]))
        elif body["what"] == "collection":
            self._collected(proposal.tx_id, from_record(body["collection"]))
        else:
            self._booked(body["of"], body, day_of(proposal.effective))

    def _booked(self, tx_id: str, body: dict[str, Any], day: date) -> None:
        """What an entry about a collection changes."""
        if body["what"] == "payment":
            booked = day, body["amount_fen"]
            self.paid.setdefault((tx_id, body["number"]), []).append(booked)
        elif body["what"] == "settlement":
            whole = sum(body["parts"].values())
            self.settled[tx_id] = self.settled.get(tx_id, 0) + whole
        elif body["what"] == "income":
            self.incomes.add((tx_id, party_key(body["document"])))
        elif body["what"] == "reversal":
            self.states[tx_id] = "reversed"
            self.reversals[tx_id] = day

    def _collected(self, tx_id: str, collection: Collection) -> None:
        self.collections[tx_id] = collection
        lots = (*collection.lots, *collection.back)
        for key in (
            *(lot.parcel for lot in lots),
            *{party_key(series) for series, _, _ in collection.serials},
        ):
            self.at.setdefault(key, []).append(tx_id)

    def made(self, proposal: Entry) -> list[Posting]:
        """Postings a proposal makes when it is approved.

        Raises
        ------
        StageRefusedError
            E907 it is about a collection that is not in force.
        ConfigError
            E900 it asks for what the collection does not have.
        """
        body, day = proposal.body, day_of(proposal.effective)
        if body["what"] == "opening":
            return opened(body["holdings"], day)
        if body["what"] == "collection":
            return collected(from_record(body["collection"]), day, self.modes)
        collection = self._in_force(body["of"], body["what"], day)
        if body["what"] == "reversal":
            return turned(self._of(body["of"]), day)
        makers = {
            "payment": self._payment,
            "settlement": self._settlement,
            "income": self._income,
        }
        return makers[body["what"]](collection, body, day)

    def _in_force(self, tx_id: str, kind: str, day: date) -> Collection:
        """A collection that is not taken back on a day; payments due before may still be made."""
        state = self.states.get(tx_id, "—")
        late = day >= self.turned_on(tx_id) or kind == "reversal"
        if tx_id not in self.collections or (state == "reversed" and late and kind != "payment"):
            raise StageRefusedError("E907", tx=tx_id, state=state, kind=kind)
        return self.collections[tx_id]

    def _of(self, tx_id: str) -> list[Posting]:
        proposal = self.proposals[tx_id]
        collection = self.collections[tx_id]
        return collected(collection, day_of(proposal.effective), self.modes)

    def _payment(self, collection: Collection, body: dict[str, Any], day: date) -> list[Posting]:
        number, amount = body["number"], body["amount_fen"]
        if not 1 <= number <= len(collection.payments):
            expected = f"1-{len(collection.payments)}"
            raise ConfigError("E900", field="payment", value=number, expected=expected)
        due = collection.payments[number - 1]
        left = due.amount_fen - sum(part for _, part in self.paid.get((body["of"], number), []))
        if not 0 < amount <= left:
            raise ConfigError("E900", field="amount", value=amount, expected=f"1-{left} fen")
        return paid(due.payer, due.payee, amount, day)

    def _settlement(self, collection: Collection, body: dict[str, Any], day: date) -> list[Posting]:
        tx_id, parts = body["of"], body["parts"]
        if collection.mode != "CM8":
            raise StageRefusedError("E907", tx=tx_id, state=collection.mode, kind="settlement")
        numbers = range(1, len(collection.payments) + 1)
        came_in = sum(part for n in numbers for _, part in self.paid.get((tx_id, n), []))
        left = came_in - self.settled.get(tx_id, 0)
        if min(parts.values(), default=0) <= 0 or sum(parts.values()) > left:
            raise ConfigError("E900", field="parts", value=parts, expected=f"> 0, Σ <= {left} fen")
        found: list[Posting] = []
        for party, amount in parts.items():
            found += paid(body["payer"], party, amount, day)
        return found

    def _income(self, collection: Collection, body: dict[str, Any], day: date) -> list[Posting]:
        if collection.profit_share is None:
            raise ConfigError("E900", field="profit_share", value="—", expected="0-1")
        if body["felling"] and not collection.may_fell:
            value = f"{collection.public_forest}, {collection.quota}"
            raise ConfigError("E900", field="public_forest, quota", value=value, expected="no, yes")
        document = party_key(body["document"])
        if not document or (body["of"], document) in self.incomes:
            value = body["document"]
            raise ConfigError("E900", field="document", value=value, expected="new, not empty")
        start = collection.term_start or day_of(self.proposals[body["of"]].effective)
        end = date.max if body["late"] else collection.term_end or date.max
        if not start <= day < end:
            raise ConfigError("E900", field="day", value=day, expected=f"{start} - {end}")
        return income(collection, body["payer"], body["net_fen"], day)

    def balances(self, day: date) -> pd.DataFrame:
        """What every party holds at the end of a day; see `CollectionLedger.balances`."""
        sums: dict[tuple[str, str], int] = {}
        for _, posting in self.postings:
            if posting.day <= day:
                key = posting.account, posting.party
                sums[key] = sums.get(key, 0) + posting.amount
        rows = [
            (account, *_named(account), party, amount)
            for (account, party), amount in sorted(sums.items())
            if amount
        ]
        table = pd.DataFrame(rows, columns=list(_COLUMNS))
        return table.astype({"amount": "int64"})

    def must_equal(self, rows: Iterable[Row], settled: Iterable[int], file: str) -> None:
        """Refuse a store whose postings and settlements are not what its entries make.

        Raises
        ------
        InputError
            E909 names the first posting's entry that differs.
        """
        made = [(seq, p.account, p.party, p.day.isoformat(), p.amount) for seq, p in self.postings]
        kept = list(rows)
        for mine, theirs in zip(made, kept, strict=False):
            if mine != theirs:
                raise InputError("E909", file=file, seq=mine[0], detail=f"{theirs} ≠ {mine}")
        if len(made) != len(kept):
            detail = f"{len(kept)} ≠ {len(made)}"
            raise InputError("E909", file=file, seq="—", detail=detail)
        differing = sorted(set(settled) ^ set(self.approvals))
        if differing:
            raise InputError("E909", file=file, seq=differing[0], detail="settled")


def _named(account: str) -> tuple[str, str]:
    right, _, parcel = account.partition("@")
    return right, parcel


def replay(
    entries: Iterable[Entry],
    known: Known,
    last: tuple[int, str] = (0, START),
    *,
    until: str | None = None,
) -> tuple[int, str]:
    """Let entries happen, the chain checked on the way.

    Parameters
    ----------
    entries : iterable of Entry
        Those that follow `last`.
    known : Known
        Takes them.
    last : tuple of (int, str)
        Place and hash of the entry before; of none for a whole ledger.
    until : str, optional
        Only what was recorded by this time.

    Returns
    -------
    tuple of (int, str)
        Place and hash of the last entry.

    Raises
    ------
    InputError
        E909 an entry is not what the chain says, or does not follow from those before it.
    """
    place, previous = last
    for entry in entries:
        place += 1
        if entry.seq != place or entry.previous != previous:
            raise InputError("E909", file="—", seq=place, detail="previous")
        if chained(previous, entry.text) != entry.hash:
            raise InputError("E909", file="—", seq=place, detail="hash")
        previous = entry.hash
        if until is None or entry.recorded <= until:
            known.add(entry)
    return place, previous
