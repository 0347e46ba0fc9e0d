"""Four stands of one hectare in two villages, three parcels, and titles with awkward names."""

import geopandas
import numpy as np
import pandas as pd
import pytest
from shapely import box

from ecogis.report.onemap import Land

HOLDER = "张三 & 李四 <公司> 堃镕喆</script><script>alert(1)</script>"
CERTIFICATE = "粤(2020)演示证0001号"
PROJECT = "一县 <b>&</b> {{ 7*7 }} </title><script>alert(2)</script>"
UNIT = "441899101203JE00002L00000001"
EAST, NORTH = 500_000, 2_600_000


def square(east, north, width=100.0, height=100.0):
    """A rectangle in metres of the zone of 108°E, in degrees."""
    left, low = EAST + east, NORTH + north
    plane = geopandas.GeoSeries([box(left, low, left + width, low + height)], crs="EPSG:4545")
    return plane.to_crs("EPSG:4490").iloc[0]


def frame(columns, shapes):
    return geopandas.GeoDataFrame(columns, geometry=shapes, crs="EPSG:4490")


def stands():
    return frame(
        {
            "stand": ["S1", "S2", "S3", "S4"],
            "township": "T1",
            "village": ["V1", "V1", "V2", "V2"],
            "land_class": ["arbor_forest", "arbor_forest", "cropland", pd.NA],
            "species": pd.array(["杉木", "马尾松", pd.NA, pd.NA], "string"),
            "species_en": pd.array(["Cunninghamia", "Pinus", pd.NA, pd.NA], "string"),
            "age_group": ["young", "mature", pd.NA, pd.NA],
            "age_yr": pd.array([5, 40, pd.NA, pd.NA], "Int64"),
            "origin": ["planted", "natural", pd.NA, pd.NA],
            "forest_category": ["commercial", "public_welfare", pd.NA, pd.NA],
            "planting_year": pd.array([2020, pd.NA, pd.NA, pd.NA], "Int64"),
            "area_dm2": [1_000_000] * 4,
        },
        [square(100 * n, 0) for n in range(4)],
    )


def parcels():
    return frame(
        {
            "parcel": ["441899101203JE00001", "441899101203JE00002", "441899101203JE00003"],
            "location": ["", "岭上", ""],
            "land_tenure": ["household", "household", pd.NA],
            "area_dm2": [1_000_000, 1_500_000, 500_000],
        },
        [square(0, 0), square(100, 0, 150), square(250, 0, 50)],
    )


def pieces():
    yes = pd.array([True, False, pd.NA, True], "boolean")
    return frame(
        {
            "piece": ["P1", "P2", "P3", "P4"],
            "stand": ["S1", "S2", "S3", "S3"],
            "parcel": [*parcels()["parcel"].iloc[[0, 1, 1, 2]]],
            "area_dm2": [1_000_000, 1_000_000, 500_000, 500_000],
            "creditable": yes,
            "pledgeable": yes,
            **{f"clause_{letter}": yes for letter in "ab"},
            "decided_by": [pd.NA, "2 a)", pd.NA, pd.NA],
            "credit_kg": [9_000, 0, 0, 1_000],
            "pledgeable_kg": [3_000, 0, 0, 1_000],
            "pledge_value_fen": pd.array([750_000, 0, 0, 250_000], "Int64"),
        },
        [square(0, 0), square(100, 0), square(200, 0, 50), square(250, 0, 50)],
    )


@pytest.fixture
def land():
    start, end = pd.Timestamp("2010-01-01"), pd.Timestamp("2060-01-01")
    held = parcels()["parcel"]
    return Land(
        project={"name": PROJECT, "valuation_date": "2026-08-31", "run": "ab" * 32},
        stands=stands(),
        parcels=parcels(),
        pieces=pieces(),
        rights=pd.DataFrame(
            {
                "right": ["Q1", "Q2"],
                "unit_code": [pd.NA, UNIT],
                "parcel": [held[0], held[1]],
                "right_kind": ["contract_management", "management"],
                "holder": ["持有人0001", HOLDER],
                "co_ownership": ["sole", "shares"],
                "share": [1.0, 0.25],
                "certificate_no": [pd.NA, CERTIFICATE],
                "start": [start, start],
                "end": [end, pd.NaT],
            }
        ),
        encumbrances=pd.DataFrame(
            {
                "parcel": [held[0], held[1]],
                "encumbrance_kind": ["mortgage", "seizure"],
                "start": [start, start],
                "end": [end, start],
                "registration_no": ["演示登记1", "演示登记2"],
                "in_force": [True, False],
            }
        ),
        clauses=pd.DataFrame(
            {"clause": ["2 a)", "4.1 a"], "zh": ["非林地", "权属"], "en": ["land", "title"]}
        ),
        guideline=("4.1 a", "4.1 b"),
        verdicts=pd.DataFrame(
            {
                "piece": ["P3", "P3"],
                "clause": ["2 a)", "4.1 a"],
                "verdict": pd.array([pd.NA, True], "boolean"),
                "reason": ["记录不完整", "符合"],
                "reason_en": ["incomplete", "met"],
            }
        ),
        places=frame(
            {"code": ["V1", "T1"], "name": ["一村", "演示镇"], "level": ["village", "township"]},
            [square(0, 0, 200), square(0, 0, 400)],
        ),
        instants=("2026-01-01", "2026-08-31", "2027-01-01"),
        stock_kg=np.array([[50_000, 60_000, 150_000], [0, 0, 0], [0, 0, 0], [0, 0, 0]]),
        known=np.array([True, True, True, False]),
    )
