"""Units: factors by hand, kinds apart, pint as oracle."""

import pint
import pytest

from ecogis.core.errors import UnitError
from ecogis.core.units import factor, kind, share


@pytest.mark.parametrize(
    ("unit", "to", "expected"),
    [
        ("ha", "mu", 15.0),
        ("mu", "m2", 666.666666666667),
        ("ha", "dm2", 1e6),
        ("m3 ha-1", "m3 mu-1", 1 / 15),
        ("t C ha-1", "kg C m-2", 0.1),
        ("t CO2e", "kg CO2e", 1000.0),
        ("CNY t-1", "fen kg-1", 0.1),
        ("%", "1", 0.01),
    ],
)
def test_factors_by_hand(unit, to, expected):
    assert factor(unit, to) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    ("unit", "to"), [("t C", "t CO2e"), ("t DM", "t C"), ("m3 ha-1", "m3"), ("ha", "m3")]
)
def test_kinds_do_not_mix(unit, to):
    with pytest.raises(UnitError, match="E005"):
        factor(unit, to)


def test_an_unknown_unit_is_named():
    with pytest.raises(UnitError, match="furlong"):
        factor("furlong", "m")


@pytest.mark.parametrize(
    ("unit", "to", "theirs"), [("acre", "ha", "acre_intl"), ("km2", "ha", "km**2")]
)
def test_pint_agrees(unit, to, theirs):
    registry = pint.UnitRegistry()
    registry.define("acre_intl = 4046.8564224 * meter ** 2")
    assert factor(unit, to) == pytest.approx(registry(theirs).to("hectare").magnitude, rel=1e-12)


def test_five_for_five_per_cent_is_refused():
    assert share(0.05, "discount_rate") == 0.05
    with pytest.raises(UnitError, match="discount_rate"):
        share(5, "discount_rate")


def test_kind_ignores_order():
    assert kind("ha-1 m3") == kind("m3 ha-1")
