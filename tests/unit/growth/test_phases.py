"""Phases between fellings, by hand: a curve of ten cubic metres a year."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.growth import Curve, CurveSet, standing_volume, trajectories
from ecogis.growth.events import Event, Hazards, Rule
from ecogis.growth.phases import phases, stock_at
from ecogis.growth.plans import felling_event
from ecogis.growth.schedules import schedule

LINE = {"constant": 0.0, "linear": 10.0, "quadratic": 0.0}
HALF = {"constant": 0.0, "linear": 5.0, "quadratic": 0.0}
CURVES = CurveSet(
    "own",
    "1",
    (Curve("a", "quadratic", LINE, 0.0, 90.0), Curve("b", "quadratic", HALF, 0.0, 90.0)),
    {"fir": "a", "pine": "b"},
)
YEARS = range(2025, 2035)
DAYS = [date(year, 1, 1) for year in YEARS]
CLEAR, THIN = felling_event("final_felling", 1.0), felling_event("thinning", 0.25)


def paths_of(ages=(20, 20), surveyed=date(2025, 1, 1)):
    count = len(ages)
    stands = pd.DataFrame(
        {
            "stand": [f"S{k}" for k in range(count)],
            "species": "fir",
            "land_class": "arbor_forest",
            "age_yr": ages,
            "standing_volume": [20.0 * age for age in ages],  # scale two
            "survey_date": pd.Timestamp(surveyed),
        }
    )
    return trajectories(stands, DAYS, curves=CURVES, findings=Findings())


def followed(plan, ages=(20, 20), rule=None, **more):
    paths = paths_of(ages)
    rule = Rule("r") if rule is None else rule
    table = pd.DataFrame({"stand": paths.stands["stand"], "rule": rule.name})
    rows = pd.DataFrame(plan, columns=["stand", "year", "event"])
    made = schedule(table, [rule], plan=rows, events=[CLEAR, THIN], years=len(YEARS))
    species = np.array(["fir"] * len(ages), dtype=object)
    return phases(paths, rows, made, species=species, first_year=2025, **more)


def volumes(way):
    return way.woven(standing_volume(way.paths).to_numpy())


def test_a_thinned_stand_keeps_its_age_and_grows_in_proportion():
    way = followed([("S0", 2, THIN.name)])
    found = volumes(way)
    untouched = 20.0 * (20 + np.arange(10.0))
    np.testing.assert_allclose(found[1], untouched)
    np.testing.assert_allclose(found[0, :3], untouched[:3])  # 1 January 2027 is before the felling
    np.testing.assert_allclose(found[0, 3:], 0.75 * untouched[3:])


def test_a_felled_stand_begins_again_at_its_scale():
    way = followed([("S0", 2, CLEAR.name)])
    np.testing.assert_allclose(volumes(way)[0, 2:], [440.0, *(20.0 * np.arange(1.0, 8.0))])
    assert way.since.tolist() == [np.iinfo(np.int32).min] * 2 + [2027]
    assert (way.begin[2], way.end[0], way.end[2]) == (3, 3, 10)


def test_a_rule_waits_and_replants_another_species():
    rule = Rule("r", (), "pine", 2, 1.0)
    way = followed([("S0", 0, CLEAR.name)], rule=rule, replanted={"pine": 1})
    np.testing.assert_allclose(volumes(way)[0, 1:6], [0.0, 0.0, 5.0, 10.0, 15.0])
    assert way.species.tolist() == ["fir", "fir", "pine"]
    with pytest.raises(ConfigError, match=r"E670.*pine"):
        followed([("S0", 0, CLEAR.name)], rule=rule)


def test_two_fellings_of_one_stand_follow_one_another():
    way = followed([("S0", 1, THIN.name), ("S0", 4, CLEAR.name)])
    found = volumes(way)[0]
    np.testing.assert_allclose(found[2:5], 0.75 * 20.0 * np.array([22.0, 23.0, 24.0]))
    np.testing.assert_allclose(found[5:7], [20.0, 40.0])  # the scale of the survey, not of the cut


def test_disasters_leave_their_share_of_what_has_stood_a_year():
    fire = Event("fire", "fire", 0.5)
    hazards = Hazards(("fir",), np.full((1, 300), 0.2), (fire,), np.ones((1, 1)))
    paths = paths_of()
    table = pd.DataFrame({"stand": ["S0", "S1"], "species": ["fir", None]})
    plan = pd.DataFrame({"stand": ["S0"], "year": [2], "event": [CLEAR.name]})
    made = schedule(table, hazards=hazards, plan=plan, events=[CLEAR], years=10)
    way = phases(paths, plan, made, species=table["species"], first_year=2025)
    kept = way.woven(way.kept(made, range(2025, 2034)))
    np.testing.assert_allclose(kept[0, :6], [1.0, 0.9, 0.81, 1.0, 0.9, 0.81])
    np.testing.assert_array_equal(kept[1], 1.0)  # no hazard is known of its class


def test_the_stock_of_a_day_carries_the_part_of_a_year():
    paths = paths_of(surveyed=date(2024, 7, 2))  # 183 of 365 days before 1 January 2025
    found = stock_at(paths, 2026, [1.0, 2.0])
    volume = found.volume[found.cls, found.age] * found.scale
    np.testing.assert_allclose(volume, 20.0 * (21 + 183 / 365))
    with pytest.raises(ConfigError, match="E670"):
        stock_at(paths, 2050, [1.0, 2.0])
