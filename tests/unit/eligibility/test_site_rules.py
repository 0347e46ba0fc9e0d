"""What stands there, what was there before, where it lies and who registered it, by hand."""

from datetime import date
from types import SimpleNamespace

import pandas as pd
import pytest

from ecogis import eligibility
from ecogis.core.errors import ConfigError
from ecogis.eligibility import Declaration, Period, Site


def methodology(*conditions):
    """Conditions named by their rule; a second of one rule gets a number."""
    made = [
        SimpleNamespace(
            id=f"c{place}", clause=f"第 {place} 条", rule=rule, arguments=arguments,
            zh="条件", en="condition", confidence="quoted",
        )
        for place, (rule, arguments) in enumerate(conditions, 1)
    ]  # fmt: skip
    return SimpleNamespace(conditions=tuple(made), exemptions=())


@pytest.fixture
def judge(case):
    """Judge one rule; the first piece's row."""

    def judged(
        rule, *, history=None, documents=None, site=None, rights=None, declared=None, **given
    ):
        verdicts = eligibility.conditions(
            case.pieces,
            case.stands,
            None if history is None else case.make.history(*history),
            case.rights if rights is None else rights,
            methodology((rule, given)),
            case.day,
            documents=case.documents if documents is None else case.make.documents(*documents),
            site=site,
            declared=declared,
        )
        return verdicts.table.iloc[0]

    return judged


@pytest.mark.parametrize(
    ("column", "value", "values", "reason"),
    [
        ("forest_category", "commercial", ["commercial"], "met"),
        ("forest_category", "public_welfare", ["commercial"], "record_outside"),
        ("forest_category", pd.NA, ["commercial"], "record_missing"),
        ("age_group", "young", ["young", "middle"], "met"),
        ("age_group", "mature", ["young", "middle"], "record_outside"),
        ("species", "毛竹", ["毛竹"], "met"),
        ("prior_land_class", "salt_marsh", ["wetland"], "met"),  # a kind of wetland
        ("prior_land_class", "aquaculture_pond", ["wetland"], "record_outside"),
    ],
)
def test_recorded_as(case, judge, column, value, values, reason):
    case.stands[column] = pd.array([value] * 2, dtype="string")
    assert judge("recorded_as", column=column, values=values)["reason"] == reason


@pytest.mark.parametrize(
    ("value", "limits", "reason"),
    [
        (0.2, {"minimum": 0.2}, "met"),
        (0.19, {"minimum": 0.2}, "measure_outside"),
        (0.2, {"maximum": 0.2}, "met"),
        (0.21, {"maximum": 0.2}, "measure_outside"),
        (pd.NA, {"minimum": 0.2}, "measure_missing"),
    ],
)
def test_measured_between(case, judge, value, limits, reason):
    case.stands["canopy_cover"] = pd.array([value] * 2, dtype="Float64")
    assert judge("measured_between", column="canopy_cover", **limits)["reason"] == reason


def test_a_figure_no_table_has_leaves_it_open(judge):
    row = judge("measured_between", column="dbh_cm", minimum=2.0)
    assert (row["reason"], pd.isna(row["verdict"])) == ("measure_missing", True)


def test_what_cannot_be_asked_is_refused(judge):
    with pytest.raises(ConfigError, match="E732"):
        judge("measured_between", column="area_dm2", minimum=1.0)
    with pytest.raises(ConfigError, match="E732"):
        judge("recorded_as", column="planting_year", values=["2018"])
    for column in ("age_group", "prior_land_class"):
        with pytest.raises(ConfigError, match="E735"):
            judge("recorded_as", column=column, values=["yuong"])
    with pytest.raises(ConfigError, match="E735"):
        judge("land_before", land_class=["tidalflat"])


def record(low, high, land_class="tidal_flat", document="D1"):
    return dict(zip(("stand", "year_from", "year_to", "land_class", "document"),
                    ("S1", low, high, land_class, document), strict=True))  # fmt: skip


FARMED_UNDOCUMENTED = record(2016, 2016, "cropland", None)
MANGROVE_LAST = record(2017, 2017, "mangrove_forest")


# planted in 2018; 2015 to 2017 are asked for
@pytest.mark.parametrize(
    ("rule", "rows", "reason"),
    [
        ("land_before", [record(2010, 2017)], "met"),
        ("land_before", [record(2015, 2016), record(2017, 2017, "aquaculture_pond")], "met"),
        ("land_before", [record(2010, 2016), record(2017, 2017, "cropland")], "land_was_other"),
        ("land_before", [record(2010, 2017), FARMED_UNDOCUMENTED], "land_was_other"),
        ("land_before", [record(2016, 2017)], "history_incomplete"),
        ("land_before", [record(2010, 2017, document=None)], "history_incomplete"),
        ("land_before", [record(2010, 2017), record(None, 2016)], "history_incomplete"),
        ("land_before", [], "history_incomplete"),
        ("absent_before", [record(2010, 2017)], "met"),
        ("absent_before", [record(2016, 2017)], "history_incomplete"),
        ("absent_before", [record(2010, 2016), MANGROVE_LAST], "land_was_such"),
        ("absent_before", [record(2017, 2017, "mangrove_forest", None)], "land_was_such"),
        ("absent_before", [record(2010, 2014, "mangrove_forest"), record(2015, 2017)], "met"),
    ],
)  # fmt: skip
def test_the_land_before_planting(judge, rule, rows, reason):
    classes = {
        "land_before": ["tidal_flat", "water"],
        "absent_before": ["mangrove_forest"],
    }
    row = judge(rule, history=rows, land_class=classes[rule], years=3)
    assert row["reason"] == reason
    if reason == "met":
        assert row["evidence"] == "D1"


def test_an_unknown_year_of_planting_leaves_the_land_before_open(case, judge):
    case.stands["planting_year"] = pd.array([pd.NA] * 2, dtype="Int64")
    for rule in ("land_before", "absent_before"):
        row = judge(rule, history=[record(2000, 2017)], land_class=["tidal_flat"], years=3)
        assert row["reason"] == "start_unknown"


@pytest.mark.parametrize(
    ("prior", "before", "absent"),
    [
        ("tidal_flat", "met", "land_was_such"),
        ("barren", "land_was_other", "met"),
        (pd.NA, "history_incomplete", "history_incomplete"),
    ],
)
def test_without_years_the_class_before_the_survey_decides(case, judge, prior, before, absent):
    case.stands["prior_land_class"] = pd.array([prior] * 2, dtype="string")
    assert judge("land_before", land_class=["wetland"])["reason"] == before
    assert judge("absent_before", land_class=["wetland"])["reason"] == absent


def test_a_tidal_flat_is_wetland_for_an_edition_that_only_says_wetland(case, judge):
    case.stands["prior_land_class"] = pd.array(["tidal_flat"] * 2, dtype="string")
    assert judge("not_wetland", land_class=["wetland"])["reason"] == "wetland"


@pytest.mark.parametrize(
    ("site", "reason"),
    [
        (Site("44"), "met"),
        (Site("36"), "region_outside"),
        (Site(), "region_unknown"),
        (None, "region_unknown"),
    ],
)
def test_region(judge, site, reason):
    assert judge("region", site=site, provinces=["44"])["reason"] == reason


SEARCHES = [
    ([("2026-08-01", "clear")], {}, "registered_nowhere"),
    ([("2026-08-01", "encumbered")], {}, "registered_elsewhere"),
    ([("2026-08-01", None)], {}, "registration_not_searched"),
    ([], {}, "registration_not_searched"),
    ([("2025-08-30", "clear")], {"searched_within_months": 12}, "registration_search_old"),
    ([("2025-08-31", "clear")], {"searched_within_months": 12}, "registered_nowhere"),
    ([("2020-01-01", "encumbered")], {"searched_within_months": 12}, "registered_elsewhere"),
    ([("2020-01-01", "encumbered"), ("2026-08-01", "clear")], {}, "registered_nowhere"),
    ([("2026-08-01", "encumbered"), ("2020-01-01", "clear")], {}, "registered_elsewhere"),
]


@pytest.mark.parametrize(("searches", "given", "reason"), SEARCHES)
def test_double_registration_by_a_search(case, judge, searches, given, reason):
    papers = [
        case.make.paper("project_search", result, date=pd.Timestamp(day))
        for day, result in searches
    ]
    row = judge("single_registration", documents=papers, **given)
    assert row["reason"] == reason
    if reason == "registration_not_searched":
        assert row["would_settle"] == "project_search"


def test_double_registration_by_the_ledger(judge):
    for parcel, reason in (("Z1", "registered_in_ledger"), ("Z9", "registered_nowhere")):
        ledger = pd.DataFrame({"parcel": [parcel], "project": ["项目甲"]})
        row = judge("single_registration", site=Site("44", ledger))
        assert row["reason"] == reason
        assert ("项目甲" in row["evidence"]) == (parcel == "Z1")


def test_tenure_of_a_kind(judge):
    papers = {"document_kinds": ["certificate"]}
    assert judge("tenure_documented", **papers)["reason"] == "met"
    assert judge("tenure_documented", right_kinds=["management"], **papers)["reason"] == "met"
    row = judge("tenure_documented", right_kinds=["land_ownership"], **papers)
    assert (row["reason"], pd.isna(row["verdict"])) == ("tenure_kind_not_shown", True)


OF_OLD = {"vegetation_kept", "soil_disturbance", "additionality"}
STATED = sorted(set(eligibility.DECLARABLE) - OF_OLD)


@pytest.mark.parametrize("rule", STATED)
def test_what_no_layer_shows_is_as_declared(judge, rule):
    assert judge(rule, share_max=0.1)["reason"] == "not_declared"
    for value, reason in ((True, "declared_yes"), (False, "declared_no")):
        assert judge(rule, declared={rule: Declaration(value, "声明")})["reason"] == reason
    other = {"soil_disturbance": Declaration(True, "声明")}
    assert judge(rule, declared=other)["reason"] == "not_declared"


def verdicts_of(case, *conditions, **options):
    method = methodology(*conditions)
    found = eligibility.conditions(
        case.pieces, case.stands, None, case.rights, method, case.day,
        documents=case.documents, **options,
    )  # fmt: skip
    return found, method


CATEGORY = ("recorded_as", {"column": "forest_category", "values": ["commercial"]})
YEARS = ("crediting_years", {"minimum": 20, "maximum": 40})


def project(case, *conditions, **options):
    found, method = verdicts_of(case, *conditions, **options)
    return eligibility.of_the_project(found, method).set_index("condition")


def test_the_project_is_judged_on_the_land_nothing_rules_out(case):
    case.stands["forest_category"] = pd.array(["commercial", "public_welfare"], dtype="string")
    period = Period(date(2025, 1, 1), 20)
    table = project(case, CATEGORY, YEARS, ("no_burning", {}), period=period)
    assert table["verdict"].tolist() == [True, True, pd.NA]
    assert table["scope"].tolist() == ["land", "project", "land"]
    assert table.loc["c1", ["yes_dm2", "no_dm2", "unknown_dm2"]].tolist() == [
        1_000_000,
        1_000_000,
        0,
    ]
    assert table.loc["c3", "unknown_dm2"] == 2_000_000
    assert table.loc["c3", ["reasons", "would_settle"]].tolist() == [
        "not_declared",
        "site_declaration",
    ]
    assert table.loc["c1", "reasons"] == ""


def test_a_project_fails_where_every_piece_does(case):
    case.stands["forest_category"] = pd.array(["public_welfare"] * 2, dtype="string")
    table = project(case, CATEGORY, ("no_burning", {}))
    assert table["verdict"].tolist() == [False, pd.NA]
    assert table.loc["c1", "reasons"] == "record_outside"


def test_only_the_pieces_asked_about_count(case):
    case.stands["forest_category"] = pd.array(["commercial", "public_welfare"], dtype="string")
    found, method = verdicts_of(case, CATEGORY)
    table = eligibility.of_the_project(found, method, ["P2"])
    assert table["verdict"].tolist() == [False]
    assert table["no_dm2"].tolist() == [1_000_000]
    none = eligibility.of_the_project(found, method, [])
    assert none["verdict"].isna().all()
