"""A county of two stands and two parcels in which nothing is wrong."""

import datetime as dt
from types import SimpleNamespace

import geopandas
import pandas as pd
import pytest
from shapely import box

from ecogis.core.findings import Findings
from ecogis.quality import look
from ecogis.spatial.plane import equal_area_plane

PLANE = equal_area_plane(24.0, 113.0)
DAY = dt.date(2026, 8, 31)
PARCELS = ("441899101001JB00001", "441899101001JB00002")
AGE_LIMITS = pd.DataFrame(
    {
        "species": ["杉木"],
        "origin": ["planted"],
        "young_max": [10],
        "middle_max": [20],
        "near_mature_max": [25],
        "mature_max": [35],
    }
)


def squares():
    return [PLANE.unproject(box(x, 0, x + 100, 100)) for x in (0, 100)]


def stands():
    return geopandas.GeoDataFrame(
        {
            "stand": pd.array(["S1", "S2"], dtype="string"),
            "row": [1, 2],
            "land_class": pd.array(["arbor_forest", "cropland"], dtype="string"),
            "species": pd.array(["杉木", None], dtype="string"),
            "origin": pd.array(["planted", None], dtype="string"),
            "age_yr": pd.array([15, None], dtype="Int64"),
            "age_group": pd.array(["middle", None], dtype="string"),
            "canopy_cover": [0.7, float("nan")],
            "standing_volume": [120.0, 0.0],
            "standing_volume_m3": [120.0, 0.0],
            "area_record_ha": [1.0, 1.02],
            "planting_year": pd.array([2009, None], dtype="Int64"),
            "survey_date": pd.to_datetime(["2024-12-31", "2024-12-31"]),
        },
        geometry=squares(),
        crs=4490,
    )


def parcels():
    return geopandas.GeoDataFrame(
        {"parcel": pd.array(PARCELS, dtype="string"), "row": [1, 2], "area_record_ha": [1.0, 1.0]},
        geometry=squares(),
        crs=4490,
    )


def rights():
    """Sole, joint by two, and shares by two."""
    units = [PARCELS[0] + "L00000001"] * 3 + [PARCELS[1] + "L00000001"] * 2
    return pd.DataFrame(
        {
            "right": pd.array(["R1", "R2", "R3", "R4", "R5"], dtype="string"),
            "unit_code": pd.array(units, dtype="string"),
            "parcel": pd.array([unit[:19] for unit in units], dtype="string"),
            "right_kind": pd.array(["management", *["forest_ownership"] * 4], dtype="string"),
            "co_ownership": pd.array(
                ["sole", "joint", "joint", "shares", "shares"], dtype="string"
            ),
            "share": [float("nan")] * 3 + [0.25, 0.75],
            "start": pd.to_datetime(["2010-01-01"] * 5),
            "end": pd.to_datetime(["2050-12-31"] * 4 + [None]),
            "consent_document": pd.array([None, "D2", "D2", None, None], dtype="string"),
            "row": range(1, 6),
        }
    )


def encumbrances():
    return pd.DataFrame(
        {
            "encumbrance": pd.array(["E1", "E2"], dtype="string"),
            "right": pd.array(["R1", None], dtype="string"),
            "parcel": pd.array([None, PARCELS[1]], dtype="string"),
            "encumbrance_kind": pd.array(["mortgage", "seizure"], dtype="string"),
            "start": pd.to_datetime(["2015-01-01", "2016-01-01"]),
            "end": pd.to_datetime(["2020-01-01", "2021-01-01"]),
            "row": [1, 2],
        }
    )


def documents():
    return pd.DataFrame(
        {
            "document": pd.array(["D1", "D2", "D3", "D4"], dtype="string"),
            "document_kind": pd.array(
                ["land_record", "joint_consent", "register_extract", "project_search"],
                dtype="string",
            ),
            "subject_kind": pd.array(["stand", "right", "parcel", "project"], dtype="string"),
            "subject": pd.array(["S1", "R2", PARCELS[0], "project"], dtype="string"),
            "date": pd.to_datetime(["2024-01-01"] * 4),
            "valid_until": pd.to_datetime([None, None, "2026-12-31", None]),
            "row": [1, 2, 3, 4],
        }
    )


def land_history():
    return pd.DataFrame(
        {
            "stand": pd.array(["S1", "S1", "S2"], dtype="string"),
            "year_from": [2000, 2009, 2000],
            "year_to": [2008, 2024, 2024],
            "land_class": pd.array(["barren", "arbor_forest", "cropland"], dtype="string"),
            "document": pd.array(["D1", "D1", None], dtype="string"),
            "row": [1, 2, 3],
        }
    )


@pytest.fixture
def county():
    """Clean inputs, changed by a test, and what `look` finds in them."""
    return SimpleNamespace(
        stands=stands(),
        parcels=parcels(),
        rights=rights(),
        encumbrances=encumbrances(),
        documents=documents(),
        land_history=land_history(),
    )


@pytest.fixture
def found():
    """Findings of `look` about a county."""

    def looked(county, **options):
        findings = Findings()
        look(
            county.stands,
            county.parcels,
            county.rights,
            county.encumbrances,
            county.documents,
            findings,
            valuation_date=DAY,
            land_history=county.land_history,
            age_limits=AGE_LIMITS,
            **options,
        )
        return findings

    return looked
