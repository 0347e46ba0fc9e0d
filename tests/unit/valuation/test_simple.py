import pytest

from ecogis.core.errors import ConfigError
from ecogis.valuation import area_payment, cover, mean_rate, quantity_value, undiscounted_value


def test_tonnes_are_whole_before_they_are_priced():
    found = undiscounted_value(10, "0.19", 1, "100")
    assert (str(found.tonnes_exact), found.tonnes, found.value_fen) == ("1.90", 1, 10_000)


def test_decimals_are_exact():
    assert quantity_value(0.1, 0.3) == 3
    assert area_payment(3, "0.115", 1) == 34  # 0.345 half to even


def test_negative_land_is_refused():
    with pytest.raises(ConfigError, match="E532"):
        undiscounted_value(-1, 1, 1, 1)
    with pytest.raises(ConfigError, match="E532"):
        mean_rate(1, 0, 1, subject="x", explain_above=8, findings=None)


def test_a_loan_above_the_value_is_said(findings):
    assert cover(200, 100, subject="a", findings=findings) == 2.0
    assert cover(200, 0, subject="b", findings=findings) is None
    assert findings.count() == 0
    assert cover(50, 100, subject="c", findings=findings) == 0.5
    assert findings.table()[["code", "feature", "observed"]].values.tolist() == [
        ["E536", "c", "0.500"]
    ]


def test_a_rate_at_the_limit_needs_no_explanation(findings):
    mean_rate(160, 10, 2, subject="a", explain_above=8, findings=findings)
    assert findings.count() == 0


def test_a_rate_above_the_limit_is_said_with_both_figures(findings):
    mean_rate(161, 10, 2, subject="a", explain_above=8, findings=findings)
    assert "8.05 t per hectare and year, above 8 t" in findings.table()["message_en"].iloc[0]
