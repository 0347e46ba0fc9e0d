"""What a collection ledger refuses: land opened twice, given twice, entrusted twice, overdrawn."""

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.periods import day as day_of
from ecogis.finance.collection import Collection, Lot, from_record
from ecogis.finance.collection_book import Known
from ecogis.finance.collection_store import Entry
from ecogis.finance.movements import CASH, SOURCE, Posting
from ecogis.finance.parties import party_key
from ecogis.finance.schedules import split

__all__ = ["must_allow"]

_MANAGED: Final = "operating_right"
_PAID: Final = ("payment", "income", "settlement")
_GROWING: Final = "carbon_right"  # more of it comes with every issue


def must_allow(known: Known, proposal: Entry, postings: Sequence[Posting]) -> None:
    """Refuse what would leave a party with less than nothing on any day, or land given twice.

    Parameters
    ----------
    known : Known
        The ledger's state.
    proposal : Entry
        What is proposed.
    postings : sequence of Posting
        What it makes.

    Raises
    ------
    StageRefusedError
        E908 a party does not hold what is to pass or what is entrusted; E911 it is in another
        collection; E921 it was opened before.
    ConfigError
        E900 a parcel is not in the ledger, its geometry is another, or money is paid before the
        collection, or to who pays it.
    """
    _must_be_paid_in_time(known, proposal, postings)
    if proposal.body["what"] == "opening":
        _must_be_new(known, proposal)
    if proposal.body["what"] == "collection":
        collection = from_record(proposal.body["collection"])
        day = day_of(proposal.effective)
        _must_know(known, collection)
        _must_be_free(known, collection, day)
        if collection.mode == "CM3":
            _must_manage(known, collection, collection.term_start or day, (date.max, postings))
    for account, party in sorted({(p.account, p.party) for p in postings}):
        if account != CASH:
            _must_hold(known, account, party, postings)
    for tx_id in _trusts_touched(known, postings):
        entrusted = known.collections[tx_id]
        start = entrusted.term_start or day_of(known.proposals[tx_id].effective)
        if proposal.body.get("of") != tx_id:
            _must_manage(known, entrusted, start, (known.turned_on(tx_id), postings))


def _must_be_new(known: Known, proposal: Entry) -> None:
    """A right is opened once for a holder; for another holder, or more carbon, with a reason."""
    for line in proposal.body["holdings"]:
        key = party_key(line["parcel"]), line["right"]
        held = known.opened.get(key, set())
        again = party_key(line["holder"]) in held and line["right"] != _GROWING
        if again or (held and not proposal.reason):
            raise StageRefusedError(
                "E921", parcel=line["parcel"], right=line["right"], holder=line["holder"]
            )


def _must_be_paid_in_time(known: Known, proposal: Entry, postings: Sequence[Posting]) -> None:
    """Nothing is paid before the collection it rests on, but a payment due before; nor to oneself.

    Postings of a payment come in pairs, so a party that pays itself has both of one.
    """
    body, day = proposal.body, day_of(proposal.effective)
    if body["what"] not in _PAID:
        return
    collection = known.collections[body["of"]]
    first = day_of(known.proposals[body["of"]].effective)
    if body["what"] == "payment":
        first = min(first, collection.payments[body["number"] - 1].due)
    if day < first:
        raise ConfigError("E900", field="day", value=day, expected=f">= {first}")
    for taker, giver in zip(postings[::2], postings[1::2], strict=True):
        if party_key(taker.party) == party_key(giver.party):
            raise ConfigError("E900", field="payer", value=giver.party, expected="≠ payee")


def _must_know(known: Known, collection: Collection) -> None:
    for lot in (*collection.lots, *collection.back):
        if known.outlines.get(lot.parcel) != lot.outline:
            expected = known.outlines.get(lot.parcel, "—")
            raise ConfigError("E900", field=lot.parcel, value=lot.outline, expected=expected)


def _must_be_free(known: Known, collection: Collection, day: date) -> None:
    """No trusteeship lies on what another is to manage, no serial is stored twice."""
    start, end = collection.term_start or day, collection.term_end or date.max
    if collection.mode == "CM3" or _MANAGED in collection.rights:
        for lot in (*collection.lots, *collection.back):
            for tx_id, begun, ended in _spans(known, lot.parcel):
                if known.collections[tx_id].mode == "CM3" and start < ended and begun < end:
                    raise StageRefusedError("E911", what=lot.parcel, other=tx_id)
    for series, first, last in collection.serials:
        for tx_id, _, ended in _spans(known, party_key(series)):
            stored = known.collections[tx_id].serials
            same = [(a, b) for s, a, b in stored if party_key(s) == party_key(series)]
            if start < ended and any(a <= last and first <= b for a, b in same):
                raise StageRefusedError("E911", what=f"{series} {first}-{last}", other=tx_id)


def _spans(known: Known, key: str) -> Iterator[tuple[str, date, date]]:
    """Collections of a parcel or series, each from its first day to its end or its reversal."""
    for tx_id in known.at.get(key, []):
        collection = known.collections[tx_id]
        begun = collection.term_start or day_of(known.proposals[tx_id].effective)
        yield tx_id, begun, min(collection.term_end or date.max, known.turned_on(tx_id))


def _trusts_touched(known: Known, postings: Sequence[Posting]) -> list[str]:
    """Trusteeships of parcels whose management right moves."""
    named = (posting.account.partition("@") for posting in postings)
    parcels = {parcel for right, _, parcel in named if right == _MANAGED}
    found = {tx_id for parcel in parcels for tx_id in known.at.get(parcel, [])}
    return sorted(tx_id for tx_id in found if known.collections[tx_id].mode == "CM3")


def _must_manage(
    known: Known,
    collection: Collection,
    start: date,
    until: tuple[date, Sequence[Posting]],
) -> None:
    """Who entrusts a parcel must hold the right to manage it over the whole term."""
    last, new = until
    end = min(collection.term_end or date.max, last)
    for lot in collection.lots:
        for party, asked in split(lot.quantity, dict(collection.givers)).items():
            held = _least_held(known, (lot, party), (start, end), new)
            if held < asked:
                raise StageRefusedError(
                    "E908", party=party, parcel=lot.parcel, right=_MANAGED, held=held, asked=asked
                )


def _least_held(
    known: Known, whose: tuple[Lot, str], term: tuple[date, date], new: Sequence[Posting]
) -> int:
    """The least a party holds of the management right on any day of a term. [dm2]"""
    lot, party = whose
    start, end = term
    account = f"{_MANAGED}@{lot.parcel}"
    mine = [p for p in new if (p.account, p.party) == (account, party)]
    lines = [*known.lines.get((account, party), []), *mine]
    days = {start} | {p.day for p in lines if start < p.day < end}
    return min(sum(p.amount for p in lines if p.day <= day) for day in days)


def _must_hold(known: Known, account: str, party: str, new: Sequence[Posting]) -> None:
    lines = known.lines.get((account, party), [])
    mine = [p for p in new if (p.account, p.party) == (account, party)]
    floor = 0
    if party == SOURCE:
        if not account.startswith("trust@"):
            return
        floor = -1
    held = 0
    first = min(p.day for p in mine)
    by_day: dict[date, int] = {}
    for posting in (*lines, *mine):
        by_day[posting.day] = by_day.get(posting.day, 0) + posting.amount
    for day in sorted(by_day):
        held += by_day[day]
        if held < floor and day >= first:
            before = sum(p.amount for p in lines if p.day <= day)
            right, _, parcel = account.partition("@")
            raise StageRefusedError(
                "E908", party=party, parcel=parcel, right=right, held=before, asked=before - held
            )
