"""One loan from scattered parcels to the release of its pledge: every balance at every date.

Fragments are collected, a project is formed on the joined land, its reductions are pledged, a
company guarantees the loan, the price falls, the borrower defaults, the guarantor pays, the centre
collects and sells, all are paid out, the pledge is released. The figures are small enough to be
checked by hand; nothing here is a real person, company or price.
"""

import datetime as dt

import geopandas
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance import (
    Collection,
    CollectionLedger,
    Docket,
    GuaranteeBook,
    Holding,
    Lot,
    Proposal,
    Step,
    adjacent,
    ask_next,
    contiguity_groups,
    groups_before_after,
    guarantee_rules,
    instalments,
    owner_columns,
    risk_shares,
    share_loss,
    shortfalls,
    to_parties,
    yearly,
)
from ecogis.finance.collection_store import CollectionStore
from ecogis.numerics import quantise
from ecogis.registry.claims import Claim, Registration, Right, Survey
from ecogis.registry.ledger import Ledger
from ecogis.valuation import PledgeValue, loan_proposal

HA = 1_000_000  # dm2
ONE = 1_000_000  # shares
M = 100_000_000  # a million CNY in fen
SHAPE = "5" * 64
NET = 50 * M

COLLECTED = dt.date(2026, 1, 5)
PLEDGED = dt.date(2026, 3, 2)
FALLEN = dt.date(2027, 6, 1)
DEFAULTED = dt.date(2027, 9, 10)
COMPENSATED = dt.date(2027, 10, 8)
TAKEN = dt.date(2027, 11, 5)
SOLD = dt.date(2028, 3, 1)
RELEASED = dt.date(2028, 3, 10)
DATES = (COLLECTED, PLEDGED, FALLEN, DEFAULTED, COMPENSATED, TAKEN, SOLD, RELEASED)

# party: what it holds of the operating right [ha], of the carbon right [t], and what it was paid
# less what it paid [CNY]; then guaranteed balance and liability [CNY], pledged and free [t], state
LAND = {"company": 4, "H4": 1}
BOOKS = {
    COLLECTED: (
        LAND, {"company": 4000}, {"company": -9000, "H1": 6000, "H2": 3000},
        0, 0, None, "",
    ),
    PLEDGED: (
        LAND, {"company": 4000}, {"company": -9000, "H1": 6000, "H2": 3000},
        100_000, 75_000, (4000, 0), "performing",
    ),
    FALLEN: (
        LAND, {"company": 4000}, {"company": -18000, "H1": 12000, "H2": 6000},
        100_000, 75_000, (4000, 0), "watch",
    ),
    DEFAULTED: (
        LAND, {"company": 4000}, {"company": -18000, "H1": 12000, "H2": 6000},
        100_000, 75_000, (4000, 0), "overdue",
    ),
    COMPENSATED: (
        LAND, {"company": 4000}, {"company": -18000, "H1": 12000, "H2": 6000},
        0, 0, (4000, 0), "compensated",
    ),
    TAKEN: (
        LAND, {"centre": 4000}, {"company": -18000, "H1": 12000, "H2": 6000},
        0, 0, (4000, 0), "collected",
    ),
    SOLD: (
        LAND, {"buyer": 4000},
        {"company": -18000, "H1": 12000, "H2": 6000, "buyer": -60000, "centre": 60000},
        0, 0, (4000, 0), "disposed",
    ),
    RELEASED: (
        LAND, {"buyer": 4000},
        {
            "company": -18000, "H1": 12000, "H2": 6000, "buyer": -60000,
            "bank": 11600, "guarantor": 46400, "centre": 2000,
        },
        0, 0, (0, 4000), "written_off",
    ),
}  # fmt: skip


class Desk:
    """All books of the story and the clock they share."""

    def __init__(self, folder):
        self.today = COLLECTED
        store = CollectionStore(folder / "collection.db", new=True)
        self.numbers = iter(range(1, 10**6))
        sides = {"clock": self.now, "ids": lambda: f"T{next(self.numbers)}"}
        self.one = CollectionLedger(store, "A", **sides)
        self.other = CollectionLedger(store, "B", **sides)
        self.pledges = Ledger.create(f"sqlite:///{folder / 'pledges.db'}", "A", clock=self.now)
        self.pledges.appoint("B", ["propose", "approve"], day=self.today, reason="story")
        self.second = Ledger.open(f"sqlite:///{folder / 'pledges.db'}", "B", clock=self.now)
        self.docket = Docket()
        self.guaranteed = pd.DataFrame({"loan": [], "borrower": [], "kind": [], "balance_fen": []})

    def now(self):
        return dt.datetime(self.today.year, self.today.month, self.today.day, 1, tzinfo=dt.UTC)

    def done(self, tx_id):
        self.other.approve(tx_id)
        return tx_id

    def entered(self, collection):
        return self.done(self.one.collect(collection, day=self.today))

    def paid(self, tx_id, *numbers):
        due = self.one.known().collections[tx_id].payments
        for number in numbers:
            self.done(self.one.pay(tx_id, number, due[number - 1].amount_fen, day=self.today))

    def book(self):
        """The figures of one row of `BOOKS`, as the books have them today."""
        held = self.one.balances(self.today)
        held = held[held["party"] != "cadastre"]
        land, carbon, cash = (
            dict(zip(part["party"], part["amount"] / unit, strict=True))
            for part, unit in (
                (
                    held[held["right"] == "operating_right"]
                    .groupby("party", as_index=False)["amount"]
                    .sum(),
                    HA,
                ),
                (held[held["right"] == "carbon_right"], 1000),
                (held[held["account"] == "cash"], 100),
            )
        )
        guarantee = GuaranteeBook(
            self.guaranteed, NET, RELATIONS, rules=guarantee_rules(self.today)
        )
        balance = int(self.guaranteed["balance_fen"].sum()) // 100
        room = guarantee.room("company", "small_firm")
        assert room == 5 * M - balance * 100
        liability = balance * 3 // 4
        rows = self.pledges.balances(self.today)
        tonnes = None
        if len(rows):
            tonnes = int(rows["pledged_kg"].sum()) // 1000, int(rows["free_kg"].sum()) // 1000
        cases = self.docket.table()
        state = cases["state"].iloc[0] if len(cases) else ""
        return land, carbon, cash, balance, liability, tonnes, state


RELATIONS = pd.DataFrame({"party": ["company"], "related_party": ["parent"]})


def parcels():
    """Five squares of a hectare: four in a row, and one a kilometre off."""
    squares = [shapely.box(500_000 + 100 * n, 0, 500_100 + 100 * n, 100) for n in (0, 1, 2, 3, 13)]
    return geopandas.GeoDataFrame(
        {
            "parcel": [f"P{n}" for n in range(5)],
            "holder": ["H1", "H2", "company", "H1", "H4"],
            "area_dm2": [HA] * 5,
            "price_fen": [900_000] * 2 + [0] + [900_000] * 2,
        },
        geometry=squares,
        crs=4547,
    )


def collect_fragments(desk):
    """The company holds one parcel and asks for what joins it; both holders agree to lease."""
    land = parcels()
    pairs = adjacent(land, Findings())
    asked = ask_next(land, pairs, 3_000_000, collector="company")
    assert (asked.holders, asked.gain_dm2, asked.cost_fen) == (("H1", "H2"), 3 * HA, 2_700_000)
    taken = land["holder"].isin(asked.holders)
    figures = groups_before_after(land, taken, "company", pairs, Findings()).set_index("at")
    assert figures["groups"].tolist() == [5, 2]
    assert figures["largest_dm2"].tolist() == [HA, 4 * HA]
    holdings = [
        Holding(row.parcel, "operating_right", row.holder, row.area_dm2, SHAPE)
        for row in land.itertuples()
    ]
    desk.done(desk.one.open_holdings(holdings, day=desk.today))
    leases = {}
    for holder, mine in (("H1", ("P0", "P3")), ("H2", ("P1",))):
        end = dt.date(2056, 1, 5)
        rents = yearly(300_000 * len(mine), COLLECTED, end)
        payments = to_parties(rents, "rent", "company", {holder: ONE})
        lease = Collection(
            "CM2", tuple(Lot(each, HA, SHAPE) for each in mine), ("operating_right",),
            ((holder, ONE),), (("company", ONE),), term_start=COLLECTED, term_end=end,
            contract_end=end, price_fen=sum(p.amount_fen for p in payments), payments=payments,
            contiguity_group="P0", dispute=False,
        )  # fmt: skip
        leases[holder] = desk.entered(lease)
        desk.paid(leases[holder], 1)
    after = land["holder"].mask(taken, "company")
    assert contiguity_groups(pairs, after).tolist() == [0, 0, 0, 0, 4]
    return leases


def form_project(desk):
    """4,000 t of reductions of two vintages come to the company's books as a carbon right."""
    carbon = Holding("project", "carbon_right", "company", 4_000_000, SHAPE)
    desk.done(desk.one.open_holdings([carbon], day=desk.today))


RIGHT = Right("441899101207JE00001L00000001", "forest_ownership", "example 1")


def pledge_and_lend(desk):
    """Both vintages are pledged; the loan is the least of what rate and guarantee allow."""
    place = shapely.box(113, 24, 113.004, 24.001)
    why = {"day": desk.today, "reason": "story"}
    desk.pledges.survey([Survey(RIGHT, place, {2028: 2_000_000, 2029: 2_000_000})], **why)
    claims = [Claim(RIGHT, vintage, 2_000_000, "bank", dossier="D1") for vintage in (2028, 2029)]
    numbers = [event.claim for event in desk.pledges.propose(claims, **why)]
    desk.second.approve(numbers, **why)
    desk.pledges.confirm(numbers, Registration("story 1", dt.date(2031, 3, 1)), **why)
    with pytest.raises(StageRefusedError, match="E802"):
        desk.pledges.propose([Claim(RIGHT, 2028, 1, "bank")], **why)
    value = int(quantise([4_000 * 50.0], 0.01)[0])  # 4,000 t at 50 CNY
    guarantee = GuaranteeBook(desk.guaranteed, NET, RELATIONS, rules=guarantee_rules(desk.today))
    loan = loan_proposal(
        PledgeValue(value, 0.05, value, value, "quantile", "", ""),
        pledge_rate=0.5,
        amounts={
            "requested": 200_000,
            "guarantee_room": guarantee.room("company", "small_firm") // 100,
        },
        ends={"requested": dt.date(2029, 3, 2)},
        date=desk.today,
    )
    assert loan.principal_fen == 10_000_000  # half of 200,000 CNY
    guarantee.propose(Proposal("L1", "company", "small_firm", loan.principal_fen))
    desk.guaranteed = guarantee.table()
    opened = {
        "right": RIGHT.id,
        "loan": "L1",
        "principal_fen": loan.principal_fen,
        "interest_fen": 0,
    }
    desk.docket.take(Step("C1", "performing", desk.today, opened))
    return numbers, loan


def take_and_sell(desk):
    """The centre takes the carbon right against the debt, and sells it for 60,000 CNY."""
    lots, rights = (Lot("project", 4_000_000, SHAPE),), ("carbon_right",)
    taken = Collection("CM8", lots, rights, (("company", ONE),), (("centre", ONE),), dispute=False)
    yield desk.entered(taken)
    with pytest.raises(StageRefusedError, match="E908"):
        desk.one.collect(taken, day=desk.today)  # the company has nothing left to give
    price = to_parties(instalments(6_000_000, [SOLD]), "price", "buyer", {"centre": ONE})
    sale = Collection(
        "CM8", lots, rights, (("centre", ONE),), (("buyer", ONE),), price_fen=6_000_000,
        payments=price, dispute=False,
    )  # fmt: skip
    tx = desk.entered(sale)
    desk.paid(tx, 1)
    yield tx


def pay_out(desk, sale):
    """60,000 CNY: 2,000 of costs, the rest as bank and guarantor are owed; then the loss."""
    paid = desk.docket["C1"].payout()
    assert paid["paid_fen"].sum() == 6_000_000
    sums = paid.groupby("party")["paid_fen"].sum()
    assert sums[["bank", "guarantor", "centre"]].tolist() == [1_160_000, 4_640_000, 200_000]
    parts = {party: int(sums[party]) for party in ("bank", "guarantor")}
    desk.done(desk.one.settle(sale, parts, payer="centre", day=desk.today))
    with pytest.raises(ConfigError, match="E900"):
        desk.one.settle(sale, {"borrower": 200_001}, payer="centre", day=desk.today)
    short = shortfalls(paid)
    assert short == {"bank": 840_000, "guarantor": 3_360_000}
    guarantors = share_loss(
        short["guarantor"], {"guarantor": 0.5, "province": 0.25, "national": 0.25}
    )
    whole = share_loss(sum(short.values()), risk_shares(desk.today))
    assert guarantors == {name: whole[name] for name in guarantors}  # the 4-2-2-2 pattern
    assert whole["bank"] == short["bank"]


def test_the_whole_story(tmp_path):
    desk = Desk(tmp_path)
    seen = {}
    leases = collect_fragments(desk)
    form_project(desk)
    seen[COLLECTED] = desk.book()

    desk.today = PLEDGED
    numbers, loan = pledge_and_lend(desk)
    seen[PLEDGED] = desk.book()

    desk.today = FALLEN  # 50 -> 20 CNY: 80,000 of value for 100,000 of loan
    for tx in leases.values():
        desk.paid(tx, 2)
    assert loan.principal_fen > 4_000 * 2_000
    desk.docket.take(Step("C1", "watch", desk.today, {"reason": "price"}))
    seen[FALLEN] = desk.book()

    desk.today = DEFAULTED
    desk.docket.take(Step("C1", "overdue", desk.today, {"overdue_days": 95}))
    seen[DEFAULTED] = desk.book()

    desk.today = COMPENSATED  # the guarantor pays what the bank does not bear itself
    valued = {"appraisal_id": "V1", "value_fen": 8_000_000}
    desk.docket.take(Step("C1", "compensated", desk.today, {"paid_fen": 8_000_000} | valued))
    desk.guaranteed = desk.guaranteed.iloc[:0]
    seen[COMPENSATED] = desk.book()

    sale = take_and_sell(desk)
    desk.today = TAKEN
    next(sale)
    desk.docket.take(Step("C1", "collected", desk.today, valued))
    seen[TAKEN] = desk.book()

    desk.today = SOLD
    sold_by = next(sale)
    sold = {"route": "auction", "proceeds_fen": 6_000_000, "cost_fen": 200_000}
    desk.docket.take(Step("C1", "disposed", desk.today, sold | valued))
    seen[SOLD] = desk.book()

    desk.today = RELEASED
    pay_out(desk, sold_by)
    why = {"day": desk.today, "reason": "paid out"}
    desk.pledges.release(numbers, **why)
    desk.second.approve(numbers, **why)
    desk.docket.take(Step("C1", "written_off", desk.today, {"reason": "shared"}))
    seen[RELEASED] = desk.book()

    for day in DATES:
        assert seen[day] == BOOKS[day], day
    agree_afterwards(desk, seen)


def agree_afterwards(desk, seen):
    """Every book replays, sums to nothing, and says of any day what it said on it."""
    desk.one.verify()
    assert not desk.pledges.verify().count()
    known = desk.one.known()
    assert (
        owner_columns(known, COLLECTED, dt.date(2030, 1, 1))
        .groupby("right")["net"]
        .sum()
        .eq(0)
        .all()
    )
    for day in DATES:
        held = known.balances(day)
        assert held.groupby("account")["amount"].sum().eq(0).all()
        cash = held[held["account"] == "cash"]
        assert {p: a / 100 for p, a in zip(cash["party"], cash["amount"], strict=True)} == seen[
            day
        ][2]
    back = known.balances(dt.date(2056, 1, 5))  # the leases have ended
    land = back[(back["right"] == "operating_right") & (back["party"] != "cadastre")]
    assert land.groupby("party")["amount"].sum().to_dict() == {
        "H1": 2 * HA, "H2": HA, "H4": HA, "company": HA,
    }  # fmt: skip
    for ledger in (desk.pledges, desk.second, desk.one):
        ledger.close()
