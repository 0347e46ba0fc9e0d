"""The rules of a methodology by hand, one piece of land at a time."""

from datetime import date
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.eligibility import Declaration, Period

ACTIVITY = {
    "land_class": ["arbor_forest", "young_plantation"],
    "origin": ["planted"],
    "forest_use": ["protection", "timber"],
}


def methodology(rule, **arguments):
    condition = SimpleNamespace(
        id="c1", clause="2 a)", rule=rule, arguments=arguments, zh="条件", en="condition"
    )
    exemptions = (
        SimpleNamespace(id="rain", arguments={"rainfall_mm_below": 400}),
        SimpleNamespace(id="zone", arguments={}),
        SimpleNamespace(id="welfare", arguments={"forest_category": "public_welfare"}),
    )
    return SimpleNamespace(conditions=(condition,), exemptions=exemptions)


@pytest.fixture
def first(case):
    """Judge one rule and give the first piece's row."""

    def judged(rule, arguments, *, history=None, documents=None, **options):
        verdicts = eligibility.conditions(
            case.pieces,
            case.stands,
            history,
            case.rights,
            methodology(rule, **arguments),
            case.day,
            documents=case.documents if documents is None else documents,
            **options,
        )
        return verdicts.table.iloc[0]

    return judged


def outcome(row):
    return None if pd.isna(row["verdict"]) else bool(row["verdict"])


@pytest.mark.parametrize(
    ("column", "value", "reason"),
    [
        ("origin", "planted", "met"),
        ("origin", "natural", "activity_excluded"),
        ("land_class", "sparse_forest", "activity_excluded"),
        ("forest_use", "economic", "activity_excluded"),
        ("forest_use", pd.NA, "activity_unknown"),
        ("origin", pd.NA, "activity_unknown"),
    ],
)
def test_activity(case, first, column, value, reason):
    case.stands.loc[0, column] = value
    assert first("activity", ACTIVITY)["reason"] == reason


def record(low, high, land_class="barren", document="D1"):
    return {
        "stand": "S1",
        "year_from": low,
        "year_to": high,
        "land_class": land_class,
        "document": document,
    }


# planted in 2018: 2015, 2016 and 2017 are asked for
HISTORIES = [
    ("met", [record(2010, 2017)]),
    ("met", [record(2015, 2015), record(2016, 2017, "cropland")]),
    ("met", [record(2010, 2017), record(2005, 2014, "arbor_forest")]),
    ("met", [record(2010, 2017), record(2015, 2016)]),  # told twice
    ("was_forest", [record(2010, 2014), record(2015, 2017, "arbor_forest")]),
    ("was_forest", [record(2010, 2017), record(2017, 2017, "bamboo_forest", None)]),
    ("was_unstocked", [record(2010, 2015), record(2016, 2017, "cutover")]),
    ("was_unstocked", [record(2010, 2017), record(2016, 2016, "burnt", None)]),
    ("was_forest", [record(2010, 2016, "arbor_forest"), record(2017, 2017, "cutover")]),
    ("met", [record(2010, 2014, "cutover"), record(2015, 2017)]),
    ("history_incomplete", []),
    ("history_incomplete", [record(2016, 2017)]),
    ("history_incomplete", [record(2015, 2015), record(2017, 2017)]),
    ("history_incomplete", [record(2010, 2017, document=None)]),
    ("history_incomplete", [record(2010, 2017, document="nowhere")]),
    ("history_incomplete", [record(2010, 2017), record(None, 2016, "arbor_forest")]),
]


@pytest.mark.parametrize(("reason", "rows"), HISTORIES)
def test_not_forest_before(case, first, reason, rows):
    row = first("not_forest_before", {"years": 3}, history=case.make.history(*rows))
    assert row["reason"] == reason


def test_not_forest_since_a_day(case, first):
    since = {"since": date(2005, 2, 16)}
    short = case.make.history(record(2006, 2017))
    assert outcome(first("not_forest_before", since, history=short)) is None
    whole = case.make.history(record(2005, 2017))
    row = first("not_forest_before", since, history=whole)
    assert (row["reason"], row["evidence"]) == ("met", "D1")


def test_without_a_planting_year_the_years_before_are_not_known(case, first):
    case.stands["planting_year"] = pd.array([pd.NA, 2018], dtype="Int64")
    history = case.make.history(record(2010, 2017))
    assert first("not_forest_before", {"years": 3}, history=history)["reason"] == "start_unknown"


def test_a_reversed_record_is_a_finding(case, first):
    findings = Findings()
    history = case.make.history(record(2017, 2010), record(2010, 2017))
    row = first("not_forest_before", {"years": 3}, history=history, findings=findings)
    assert row["reason"] == "history_incomplete"
    assert findings.table()[["code", "feature", "observed"]].to_numpy().tolist() == [
        ["E272", "S1", "2017-2010"]
    ]


@pytest.mark.parametrize(
    ("year", "verdict"), [(2013, True), (2012, None), (2011, False), (pd.NA, None)]
)
def test_started_after(case, first, year, verdict):
    case.stands["planting_year"] = pd.array([year, 2018], dtype="Int64")
    assert outcome(first("started_after", {"after": date(2012, 11, 8)})) is verdict


def test_tenure_documented(case, first):
    kinds = {"document_kinds": ["certificate", "transfer_contract"]}
    assert first("tenure_documented", kinds)["evidence"] == "D1"
    none = case.make.documents(*case.full[1:])
    assert outcome(first("tenure_documented", kinds, documents=none)) is None
    in_doubt = first("tenure_documented", kinds, excluded_rights={"R1"})
    assert (in_doubt["reason"], in_doubt["evidence"]) == ("right_excluded", "R1")
    case.rights["end"] = pd.Timestamp("2020-01-01")
    assert first("tenure_documented", kinds)["reason"] == "right_ended"


MINIMUM = {
    "minimum_m2": 400,
    "earlier_minimum_m2": 667,
    "begun_before": date(2020, 1, 1),
    "merge_touching": True,
}


@pytest.mark.parametrize(
    ("year", "merged_m2", "verdict"),
    [
        (2019, 667, True),
        (2019, 666.99, False),
        (2020, 400, True),
        (2020, 399.99, False),
        (pd.NA, 667, True),
        (pd.NA, 500, None),
        (pd.NA, 399, False),
        (2020, None, None),
    ],
)
def test_minimum_area(case, first, year, merged_m2, verdict):
    case.pieces["area_dm2"] = 100
    merged = pd.NA if merged_m2 is None else round(merged_m2 * 100)
    case.pieces["merged_area_dm2"] = pd.array([merged, merged], dtype="Int64")
    case.stands["planting_year"] = pd.array([year, 2018], dtype="Int64")
    assert outcome(first("minimum_area", MINIMUM)) is verdict


def test_a_piece_large_enough_alone_needs_no_neighbours(case, first):
    assert outcome(first("minimum_area", MINIMUM)) is True


def test_without_merging_the_piece_stands_alone(case, first):
    case.pieces["area_dm2"] = 39_999
    case.pieces["merged_area_dm2"] = 1_000_000
    assert outcome(first("minimum_area", {"minimum_m2": 400})) is False


WET = {"land_class": ["wetland", "water", "mangrove_forest"]}


@pytest.mark.parametrize(
    ("column", "value", "verdict"),
    [
        ("land_class", "mangrove_forest", False),
        ("prior_land_class", "wetland", False),
        ("prior_land_class", pd.NA, None),
        ("land_class", pd.NA, None),
        ("land_class", "arbor_forest", True),
    ],
)
def test_not_wetland(case, first, column, value, verdict):
    case.stands.loc[0, column] = value
    assert outcome(first("not_wetland", WET)) is verdict


def test_a_wetland_on_record_is_a_no_and_a_land_record_replaces_the_prior_class(case, first):
    wet = case.make.history(record(2000, 2003, "wetland"))
    assert first("not_wetland", WET, history=wet)["evidence"] == "D1"
    case.stands["prior_land_class"] = pd.NA
    dry = case.make.history(record(2010, 2017))
    assert outcome(first("not_wetland", WET, history=dry)) is True


def test_what_no_layer_shows_is_declared(case, first):
    rule = ("soil_disturbance", {"initial_only": True})
    assert first(*rule)["would_settle"] == "site_declaration"
    said = {"soil_disturbance": Declaration(True, "仅整地时扰动")}
    row = first(*rule, declared=said)
    assert (row["reason"], row["evidence"]) == ("declared_yes", "declared: 仅整地时扰动")
    no = {"soil_disturbance": Declaration(False, "每年翻耕")}
    assert outcome(first(*rule, declared=no)) is False


def test_a_site_declaration_on_file_settles_it_and_a_refusal_outweighs_the_project_file(
    case, first
):
    rule = ("vegetation_kept", {"removed_share_max": 0.2})
    on_file = case.make.documents(*case.full, case.make.paper("site_declaration", "clear"))
    assert first(*rule, documents=on_file)["evidence"] == "D8"
    refused = case.make.documents(*case.full, case.make.paper("site_declaration", "refused"))
    said = {"vegetation_kept": Declaration(True, "保留")}
    assert first(*rule, documents=refused, declared=said)["reason"] == "declared_no"


def test_a_declaration_whose_document_is_not_on_file_does_not_count(first):
    said = {"vegetation_kept": Declaration(True, "保留", document="D99")}
    assert first("vegetation_kept", {}, declared=said)["reason"] == "not_declared"
    said = {"vegetation_kept": Declaration(True, "保留", document="D3")}
    assert first("vegetation_kept", {}, declared=said)["evidence"] == "declared: 保留 (D3)"


def test_additionality_without_proof_is_not_known(first):
    row = first("additionality", {})
    assert (outcome(row), row["reason"]) == (None, "additionality_open")
    assert row["would_settle"] == "additionality_proof"


@pytest.mark.parametrize(
    ("category", "verdict"), [("public_welfare", True), ("commercial", None), (pd.NA, None)]
)
def test_public_welfare_forest_needs_no_proof(case, first, category, verdict):
    case.stands.loc[0, "forest_category"] = category
    row = first("additionality", {})
    assert outcome(row) is verdict
    assert row["evidence"] == ("S1" if verdict else "")


def test_without_exemptions_public_welfare_forest_needs_proof_too(case):
    case.stands["forest_category"] = "public_welfare"
    asked = SimpleNamespace(conditions=methodology("additionality").conditions, exemptions=())
    verdicts = eligibility.conditions(
        case.pieces, case.stands, None, case.rights, asked, case.day, documents=case.documents
    )
    assert set(verdicts.table["reason"]) == {"additionality_open"}


@pytest.mark.parametrize(
    ("result", "said", "verdict", "reason", "evidence"),
    [
        ("clear", None, True, "additionality_proved", "D8"),
        ("clear", True, True, "additionality_proved", "D8"),
        ("clear", False, False, "declared_no", "declared: 说明"),
        ("refused", None, False, "additionality_refused", "D8"),
        ("refused", True, False, "additionality_refused", "D8"),
        (None, None, None, "additionality_open", ""),
        (None, True, True, "declared_yes", "declared: 说明"),
        (None, False, False, "declared_no", "declared: 说明"),
    ],
)
def test_proof_and_declaration_of_additionality(
    case, first, result, said, verdict, reason, evidence
):
    papers = case.make.documents(*case.full, case.make.paper("additionality_proof", result))
    declared = {} if said is None else {"additionality": Declaration(said, "说明")}
    row = first("additionality", {}, documents=papers, declared=declared)
    assert outcome(row) is verdict
    assert (row["reason"], row["evidence"]) == (reason, evidence)


def test_an_exemption_outweighs_a_refused_proof(case, first):
    case.stands.loc[0, "forest_category"] = "public_welfare"
    papers = case.make.documents(*case.full, case.make.paper("additionality_proof", "refused"))
    assert first("additionality", {}, documents=papers)["reason"] == "additionality_exempt"


def test_an_undated_proof_or_a_site_declaration_proves_no_additionality(case, first):
    undated = case.make.paper("additionality_proof", "clear", date=pd.NaT)
    other = case.make.paper("site_declaration", "clear")
    papers = case.make.documents(*case.full, undated, other)
    assert first("additionality", {}, documents=papers)["reason"] == "additionality_open"


@pytest.mark.parametrize(
    ("start", "verdict"), [("2005-02-16", False), ("2005-02-17", True), (None, None)]
)
def test_an_activity_begins_with_its_crediting_period(first, start, verdict):
    period = None if start is None else Period(date.fromisoformat(start), 20)
    row = first("period_starts_after", {"after": date(2005, 2, 16)}, period=period)
    assert outcome(row) is verdict


@pytest.mark.parametrize(
    ("years", "verdict"), [(19, False), (20, True), (40, True), (41, False), (None, None)]
)
def test_crediting_years(first, years, verdict):
    period = None if years is None else Period(date(2020, 1, 1), years)
    row = first("crediting_years", {"minimum": 20, "maximum": 40}, period=period)
    assert outcome(row) is verdict


def test_reduction_window(first):
    rule = ("reduction_window", {"after": date(2020, 9, 22), "years_before_application": 5})
    assert outcome(first(*rule)) is None
    assert outcome(first(*rule, period=Period(date(2015, 1, 1), 20))) is True
    assert first(*rule, period=Period(date(2000, 1, 1), 20))["reason"] == "window_missed"


@pytest.mark.parametrize(
    ("limits", "verdict"),
    [
        ({"open_from": date(2023, 10, 24)}, True),
        ({"open_from": date(2026, 9, 1)}, False),
        ({"open_from": date(2013, 11, 4), "open_to": date(2017, 3, 14)}, False),
        ({"open_from": date(2013, 11, 4), "open_to": date(2026, 8, 31)}, False),
    ],
)
def test_registration_open(first, limits, verdict):
    assert outcome(first("registration_open", limits)) is verdict


@pytest.mark.parametrize(
    ("day", "result", "reason"),
    [
        ("2016-05-01", "clear", "registered_in_time"),
        ("2017-03-14", "clear", "registration_closed"),  # the day it was closed
        ("2016-05-01", "refused", "registration_closed"),
        ("2016-05-01", None, "registration_closed"),
    ],
)
def test_a_project_of_its_time_stands_under_a_closed_methodology(case, first, day, result, reason):
    closed = {"open_from": date(2013, 11, 4), "open_to": date(2017, 3, 14)}
    paper = case.make.paper("project_registration", result, date=pd.Timestamp(day))
    row = first("registration_open", closed, documents=case.make.documents(paper))
    assert row["reason"] == reason
    assert row["evidence"] == ("D1" if reason == "registered_in_time" else "")


def test_creditable_is_yes_only_where_all_conditions_are(case):
    asked = [
        methodology("activity", **ACTIVITY).conditions[0],
        methodology("soil_disturbance", initial_only=True).conditions[0],
    ]
    asked[1].id = "c2"
    case.stands.loc[1, "origin"] = "natural"
    both = SimpleNamespace(conditions=tuple(asked), exemptions=())
    verdicts = eligibility.conditions(
        case.pieces, case.stands, None, case.rights, both, case.day, documents=case.documents
    )
    assert eligibility.words(eligibility.creditable(verdicts)).tolist() == ["unknown", "no"]
    assert verdicts.counts()[["clause", "yes", "no", "unknown"]].to_numpy().tolist() == [
        ["c1", 1, 1, 0],
        ["c2", 0, 0, 2],
    ]


@pytest.mark.parametrize(
    ("code", "rule", "arguments", "declared"),
    [
        ("E273", "no_such_rule", {}, {}),
        ("E275", "activity", {"height": 3}, {}),
        ("E275", "activity", {}, {}),
        ("E274", "registration_open", {"open_from": date(2020, 1, 1)}, {"activity": None}),
    ],
)
def test_wrong_calls_are_refused(first, code, rule, arguments, declared):
    with pytest.raises(ConfigError) as refused:
        first(rule, arguments, declared=declared)
    assert refused.value.code == code


def test_every_reason_in_code_has_a_text_and_every_unknown_says_what_would_settle_it():
    for code, reason in eligibility.reasons().items():
        assert reason.verdict in {"yes", "no", "unknown"}, code
        assert bool(reason.would_settle) == (reason.verdict == "unknown"), code
        assert reason.zh
        assert reason.en
    assert eligibility.reason_label("met", "en") == "met"


def test_ten_thousand_pieces_alike_get_the_verdict_of_one(case, first):
    alone = first("activity", ACTIVITY)["reason"]
    many = pd.DataFrame(
        {
            "piece": [f"P{number:05d}" for number in range(10_000)],
            "stand": np.tile(["S1", "S2"], 5_000),
            "parcel": "Z1",
            "area_dm2": 1,
        }
    ).astype({"piece": "string", "stand": "string", "parcel": "string"})
    verdicts = eligibility.conditions(
        many,
        case.stands,
        None,
        case.rights,
        methodology("activity", **ACTIVITY),
        case.day,
        documents=case.documents,
    )
    assert set(verdicts.table["reason"]) == {alone}
