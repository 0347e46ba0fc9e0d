"""The collection ledger: two persons, two times, nothing collected twice."""

import json
import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from ecogis.core.errors import ConfigError, InputError, StageRefusedError
from ecogis.finance import (
    Collection,
    CollectionLedger,
    Holding,
    Lot,
    in_force,
    owner_columns,
    payments,
    to_parties,
    transactions,
    yearly,
)
from ecogis.finance.collection import from_record, record_of
from ecogis.finance.collection_store import START, CollectionStore, Entry, chained

DAY = date(2026, 1, 5)
SHAPE = "a" * 64
ONE = 1_000_000
H1, CENTRE = (("H1", ONE),), (("centre", ONE),)


class Desk:
    """Two persons at one ledger, and a clock that is set by hand."""

    def __init__(self, file=":memory:"):
        self.time = datetime(2026, 1, 5, 1, tzinfo=UTC)
        self.numbers = iter(range(1, 10**6))
        store = CollectionStore(file, new=True)
        settings = {"clock": lambda: self.time, "ids": lambda: f"T{next(self.numbers)}"}
        self.one = CollectionLedger(store, "A", **settings)
        self.other = CollectionLedger(store, "B", **settings)

    def to(self, day):
        self.time = datetime(day.year, day.month, day.day, 1, tzinfo=UTC)

    def done(self, tx_id):
        self.other.approve(tx_id)
        return tx_id

    def opened(self, *lines):
        holdings = [
            Holding(parcel, right, who, amount, SHAPE) for parcel, right, who, amount in lines
        ]
        return self.done(self.one.open_holdings(holdings, day=DAY))

    def held(self, day, right="operating_right", parcel="P1"):
        found = self.one.balances(day)
        rows = found[(found["right"] == right) & (found["parcel"] == parcel)]
        return {p: a for p, a in zip(rows["party"], rows["amount"], strict=True) if p != "cadastre"}


@pytest.fixture
def desk():
    found = Desk()
    found.opened(
        ("P1", "operating_right", "H1", 600),
        ("P1", "timber_title", "H1", 600),
        ("P2", "operating_right", "H2", 900),
        ("P1", "income_right", "farm", 600),
    )
    return found


def lease(**changes):
    base = Collection(
        "CM2",
        (Lot("P1", 600, SHAPE),),
        ("operating_right",),
        H1,
        CENTRE,
        term_start=DAY,
        term_end=date(2036, 1, 5),
        contract_end=date(2050, 1, 1),
    )
    return replace(base, **changes)


BUYOUT = Collection(
    "CM1", (Lot("P1", 600, SHAPE),), ("timber_title", "operating_right"), H1, CENTRE
)


def trust(**changes):
    return lease(mode="CM3", rights=(), profit_share=0.6, **changes)


def test_a_lease_returns_at_its_end(desk):
    desk.done(desk.one.collect(lease(), day=DAY))
    assert desk.held(date(2026, 1, 4)) == {}
    assert desk.held(DAY) == {"centre": 600}
    assert desk.held(date(2036, 1, 4)) == {"centre": 600}
    assert desk.held(date(2036, 1, 5)) == {"H1": 600}
    assert in_force(desk.one.known(), DAY)["tx_id"].tolist() == ["T2"]
    assert in_force(desk.one.known(), date(2036, 1, 5)).empty


def test_a_buyout_moves_timber_for_good(desk):
    desk.done(desk.one.collect(BUYOUT, day=DAY))
    assert desk.held(date(2090, 1, 1), "timber_title") == {"centre": 600}
    moved = owner_columns(desk.one.known(), DAY, date(2027, 1, 1))
    assert moved.groupby("right")["net"].sum().tolist() == [0, 0]
    assert moved["taken"].sum() == 1200


def test_a_proposal_moves_nothing_until_another_approves(desk):
    tx = desk.one.collect(lease(), day=DAY)
    assert desk.held(DAY) == {"H1": 600}
    with pytest.raises(StageRefusedError, match="E906"):
        desk.one.approve(tx)
    desk.other.refuse(tx, reason="price")
    for ask in (desk.other.approve, lambda each: desk.other.refuse(each, reason="again")):
        with pytest.raises(StageRefusedError, match="E907"):
            ask(tx)
    assert transactions(desk.one.known()).set_index("tx_id").loc[tx, "state"] == "refused"


def test_nobody_gives_what_is_not_theirs(desk):
    desk.done(desk.one.collect(lease(), day=DAY))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(BUYOUT, day=date(2030, 1, 1))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(lease(lots=(Lot("P2", 900, SHAPE),)), day=DAY)


def test_an_earlier_entry_cannot_empty_a_later_one(desk):
    later = lease(term_start=date(2030, 1, 1))
    desk.done(desk.one.collect(later, day=date(2030, 1, 1)))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(lease(term_end=date(2031, 1, 1)), day=DAY)
    desk.done(desk.one.collect(lease(term_end=date(2029, 12, 31)), day=DAY))
    assert desk.held(date(2029, 12, 31)) == {"H1": 600}


def test_two_open_proposals_for_one_parcel_end_with_one(desk):
    first, second = (desk.one.collect(lease(), day=DAY) for _ in range(2))
    desk.done(first)
    with pytest.raises(StageRefusedError, match="E908"):
        desk.other.approve(second)
    assert desk.one.known().states[second] == "proposed"
    desk.one.verify()


def test_a_trusteeship_moves_no_owner_and_lies_alone(desk):
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    assert desk.held(DAY) == {"H1": 600}
    assert owner_columns(desk.one.known(), DAY, date(2060, 1, 1)).empty
    for again in (trust(), BUYOUT, lease()):
        with pytest.raises(StageRefusedError, match="E911"):
            desk.one.collect(again, day=DAY)
    desk.done(desk.one.reverse(tx, day=date(2027, 1, 1), reason="given up"))
    desk.to(date(2027, 1, 1))
    desk.done(desk.one.collect(BUYOUT, day=date(2027, 1, 1)))


def test_only_who_manages_can_entrust(desk):
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(trust(givers=(("H2", ONE),)), day=DAY)


def test_tickets_divide_the_income_right(desk):
    ticket = lease(
        mode="CM5",
        rights=("income_right",),
        givers=(("farm", ONE),),
        takers=(("village", 300_000), ("villagers", 700_000)),
        profit_share=1.0,
    )
    desk.done(desk.one.collect(ticket, day=DAY))
    assert desk.held(DAY, "income_right") == {"village": 180, "villagers": 420}


def test_a_swap_moves_both_ways(desk):
    swap = Collection(
        "CM6", (Lot("P1", 600, SHAPE),), ("operating_right",), H1, (("H2", ONE),),
        back=(Lot("P2", 900, SHAPE),),
    )  # fmt: skip
    desk.done(desk.one.collect(swap, day=DAY))
    assert desk.held(DAY) == {"H2": 600}
    assert desk.held(DAY, parcel="P2") == {"H1": 900}


def test_stored_reductions_are_stored_once(desk):
    desk.opened(("project", "carbon_right", "farm", 10_000))
    stored = Collection(
        "CM9", (Lot("project", 4_000, SHAPE),), ("carbon_right",), (("farm", ONE),), CENTRE,
        serials=(("S", 1, 4),),
    )  # fmt: skip
    tx = desk.done(desk.one.collect(stored, day=DAY))
    with pytest.raises(StageRefusedError, match="E911"):
        desk.one.collect(replace(stored, serials=(("S", 4, 7),)), day=DAY)
    desk.done(desk.one.collect(replace(stored, serials=(("S", 5, 8),)), day=DAY))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(replace(stored, serials=(("S", 9, 12),)), day=DAY)
    desk.done(desk.one.reverse(tx, day=DAY, reason="wrong block"))
    desk.done(desk.one.collect(stored, day=DAY))
    assert stored.area_ha == 0
    assert stored.price_per_mu is None


def test_two_times_are_kept_apart(desk):
    desk.to(date(2026, 3, 1))
    noon = desk.time
    with pytest.raises(StageRefusedError, match="E910"):
        desk.one.collect(lease(), day=DAY)
    desk.to(date(2026, 3, 2))
    desk.done(desk.one.collect(lease(), day=DAY, reason="contract found late"))
    assert desk.held(DAY) == {"centre": 600}
    before = desk.one.balances(DAY, until=noon)
    assert before.query("right == 'operating_right' and parcel == 'P1'")["party"].tolist() == [
        "H1", "cadastre",
    ]  # fmt: skip


def test_payments_follow_the_schedule(desk):
    rents = to_parties(yearly(100, DAY, date(2036, 1, 5)), "rent", "centre", {"H1": ONE})
    tx = desk.done(desk.one.collect(lease(payments=rents, price_fen=1_000), day=DAY))
    desk.done(desk.one.pay(tx, 1, 60, day=DAY))
    with pytest.raises(ConfigError, match="E900"):
        desk.one.pay(tx, 1, 41, day=DAY)
    with pytest.raises(ConfigError, match="E900"):
        desk.one.pay(tx, 11, 1, day=DAY)
    found = payments(desk.one.known(), date(2027, 1, 6))
    assert found.loc[0, ["paid_fen", "open_fen", "late"]].tolist() == [60, 40, True]
    assert found["late"].tolist() == [True, True, *[False] * 8]
    cash = desk.one.balances(DAY).query("account == 'cash'")
    assert dict(zip(cash["party"], cash["amount"], strict=True)) == {"H1": 60, "centre": -60}


def test_a_payment_is_never_older_than_its_collection(desk):
    deposit, rest = DAY - timedelta(days=9), DAY + timedelta(days=9)
    rents = to_parties([(deposit, 40), (rest, 60)], "rent", "centre", {"H1": ONE})
    tx = desk.done(desk.one.collect(lease(payments=rents, price_fen=100), day=DAY))
    late = {"reason": "found late"}
    assert desk.one.pay(tx, 1, 40, day=deposit, **late)  # agreed to be paid before
    for number, day in ((1, deposit - timedelta(days=1)), (2, DAY - timedelta(days=1))):
        with pytest.raises(ConfigError, match="day"):
            desk.one.pay(tx, number, 1, day=day, **late)
    assert desk.one.pay(tx, 2, 60, day=DAY)  # earlier than due


def test_nobody_shares_income_with_itself(desk):
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    with pytest.raises(ConfigError, match="payer"):
        desk.one.share_income(tx, 1_000, payer="h1", felling=False, document="2026", day=DAY)


def test_payments_end_at_the_first_of_two_that_are_approved_late(desk):
    rents = to_parties([(DAY, 100)], "rent", "centre", {"H1": ONE})
    tx = desk.done(desk.one.collect(lease(payments=rents, price_fen=100), day=DAY))
    first, second = (desk.one.pay(tx, 1, 100, day=DAY) for _ in range(2))
    desk.done(first)
    with pytest.raises(ConfigError, match="E900"):
        desk.other.approve(second)
    desk.one.verify()


def test_income_from_felling_needs_what_is_known(desk):
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    with pytest.raises(ConfigError, match="public_forest"):
        desk.one.share_income(tx, 1_000, payer="centre", felling=True, document="2026", day=DAY)
    desk.done(
        desk.one.share_income(tx, 1_000, payer="centre", felling=False, document="2026", day=DAY)
    )
    cash = desk.one.balances(DAY).query("account == 'cash'")
    assert dict(zip(cash["party"], cash["amount"], strict=True)) == {"H1": 600, "centre": -600}
    desk.done(desk.one.reverse(tx, day=DAY, reason="given up"))
    with pytest.raises(StageRefusedError, match="E907"):
        desk.one.share_income(tx, 1_000, payer="centre", felling=False, document="2026", day=DAY)


def test_a_commercial_forest_with_a_quota_may_be_felled(desk):
    tx = desk.done(desk.one.collect(trust(public_forest=False, quota=True), day=DAY))
    assert desk.one.share_income(tx, 1_000, payer="centre", felling=True, document="2026", day=DAY)


def test_a_collection_without_a_share_has_no_income(desk):
    tx = desk.done(desk.one.collect(BUYOUT, day=DAY))
    with pytest.raises(ConfigError, match="profit_share"):
        desk.one.share_income(tx, 1_000, payer="centre", felling=False, document="2026", day=DAY)


def test_a_disposal_pays_out_what_came_in_and_no_more(desk):
    price = to_parties([(DAY, 100)], "price", "buyer", {"centre": ONE})
    sale = replace(BUYOUT, mode="CM8", takers=(("buyer", ONE),), payments=price, price_fen=100)
    tx = desk.done(desk.one.collect(sale, day=DAY))
    with pytest.raises(ConfigError, match="E900"):
        desk.one.settle(tx, {"bank": 1}, payer="centre", day=DAY)
    desk.done(desk.one.pay(tx, 1, 100, day=DAY))
    desk.done(desk.one.settle(tx, {"bank": 60, "guarantor": 30}, payer="centre", day=DAY))
    for parts in ({"bank": 11}, {"bank": 0}, {}):
        with pytest.raises(ConfigError, match="E900"):
            desk.one.settle(tx, parts, payer="centre", day=DAY)
    cash = desk.one.balances(DAY).query("account == 'cash'")
    assert dict(zip(cash["party"], cash["amount"], strict=True)) == {
        "bank": 60, "buyer": -100, "centre": 10, "guarantor": 30,
    }  # fmt: skip
    with pytest.raises(ConfigError, match="payee"):
        desk.one.settle(tx, {"Centre": 10}, payer="centre", day=DAY)
    early = {"day": DAY - timedelta(days=1), "reason": "late"}
    with pytest.raises(ConfigError, match="day"):
        desk.one.settle(tx, {"bank": 1}, payer="centre", **early)
    other = desk.done(
        desk.one.collect(lease(lots=(Lot("P2", 900, SHAPE),), givers=(("H2", ONE),)), day=DAY)
    )
    with pytest.raises(StageRefusedError, match="E907"):
        desk.one.settle(other, {"bank": 1}, payer="centre", day=DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "CM0"},
        {"rights": ("timber_title",)},
        {"rights": ()},
        {"lots": ()},
        {"lots": (Lot("P1", 0, SHAPE),)},
        {"lots": (Lot("P1", 600, "short"),)},
        {"lots": (Lot("P1", 600, "b" * 64),)},
        {"lots": (Lot("P9", 600, SHAPE),)},
        {"lots": (Lot("P1", 300, SHAPE), Lot("P1", 300, SHAPE))},
        {"givers": (("H1", 500_000),)},
        {"givers": ((" ", ONE),)},
        {"takers": H1},
        {"back": (Lot("P2", 900, SHAPE),)},
        {"term_end": None},
        {"term_end": DAY},
        {"contract_end": None},
        {"contract_end": date(2036, 1, 4)},
        {"price_fen": 1},
        {"profit_share": 1.5},
        {"mode": "CM4"},
        {"documents": ("x",)},
        {"serials": (("S", 1, 2),)},
    ],
)
def test_what_cannot_be_agreed_is_refused(desk, changes):
    with pytest.raises(ConfigError, match="E900"):
        desk.one.collect(lease(**changes), day=DAY)
    assert desk.one.known().states == {"T1": "approved"}


def test_openings_and_actors_are_checked(desk):
    for line in (
        ("P5", "use", "H1", 5),
        ("P5", "timber_title", "H1", 0),
        ("P5", "timber_title", "", 5),
    ):
        parcel, right, who, amount = line
        with pytest.raises(ConfigError, match="E900"):
            desk.one.open_holdings([Holding(parcel, right, who, amount, SHAPE)], day=DAY)
    with pytest.raises(ConfigError, match="E900"):
        CollectionLedger(desk.one.store, " ")
    with pytest.raises(StageRefusedError, match="E907"):
        desk.one.reverse("T99", day=DAY, reason="x")


def test_the_area_follows_and_is_never_given():
    # 6 ha = 90 mu, 2,700 CNY
    bought = replace(BUYOUT, lots=(Lot("P1", 6_000_000, SHAPE),), price_fen=270_000)
    assert bought.area_ha == 6
    assert bought.price_per_mu == pytest.approx(30)
    assert not bought.pledgeable
    assert replace(bought, dispute=False).pledgeable


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE entry SET reason = 'x' WHERE seq = 1",
        "DELETE FROM entry WHERE seq = 1",
        "INSERT OR REPLACE INTO entry SELECT * FROM entry WHERE seq = 1",
        "UPDATE posting SET amount = 1 WHERE number = 1",
        "DELETE FROM posting WHERE number = 1",
        "INSERT INTO posting (seq, account, party, day, amount) VALUES (1, 'a', 'b', 'c', 1)",
        "INSERT INTO posting (seq, account, party, day, amount) VALUES (2, 'a', 'b', 'c', 1)",
        "DELETE FROM settled",
        "UPDATE settled SET seq = 3",
        "INSERT INTO entry SELECT 9, tx_id, kind, recorded, '', 'C', '', '', hash, 'h' FROM entry",
    ],
)
def test_the_database_holds_its_rules_itself(desk, statement):
    with pytest.raises(sqlite3.IntegrityError, match="E918"):
        desk.one.store.base.execute(statement)


def decided(store, actor, amounts):
    """Append an approval past the ledger's own checks."""
    from ecogis.finance.collection_store import Entry
    from ecogis.finance.movements import Posting

    with store.alone():
        entry = store.append(
            lambda seq, previous: Entry(
                seq,
                "T2",
                "approve",
                "2026-01-05T09:00:00+08:00",
                "2026-01-05",
                actor,
                "",
                {},
                previous,
            )
        )
        store.post(entry.seq, [Posting("timber_title@P1", p, DAY, a) for p, a in amounts])


@pytest.mark.parametrize(
    ("actor", "amounts", "why"),
    [
        ("A", [("H1", -5), ("X", 5)], "another person"),
        ("B", [("H1", -5), ("X", 4)], "add up"),
    ],
)
def test_the_database_asks_for_two_persons_and_for_sums(desk, actor, amounts, why):
    desk.one.collect(lease(), day=DAY)
    with pytest.raises(StageRefusedError, match=why):
        decided(desk.one.store, actor, amounts)
    desk.one.verify()


def test_postings_that_are_not_of_the_entries_are_found(desk):
    desk.one.collect(lease(), day=DAY)
    decided(desk.one.store, "B", [("H1", -5), ("X", 5)])
    with pytest.raises(InputError, match="E909"):
        desk.one.verify()


def test_a_clock_that_goes_back_is_refused(desk):
    desk.time -= timedelta(hours=1)
    with pytest.raises(StageRefusedError, match="E918"):
        desk.one.collect(lease(), day=DAY)


def test_a_file_is_made_once_opened_and_verified(tmp_path):
    file = tmp_path / "collection.db"
    desk = Desk(file)
    desk.opened(("P1", "operating_right", "H1", 600))
    desk.one.close()
    again = CollectionLedger.open(file, "C")
    assert again.balances(DAY)["amount"].tolist() == [600, -600]
    again.close()
    with pytest.raises(InputError, match="E918"):
        CollectionLedger.create(file, "A")
    with pytest.raises(InputError, match="E918"):
        CollectionLedger.open(tmp_path / "none.db", "A")


@pytest.mark.parametrize("column", ["body", "actor", "hash"])
def test_a_changed_file_is_found_on_opening(tmp_path, column):
    file = tmp_path / "collection.db"
    desk = Desk(file)
    desk.opened(("P1", "operating_right", "H1", 600))
    desk.one.close()
    base = sqlite3.connect(file)
    base.execute("DROP TRIGGER entry_not_changed")
    text = '\'{"what":"opening","holdings":[]}\'' if column == "body" else "'" + "c" * 64 + "'"
    base.execute(f"UPDATE entry SET {column} = {text} WHERE seq = 1")
    base.commit()
    base.close()
    with pytest.raises(InputError, match="E909"):
        CollectionLedger.open(file, "C")


def test_another_file_is_no_ledger(tmp_path):
    file = tmp_path / "other.db"
    file.write_bytes(b"not a database, and longer than a header" * 20)
    with pytest.raises(InputError, match="E918"):
        CollectionLedger.open(file, "A")


def test_two_offices_see_what_the_other_entered(desk):
    tx = desk.other.collect(lease(), day=DAY)
    desk.one.approve(tx)
    with pytest.raises(StageRefusedError, match="E908"):
        desk.other.collect(lease(), day=DAY)


@pytest.mark.parametrize("name", ["cadastre", "Cadastre ", ""])
def test_the_cadastre_gives_and_takes_nothing(desk, name):
    none = ((name, ONE),)
    due = to_parties([(DAY, 100)], "rent", "centre", {name: ONE})
    for changes in ({"givers": none}, {"takers": none}, {"payments": due, "price_fen": 100}):
        with pytest.raises(ConfigError, match="E900"):
            desk.one.collect(lease(**changes), day=DAY)
    with pytest.raises(ConfigError, match="E900"):
        desk.one.open_holdings([Holding("P7", "timber_title", name, 5, SHAPE)], day=DAY)
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    with pytest.raises(ConfigError, match="E900"):
        desk.one.share_income(tx, 5, payer=name, felling=False, document="1", day=DAY)


def stored(to, series="S", blocks=((1, 4),)):
    tonnes = sum(last - first + 1 for first, last in blocks)
    return Collection(
        "CM9", (Lot("project", tonnes * 1_000, SHAPE),), ("carbon_right",), (("farm", ONE),),
        ((to, ONE),), serials=tuple((series, *block) for block in blocks),
    )  # fmt: skip


def test_a_block_is_stored_once_in_any_spelling_and_until_it_is_taken_back(desk):
    desk.opened(("project", "carbon_right", "farm", 20_000))
    with pytest.raises(ConfigError, match="serials"):
        desk.one.collect(stored("X", blocks=((1, 4), (4, 7))), day=DAY)
    tx = desk.done(desk.one.collect(stored("X"), day=DAY))
    desk.done(desk.one.reverse(tx, day=date(2040, 1, 1), reason="ends"))
    for series in ("S", "s "):
        with pytest.raises(StageRefusedError, match="E911"):
            desk.one.collect(stored("Y", series), day=DAY)
    assert desk.done(desk.one.collect(stored("Y"), day=date(2040, 1, 1)))


def test_a_reversal_counts_from_its_day(desk):
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    desk.done(desk.one.reverse(tx, day=date(2030, 1, 1), reason="ends early"))
    for day, there in ((date(2029, 12, 31), 1), (date(2030, 1, 1), 0)):
        assert len(in_force(desk.one.known(), day)) == there
    known = {"payer": "centre", "felling": False, "reason": "x"}
    with pytest.raises(StageRefusedError, match="E907"):
        desk.one.share_income(tx, 10, document="2030", day=date(2030, 1, 1), **known)
    assert desk.one.share_income(tx, 10, document="2029", day=date(2029, 1, 1), **known)
    with pytest.raises(StageRefusedError, match="E911"):
        desk.one.collect(lease(term_start=date(2027, 1, 1)), day=DAY)
    desk.done(desk.one.collect(lease(term_start=date(2030, 1, 1)), day=DAY))


def test_only_who_manages_for_the_whole_term_can_entrust(desk):
    desk.done(desk.one.collect(lease(term_start=date(2028, 1, 1)), day=DAY))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(trust(takers=(("other", ONE),)), day=DAY)
    until = trust(takers=(("other", ONE),), term_end=date(2028, 1, 1))
    assert desk.done(desk.one.collect(until, day=DAY))


def test_a_lease_is_not_taken_back_from_under_a_trusteeship(desk):
    tx = desk.done(desk.one.collect(lease(), day=DAY))
    onward = trust(givers=CENTRE, takers=(("other", ONE),))
    desk.done(desk.one.collect(onward, day=DAY))
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.reverse(tx, day=date(2027, 1, 1), reason="given up")


def test_land_is_opened_once(desk):
    def line(parcel, right, who):
        return [Holding(parcel, right, who, 600, SHAPE)]

    for twice in (line("P1", "operating_right", "H1"), line("p1", "operating_right", "h 1")):
        with pytest.raises(StageRefusedError, match="E921"):
            desk.one.open_holdings(twice, day=DAY, reason="again")
    with pytest.raises(StageRefusedError, match="E921"):
        desk.one.open_holdings(line("P1", "operating_right", "H9"), day=DAY)
    assert desk.one.open_holdings(line("P1", "operating_right", "H9"), day=DAY, reason="heir")
    with pytest.raises(ConfigError, match="distinct"):
        desk.one.open_holdings(line("P9", "timber_title", "H1") * 2, day=DAY)
    first, second = (desk.one.open_holdings(line("P8", "timber_title", "H1"), day=DAY)
                     for _ in range(2))  # fmt: skip
    desk.done(first)
    with pytest.raises(StageRefusedError, match="E921"):
        desk.other.approve(second)


def test_income_is_shared_once_and_in_the_term(desk):
    tx = desk.done(desk.one.collect(trust(), day=DAY))
    known = {"payer": "centre", "felling": False}
    desk.done(desk.one.share_income(tx, 10, document="2027", day=date(2027, 1, 1), **known))
    for document, day in (
        ("2027", date(2027, 6, 1)),
        ("", date(2027, 6, 1)),
        ("2050", date(2050, 1, 1)),
    ):
        with pytest.raises(ConfigError, match="E900"):
            desk.one.share_income(tx, 10, document=document, day=day, **known)
    before = {"document": "2020", "day": date(2020, 1, 1), "reason": "late"}
    with pytest.raises(ConfigError, match="E900"):
        desk.one.share_income(tx, 10, **before, **known)
    after = {"document": "2036", "day": date(2036, 6, 1), "reason": "last sale"}
    assert desk.one.share_income(tx, 10, **after, **known)


@pytest.mark.parametrize(("one", "other"), [("Li Wei", "LI  WEI"), ("li.wei", "li.wei\u200b")])
def test_one_person_in_two_spellings_is_one(one, other):
    desk = Desk()
    first, second = (CollectionLedger(desk.one.store, who, clock=lambda: desk.time)
                     for who in (one, other))  # fmt: skip
    tx = first.open_holdings([Holding("P1", "timber_title", "H1", 6, SHAPE)], day=DAY)
    with pytest.raises(StageRefusedError, match="E906"):
        second.approve(tx)


def test_a_late_approval_has_a_reason(desk):
    tx = desk.one.collect(lease(), day=DAY)
    desk.to(date(2028, 1, 5))
    with pytest.raises(StageRefusedError, match="E910"):
        desk.other.approve(tx)
    assert desk.other.approve(tx, reason="board met late") == "approved"


def test_all_that_is_entered_together_stands_or_falls(desk):
    def both():
        with desk.one.together():
            desk.one.open_holdings([Holding("P9", "timber_title", "H1", 6, SHAPE)], day=DAY)
            desk.one.collect(lease(lots=(Lot("P9", 6, SHAPE),)), day=DAY)

    with pytest.raises(ConfigError, match="E900"):
        both()
    assert set(desk.one.known().states) == {"T1"}
    assert desk.one.collect(lease(), day=DAY)


@pytest.mark.parametrize("quantity", [600.9, "600", True])
def test_amounts_are_whole(desk, quantity):
    with pytest.raises(ConfigError, match="E900"):
        desk.one.open_holdings([Holding("P9", "timber_title", "H1", quantity, SHAPE)], day=DAY)
    with pytest.raises(ConfigError, match="E900"):
        desk.one.collect(lease(lots=(Lot("P1", quantity, SHAPE),)), day=DAY)
    with pytest.raises(ConfigError, match="E900"):
        desk.one.pay("T1", 1, quantity, day=DAY)


@pytest.mark.parametrize(
    "changes",
    [
        {"lots": [{"parcel": "P1", "quantity": 600, "outline": None, "stands": []}]},
        {"lots": [{"parcel": "P1", "quantity": "600", "outline": SHAPE, "stands": []}]},
        {"givers": [["H1", "1000000"]]},
        {"givers": [["H1", ONE, 2]]},
        {"profit_share": "0.6"},
        {"dispute": "no"},
        {"rights": None},
    ],
)
def test_a_record_of_other_kinds_is_refused(desk, changes):
    with pytest.raises(ConfigError, match="E900"):
        desk.one.collect(from_record(record_of(lease()) | changes), day=DAY)


def test_the_head_tells_a_ledger_cut_short(tmp_path):
    desk = Desk(tmp_path / "l.db")
    desk.opened(("P1", "operating_right", "H1", 600))
    before = desk.one.head()
    tx = desk.one.collect(lease(), day=DAY)
    assert (before[0], desk.one.head()[0]) == (2, 3)
    desk.one.refuse(tx, reason="x")
    assert desk.other.head() == desk.one.head()


def changed(file, statements, change=None):
    """Change a ledger past its rules and, where a change of rows is given, chain it anew."""
    base = sqlite3.connect(file)
    base.row_factory = sqlite3.Row
    for name in ("entry_not_changed", "entry_not_deleted", "posting_not_changed",
                 "posting_not_deleted", "settled_not_deleted", "entry_two_persons"):  # fmt: skip
        base.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        base.execute(statement)
    if change is not None:
        rows = [dict(row) for row in base.execute("SELECT * FROM entry ORDER BY seq")]
        base.execute("UPDATE entry SET previous = 'x' || seq, hash = 'y' || seq")
        previous = START
        for row in rows:
            change(row)
            fields = {name: row[name] for name in row if name not in {"previous", "hash", "body"}}
            entry = Entry(**fields, body=json.loads(row["body"]), previous=previous)
            link = chained(previous, entry.text)
            values = (row["tx_id"], row["actor"], row["body"], previous, link, row["seq"])
            base.execute(
                "UPDATE entry SET tx_id=?, actor=?, body=?, previous=?, hash=? WHERE seq=?", values
            )
            previous = link
    base.commit()
    base.close()


def by_one(row):
    row["actor"] = "A"


def of_nothing(row):
    row["tx_id"] = "nobody" if row["seq"] == 2 else row["tx_id"]


def of_another_kind(row):
    row["body"] = '{"what":"zzz"}' if row["seq"] == 1 else row["body"]


@pytest.mark.parametrize(
    ("statements", "change"),
    [
        (["DELETE FROM settled"], None),
        (["UPDATE entry SET body = '{' WHERE seq = 1"], None),
        ([], by_one),
        ([], of_nothing),
        ([], of_another_kind),
    ],
)
def test_a_ledger_written_anew_is_found(tmp_path, statements, change):
    file = tmp_path / "l.db"
    desk = Desk(file)
    desk.opened(("P1", "operating_right", "H1", 600))
    desk.one.close()
    changed(file, statements, change)
    with pytest.raises(InputError, match="E909"):
        CollectionLedger.open(file, "C")
