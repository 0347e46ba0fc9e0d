"""Laws of carbon that hold for any stands."""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis.carbon import coefficients, stocks
from ecogis.core.findings import Findings
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
SPECIES = ["桉树", "马尾松", "杉木", "木荷", "毛竹"]
DAYS = np.array(["2025-01-01", "2030-01-01"], dtype="datetime64[ns]")

stand = st.tuples(
    st.sampled_from(SPECIES),
    st.tuples(*[st.just(0.0) | st.floats(0.001, 800)] * 2),
    st.integers(1, 10**9),
)
stands = st.lists(stand, min_size=1, max_size=10)


def kilograms(rows, factor=1.0, area=None):
    names = [f"S{i}" for i in range(len(rows))]
    frame = pd.DataFrame({"stand": names, "species": [row[0] for row in rows]}, dtype="string")
    volume = xr.DataArray(
        np.array([row[1] for row in rows]) * factor,
        {"stand": np.array(names, dtype=object), "instant": DAYS},
        ("stand", "instant"),
    )
    table = coefficients(frame, parameters("biomass-inventory"), DAY, Findings())
    areas = [row[2] for row in rows] if area is None else area
    return stocks(volume, table, np.array(areas, dtype=np.int64))["co2e_kg"].to_numpy()


@settings(max_examples=30, deadline=None)
@given(stands)
def test_twice_the_volume_is_twice_the_carbon(rows):
    assert np.abs(kilograms(rows, 2.0) - 2 * kilograms(rows)).max() <= 1


@settings(max_examples=30, deadline=None)
@given(stands, st.integers(2, 9))
def test_more_area_is_more_carbon(rows, times):
    larger = kilograms(rows, area=[row[2] * times for row in rows])
    # half a kilogram each side, and reordered products of up to 1e10 kg
    assert np.abs(larger - times * kilograms(rows)).max() <= times


@settings(max_examples=30, deadline=None)
@given(stands)
def test_order_changes_nothing_and_nothing_is_negative(rows):
    found = kilograms(rows)
    np.testing.assert_array_equal(kilograms(rows[::-1]), found[::-1])
    assert (found >= 0).all()


@settings(max_examples=30, deadline=None)
@given(stand, st.integers(1, 99))
def test_splitting_a_stand_changes_its_carbon_by_rounding_only(row, percent):
    first = row[2] * percent // 100
    parts = kilograms([(*row[:2], first), (*row[:2], row[2] - first)])
    assert np.abs(parts.sum(axis=0) - kilograms([row])[0]).max() <= 2
