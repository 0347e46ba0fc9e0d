import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError, VocabularyError
from ecogis.valuation import discount_factors, discount_rate, present_fen


def parts(*rows):
    names = ["component", "low", "mid", "high", "confidence"]
    return pd.DataFrame(rows, columns=names).assign(basis="示例")


def test_a_rate_is_the_exact_sum_of_its_parts():
    table = parts(("a", 0.1, 0.1, 0.1, "quoted"), ("b", 0.1, 0.2, 0.3, "recalled"))
    found = discount_rate(table)
    assert (found.low, found.rate, found.high) == (0.2, 0.3, 0.4)
    assert [found.at(level) for level in ("low", "mid", "high")] == [0.2, 0.3, 0.4]
    with pytest.raises(ConfigError, match="E002"):
        found.at("middle")
    assert found.confidence == "recalled"
    assert found.parts["basis"].tolist() == ["示例", "示例"]


def test_parts_are_shares_that_rise():
    with pytest.raises(UnitError, match="E007"):
        discount_rate(parts(("a", 1, 2, 3, "quoted")))
    with pytest.raises(ConfigError, match=r"E534 .*“a”"):
        discount_rate(parts(("a", 0.03, 0.02, 0.04, "quoted")))
    with pytest.raises(ConfigError, match="E534"):
        discount_rate(parts())
    with pytest.raises(VocabularyError, match="confidence"):
        discount_rate(parts(("a", 0.1, 0.1, 0.1, "quoted")).drop(columns="confidence"))


def test_factors():
    years = np.array([0.0, 0.5, 2.0])
    assert discount_factors(years, 0.0).tolist() == [1.0, 1.0, 1.0]
    assert discount_factors(years, 0.21) == pytest.approx([1.0, 1 / 1.1, 1 / 1.4641], rel=1e-15)
    with pytest.raises(UnitError, match="discount_rate"):
        discount_factors(years, 9)


def test_values_are_whole_before_they_are_added():
    assert present_fen(np.array([1, 1, 3, -1]), np.full(4, 0.5)).tolist() == [0, 0, 2, 0]
