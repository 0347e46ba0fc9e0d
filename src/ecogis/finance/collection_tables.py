"""Tables of a collection ledger: owner columns, payments, transactions, what is in force."""

from datetime import date

import pandas as pd

from ecogis.core.errors import IdentityError
from ecogis.finance.collection_book import Known
from ecogis.finance.movements import SOURCE

__all__ = ["in_force", "owner_columns", "payments", "transactions"]


def owner_columns(known: Known, start: date, end: date) -> pd.DataFrame:
    """What collection moved between owners in a span: the owner columns of the accounts.

    Parameters
    ----------
    known : Known
        The ledger's state.
    start, end : date
        Span, the end not included.

    Returns
    -------
    DataFrame, one row per right and party
        ``right party given taken net``; each right's ``net`` adds up to nothing (I05). Openings and
        trusteeships are no transfers and are left out. [dm2, or kg CO2e]

    Raises
    ------
    IdentityError
        E009 the transfers of a right do not net to zero.
    """
    openings = {seq for seq, posting in known.postings if posting.party == SOURCE}
    rows = [
        (p.account.partition("@")[0], p.party, max(-p.amount, 0), max(p.amount, 0), p.amount)
        for seq, p in known.postings
        if seq not in openings and "@" in p.account and start <= p.day < end
    ]
    table = pd.DataFrame(rows, columns=["right", "party", "given", "taken", "net"])
    found = table.groupby(["right", "party"], as_index=False).sum()
    for right, rest in found.groupby("right")["net"].sum().items():
        if rest:
            raise IdentityError(
                "E009", identity="I05", what=right, difference=int(rest), unit="dm2"
            )
    return found


def payments(known: Known, day: date) -> pd.DataFrame:
    """All payments of the collections approved, with what is open at the end of a day.

    Parameters
    ----------
    known : Known
        The ledger's state.
    day : date
        Day asked about.

    Returns
    -------
    DataFrame, one row per payment
        ``tx_id state number kind payer payee due amount_fen paid_fen open_fen late``; what falls
        due after a collection was taken back is shown too, with the state reversed.
    """
    rows = []
    for tx_id, collection in known.collections.items():
        state = "reversed" if known.turned_on(tx_id) <= day else "approved"
        for number, due in enumerate(collection.payments, start=1):
            booked = known.paid.get((tx_id, number), [])
            paid = sum(amount for when, amount in booked if when <= day)
            left = due.amount_fen - paid
            rows.append(
                (
                    tx_id, state, number, due.kind, due.payer, due.payee, due.due,
                    due.amount_fen, paid, left, due.due < day and left > 0,
                )
            )  # fmt: skip
    columns = [
        "tx_id", "state", "number", "kind", "payer", "payee", "due", "amount_fen", "paid_fen",
        "open_fen", "late",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def transactions(known: Known) -> pd.DataFrame:
    """All proposals, with who recorded and who decided them.

    Parameters
    ----------
    known : Known
        The ledger's state.

    Returns
    -------
    DataFrame, one row per proposal
        ``tx_id what of mode state effective recorded recorded_by decided_by reason``.
    """
    rows = [
        (
            tx_id,
            entry.body["what"],
            entry.body.get("of", ""),
            entry.body.get("collection", {}).get("mode", ""),
            known.states[tx_id],
            entry.effective,
            entry.recorded,
            entry.actor,
            known.deciders.get(tx_id, ""),
            entry.reason,
        )
        for tx_id, entry in known.proposals.items()
    ]
    columns = [
        "tx_id", "what", "of", "mode", "state", "effective", "recorded", "recorded_by",
        "decided_by", "reason",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)


def in_force(known: Known, day: date) -> pd.DataFrame:
    """The lots of the collections in force on a day, for the map and the office.

    Parameters
    ----------
    known : Known
        The ledger's state.
    day : date
        Day asked about.

    Returns
    -------
    DataFrame, one row per collection and lot
        ``tx_id mode parcel quantity rights takers term_start term_end contiguity_group
        pledgeable``; the quantity in dm2, or kg CO2e for stored reductions.
    """
    rows = []
    for tx_id, collection in known.collections.items():
        start = collection.term_start or date.fromisoformat(known.proposals[tx_id].effective)
        end = min(collection.term_end or date.max, known.turned_on(tx_id))
        if not start <= day < end:
            continue
        takers = ", ".join(party for party, _ in collection.takers)
        shown = (collection.term_start, collection.term_end, collection.contiguity_group)
        rows += [
            (
                tx_id, collection.mode, lot.parcel, lot.quantity, " ".join(collection.rights),
                takers, *shown, collection.pledgeable,
            )
            for lot in collection.lots
        ]  # fmt: skip
    columns = [
        "tx_id", "mode", "parcel", "quantity", "rights", "takers", "term_start", "term_end",
        "contiguity_group", "pledgeable",
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=columns)
