"""Standing volume of groups, and years as instants."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.growth import Curve, CurveSet, standing_volume, trajectories

# volume is ten times age up to age 20
LINE = Curve("line", "quadratic", {"constant": 0.0, "linear": 10.0, "quadratic": 0.0}, 0.0, 20.0)
CURVES = CurveSet("test", "1", (LINE,), {"杉木": "line"})
SURVEY = date(2024, 12, 31)
HA = 1_000_000  # dm2


def stands(**columns):
    rows = {
        "stand": ["A", "B", "C"],
        "species": ["杉木"] * 3,
        "land_class": ["arbor_forest"] * 3,
        "age_yr": [10, 10, 5],
        "standing_volume": [100.0, 200.0, 50.0],
        "survey_date": [pd.Timestamp(SURVEY)] * 3,
        "village": ["南", "北", "南"],
        "area_dm2": [HA, HA // 2, 3 * HA],
    }
    table = pd.DataFrame(rows | columns)
    return table.astype({"stand": "string", "species": "string", "age_yr": "Int64"})


def test_totals_by_hand():
    found = standing_volume(stands(), [2024, 2025], curves=CURVES, by="village")
    assert found.dims == ("group", "instant")
    assert found.name == "standing_volume_dm3"
    assert found.attrs["units"] == "dm3"
    assert found.attrs["curve_set"] == "test@1"
    # north: half a hectare of twice the line; south: a hectare of age 10 and three of age 5
    assert found.sel(group="北").to_numpy().tolist() == [100_000, 110_000]
    assert found.sel(group="南").to_numpy().tolist() == [250_000, 290_000]
    assert found["area_dm2"].to_numpy().tolist() == [HA // 2, 4 * HA]
    assert found["year"].to_numpy().tolist() == [2024, 2025]


def test_totals_are_the_volumes_rounded_and_added():
    rng = np.random.default_rng(3)
    many = pd.concat([stands()] * 200, ignore_index=True)
    many["stand"] = [f"S{i}" for i in range(600)]
    many["standing_volume"] = rng.uniform(10, 300, 600)
    many["area_dm2"] = rng.integers(1, 30 * HA, 600)
    path = trajectories(many, range(2025, 2060), curves=CURVES, findings=Findings())
    each = standing_volume(path).to_numpy() * (many["area_dm2"].to_numpy() * 1e-3)[:, None]
    found = standing_volume(path, by=many["village"], area_dm2=many["area_dm2"])
    whole = pd.DataFrame(np.rint(each).astype(np.int64)).groupby(many["village"]).sum()
    np.testing.assert_allclose(found, whole.to_numpy(), atol=400)  # a factor rounded elsewhere
    order = rng.permutation(600)
    mixed = many.iloc[order]
    again = standing_volume(mixed, range(2025, 2060), curves=CURVES, by="village")
    assert again.to_numpy().tobytes() == found.to_numpy().tobytes()


def test_an_unknown_volume_is_told_and_a_stand_without_group_kept():
    findings = Findings()
    table = stands(standing_volume=[None, 200.0, 50.0], village=["南", None, "南"])
    found = standing_volume(table, [2024], curves=CURVES, findings=findings, by="village")
    assert found["group"].to_numpy().tolist() == ["南", ""]
    assert found.to_numpy()[:, 0].tolist() == [150_000, 100_000]
    assert found["unknown_dm2"].to_numpy().tolist() == [HA, 0]
    told = findings.table().query("code == 'E650'")
    assert told["feature"].tolist() == ["B"]


@pytest.mark.parametrize(
    ("asked", "lost"),
    [({"by": "town"}, "town"), ({"by": ["南"]}, "by"), ({"by": "village", "area_dm2": [1.5] * 3},
     "area_dm2")],
)  # fmt: skip
def test_what_does_not_fit_is_refused(asked, lost):
    with pytest.raises(ConfigError, match=f"E652.*{lost}"):
        standing_volume(stands(), [2024], curves=CURVES, **asked)


def test_curves_of_biomass_have_no_volume_to_add():
    mass = Curve("mass", "quadratic", dict(LINE.values), 0.0, 20.0, unit="t DM ha-1")
    curves = CurveSet("test", "1", (mass,), {"杉木": "mass"})
    assert standing_volume(stands(), [2024], curves=curves).attrs["units"] == "t DM ha-1"
    with pytest.raises(UnitError):
        standing_volume(stands(), [2024], curves=curves, by="village")


def test_a_year_is_its_last_day_or_another():
    ends = standing_volume(stands(), range(2025, 2028), curves=CURVES)
    assert ends["instant"].dt.strftime("%m-%d").to_numpy().tolist() == ["12-31"] * 3
    assert ends[0].to_numpy().tolist() == [110.0, 120.0, 130.0]
    begins = standing_volume(stands(), [np.int64(2026)], curves=CURVES, year_day=(1, 1))
    assert begins["year"].to_numpy().tolist() == [2026]
    assert float(begins[0, 0]) == pytest.approx(10 * (11 + 1 / 365))
    for days in ([SURVEY], ["2024-12-31"], [pd.Timestamp(SURVEY)], [np.datetime64("2024-12-31")]):
        assert "year" not in standing_volume(stands(), days, curves=CURVES).coords


def test_no_stands_have_no_volume():
    none = stands().iloc[:0]
    assert standing_volume(none, [2024, 2025], curves=CURVES).shape == (0, 2)
    assert standing_volume(none, [2024, 2025], curves=CURVES, by="village").shape == (0, 2)


def test_an_array_of_ones_own_is_filled():
    own = np.empty((3, 2))
    found = standing_volume(stands(), [2024, 2025], curves=CURVES, out=own)
    assert np.shares_memory(found.to_numpy(), own)
    assert own[0].tolist() == [100.0, 110.0]
    with pytest.raises(ConfigError, match="E651"):
        standing_volume(stands(), [2024], curves=CURVES, out=own)


def test_the_same_bytes_on_several_threads(monkeypatch):
    import numba

    one = standing_volume(stands(), range(2000, 2060), curves=CURVES, by="village")
    monkeypatch.setattr("ecogis.numerics.threads._THREADS_FROM", 0)
    monkeypatch.setattr(numba, "get_num_threads", lambda: 3)
    three = standing_volume(stands(), range(2000, 2060), curves=CURVES, by="village")
    assert one.to_numpy().tobytes() == three.to_numpy().tobytes()
    each = standing_volume(stands(), range(2000, 2060), curves=CURVES)
    assert each.shape == (3, 60)
