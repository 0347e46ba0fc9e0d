"""What an approved entry moves: postings by account and party, zero together on every account.

Accounts are ``right@parcel`` in dm2 (carbon rights in kg CO2e), ``trust@parcel`` for a trusteeship,
and ``cash`` in fen. What comes from the cadastre or goes to a trustee is taken from the account's
source, so that no account ever has more or less than nothing in all.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from ecogis.core.errors import ConfigError, IdentityError
from ecogis.finance.collection import RIGHT_KINDS, SOURCE, Collection, Lot, is_hash
from ecogis.finance.parties import party_key
from ecogis.finance.schedules import profit_part, split
from ecogis.methods import ParameterSet

__all__ = [
    "CASH",
    "SOURCE",
    "Holding",
    "Posting",
    "checked_holdings",
    "collected",
    "income",
    "must_be_parties",
    "must_be_whole",
    "opened",
    "paid",
    "turned",
]

CASH: Final = "cash"


@dataclass(frozen=True, slots=True)
class Posting:
    """One line of an account.

    Attributes
    ----------
    account, party : str
        What, and whose.
    day : date
        Day it takes effect.
    amount : int
        Signed. [dm2, kg CO2e, or fen]
    """

    account: str
    party: str
    day: date
    amount: int


@dataclass(frozen=True, slots=True)
class Holding:
    """What a party holds when the ledger begins.

    Attributes
    ----------
    parcel, right, holder : str
        Parcel (or project), kind of right, party.
    quantity : int
        Area, or mass of carbon rights. [dm2, or kg CO2e]
    outline : str
        SHA-256 of the parcel's geometry.
    """

    parcel: str
    right: str
    holder: str
    quantity: int
    outline: str


def checked_holdings(holdings: Sequence[Holding]) -> Sequence[Holding]:
    """Holdings as given, when each can be and none is named twice.

    Raises
    ------
    ConfigError
        E900 a kind of right is unknown, a quantity is not whole and above zero, an outline is no
        SHA-256, a parcel or holder is empty, or a parcel, right and holder stand twice.

    Examples
    --------
    >>> checked_holdings([Holding("P1", "timber_title", "H1", 600, "0" * 64)])[0].quantity
    600
    """
    seen: set[tuple[str, ...]] = set()
    for line in holdings:
        if line.right not in RIGHT_KINDS:
            expected = ", ".join(RIGHT_KINDS)
            raise ConfigError("E900", field="right", value=line.right, expected=expected)
        if not _whole(line.quantity):
            raise ConfigError("E900", field="quantity", value=line.quantity, expected="> 0, int")
        if not is_hash(line.outline):
            raise ConfigError("E900", field="outline", value=line.outline, expected="SHA-256")
        must_be_parties("holder", [line.parcel, line.holder])
        key = party_key(line.parcel), line.right, party_key(line.holder)
        if key in seen:
            raise ConfigError("E900", field="holdings", value=key, expected="distinct")
        seen.add(key)
    return holdings


def _whole(quantity: object) -> bool:
    return isinstance(quantity, int) and not isinstance(quantity, bool) and quantity > 0


def must_be_parties(field: str, names: Iterable[object]) -> None:
    """Refuse what names nobody, or the cadastre, which holds nothing to give.

    Raises
    ------
    ConfigError
        E900 a name is no text, empty, or the cadastre's.
    """
    for name in names:
        if not isinstance(name, str) or party_key(name) in {"", party_key(SOURCE)}:
            raise ConfigError("E900", field=field, value=name, expected=f"≠ {SOURCE}")


def must_be_whole(amounts: Mapping[str, Any]) -> None:
    """Refuse amounts that are not whole numbers.

    Raises
    ------
    ConfigError
        E900 names the first that is not.
    """
    for name, amount in amounts.items():
        if isinstance(amount, bool) or not isinstance(amount, int):
            raise ConfigError("E900", field=name, value=amount, expected="int")


def opened(holdings: Iterable[Mapping[str, Any]], day: date) -> list[Posting]:
    """Postings of an opening.

    >>> line = {"parcel": "P1", "right": "timber_title", "holder": "H1", "quantity": 600}
    >>> [(posting.party, posting.amount) for posting in opened([line], date(2026, 1, 1))]
    [('H1', 600), ('cadastre', -600)]
    """
    found = []
    for line in holdings:
        account = f"{line['right']}@{line['parcel']}"
        found += _moved(account, day, (SOURCE, line["holder"]), int(line["quantity"]))
    return _balanced(found)


def collected(collection: Collection, day: date, modes: ParameterSet) -> list[Posting]:
    """Postings of a collection: what passes, what passes back, what returns when its term ends.

    >>> from ecogis.methods import parameters
    >>> sides = ((("H1", 1_000_000),), (("centre", 1_000_000),))
    >>> lease = Collection(
    ...     "CM2",
    ...     (Lot("P1", 600, "0" * 64),),
    ...     ("operating_right",),
    ...     *sides,
    ...     term_start=date(2026, 1, 1),
    ...     term_end=date(2036, 1, 1),
    ... )
    >>> modes = parameters("collection-modes")
    >>> [(p.party, str(p.day), p.amount) for p in collected(lease, date(2026, 1, 1), modes)]
    [('centre', '2026-01-01', 600), ('H1', '2026-01-01', -600),
     ('H1', '2036-01-01', 600), ('centre', '2036-01-01', -600)]
    """
    start = collection.term_start or day
    returns = modes.text("returns", day, collection.mode).split()
    givers, takers = dict(collection.givers), dict(collection.takers)
    found: list[Posting] = []
    for right in collection.rights:
        for lot in collection.lots:
            found += _passed(right, lot, start, (givers, takers))
            if right in returns and collection.term_end is not None:
                found += _passed(right, lot, collection.term_end, (takers, givers))
        for lot in collection.back:
            found += _passed(right, lot, start, (takers, givers))
    if collection.mode == "CM3" and collection.term_end is not None:
        trustee = collection.takers[0][0]
        for lot in collection.lots:
            account = f"trust@{lot.parcel}"
            found += _moved(account, start, (SOURCE, trustee), 1)
            found += _moved(account, collection.term_end, (trustee, SOURCE), 1)
    return _balanced(found)


def _passed(
    right: str, lot: Lot, day: date, sides: tuple[Mapping[str, int], Mapping[str, int]]
) -> list[Posting]:
    givers, takers = (split(lot.quantity, side) for side in sides)
    account = f"{right}@{lot.parcel}"
    taken = [Posting(account, party, day, part) for party, part in takers.items() if part]
    return taken + [Posting(account, party, day, -part) for party, part in givers.items() if part]


def paid(payer: str, payee: str, amount_fen: int, day: date) -> list[Posting]:
    """Postings of a payment.

    >>> [(posting.party, posting.amount) for posting in paid("P", "H1", 5, date(2026, 1, 1))]
    [('H1', 5), ('P', -5)]
    """
    return _balanced(_moved(CASH, day, (payer, payee), amount_fen))


def income(collection: Collection, payer: str, net_fen: int, day: date) -> list[Posting]:
    """Postings of an income share: the givers' part of a net income, split among them.

    >>> sides = ((("A", 500_000), ("B", 500_000)), (("centre", 1_000_000),))
    >>> trust = Collection("CM3", (), (), *sides, profit_share=0.6)
    >>> [(p.party, p.amount) for p in income(trust, "centre", 1_000, date(2046, 1, 1))]
    [('A', 300), ('centre', -300), ('B', 300), ('centre', -300)]
    """
    part = profit_part(net_fen, collection.profit_share or 0.0)
    found: list[Posting] = []
    for party, amount in split(part, dict(collection.givers)).items():
        found += paid(payer, party, amount, day)
    return found


def turned(postings: Iterable[Posting], day: date) -> list[Posting]:
    """What takes postings back from a day on: those before it then, later ones on their own day.

    >>> before = paid("P", "H1", 5, date(2026, 1, 1))
    >>> [(p.party, str(p.day), p.amount) for p in turned(before, date(2026, 3, 1))]
    [('H1', '2026-03-01', -5), ('P', '2026-03-01', 5)]
    """
    return _balanced([Posting(p.account, p.party, max(p.day, day), -p.amount) for p in postings])


def _moved(account: str, day: date, ends: tuple[str, str], amount: int) -> list[Posting]:
    giver, taker = ends
    if not amount:
        return []
    return [Posting(account, taker, day, amount), Posting(account, giver, day, -amount)]


def _balanced(postings: list[Posting]) -> list[Posting]:
    """Identity I05: on every account and day the postings add up to nothing."""
    sums: dict[tuple[str, date], int] = {}
    for posting in postings:
        key = posting.account, posting.day
        sums[key] = sums.get(key, 0) + posting.amount
    for (account, day), rest in sums.items():
        if rest:
            raise IdentityError(
                "E009", identity="I05", what=f"{account} {day}", difference=rest, unit="dm2"
            )
    return postings
