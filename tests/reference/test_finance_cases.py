"""Published cases of collection and guarantee, as the tables of facts print them."""

import csv
from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import StageRefusedError
from ecogis.core.findings import Findings
from ecogis.finance import (
    Collection,
    GuaranteeBook,
    Lot,
    Proposal,
    check_book,
    guarantee_rules,
    policy_focus,
    profit_part,
    split,
    ticket_floor,
    to_parties,
    tonne_price,
    yearly,
)
from ecogis.finance.guarantee_limits import WHOLE
from ecogis.finance.movements import collected
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
NONE = pd.DataFrame({"party": [], "related_party": []})
ZIXI = 50_000_000 * 100  # guarantee_rules.csv G24, zixi_facts.csv [fen]
MU = 1_000_000 / 15  # dm2


def room(loans, who, net, relations, *, rules):
    return GuaranteeBook(loans, net, relations, rules=rules).room(*who)


def propose(loans, proposal, net, relations, *, rules):
    found = GuaranteeBook(loans, net, relations, rules=rules)
    found.propose(proposal)
    return found.table()


def facts(shared_tables, name):
    with (shared_tables / name).open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def test_shunchang_trusteeship():
    """9 mu, 20 years, 3720 CNY a year expected, then 60 % of net timber income (2019-03)."""
    modes = parameters("collection-modes")
    day = date(2019, 3, 1)
    advance = modes.value("trusteeship_advance", day, "fen mu-1 yr-1")
    term = modes.value("trusteeship_term", day, "yr")
    share = modes.value("trusteeship_share", day, "1")
    paid = yearly(round(9 * advance), day, day.replace(year=day.year + round(term)))
    assert (len(paid), {amount for _, amount in paid}) == (20, {372_000})
    assert sum(amount for _, amount in paid) == 7_440_000  # 74,400 CNY
    assert profit_part(10_000_000, share) == 6_000_000
    lots = (Lot("P", round(9 * MU), "0" * 64),)
    sides = ((("household", 1_000_000),), (("centre", 1_000_000),))
    advances = to_parties(paid, "advance", "centre", {"household": 1_000_000})
    trust = Collection(
        "CM3", lots, (), *sides, term_start=day, term_end=date(2039, 3, 1),
        contract_end=date(2050, 1, 1), profit_share=share, payments=advances, price_fen=7_440_000,
    )  # fmt: skip
    moved = collected(trust, day, modes)
    assert {posting.account for posting in moved} == {"trust@P"}  # no owner moves
    assert trust.price_per_mu == pytest.approx(74_400 / 9, rel=1e-6)


def test_sanming_ticket_shares():
    """Village 30 %, villagers 70 %; bought back at 13 m3 a mu at least."""
    modes = parameters("collection-modes")
    village = round(modes.value("ticket_village_share", DAY, "1") * 1_000_000)
    parts = split(1_000_001, {"village": village, "villagers": 1_000_000 - village})
    assert parts == {"village": 300_000, "villagers": 700_001}
    floor = modes.value("ticket_floor_volume", DAY, "m3 mu-1")
    assert ticket_floor(round(100 * MU), floor, 80_000) == pytest.approx(1_300 * 80_000, rel=1e-6)


def test_jinsen_storage():
    """18,294 t stored at 10 CNY (collection_modes.csv CM9)."""
    price = parameters("collection-modes").value("storage_price", DAY, "fen t-1 CO2e-1")
    assert tonne_price(18_294_000, round(price)) == 182_940 * 100


def test_zixi_fund_bears_five_hundred_million():
    book = pd.DataFrame({"loan": [], "borrower": [], "kind": [], "balance_fen": []})
    rules = guarantee_rules(DAY)
    found = check_book(book, ZIXI, NONE, rules=rules, findings=Findings())
    assert found.limits.loc[0, "limit_fen"] == 500_000_000 * 100
    assert ZIXI * rules.leverage_small // WHOLE == 750_000_000 * 100
    for kind in ("small_firm", "other"):
        assert room(book, ("F", kind), ZIXI, NONE, rules=rules) == 5_000_000 * 100
    assert ZIXI * rules.group // WHOLE == 7_500_000 * 100


@pytest.mark.parametrize("amount_cny", [3_000_000, 2_000_000])
def test_zixis_known_loans_fit(amount_cny):
    """accounts_finance.md C4: the cases of 3 M and 2 M CNY fit the fund."""
    book = pd.DataFrame({"loan": [], "borrower": [], "kind": [], "balance_fen": []})
    asked = Proposal("L", "F", "small_firm", amount_cny * 100)
    grown = propose(book, asked, ZIXI, NONE, rules=guarantee_rules(DAY))
    assert grown["balance_fen"].tolist() == [amount_cny * 100]


def test_one_more_than_five_million_is_refused():
    book = pd.DataFrame({"loan": [], "borrower": [], "kind": [], "balance_fen": []})
    with pytest.raises(StageRefusedError, match="E905"):
        propose(
            book, Proposal("L", "F", "other", 5_000_000 * 100 + 1), ZIXI, NONE,
            rules=guarantee_rules(DAY),
        )  # fmt: skip


def test_zixi_at_fifteen_times():
    """A book of farmers' loans of 1 M: 1,000 of them weigh 750 M, and the next is refused."""
    rows = [(f"{n}", f"H{n}", "farmer", 1_000_000 * 100) for n in range(1000)]
    book = pd.DataFrame(rows, columns=["loan", "borrower", "kind", "balance_fen"])
    findings = Findings()
    found = check_book(book, ZIXI, NONE, rules=guarantee_rules(DAY), findings=findings)
    assert found.limits.loc[0, ["liability_fen", "room_fen"]].tolist() == [75_000_000_000, 0]
    assert found.passed
    assert room(book, ("new", "farmer"), ZIXI, NONE, rules=guarantee_rules(DAY)) == 0
    assert policy_focus(found, DAY)["passed"].all()


NAMES = {
    "G01": "leverage_limit", "G02": "leverage_limit_small", "G03": "single_limit",
    "G04": "group_limit", "G05": "small_firm_weight", "G06": "farmer_weight",
    "G07": "other_weight", "G08": "bond_aa_weight", "G09": "class_1_share",
    "G10": "class_1_2_share", "G11": "class_3_share", "G12": "paid_in_capital",
    "G13": "unearned_fee_share", "G14": "loss_reserve_rate", "G15": "focus_share",
    "G16": "focus_small_share", "G17": "focus_ceiling", "G18": "national_share",
    "G19": "bank_share", "G22": "policy_fee_limit", "G23": "compensation_limit",
}  # fmt: skip


def test_the_library_says_what_the_table_of_facts_says(shared_tables):
    rules = parameters("guarantee-rules")
    for row in facts(shared_tables, "guarantee_rules.csv"):
        if row["rule_id"] not in NAMES:
            continue
        name = NAMES[row["rule_id"]]
        unit = rules.parameter(name).unit
        assert rules.value(name, DAY, unit) == float(row["limit"]), row["rule_id"]
        quoted = rules.entry(name, DAY).confidence == "quoted"
        assert quoted == (row["confidence"] == "V"), row["rule_id"]


def test_modes_and_states_are_those_of_the_tables(shared_tables):
    modes = [row["mode_id"] for row in facts(shared_tables, "collection_modes.csv")]
    assert list(parameters("collection-modes").keys("mode_zh")) == modes
    states = facts(shared_tables, "collateral_centre_states.csv")
    limits = parameters("collateral-centre").texts("limit", DAY)
    for row in states:
        if row["state"] != "redeemed":  # the window runs from the day of collection
            assert limits[row["state"]] == (row["time_limit_days"] or "none"), row["state"]
    assert set(limits.index) == {row["state"] for row in states} | {"closed"}
    window = parameters("collateral-centre").value("redemption_window", DAY, "d")
    assert window == 365


def test_zixis_figures_are_those_of_the_table(shared_tables):
    facts_of = {row["key"]: row["value"] for row in facts(shared_tables, "zixi_facts.csv")}
    assert int(facts_of["guarantee_fund"]) * 100 == ZIXI
    assert int(facts_of["max_guarantee_10x"]) == 500_000_000
    assert int(facts_of["max_single_borrower"]) == 5_000_000
