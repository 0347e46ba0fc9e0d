"""The chain of transfers by hand: contracted right, right to manage, and on to another."""

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.findings import Findings

TOP = {"right": "R1", "right_kind": "contract_management", "holder": "承包户"}
LINK = {"right": "R2", "holder": "公司", "start": pd.Timestamp("2015-01-01")}
NEXT = {"right": "R3", "holder": "合作社", "start": pd.Timestamp("2018-01-01")}


def contract(case, right, **cells):
    about = {"subject_kind": "right", "subject": right}
    return case.make.paper("transfer_contract", **about | cells)


def held(case, *rows):
    """Rights with the right each derives from; a row without one names none."""
    named = pd.array([row.get("from_right") for row in rows], dtype="string")
    bare = [{key: cell for key, cell in row.items() if key != "from_right"} for row in rows]
    return case.make.rights(*bare).assign(from_right=named)


def clause_a(case, rights, *papers, findings=None):
    verdicts = eligibility.guideline(
        case.pieces,
        rights,
        case.burdens,
        case.make.documents(*case.full, *papers),
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
        findings=findings,
    )
    return verdicts.table.iloc[0]


def chain(case, rights, *papers):
    documents = case.make.documents(*case.full, *papers)
    table = eligibility.title(case.pieces, rights, None, documents, case.day)
    return table[table["piece"] == "P1"].set_index("right")


def test_a_documented_link_within_the_term_above_is_a_chain(case):
    rights = held(case, TOP, LINK | {"from_right": "R1"})
    paper = contract(case, "R2", document="C2")
    row = clause_a(case, rights, paper)
    assert (row["reason"], row["evidence"]) == ("title_shown", "R2;C2;D1;D2")
    told = chain(case, rights, paper).loc["R2"]
    assert (told["chain"], told["chain_evidence"], told["missing_link"]) == ("R2;R1", "C2", "")
    assert told["may_pledge"]


def test_the_pledge_lasts_no_longer_than_any_right_along_the_chain(case):
    rights = held(
        case,
        TOP | {"end": pd.Timestamp("2039-12-31")},
        LINK | {"from_right": "R1", "end": pd.Timestamp("2035-12-31")},
        NEXT | {"from_right": "R2", "end": pd.Timestamp("2032-12-31")},
    )
    papers = [contract(case, right) for right in ("R2", "R3")]
    told = chain(case, rights, *papers)
    assert told.loc["R3", "chain"] == "R3;R2;R1"
    assert told["gives_yield"].to_dict() == {"R1": False, "R2": False, "R3": True}
    assert told.loc["R3", "pledge_until"] == pd.Timestamp("2032-12-31")
    assert clause_a(case, rights, *papers)["verdict"]


# reason, missing link, rights, contracts
BROKEN = [
    ("link_not_documented", "R2", [TOP, LINK | {"from_right": "R1"}], []),
    ("link_not_documented", "R2", [TOP, LINK], []),  # the contracted right of another is above
    ("link_not_documented", "R2", [TOP, LINK], [("R2", {"number": None})]),
    ("link_not_documented", "R2", [TOP, LINK], [("R2", {"result": "refused"})]),
    (
        "link_not_documented",
        "R2",
        [TOP, LINK | {"from_right": "R1"}, NEXT | {"from_right": "R2"}],
        [("R3", {})],
    ),
    (
        "link_term_outside",
        "R2;R1",
        [TOP | {"end": pd.Timestamp("2040-12-31")}, LINK | {"from_right": "R1"}],
        [("R2", {})],
    ),
    (
        "link_term_outside",
        "R2;R1",
        [TOP | {"start": pd.Timestamp("2016-01-01")}, LINK | {"from_right": "R1"}],
        [("R2", {})],
    ),
    ("link_source_missing", "R2;R9", [LINK | {"from_right": "R9"}], [("R2", {})]),
    ("link_source_missing", "R2;R2", [LINK | {"from_right": "R2"}], [("R2", {})]),
    (
        "link_source_missing",
        "R2;R3",
        [LINK | {"from_right": "R3"}, NEXT | {"from_right": "R2"}],
        [("R2", {}), ("R3", {})],
    ),
    (
        "link_source_missing",  # a right to manage does not derive from forest use
        "R2;R1",
        [TOP | {"right_kind": "forest_use", "holder": "公司"}, LINK | {"from_right": "R1"}],
        [("R2", {"result": "clear"})],
    ),
    (
        "link_source_missing",  # two contracted units: which of them was transferred?
        "R2",
        [TOP, TOP | {"right": "R4", "unit_code": "U2", "holder": "另户"}, LINK],
        [("R2", {})],
    ),
]


@pytest.mark.parametrize(("reason", "link", "rows", "papers"), BROKEN)
def test_a_broken_chain_is_not_known_and_names_the_link(case, reason, link, rows, papers):
    findings = Findings()
    rights = held(case, *rows)
    filed = [contract(case, right, **cells) for right, cells in papers]
    row = clause_a(case, rights, *filed, findings=findings)
    assert pd.isna(row["verdict"])
    assert row["reason"] == reason
    assert link in row["evidence"]
    assert "E770" in set(findings.table()["code"])
    yields = chain(case, rights, *filed).query("gives_yield")
    assert yields["may_pledge"].isna().all()


@pytest.mark.parametrize(
    "rows",
    [
        [LINK],  # managed straight from the collective, by its own contract
        [TOP | {"holder": "公司"}, LINK],  # he contracted the land himself
        [
            {"right": "R1", "right_kind": "land_ownership", "start": pd.NaT, "end": pd.NaT},
            LINK | {"from_right": "R1"},
        ],
    ],
)
def test_a_right_that_was_transferred_by_nobody_needs_no_contract(case, rows):
    assert clause_a(case, held(case, *rows))["reason"] == "title_shown"


@pytest.mark.parametrize("named", [{"from_right": "R1"}, {}])
@pytest.mark.parametrize(
    "term",
    [
        {"start": pd.Timestamp("1990-01-01"), "end": pd.Timestamp("2019-12-31")},
        {"start": pd.Timestamp("2027-01-01"), "end": pd.Timestamp("2070-12-31")},
    ],
)
def test_a_source_not_in_force_breaks_the_link_named_or_not(case, named, term):
    rights = held(case, TOP | term, LINK | named)
    assert clause_a(case, rights)["reason"] == "link_not_documented"
    row = clause_a(case, rights, contract(case, "R2"))
    assert (row["reason"], row["verdict"]) == ("link_term_outside", pd.NA)


def test_a_source_in_force_goes_before_one_that_has_ended(case):
    past = {"start": pd.Timestamp("1950-01-01"), "end": pd.Timestamp("1989-12-31")}
    rights = held(case, TOP | past | {"right": "R0"}, TOP, LINK)
    row = clause_a(case, rights, contract(case, "R2"))
    assert (row["reason"], row["evidence"].split(";")[0]) == ("title_shown", "R2")


def test_a_contract_refused_later_shows_no_link_though_it_bears_no_number(case):
    rights = held(case, TOP, LINK)
    late = contract(case, "R2", result="refused", number=None, date=pd.Timestamp("2026-08-20"))
    assert clause_a(case, rights, contract(case, "R2"))["reason"] == "title_shown"
    row = clause_a(case, rights, contract(case, "R2"), late)
    assert row["reason"] == "link_not_documented"


def test_the_list_asks_for_the_contract_of_the_missing_link(case):
    rights = held(case, TOP, LINK | {"from_right": "R1"})
    verdicts = eligibility.guideline(
        case.pieces,
        rights,
        case.burdens,
        case.documents,
        case.day,
        province="44",
        units=eligibility.Units("ccer"),
        methodology_match=case.match,
        ledger=eligibility.no_claims(),
    )
    asked = eligibility.due_diligence([verdicts])
    keys = ["would_settle", "subject_kind", "subject", "holder", "issuer_en"]
    assert asked[keys].to_numpy().tolist() == [
        ["transfer_contract", "right", "R2", "公司", "both parties to the transfer"]
    ]
