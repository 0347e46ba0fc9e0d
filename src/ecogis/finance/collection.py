"""A collection of rights: who gives what to whom, on which land, for how long, for how much."""

import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from typing import Any, Final

from ecogis.core.errors import ConfigError
from ecogis.core.periods import day as day_of
from ecogis.finance.parties import party_key
from ecogis.finance.schedules import MILLION, Payment
from ecogis.methods import ParameterSet, parameters

__all__ = [
    "RIGHT_KINDS",
    "SOURCE",
    "Collection",
    "Lot",
    "checked",
    "from_record",
    "is_hash",
    "record_of",
]

RIGHT_KINDS: Final = (
    "land_ownership", "contract_right", "operating_right", "timber_title", "income_right",
    "carbon_right",
)  # fmt: skip
"""Kinds of right a collection can move."""

SOURCE: Final = "cadastre"
"""Party the rights of an opening come from; it takes no part in a collection."""

_SHA256: Final = re.compile(r"[0-9a-f]{64}")
_TERMED: Final = ("CM2", "CM3", "CM4", "CM5")
_DM2_PER_HA: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Lot:
    """A parcel in a collection, as it was that day.

    Attributes
    ----------
    parcel : str
        The parcel; for stored reductions, the project.
    quantity : int
        Area, or for carbon rights the mass. [dm2, or kg CO2e]
    outline : str
        SHA-256 of the geometry that is meant.
    stands : tuple of str
        Stands on it that are meant.
    volume_dm3 : int or None
        Standing volume by the survey. [dm3]
    age_group, species : str
        By the survey; empty where not known.
    """

    parcel: str
    quantity: int
    outline: str
    stands: tuple[str, ...] = ()
    volume_dm3: int | None = None
    age_group: str = ""
    species: str = ""


@dataclass(frozen=True, slots=True)
class Collection:
    """What is agreed. Amounts by area are not given but follow; see `area_ha` and `price_per_mu`.

    Attributes
    ----------
    mode : str
        CM1 to CM9.
    lots : tuple of Lot
        What passes from givers to takers.
    rights : tuple of str
        Kinds of right that pass; none for trusteeship and upgrade.
    givers, takers : tuple of (str, int)
        Parties and their shares, together a million. [1e-6]
    back : tuple of Lot
        In a swap, what passes from takers to givers.
    certificate_no : str
        Number of the certificate.
    term_start, term_end, contract_end : date or None
        Term of the right that passes, and end of the right it comes from.
    price_fen : int
        All that is to be paid. [fen]
    payments : tuple of Payment
        How; they add up to the price.
    profit_share : float or None
        Share of net income that goes to the givers. [1]
    floor_fen : int or None
        Guaranteed yearly dividend. [fen]
    appraisal_id : str
        Valuation the price rests on.
    public_forest, quota, dispute : bool or None
        Whether it is public-benefit forest, a felling quota is at hand, a dispute is open; none
        where not known.
    contiguity_group : str
        The group it is joined to.
    documents : tuple of str
        SHA-256 of each document.
    serials : tuple of (str, int, int)
        Blocks of stored reductions: series, first, last.
    """

    mode: str
    lots: tuple[Lot, ...]
    rights: tuple[str, ...]
    givers: tuple[tuple[str, int], ...]
    takers: tuple[tuple[str, int], ...]
    back: tuple[Lot, ...] = ()
    certificate_no: str = ""
    term_start: date | None = None
    term_end: date | None = None
    contract_end: date | None = None
    price_fen: int = 0
    payments: tuple[Payment, ...] = ()
    profit_share: float | None = None
    floor_fen: int | None = None
    appraisal_id: str = ""
    public_forest: bool | None = None
    quota: bool | None = None
    dispute: bool | None = None
    contiguity_group: str = ""
    documents: tuple[str, ...] = ()
    serials: tuple[tuple[str, int, int], ...] = ()

    @property
    def area_ha(self) -> float:
        """Area of the lots; 15 mu to the hectare. [ha]"""
        if self.mode == "CM9":
            return 0.0
        return sum(lot.quantity for lot in self.lots) / _DM2_PER_HA

    @property
    def price_per_mu(self) -> float | None:
        """Price by area, where there is an area. [CNY mu-1]"""
        return self.price_fen / 100 / (self.area_ha * 15) if self.area_ha else None

    @property
    def pledgeable(self) -> bool:
        """Whether no dispute stands against a pledge; one not known does."""
        return self.dispute is False

    @property
    def may_fell(self) -> bool:
        """Whether income from felling may flow: not public-benefit forest, and a quota at hand."""
        return self.public_forest is False and self.quota is True


def checked(collection: Collection, day: date, *, rules: ParameterSet | None = None) -> Collection:
    """The collection, when it says what its mode asks for.

    Parameters
    ----------
    collection : Collection
        What is agreed.
    day : date
        Day it takes effect.
    rules : ParameterSet, optional
        Another edition of ``collection-modes``.

    Returns
    -------
    Collection
        As given.

    Raises
    ------
    ConfigError
        E900 a field cannot be: names it and what is expected.

    Examples
    --------
    >>> lot = Lot("P1", 6_000_000, "0" * 64)
    >>> sides = ((("H1", 1_000_000),), (("centre", 1_000_000),))
    >>> checked(Collection("CM2", (lot,), ("operating_right",), *sides), date(2026, 1, 1))
    Traceback (most recent call last):
    ecogis.core.errors.ConfigError: E900 ...
    """
    modes = parameters("collection-modes") if rules is None else rules
    if collection.mode not in modes.keys("may_move"):
        raise _wrong("mode", collection.mode, "CM1-CM9")
    may_move = modes.text("may_move", day, collection.mode)
    allowed = () if may_move == "none" else tuple(may_move.split())
    faults = _type_faults(collection) or (
        *_side_faults(collection),
        *_payment_faults(collection),
        *_lot_faults(collection, allowed),
        *_term_faults(collection),
        *_money_faults(collection),
    )
    for field, value, expected in faults:
        raise _wrong(field, value, expected)
    return collection


Fault = tuple[str, Any, str]


def _type_faults(collection: Collection) -> list[Fault]:
    """What is not of its kind, as a record written by hand may have it."""
    lots = (*collection.lots, *collection.back)
    numbers: list[tuple[str, object]] = [
        *(("quantity", lot.quantity) for lot in lots),
        *(("share", share) for _, share in (*collection.givers, *collection.takers)),
        *(("serials", each) for _, *ends in collection.serials for each in ends),
        *(("payments", payment.amount_fen) for payment in collection.payments),
        ("price_fen", collection.price_fen),
    ]
    texts: list[tuple[str, object]] = [
        *(("lot", text) for lot in lots for text in (lot.parcel, lot.outline)),
        *(("party", party) for party, _ in (*collection.givers, *collection.takers)),
        *(("party", each) for due in collection.payments for each in (due.payer, due.payee)),
        *(("serials", series) for series, *_ in collection.serials),
        *(("documents", text) for text in collection.documents),
    ]
    share = collection.profit_share
    flags = ("public_forest", "quota", "dispute")
    told: list[tuple[str, object]] = [(name, getattr(collection, name)) for name in flags]
    return [
        *((name, value, "int") for name, value in numbers if not _is_whole(value)),
        *((name, value, "text") for name, value in texts if not isinstance(value, str)),
        *((name, value, "true, false") for name, value in told if not _is_flag(value)),
        *(("profit_share", each, "0-1") for each in (share,) if not _is_number(each)),
    ]


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_flag(value: object) -> bool:
    return value is None or isinstance(value, bool)


def _is_number(value: object) -> bool:
    return value is None or isinstance(value, float) or _is_whole(value)


def _side_faults(collection: Collection) -> list[Fault]:
    faults: list[Fault] = []
    named: list[set[str]] = []
    for name, side in (("givers", collection.givers), ("takers", collection.takers)):
        shares = [share for _, share in side]
        keys = [party_key(party) for party, _ in side]
        if sum(shares) != MILLION or min(shares) <= 0:
            faults.append((name, shares, "Σ = 1000000"))
        if not all(keys) or len(set(keys)) != len(keys) or party_key(SOURCE) in keys:
            faults.append((name, [party for party, _ in side], f"distinct, not empty, ≠ {SOURCE}"))
        named.append(set(keys))
    both = named[0] & named[1]
    if both and collection.mode != "CM5":
        faults.append(("takers", sorted(both), "≠ givers"))
    return faults


def _payment_faults(collection: Collection) -> list[Fault]:
    """A payment has two ends, and neither is the cadastre."""
    faults: list[Fault] = []
    for due in collection.payments:
        ends = {party_key(due.payer), party_key(due.payee)}
        if len(ends) != 2 or ends & {"", party_key(SOURCE)}:
            expected = f"payer ≠ payee, not empty, ≠ {SOURCE}"
            faults.append(("payments", f"{due.payer} - {due.payee}", expected))
    return faults


def _lot_faults(collection: Collection, allowed: tuple[str, ...]) -> list[Fault]:
    faults: list[Fault] = []
    if set(collection.rights) - set(allowed) or bool(collection.rights) is not bool(allowed):
        faults.append(("rights", collection.rights, " ".join(allowed) or "—"))
    lots = (*collection.lots, *collection.back)
    if not collection.lots or len({lot.parcel for lot in lots}) != len(lots):
        faults.append(("lots", [lot.parcel for lot in lots], "distinct, not empty"))
    if bool(collection.back) is not (collection.mode == "CM6"):
        faults.append(("back", len(collection.back), "CM6"))
    faults += [("quantity", lot.quantity, "> 0") for lot in lots if lot.quantity <= 0]
    faults += [("outline", lot.outline, "SHA-256") for lot in lots if not is_hash(lot.outline)]
    faults += [("documents", text, "SHA-256") for text in collection.documents if not is_hash(text)]
    return [*faults, *_serial_faults(collection)]


def _serial_faults(collection: Collection) -> list[Fault]:
    serials = collection.serials
    if collection.mode != "CM9":
        return [("serials", serials, "CM9")] if serials else []
    tonnes = sum(last - first + 1 for _, first, last in serials)
    kg = sum(lot.quantity for lot in collection.lots)
    fault = ("serials", serials, f"{kg / 1000:g} t, once")
    blocks = sorted((party_key(series), first, last) for series, first, last in serials)
    twice = any(one[0] == two[0] and two[1] <= one[2] for one, two in pairwise(blocks))
    wrong = tonnes * 1000 != kg or twice or any(b < a for _, a, b in serials)
    return [fault] if wrong else []


def _term_faults(collection: Collection) -> list[Fault]:
    start, end, last = collection.term_start, collection.term_end, collection.contract_end
    if start is None or end is None:
        wanted = collection.mode in _TERMED or (start is None) is not (end is None)
        return [("term", f"{start} - {end}", "start, end")] if wanted else []
    faults: list[Fault] = []
    if end <= start:
        faults.append(("term_end", end, f"> {start}"))
    if last is None or end > last:
        faults.append(("contract_end", last, f">= {end}"))
    return faults


def _money_faults(collection: Collection) -> list[Fault]:
    faults: list[Fault] = []
    due = sum(payment.amount_fen for payment in collection.payments)
    if due != collection.price_fen:
        faults.append(("price_fen", collection.price_fen, f"Σ = {due}"))
    if any(payment.amount_fen <= 0 for payment in collection.payments):
        faults.append(("payments", "<= 0", "> 0 fen"))
    share = collection.profit_share
    if share is not None and not 0 <= share <= 1:
        faults.append(("profit_share", share, "0-1"))
    if share is None and collection.mode in {"CM3", "CM4", "CM5"}:
        faults.append(("profit_share", "—", "0-1"))
    return faults


def is_hash(text: object) -> bool:
    """Whether a text is a SHA-256, as hexadecimal digits.

    >>> is_hash("0" * 64), is_hash(None)
    (True, False)
    """
    return isinstance(text, str) and _SHA256.fullmatch(text) is not None


def _wrong(field: str, value: Any, expected: str) -> ConfigError:
    return ConfigError("E900", field=field, value=value, expected=expected)


def record_of(collection: Collection) -> dict[str, Any]:
    """A collection as a record of JSON values; `from_record` is the way back.

    >>> lot = Lot("P1", 600, "0" * 64)
    >>> one = Collection("CM7", (lot,), (), (("H1", MILLION),), (("centre", MILLION),))
    >>> from_record(record_of(one)) == one
    True
    """
    found = asdict(collection)
    for name in ("term_start", "term_end", "contract_end"):
        found[name] = found[name] and found[name].isoformat()
    for payment in found["payments"]:
        payment["due"] = payment["due"].isoformat()
    return found


def from_record(record: Mapping[str, Any]) -> Collection:
    """A collection from its record; see `record_of`.

    Raises
    ------
    ConfigError
        E900 the record lacks a field, or a field has another form.
    """
    try:
        return _from_record(dict(record))
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise ConfigError("E900", field="collection", value=fault, expected="record_of") from None


def _from_record(found: dict[str, Any]) -> Collection:
    for name in ("lots", "back"):
        found[name] = tuple(Lot(**lot | {"stands": tuple(lot["stands"])}) for lot in found[name])
    for name in ("givers", "takers"):
        found[name] = tuple((party, share) for party, share in found[name])
    found["serials"] = tuple((series, first, last) for series, first, last in found["serials"])
    for name in ("rights", "documents"):
        found[name] = tuple(found[name])
    for name in ("term_start", "term_end", "contract_end"):
        found[name] = found[name] and day_of(found[name])
    found["payments"] = tuple(
        Payment(**payment | {"due": day_of(payment["due"])}) for payment in found["payments"]
    )
    return Collection(**found)
