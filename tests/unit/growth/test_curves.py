"""Curves against the values their sources print."""

from datetime import date

import numpy as np
import pytest

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.growth import Curve, CurveSet, age_table, curve_set
from ecogis.methods import parameters

DAY = date(2026, 8, 31)


@pytest.fixture(scope="module")
def library():
    return curve_set("growth-south-china", DAY)


@pytest.mark.parametrize(
    ("curve", "age", "printed"),
    [
        ("速生桉", 3, 66.0), ("速生桉", 5, 114.6), ("速生桉", 7, 147.5), ("速生桉", 10, 174.4),
        ("速生桉", 20, 193.7), ("速生桉", 40, 194.9),
        ("马尾松", 5, 22.4), ("马尾松", 10, 52.6), ("马尾松", 20, 80.6), ("马尾松", 40, 99.7),
        ("阔叶", 5, 15.9), ("阔叶", 10, 29.6), ("阔叶", 20, 53.7), ("阔叶", 40, 89.0),
    ],
)  # fmt: skip
def test_printed_values(library, curve, age, printed):
    # Shangsi county update models, 2012; one printed digit
    assert age_table(library).at(curve, age) == pytest.approx(printed, abs=0.0501)


def test_four_parameter_richards():
    # Richards with a position parameter, north Hebei broadleaf: V(20) = 22.9, V(40) = 81.3, and
    # a negative base at young ages, where nothing stands (ChinaXiv-201711.00294, table 1)
    values = {"asymptote": 364.306, "scale": 1.05, "rate": 0.018, "shape": 1 / (1 - 0.523)}
    table = age_table([Curve("broadleaf", "richards", values, 0.0, 80.0)])
    assert table.at("broadleaf", 20) == pytest.approx(22.9, abs=0.05)
    assert table.at("broadleaf", 40) == pytest.approx(81.3, abs=0.05)
    assert table.at("broadleaf", 1) == 0.0


def test_table_against_numpy(library):
    table = age_table(library)
    ages = np.arange(5, 41)
    row = table.values[table.names.index("杉木")]
    fir = next(curve for curve in library.curves if curve.name == "杉木").values
    expected = fir["asymptote"] * (-np.expm1(-fir["rate"] * ages)) ** fir["shape"]
    np.testing.assert_allclose(row[5:41], expected, rtol=1e-14)


def test_below_the_first_age_a_straight_line(library):
    table = age_table(library)
    assert table.at("马尾松", 2) == pytest.approx(table.at("马尾松", 5) * 2 / 5, rel=1e-14)
    assert [table.at(name, 0) for name in table.names] == [0.0] * len(table.names)


def test_past_the_last_age_the_value_is_held(library):
    table = age_table(library)
    assert table.at("速生桉", 99) == table.at("速生桉", 40)
    assert np.all(np.diff(table.values[:-1], axis=1) >= 0.0)


def test_a_quadratic_is_held_from_its_maximum():
    curve = Curve("q", "quadratic", {"constant": 0.0, "linear": 10.0, "quadratic": -1.0}, 0.0, 9.0)
    assert curve.held_from == 5.0
    assert age_table([curve]).at("q", 8) == 25.0
    rising = Curve("r", "quadratic", {"constant": 0.0, "linear": 1.0, "quadratic": 1.0}, 0.0, 9.0)
    assert rising.held_from == 9.0


def test_the_held_class_is_one_everywhere(library):
    table = age_table(library)
    assert table.held == len(table.names)
    assert np.all(table.values[table.held] == 1.0)


def test_a_set_without_curves():
    table = age_table(CurveSet("none", "1", (), {}))
    assert table.values.tolist() == [[1.0]]


def test_only_wanted_species_are_read_and_recorded():
    library = parameters("growth-south-china")
    curves = curve_set(library, DAY, ["杉木", "毛竹", "杉木"])
    assert [curve.name for curve in curves.curves] == ["杉木"]
    assert dict(curves.by_species) == {"杉木": "杉木"}
    assert {use.key for use in library.uses} == {("杉木",)}


def test_every_species_follows_a_curve_that_exists(library):
    assert set(library.by_species.values()) <= {curve.name for curve in library.curves}
    assert "毛竹" not in library.by_species


def test_a_day_before_the_library_is_refused():
    with pytest.raises(NotInForceError):
        curve_set("growth-south-china", date(2000, 1, 1))


@pytest.mark.parametrize(
    ("form", "values", "first", "last", "code"),
    [
        ("sigmoid", {}, 0.0, 10.0, "E250"),
        ("logistic", {"asymptote": 1.0, "offset": 1.0, "rate": np.nan}, 0.0, 10.0, "E268"),
        ("schumacher", {"asymptote": 1.0}, 0.0, 10.0, "E268"),
        ("schumacher", {"asymptote": 1.0, "decay": 1.0}, 10.0, 10.0, "E268"),
        ("schumacher", {"asymptote": 1.0, "decay": 1.0}, -1.0, 10.0, "E268"),
    ],
)
def test_a_curve_is_complete(form, values, first, last, code):
    with pytest.raises(ConfigError) as caught:
        Curve("x", form, values, first, last)
    assert caught.value.code == code


POINTS = ((10.0, 40.0), (20.0, 90.0), (30.0, 100.0))


def points(*pairs, first=None, last=None, **more):
    ages = [age for age, _ in pairs]
    return Curve("x", "points", {}, first or ages[0], last or ages[-1], points=pairs, **more)


@pytest.mark.parametrize(
    "wrong",
    [
        {"pairs": ((10.0, 1.0),)},
        {"pairs": ((10.0, 1.0), (10.0, 2.0))},
        {"pairs": ((10.0, 1.0), (20.0, np.nan))},
        {"pairs": ((10.0, -1.0), (20.0, 2.0))},
        {"pairs": POINTS, "last": 40.0},
        {"pairs": POINTS, "interpolation": "spline"},
    ],
)
def test_points_are_sound(wrong):
    pairs = wrong.pop("pairs")
    with pytest.raises(ConfigError) as caught:
        points(*pairs, **wrong)
    assert caught.value.code == "E655"


def test_points_are_met_and_their_ends_held():
    for interpolation in ("monotone", "linear"):
        curve = points(*POINTS, interpolation=interpolation)
        row = age_table([curve]).values[0]
        assert row[[10, 20, 30]].tolist() == [40.0, 90.0, 100.0]
        assert row[5] == 20.0
        assert curve.at([0.0, 5.0, 99.0]).tolist() == [0.0, 20.0, 100.0]
        np.testing.assert_array_equal(curve.at(np.arange(31.0)), row[:31])
    assert points(*POINTS, interpolation="linear").at(25.0).tolist() == [95.0]
    assert points(*POINTS).at(25.0) > 95.0


def test_a_law_at_any_age_is_the_table_at_whole_ages(library):
    table = age_table(library)
    for curve in library.curves:
        np.testing.assert_array_equal(curve.at(np.arange(80.0))[:70], table.values[
            table.names.index(curve.name), :70])  # fmt: skip


def test_a_cubic_is_held_from_its_first_maximum():
    values = {"constant": 0.0, "linear": 9.0, "quadratic": -6.0, "cubic": 1.0}
    curve = Curve("c", "cubic", values, 0.0, 9.0)  # slope 3 (t - 1)(t - 3): top at one
    assert curve.held_from == pytest.approx(1.0)
    assert curve.at(5.0) == pytest.approx(4.0)


def test_units_are_not_mixed_in_a_set():
    shrub = Curve("s", "allometric", {"factor": 0.1, "power": 2.0}, 1.0, 20.0, unit="t C ha-1")
    assert CurveSet("s", "1", (shrub,), {"灌木": "s"}).unit == "t C ha-1"
    with pytest.raises(ConfigError) as caught:
        CurveSet("s", "1", (shrub, points(*POINTS)), {})
    assert caught.value.code == "E656"


def test_a_coarser_set_steps_in():
    own = CurveSet("own", "1", (points(*POINTS),), {"杉木|I": "x"}, ("species", "site_class"))
    other = CurveSet("lib", "2", (Curve("y", "plateau", {"asymptote": 9.0, "ripe_age": 3.0},
                                        0.0, 9.0),), {"杉木": "y", "a|b": "y"})  # fmt: skip
    both = own.or_else(other)
    assert dict(both.by_species) == {"杉木|I": "x", "杉木|*": "y", "a|b|*": "y"}
    assert both.label == "own | lib@1 | 2"
    with pytest.raises(ConfigError) as caught:
        other.or_else(own)
    assert caught.value.code == "E004"


def test_a_set_maps_to_its_own_curves():
    with pytest.raises(ConfigError) as caught:
        CurveSet("s", "1", (), {"杉木": "杉木"})
    assert caught.value.code == "E268"
