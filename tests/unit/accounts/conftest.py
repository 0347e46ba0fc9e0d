"""Landscapes of a few hectares, every figure to be checked by hand."""

import pandas as pd
import pytest

HECTARE_DM2 = 1_000_000


def stands(*rows):
    """Stands of 1 ha of planted fir in one township; volume in m3 ha-1, carbon in kg."""
    blank = {
        "township": "甲镇",
        "land_class": "arbor_forest",
        "origin": "planted",
        "forest_category": "commercial",
        "species_group": "杉木组",
        "age_group": "young",
        "standing_volume": 0.0,
        "area_dm2": HECTARE_DM2,
        "co2e_kg": 0,
        "change_cause": None,
    }
    return pd.DataFrame([blank | row for row in rows])


@pytest.fixture
def surveys():
    """Six stands: grown and aged, felled and moved, planted, resold, burnt, in one survey only."""
    before = stands(
        {"stand": "S1", "standing_volume": 50.0, "co2e_kg": 60_000, "quality": "poor"},
        {"stand": "S2", "standing_volume": 90.0, "co2e_kg": 110_000, "age_group": "mature",
         "quality": "good"},
        {"stand": "S3", "land_class": "barren", "origin": None, "age_group": None},
        {"stand": "S4", "township": "乙镇", "standing_volume": 70.0, "co2e_kg": 80_000,
         "quality": "fair"},
        {"stand": "S5", "township": "乙镇", "standing_volume": 60.0, "co2e_kg": 70_000,
         "age_group": "middle", "quality": "good"},
        {"stand": "S6", "standing_volume": 10.0, "co2e_kg": 9_000},
    )  # fmt: skip
    after = stands(
        {"stand": "S1", "standing_volume": 80.0, "co2e_kg": 96_000, "age_group": "near_mature",
         "quality": "good"},
        {"stand": "S2", "land_class": "cutover", "standing_volume": 5.0, "co2e_kg": 6_000,
         "age_group": None, "change_cause": "harvest"},
        {"stand": "S3", "standing_volume": 2.0, "co2e_kg": 2_400, "change_cause": "afforestation",
         "quality": "fair"},
        {"stand": "S4", "township": "乙镇", "standing_volume": 75.0, "co2e_kg": 86_000,
         "quality": "poor"},
        {"stand": "S5", "township": "乙镇", "standing_volume": 20.0, "co2e_kg": 23_000,
         "age_group": "young", "change_cause": "fire", "quality": "fair"},
    )  # fmt: skip
    pairs = pd.DataFrame(
        {
            "left": ["S1", "S2", "S3", "S4", "S5"],
            "right": ["S1", "S2", "S3", "S4", "S5"],
            "area_dm2": HECTARE_DM2,
        }
    )
    return before, after, pairs


@pytest.fixture
def owners():
    """S1 goes from a household to the platform; half of S4 is transferred; S5 is state land."""
    rows = [
        ("S1", "household", "platform", HECTARE_DM2),
        ("S2", "collective", "collective", HECTARE_DM2),
        ("S4", "household", "household", 500_000),
        ("S4", "household", "transferred", 500_000),
        ("S5", "state", "state", HECTARE_DM2),
    ]
    columns = ["stand", "owner_opening", "owner_closing", "area_dm2"]
    return pd.DataFrame(rows, columns=columns)
