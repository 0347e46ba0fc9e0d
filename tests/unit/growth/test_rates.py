"""Pressler's rates: there and back, spans joined, and rates of groups laid on ages."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.growth import grown, pressler, rate_curves, rate_set, spans_of_groups

DAY = date(2026, 8, 31)


@pytest.mark.parametrize(
    ("first", "last", "years"), [(38.8, 139.8, 5), (80.0, 80.0, 3), (90, 60, 4)]
)
def test_there_and_back(first, last, years):
    assert grown(first, pressler(first, last, years), years) == pytest.approx(last)


def test_a_rate_too_high_for_its_span_is_refused():
    with pytest.raises(ConfigError) as caught:
        grown(100.0, 0.2, 10.0)
    assert caught.value.code == "E669"


def table(**columns):
    base = {"species": "杉木", "age_from": [5, 10], "age_to": [10, 20], "growth_rate": [0.2, 0.05]}
    return pd.DataFrame(base | columns)


def test_spans_are_joined():
    curves = rate_curves(table().iloc[::-1], name="own")
    (curve,) = curves.curves
    assert (curve.unit, curve.relative) == ("m3 ha-1", True)
    assert (curve.first_age, curve.last_age) == (5.0, 20.0)
    assert curve.at([5, 10, 20]).tolist() == pytest.approx([1.0, 3.0, 5.0])
    assert curve.at([7.5, 90]).tolist() == pytest.approx([2.0, 5.0])
    assert dict(curves.by_species) == {"杉木": "own:杉木"}


@pytest.mark.parametrize(
    "columns",
    [
        {"age_from": [5, 11]},
        {"age_from": [0, 10]},
        {"age_to": [5, 20]},
        {"growth_rate": [0.2, 0.2]},
    ],
)
def test_spans_that_do_not_meet_are_refused(columns):
    with pytest.raises(ConfigError) as caught:
        rate_curves(table(**columns), name="own")
    assert caught.value.code == "E669"


def test_rates_of_age_groups():
    rates = pd.DataFrame(
        {
            "species": "杉木",
            "origin": "planted",
            "age_group": ["young", "middle", "over_mature"],
            "growth_rate": [0.2, 0.05, 0.0],
        }
    )
    spans = spans_of_groups(rates, {("杉木", "planted"): (10.0, 20.0, 25.0, 35.0)})
    assert spans[["age_from", "age_to"]].to_numpy().tolist() == [[1, 10], [10, 20], [35, 70]]
    for wrong in (rates.assign(origin="natural"), rates.assign(age_group="old")):
        with pytest.raises(ConfigError) as caught:
            spans_of_groups(wrong, {("杉木", "planted"): (10.0, 20.0, 25.0, 35.0)})
        assert caught.value.code == "E669"


def test_rates_of_the_library_are_those_of_the_day():
    assert len(rate_set("growth-rates-south-china", DAY).curves) == 4
    with pytest.raises(NotInForceError):
        rate_set("growth-rates-south-china", date(2000, 1, 1))
