"""One fault at a time: this code, and only this one, is found."""

import numpy as np
import pandas as pd
import pytest
import shapely

from ecogis.core.errors import VocabularyError
from ecogis.core.findings import Findings
from ecogis.core.texts import catalogue
from ecogis.quality import Limits, look

DAY = pd.Timestamp("2026-08-31")


def put(table, column, row, value):
    """A fault: one cell changed."""

    def change(county):
        frame = getattr(county, table)
        frame.loc[row, column] = value

    return change


def together(*changes):
    def change(county):
        for one in changes:
            one(county)

    return change


def redrawn(shape):
    def change(county):
        county.stands.loc[0, "geometry"] = shape

    return change


def bow_tie(county):
    ring = shapely.get_coordinates(county.stands.geometry[0])
    county.stands.loc[0, "geometry"] = shapely.Polygon(ring[[0, 2, 1, 3, 0]])
    county.stands["area_record_ha"] = np.nan


def no_right_on_the_second(county):
    county.rights = county.rights.iloc[:3]


FAULTS = {
    "no identifier": ("E200", put("encumbrances", "encumbrance", 1, pd.NA)),
    "identifier twice": ("E201", put("encumbrances", "encumbrance", 1, "E1")),
    "forest without age": (
        "E203",
        together(put("stands", "age_yr", 0, pd.NA), put("stands", "planting_year", 0, pd.NA)),
    ),
    "age below zero": ("E204", put("stands", "age_yr", 1, -1)),
    "canopy in percent": ("E205", put("stands", "canopy_cover", 0, 70.0)),
    "land class missing": ("E207", put("stands", "land_class", 1, pd.NA)),
    "land class unknown": ("E207", put("stands", "land_class", 1, "moor")),
    "forest without species": ("E208", put("stands", "species", 0, pd.NA)),
    "age group of another age": ("E209", put("stands", "age_group", 0, "mature")),
    "stated area": ("E210", put("stands", "area_record_ha", 1, 15.0)),
    "volume on cropland": (
        "E211",
        together(
            put("stands", "standing_volume", 1, 8.0), put("stands", "standing_volume_m3", 1, 8.0)
        ),
    ),
    "volume in all": ("E212", put("stands", "standing_volume_m3", 0, 12.0)),
    "planted when": ("E213", put("stands", "planting_year", 0, 1999)),
    "survey to come": ("E214", put("stands", "survey_date", 1, pd.Timestamp("2027-01-01"))),
    "survey when": ("E214", put("stands", "survey_date", 1, pd.NaT)),
    "right on no parcel": ("E215", put("rights", "parcel", 1, "441899101001JB00009")),
    "parcel without right": (
        "E216",
        no_right_on_the_second,
    ),
    "right run out": ("E217", put("rights", "end", 0, pd.Timestamp("2026-08-30"))),
    "right not begun": ("E217", put("rights", "start", 0, pd.Timestamp("2026-09-01"))),
    "dates reversed": ("E218", put("encumbrances", "end", 0, pd.Timestamp("2001-01-01"))),
    "shares below one": ("E219", put("rights", "share", 3, 0.2)),
    "two sole owners": (
        "E219",
        together(
            put("rights", "co_ownership", 1, "sole"), put("rights", "co_ownership", 2, "sole")
        ),
    ),
    "no volume": (
        "E220",
        together(
            put("stands", "standing_volume", 0, np.nan),
            put("stands", "standing_volume_m3", 0, np.nan),
        ),
    ),
    "volume below zero": (
        "E220",
        together(
            put("stands", "standing_volume", 1, -1.0),
            put("stands", "standing_volume_m3", 1, np.nan),
        ),
    ),
    "volume without end": (
        "E220",
        together(
            put("stands", "standing_volume", 0, np.inf),
            put("stands", "standing_volume_m3", 0, np.nan),
        ),
    ),
    "too much volume": (
        "E221",
        together(
            put("stands", "standing_volume", 0, 451.0),
            put("stands", "standing_volume_m3", 0, np.nan),
        ),
    ),
    "joint with a share": ("E222", put("rights", "share", 1, 0.5)),
    "share missing": ("E222", put("rights", "share", 3, np.nan)),
    "kind of right": ("E223", put("rights", "right_kind", 0, "fishing")),
    "kind of document": ("E223", put("documents", "document_kind", 0, pd.NA)),
    "encumbered right": ("E224", put("encumbrances", "right", 0, "R9")),
    "encumbered nothing": ("E224", put("encumbrances", "right", 0, pd.NA)),
    "document about nothing": ("E224", put("documents", "subject", 0, "S9")),
    "consent not there": ("E224", put("rights", "consent_document", 1, "D9")),
    "history of no stand": ("E224", put("land_history", "stand", 2, "S9")),
    "seizure in force": ("E225", put("encumbrances", "end", 1, pd.NaT)),
    "document to come": ("E226", put("documents", "date", 0, pd.Timestamp("2026-09-01"))),
    "document lapsed": (
        "E227",
        put("documents", "valid_until", 2, pd.Timestamp("2025-01-01")),
    ),
    "two land classes": ("E228", put("land_history", "year_from", 1, 2008)),
    "no polygon": (
        "E343",
        together(redrawn(None), put("stands", "area_record_ha", 0, np.nan)),
    ),
    "a point": (
        "E343",
        together(redrawn(shapely.Point(113, 24)), put("stands", "area_record_ha", 0, np.nan)),
    ),
    "bow tie": ("E347", bow_tie),
}


def test_nothing_is_found_where_nothing_is_wrong(county, found):
    assert found(county).count() == 0


@pytest.mark.parametrize("name", FAULTS)
def test_this_fault_and_only_this(county, found, name):
    code, change = FAULTS[name]
    change(county)
    findings = found(county)
    assert set(findings.table()["code"]) == {code}
    assert "?" not in "".join(findings.table()["message_zh"])


def test_every_code_of_quality_has_its_fault():
    tested = {code for code, _ in FAULTS.values() if code < "E230"} | {"E202"}  # unique_ids
    assert {code for code in catalogue() if "E200" <= code <= "E229"} == tested


def test_a_missing_column_is_missing_data_never_a_default(county, found):
    county.stands = county.stands[["stand", "land_class", "survey_date", "geometry"]]
    findings = found(county)
    assert set(findings.table()["code"]) == {"E203", "E208", "E220"}
    assert findings.excluded("stands") == {"S1"}


def test_a_table_without_its_key_is_refused(county, found):
    county.rights = county.rights.drop(columns="right")
    with pytest.raises(VocabularyError, match="rights"):
        found(county)


@pytest.mark.parametrize(
    ("stated", "guess"),
    [
        (15.0, "mu given as ha"),
        (10_000.0, "m2 given as ha"),
        (2.471, "acres given as ha"),
        (0.01, "km2 given as ha"),
        (1 / 15, "ha divided by 15"),
        (1 / np.cos(np.radians(24.0)) ** 2, "Web Mercator"),
        (1.5, "no known slip"),
    ],
)
def test_slips_of_units_are_named(county, found, stated, guess):
    county.parcels.loc[0, "area_record_ha"] = stated
    table = found(county).table()
    assert table["code"].tolist() == ["E210"]
    assert guess in table["message_en"].iloc[0]


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ([1.0, np.nan, np.nan, 0.25, 0.75], []),  # of the parcel, or the holder's part of it
        ([1.0, 1.0, 1.0, 1.0, 1.0], []),
        ([15.0, 1.0, 1.0, 1.0, 1.0], ["R1"]),
        ([1.0, 1.0, 1.0, 0.5, 1.0], ["R4"]),
        ([2.0, np.nan, np.nan, 2.0, np.nan], []),  # both parcels of one certificate
        ([2.0, 2.0, np.nan, np.nan, np.nan], ["R2"]),
        ([np.nan] * 5, []),
    ],
)
def test_the_area_a_certificate_states(county, found, stated, told):
    county.rights["area_record_ha"] = stated
    county.rights["certificate_no"] = ["C1", "C2", "C3", "C1", "C5"]
    table = found(county).table()
    assert table[["code", "layer", "feature"]].values.tolist() == [
        ["E210", "rights", right] for right in told
    ]
    assert table["area_ha"].tolist() == pytest.approx([1.0] * len(told))


def test_a_certificate_in_mu_is_named_and_one_of_no_parcel_is_not(county, found):
    county.rights["area_record_ha"] = [15.0, *[np.nan] * 4]
    table = found(county).table()
    assert "mu given as ha" in table["message_en"].iloc[0]
    county.rights.loc[0, "parcel"] = "441899101001JB00009"
    assert set(found(county).table()["code"]) == {"E215"}


def test_the_volume_limit_follows_species_and_age(county, found):
    county.stands.loc[0, ["standing_volume", "standing_volume_m3"]] = 451.0, np.nan
    assert "is over 450.0 for 杉木, age 15" in found(county).table()["message_en"].iloc[0]
    county.stands.loc[0, ["species", "age_group"]] = "桉树", "mature"
    assert found(county).count() == 0  # 50 m3 ha-1 a year, below the ceiling of 600
    county.stands.loc[0, ["species", "standing_volume"]] = "桉树", 601.0
    assert found(county).count("E221") == 1


def test_limits_are_the_caller_s(county, found):
    county.parcels.loc[0, "area_record_ha"] = 1.04
    assert found(county).count() == 0
    assert found(county, limits=Limits(area_share=0.03)).count("E210") == 1


def test_what_reading_told_is_not_told_again(county):
    county.rights.loc[0, "right_kind"] = pd.NA
    findings = Findings()
    findings.add("E223", layer="rights", feature="R1", column="right_kind")
    look(
        county.stands,
        county.parcels,
        county.rights,
        county.encumbrances,
        county.documents,
        findings,
        valuation_date=DAY.date(),
    )
    assert findings.count() == 1


def test_findings_carry_row_area_and_action(county, found):
    county.stands.loc[0, ["standing_volume", "standing_volume_m3"]] = np.nan
    one = found(county).table().iloc[0]
    assert (one["feature"], one["row"], one["action"]) == ("S1", 1, "excluded")
    assert one["area_ha"] == pytest.approx(1.0)


def test_tables_without_rows_are_looked_at(county, found):
    for name in ("rights", "encumbrances", "documents", "land_history"):
        setattr(county, name, getattr(county, name).iloc[:0])
    assert set(found(county).table()["code"]) == {"E216"}
    empty = pd.DataFrame(columns=county.rights.columns)
    county.rights = empty
    assert set(found(county).table()["code"]) == {"E216"}


def test_without_documents_nothing_that_points_at_them_is_looked_up(county, found):
    county.rights["consent_document"] = "no such paper"
    assert found(county).count("E224") == len(county.rights)
    county.documents = None
    assert found(county).count() == 0
