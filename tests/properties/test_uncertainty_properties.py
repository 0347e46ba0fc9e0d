"""Laws of drawn carbon that hold for any stands and any errors."""

from datetime import date

import numpy as np
import pandas as pd
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

from ecogis import growth
from ecogis.carbon import CurveError, Events, FactorError, SurveyError, combined, uncertainty
from ecogis.core.findings import Findings

YEARS, DRAWS, SEED = 8, 24, 5
CURVES = growth.CurveSet(
    "own",
    "1",
    (
        growth.Curve("a", "schumacher", {"asymptote": 200.0, "decay": 12.0}, 0.0, 50.0),
        growth.Curve("b", "schumacher", {"asymptote": 350.0, "decay": 20.0}, 0.0, 50.0),
    ),
    {"甲": "a", "乙": "b"},
)

stand = st.tuples(
    st.sampled_from(["甲", "乙"]),
    st.integers(5, 60),  # a curve says little of the first years, and a scale on it less
    st.floats(1.0, 400.0),
    st.integers(10**4, 10**8),
    st.sampled_from(["x", "y"]),
)
stands = st.lists(stand, min_size=1, max_size=8)
hazards = st.lists(st.floats(0.0, 0.6) | st.just(1.0), min_size=1, max_size=5)
some = settings(max_examples=25, deadline=None, derandomize=True)


def rows_of(name, values):
    ages = np.arange(51.0)
    with np.errstate(divide="ignore"):
        return values[:, :1] * np.exp(-values[:, 1:] / ages)


CURVE = CurveError(
    {"a": [200.0, 12.0], "b": [350.0, 20.0]},
    {"a": [[100.0, 1.0], [1.0, 0.3]], "b": [[400.0, 0.0], [0.0, 0.5]]},
    rows_of,
)


def events(chances, share=0.5, *, restart=False):
    return Events(pd.DataFrame([chances, chances], index=["a", "b"]), share=share, restart=restart)


def drawn(rows, *sources, years=YEARS, numbers=None, factor=0.0):
    """Totals of every draw; `numbers` name the stands."""
    species, age, volume, area, group = zip(*rows, strict=True)
    numbers = range(len(rows)) if numbers is None else numbers
    table = pd.DataFrame(
        {
            "stand": [f"S{i}" for i in numbers],
            "species": species,
            "land_class": "0111",
            "age_yr": age,
            "standing_volume": volume,
            "survey_date": date(2024, 9, 1),
        }
    )
    days = [date(2025 + t, 1, 1) for t in range(years)]
    assigned = growth.stand_curves(table, CURVES, Findings(), scale_low=0.0, scale_high=1e9)
    paths = growth.trajectories(table, days, curves=CURVES, findings=Findings(), assigned=assigned)
    per_m3 = pd.DataFrame({"stand": table["stand"], "co2e_t_m3": 1.5})
    shared = [FactorError(factor, species)] if factor else []
    return uncertainty(
        paths,
        per_m3,
        np.array(area),
        group,
        sources=[*sources, *shared],
        seed=SEED,
        draws=DRAWS,
        keep_draws=True,
    )


@some
@given(stands, hazards, st.booleans(), st.just(0.0) | st.floats(0.01, 0.9))
def test_order_changes_nothing_and_nothing_is_negative(rows, chances, restart, cv):
    sources = (SurveyError(cv, "normal"), events(chances, restart=restart), CURVE)
    found = drawn(rows, *sources, factor=0.1)
    other = drawn(rows[::-1], *sources, factor=0.1, numbers=range(len(rows))[::-1])
    xr.testing.assert_identical(found, other)
    assert (found["co2e_kg"] >= 0).all()
    assert (found["p5"] <= found["p50"]).all()
    assert (found["p50"] <= found["p95"]).all()


@some
@given(stands, stands, st.booleans())
def test_parts_add_up_draw_by_draw(first, second, by_stand):
    sources = (CURVE, *([SurveyError(0.3), events([0.1])] if by_stand else []))
    numbers = range(len(first) + len(second))
    whole = drawn([*first, *second], *sources, factor=0.1, numbers=numbers)
    parts = [
        drawn(first, *sources, factor=0.1, numbers=numbers[: len(first)]),
        drawn(second, *sources, factor=0.1, numbers=numbers[len(first) :]),
    ]
    xr.testing.assert_identical(combined(parts, keep_draws=True), whole)


@some
@given(stands, hazards, st.booleans())
def test_a_longer_horizon_does_not_change_the_years_before(rows, chances, restart):
    sources = (SurveyError(0.2), events(chances, restart=restart), CURVE)
    short = drawn(rows, *sources)
    long = drawn(rows, *sources, years=YEARS + 9)
    np.testing.assert_array_equal(long["co2e_kg"][:, :YEARS], short["co2e_kg"])


@some
@given(stands, hazards, st.floats(0.0, 1.0), st.floats(0.0, 1.0))
def test_worse_events_never_leave_more(rows, chances, share, milder):
    kept = drawn(rows, events([chance * milder for chance in chances], share))["co2e_kg"]
    hit = drawn(rows, events(chances, share))["co2e_kg"]
    assert (hit <= kept).all()  # draw by draw: the same number brings the event sooner
    harder = drawn(rows, events(chances, min(1.0, share + 0.2)))["co2e_kg"]
    assert (harder <= hit).all()


@some
@given(stands, st.integers(2, 5))
def test_more_area_is_more_carbon_in_every_draw(rows, times):
    sources = (SurveyError(0.2), events([0.1]), CURVE)
    larger = drawn([(*row[:3], row[3] * times, row[4]) for row in rows], *sources)
    one = drawn(rows, *sources)
    gap = abs(larger["co2e_kg"] - times * one["co2e_kg"])
    assert (gap <= times * len(rows)).all()  # half a kilogram for each stand on each side


@some
@given(stands)
def test_a_weight_and_its_stands_agree(rows):
    """Weights in whole steps, or every stand followed: half a kilogram for each stand apart."""
    by_weight = drawn(rows, CURVE, factor=0.2)["co2e_kg"]
    followed = drawn(rows, CURVE, SurveyError(0.0), factor=0.2)["co2e_kg"]
    most = 0.5 * len(rows) + 1e-6 * float(followed.max()) + 1
    assert (abs(by_weight - followed) <= most).all()
