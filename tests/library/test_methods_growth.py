"""Growth curves: the printed values of the county's models, and the fit re-derived."""

from datetime import date

import numpy as np
import pytest
from scipy.optimize import curve_fit

from ecogis.methods import parameters

DAY = date(2026, 8, 31)


def richards(age, a, k, c):
    return a * (1 - np.exp(-k * age)) ** c


def volume(curve, age):
    growth = parameters("growth-south-china@2026-1")
    form = growth.text("form", DAY, curve)

    def coefficients(*names):
        units = {name: growth.parameter(f"{form}_{name}").unit for name in names}
        return [growth.value(f"{form}_{name}", DAY, units[name], curve) for name in names]

    if form == "richards":
        return richards(age, *coefficients("a", "k", "c"))
    if form == "schumacher":
        a, b = coefficients("a", "b")
        return a * np.exp(-b / age)
    a, b, c = coefficients("a", "b", "c")
    return a + b * age + c * age**2


@pytest.mark.parametrize(
    ("curve", "age", "expected"),
    [
        ("速生桉", 3, 66.0),
        ("速生桉", 5, 114.6),
        ("速生桉", 7, 147.5),
        ("速生桉", 20, 193.7),
        ("马尾松", 5, 22.4),
        ("马尾松", 10, 52.6),
        ("马尾松", 20, 80.6),
        ("马尾松", 30, 92.9),
        ("阔叶", 5, 15.9),
        ("阔叶", 10, 29.6),
        ("阔叶", 40, 89.0),
    ],
)
def test_county_models_give_their_printed_volumes(curve, age, expected):
    assert volume(curve, age) == pytest.approx(expected, abs=0.05)  # one printed digit


def huitong():
    points = parameters("growth-south-china").frame("huitong", DAY)
    return points["age_yr"].astype(float).to_numpy(), points["huitong_volume"].to_numpy()


def test_the_fir_shape_is_the_fit_to_huitong():
    age, seen = huitong()
    # equal relative error: the volume of a stand is a product of measured lengths
    found, spread = curve_fit(richards, age, seen, p0=(400, 0.1, 2), sigma=seen)
    growth = parameters("growth-south-china")
    shipped = [
        growth.value(f"richards_{name}", DAY, unit, "杉木-会同")
        for name, unit in (("a", "m3 ha-1"), ("k", "yr-1"), ("c", "1"))
    ]
    assert found == pytest.approx(shipped, rel=5e-4)
    entry = growth.entry("richards_a", DAY, "杉木-会同")
    assert [entry.low, entry.high] == pytest.approx(
        [found[0] - spread[0, 0] ** 0.5, found[0] + spread[0, 0] ** 0.5], abs=0.5
    )
    off = richards(age, *found) / seen - 1
    assert np.sqrt((off**2).mean()) < 0.08
    assert np.abs(off).max() < 0.12


def test_the_fir_level_is_the_mean_of_the_counties():
    growth = parameters("growth-south-china")
    means = growth.table("county_mean_volume", DAY, "m3 ha-1")
    span = int(growth.value("county_age_span", DAY, "yr"))
    k, c = (growth.value(f"richards_{n}", DAY, u, "杉木") for n, u in (("k", "yr-1"), ("c", "1")))
    shape = richards(np.arange(1.0, span + 1), 1.0, k, c).mean()
    entry = growth.entry("richards_a", DAY, "杉木")
    for level, shipped in (
        (means.mean(), entry.value),
        (means.min(), entry.low),
        (means.max(), entry.high),
    ):
        assert level / shape == pytest.approx(shipped, abs=0.1)


def test_the_fir_curve_agrees_with_an_inventory_of_another_province():
    # Zhejiang: 33.57(1-e^(-0.1119t))^2.00 t C/ha over 0.325 t C/m3, an inventory average
    for age in (10, 15, 20, 30, 40):
        other = 33.5734 / 0.32502 * (1 - np.exp(-0.1119 * age)) ** 1.9985
        assert volume("杉木", age) == pytest.approx(other, rel=0.25)


def test_rates_stay_in_the_band_of_registered_projects():
    # registered afforestation of the region: 2.9 to 8 t CO2e per hectare and year over 20 years
    for curve, per_m3 in (("杉木", 1.1917), ("马尾松", 1.1199), ("阔叶", 1.655)):
        assert 2.9 <= volume(curve, 20) * per_m3 / 20 <= 8.0


def test_the_quadratic_tops_after_its_last_age():
    growth = parameters("growth-south-china")
    b = growth.value("quadratic_b", DAY, "m3 ha-1 yr-1", "阔叶")
    c = growth.value("quadratic_c", DAY, "m3 ha-1 yr-2", "阔叶")
    top = -b / (2 * c)
    assert top == pytest.approx(70.95, abs=0.01)
    assert growth.value("valid_to_age", DAY, "yr", "阔叶") <= top


def test_every_curve_named_exists_and_bamboo_has_none():
    growth = parameters("growth-south-china")
    followed = growth.texts("curve", DAY)
    assert set(followed) <= set(growth.keys("form"))
    assert "毛竹" not in followed.index
    assert growth.entry("curve", DAY, "木荷").confidence == "quoted"
    assert growth.entry("curve", DAY, "湿地松").confidence == "assumed"
    forms = growth.texts("form", DAY)
    for form in forms.unique():
        assert set(growth.keys(f"{form}_a")) == set(forms.index[forms == form])
