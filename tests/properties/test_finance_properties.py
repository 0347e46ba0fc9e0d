"""Laws of the finance around the loan: sums hold, splitting helps nobody, replay is all."""

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.core.errors import EcogisError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance import (
    Claim,
    Collection,
    CollectionLedger,
    Docket,
    GuaranteeBook,
    Holding,
    Lot,
    Proposal,
    Step,
    check_book,
    compensations,
    guarantee_rules,
    owner_columns,
    payments,
    share_loss,
    split,
    to_parties,
    waterfall,
)
from ecogis.finance.collection_store import CollectionStore
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
RULES = guarantee_rules(DAY)
NET = 1_000_000_00
KINDS = ("small_firm", "farmer", "bond_aa", "other")
PARTIES = ("A", "B", "C", "D")
FEN = st.integers(0, 10**12)


def room(loans, who, net, relations, *, rules):
    return GuaranteeBook(loans, net, relations, rules=rules).room(*who)


def propose(loans, proposal, net, relations, *, rules):
    found = GuaranteeBook(loans, net, relations, rules=rules)
    found.propose(proposal)
    return found.table()


claims = st.lists(
    st.builds(
        Claim,
        party=st.sampled_from(["bank", "guarantor", "centre"]),
        item=st.sampled_from(["cost", "principal", "interest", "fee"]),
        amount_fen=FEN,
    ),
    max_size=6,
)


@given(FEN, claims)
def test_a_waterfall_pays_out_the_proceeds_and_nobody_too_much(proceeds, owed):
    found = waterfall(proceeds, owed, DAY)
    assert found["paid_fen"].sum() == proceeds
    creditors = found[found["item"] != "surplus"]
    assert (creditors["paid_fen"] >= 0).all()
    assert (creditors["short_fen"] >= 0).all()
    short = creditors.loc[creditors["short_fen"] > 0, "rank"]
    later = creditors["rank"] > (short.min() if len(short) else 9)
    assert creditors.loc[later, "paid_fen"].sum() == 0
    assert not len(short) or found.iloc[-1]["paid_fen"] == 0


@given(FEN, st.lists(st.integers(1, 10_000), min_size=1, max_size=5))
def test_losses_and_shares_add_up(amount, weights):
    total = sum(weights)
    shares = {f"P{n}": 1_000_000 * w // total for n, w in enumerate(weights)}
    shares["P0"] += 1_000_000 - sum(shares.values())
    assert sum(split(amount, shares).values()) == amount
    assert sum(share_loss(amount, {"bank": 0.2, "guarantor": 0.4, "other": 0.4}).values()) == amount


@given(st.lists(st.integers(0, 10**9), max_size=6), st.integers(0, 10**10), st.integers(0, 10_000))
def test_compensation_never_passes_its_ceiling(losses, guaranteed, limit):
    table = pd.DataFrame({"loan": range(len(losses)), "day": DAY, "loss_fen": losses})
    found = compensations(table, guaranteed, {"bank": 0.2, "guarantor": 0.8}, limit=limit / 10_000)
    assert found["guarantor_fen"].sum() <= guaranteed * limit // 10_000
    assert (found["bank_fen"] + found["guarantor_fen"] == found["loss_fen"]).all()


loans = st.lists(
    st.tuples(st.sampled_from(PARTIES), st.sampled_from(KINDS), st.integers(0, NET // 6)),
    max_size=8,
)
links = st.lists(st.tuples(st.sampled_from(PARTIES), st.sampled_from(PARTIES)), max_size=3)


def book_of(rows):
    named = [(f"L{n}", *row) for n, row in enumerate(rows)]
    return pd.DataFrame(named, columns=["loan", "borrower", "kind", "balance_fen"])


def relations_of(pairs):
    return pd.DataFrame(pairs, columns=["party", "related_party"])


@given(
    st.sampled_from(KINDS),
    st.lists(st.integers(1, NET // 4), min_size=2, max_size=6),
    loans,
    st.booleans(),
)
def test_no_limit_is_passed_by_splitting(kind, parts, others, spread):
    """A loan in parts, to one party or to related ones, comes to the same group liability."""
    rest = [(f"Z{n}", *row[1:]) for n, row in enumerate(others)]
    names = [f"S{n}" if spread else "S0" for n in range(len(parts))]
    related = relations_of([("S0", name) for name in set(names)])
    whole = book_of([*rest, ("S0", kind, sum(parts))])
    split_up = book_of(
        [*rest, *((name, kind, part) for name, part in zip(names, parts, strict=True))]
    )
    one, many = (
        check_book(each, NET, related, rules=RULES, findings=Findings()).limits.set_index(
            ["rule", "party"]
        )
        for each in (whole, split_up)
    )
    for key in (("group", "S0"), ("leverage", "")):
        assert one.loc[key, "liability_fen"] == many.loc[key, "liability_fen"]
    if many["passed"].all():
        assert sum(parts) * RULES.weights[kind] <= NET * RULES.group or kind in RULES.ceilings_fen
        assert one.loc[("group", "S0"), "passed"]


@settings(max_examples=25)
@given(loans, links, st.sampled_from(PARTIES), st.sampled_from(KINDS))
def test_room_is_the_most_that_is_granted(rows, pairs, borrower, kind):
    book, relations = book_of(rows), relations_of(pairs)
    most = room(book, (borrower, kind), NET, relations, rules=RULES)
    if most:
        grown = propose(book, Proposal("N", borrower, kind, most), NET, relations, rules=RULES)
        assert check_book(grown, NET, relations, rules=RULES, findings=Findings()).passed
    with pytest.raises(StageRefusedError):
        propose(book, Proposal("N", borrower, kind, most + 1), NET, relations, rules=RULES)


@given(loans, links)
def test_what_is_granted_one_by_one_keeps_the_whole_book_within_limits(rows, pairs):
    relations = relations_of(pairs)
    book = GuaranteeBook(book_of([]), NET, relations, rules=RULES)
    for number, (borrower, kind, amount) in enumerate(rows):
        try:
            book.propose(Proposal(f"L{number}", borrower, kind, amount + 1))
        except StageRefusedError:
            continue
    found = check_book(book.table(), NET, relations, rules=RULES, findings=Findings())
    assert found.passed


STATES = (
    "performing", "watch", "overdue", "compensated", "collected", "managed", "disposed", "redeemed",
    "written_off", "closed",
)  # fmt: skip
SAID = {
    "principal_fen": 1_000, "interest_fen": 50, "reason": "x", "overdue_days": 95,
    "appraisal_id": "V", "value_fen": 900, "route": "auction", "proceeds_fen": 950, "cost_fen": 30,
}  # fmt: skip


NEEDS = parameters("collateral-centre").frame("steps", DAY).groupby("to_state")["needs"]
NEEDED = {to: set(" ".join(needs).split()) for to, needs in NEEDS}


def said(docket, case, to, right, paid):
    """What a step states: to open, the loan as it is owed; else what some step to there needs."""
    known = docket.table().set_index("case")
    if to == "performing" and case not in known.index:
        amounts = {"principal_fen": 1_000, "interest_fen": 50}
        return amounts | {"right": right, "loan": "L1" if case < "C3" else "L2"}
    stated = {name: SAID.get(name, paid) for name in NEEDED[to]}
    if to == "performing":
        return {"paid_fen": paid} if known.loc[case, "state"] == "overdue" else {"reason": "x"}
    return stated


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["C1", "C2", "C3"]),
            st.sampled_from(["R1", "R2"]),
            st.sampled_from(STATES),
            st.sampled_from([0, 800, 1_050]),
            st.integers(0, 40),
        ),
        max_size=40,
    )
)
def test_no_sequence_of_steps_disposes_of_a_right_twice(tried):
    docket, day = Docket(), DAY
    for case, right, to, paid, days in tried:
        day += timedelta(days=days)
        try:
            docket.take(Step(case, to, day, said(docket, case, to, right, paid)))
        except EcogisError:
            continue
    table = docket.table()
    sold = table.loc[table["route"] != "", "right"]
    assert sold.is_unique
    for loan in table["loan"].unique():
        mine = [docket[case] for case in table.loc[table["loan"] == loan, "case"]]
        paid = [case.payout().set_index("party")["paid_fen"] for case in mine if case.route]
        assert sum(int(each[["bank", "guarantor"]].sum()) for each in paid) <= 1_050
    live = table[(table["state"] != "closed") | (table["route"] != "")]
    assert live["right"].is_unique


SHAPE = "a" * 64
PARCELS = ("P1", "P2")
MODES = {
    "CM1": ("timber_title", "operating_right"),
    "CM2": ("operating_right",),
    "CM3": (),
    "CM5": ("income_right",),
}
moves = st.tuples(
    st.sampled_from(sorted(MODES)),
    st.sampled_from(PARCELS),
    st.sampled_from(["H1", "H2", "centre"]),
    st.sampled_from(["H1", "H2", "centre"]),
    st.integers(1, 700),
    st.tuples(st.integers(0, 400), st.integers(1, 800), st.booleans(), st.integers(0, 5)),
)


def agreed(mode, parcel, giver, taker, quantity, start, end):
    price = to_parties([(start, 100)], "price", taker, {giver: 1_000_000})
    return Collection(
        mode, (Lot(parcel, quantity, SHAPE),), MODES[mode], ((giver, 1_000_000),),
        ((taker, 600_000), ("village", 400_000)), term_start=start, term_end=end,
        contract_end=end, profit_share=0.5, price_fen=100, payments=price,
    )  # fmt: skip


def entered(ledger, other, made, action):
    """Try one thing at the ledger; what it refuses leaves no trace."""
    mode, parcel, giver, taker, quantity, (start, length, backwards, kind) = action
    first = DAY + timedelta(days=start)
    try:
        if kind < 3 or not made:
            end = first + timedelta(days=length)
            tx = ledger.collect(
                agreed(mode, parcel, giver, taker, quantity, first, end), day=first, reason="x"
            )
            made.append(tx)
        elif kind == 3:
            tx = ledger.pay(made[quantity % len(made)], 1, quantity, day=first, reason="x")
        elif kind == 4:
            tx = ledger.share_income(
                made[quantity % len(made)], quantity, payer="centre", felling=False,
                document=str(first), day=first, reason="x",
            )  # fmt: skip
        else:
            tx = ledger.reverse(made[quantity % len(made)], day=first, reason="x")
        if backwards:
            other.refuse(tx, reason="no")
        else:
            other.approve(tx)
    except EcogisError:
        return


@settings(max_examples=40)
@given(st.lists(moves, max_size=12))
def test_replay_equals_balances_and_no_account_is_overdrawn(actions):
    store = CollectionStore(":memory:", new=True)
    clock = lambda: datetime(2026, 8, 31, tzinfo=UTC)  # noqa: E731
    numbers = iter(range(10**6))
    sides = {"clock": clock, "ids": lambda: f"T{next(numbers)}"}
    ledger, other = CollectionLedger(store, "A", **sides), CollectionLedger(store, "B", **sides)
    rights = ("timber_title", "operating_right", "income_right")
    lines = [Holding(p, r, h, 600, SHAPE) for p in PARCELS for r in rights for h in ("H1", "H2")]
    other.approve(ledger.open_holdings(lines, day=DAY))
    made = []
    for action in actions:
        entered(ledger, other, made, action)
    ledger.verify()  # the postings kept are those the entries make
    known = ledger.known()
    for days in (0, 50, 300, 500, 900, 2_000):
        held = known.balances(DAY + timedelta(days=days))
        assert (held.groupby("account")["amount"].sum() == 0).all()
        owners = held[(held["party"] != "cadastre") & (held["account"] != "cash")]
        assert (owners["amount"] > 0).all()
        for right in rights:
            whole = owners.loc[owners["right"] == right, "amount"].sum()
            assert whole == 600 * len(PARCELS) * 2
    moved = owner_columns(known, DAY, date(2100, 1, 1))
    assert (moved.groupby("right")["net"].sum() == 0).all()
    assert (payments(known, date(2100, 1, 1))["open_fen"] >= 0).all()
    store.close()


def test_the_modes_tried_are_modes_of_the_library():
    assert set(MODES) <= set(parameters("collection-modes").keys("mode_zh"))
