import datetime as dt
from decimal import Decimal

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, InputError, VocabularyError
from ecogis.valuation import reference_price

WEIGHTS = {"acquisition": 0.2, "market": 0.5, "regulated": 0.3}


def price_of(table, day, findings, **changes):
    arguments = {"weights": WEIGHTS, "lookback_days": 60} | changes
    return reference_price(table, day, findings=findings, **arguments)


def test_three_sources_are_weighted_by_hand(observed, day, findings):
    table = observed(
        ("2026-08-01", "acquisition", 60.0, 1000),
        ("2026-08-20", "market", 80.0, 100),
        ("2026-08-31", "market", 90.0, 300),
        ("2026-07-15", "regulated", 65.0, None),
        ("2026-08-15", "regulated", 70.0, None),
    )
    found = price_of(table, day, findings)
    assert found.price_cny_t == Decimal("76.75")  # 0.2 x 60 + 0.5 x 87.50 + 0.3 x 70
    assert found.price_fen == 7675
    parts = found.parts.set_index("price_kind")
    assert parts["price_cny_t"].to_dict() == {
        "acquisition": 60.0,
        "market": 87.5,
        "regulated": 70.0,
    }
    assert parts.loc["market", "observations"] == 2
    assert parts.loc["market", "latest"] == pd.Timestamp("2026-08-31")
    assert parts.loc["market", "zh"] == "当期市场成交均价"
    assert findings.count() == 0


def test_a_missing_source_gives_its_weight_away_and_is_named(observed, day, findings):
    table = observed(("2026-08-01", "acquisition", 60.0, 1000), ("2026-08-31", "market", 90.0, 300))
    found = price_of(table, day, findings)
    parts = found.parts.set_index("price_kind")
    assert parts["weight_stated"].tolist() == [0.2, 0.5, 0.3]
    assert parts["weight_used"].tolist() == pytest.approx([2 / 7, 5 / 7, 0.0])
    assert found.price_cny_t == Decimal("81.43")  # (0.2 x 60 + 0.5 x 90) / 0.7
    assert findings.count("E522") == findings.count() == 1
    row = findings.table().iloc[0]
    assert "0.3" in row["message_en"]
    assert "政府调控价格" in row["message_zh"]


def test_a_source_without_weight_may_be_missing_silently(observed, day, findings):
    table = observed(("2026-08-31", "market", 90.0, 300))
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    assert price_of(table, day, findings, weights=weights).price_cny_t == 90
    assert findings.count() == 0


def test_no_observation_is_an_error_that_says_what_to_do(observed, day, findings):
    table = observed(("2026-09-01", "market", 90.0, 300), ("2026-07-01", "market", 90.0, 300))
    with pytest.raises(InputError, match=r"E520 .*2026-08-31.*lookback_days"):
        price_of(table, day, findings)
    assert findings.count("E525") == 2
    with pytest.raises(InputError, match="E520"):
        price_of(table.iloc[:0], day, findings)


def test_only_weighted_sources_can_give_a_price(observed, day, findings):
    table = observed(("2026-08-31", "market", 90.0, 300))
    weights = {"acquisition": 1.0, "market": 0.0, "regulated": 0.0}
    with pytest.raises(InputError, match="E520"):
        price_of(table, day, findings, weights=weights)


def test_the_future_is_never_seen(observed, day, findings):
    table = observed(("2026-08-31", "market", 80.0, 1), ("2026-09-01", "market", 999.0, 10**6))
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    assert price_of(table, day, findings, weights=weights).price_cny_t == 80
    assert findings.table()["code"].tolist() == ["E525"]


def test_both_ends_of_the_look_back_count(observed, day, findings):
    first = day - dt.timedelta(days=60)
    table = observed((first, "market", 80.0, 1), (first - dt.timedelta(days=1), "market", 1.0, 1))
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    assert price_of(table, day, findings, weights=weights).price_cny_t == 80


def test_rows_that_cannot_be_used_are_findings(observed, day, findings):
    table = observed(
        ("2026-08-31", "market", 80.0, 1),
        (None, "market", 80.0, 1),
        ("2026-08-31", "auction", 80.0, 1),
        ("2026-08-31", "market", None, 1),
        ("2026-08-31", "market", -5.0, 1),
        ("2026-08-31", "market", float("inf"), 1),
    )
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    assert price_of(table, day, findings, weights=weights).price_cny_t == 80
    bad = findings.table()
    assert bad["code"].tolist() == ["E523"] * 5
    assert bad["row"].tolist() == [2, 3, 4, 5, 6]
    assert set(bad["action"]) == {"excluded"}


def test_volumes_missing_in_part_and_in_all(observed, day, findings):
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    some = observed(
        ("2026-08-29", "market", 80.0, 1),
        ("2026-08-30", "market", 90.0, None),
        ("2026-08-31", "market", 100.0, 0),
    )
    assert price_of(some, day, findings, weights=weights).price_cny_t == 80
    none = some.assign(volume_t=float("nan"))
    assert price_of(none, day, findings, weights=weights).price_cny_t == 90
    assert findings.table()["code"].tolist() == ["E526", "E526"]
    assert findings.table()["observed"].tolist() == ["2", "3"]


def test_instruments_mix_only_when_named_as_equivalent(observed, day, findings):
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    table = pd.concat(
        [
            observed(("2026-08-31", "market", 80.0, 1)),
            observed(("2026-08-31", "market", 100.0, 1), instrument="CEA"),
        ]
    )
    assert price_of(table, day, findings, weights=weights).price_cny_t == 90
    assert findings.table()["code"].tolist() == ["E524"]
    both = ["CCER", "CEA"]
    found = price_of(table, day, findings, weights=weights, instruments=both)
    assert (found.price_cny_t, findings.count()) == (90, 1)
    found = price_of(table, day, findings, weights=weights, instruments=["CCER"])
    assert (found.price_cny_t, findings.count("E525")) == (80, 1)


def test_the_weakest_confidence_is_carried(observed, day, findings):
    table = pd.concat(
        [
            observed(("2026-08-31", "market", 80.0, 1)),
            observed(("2026-08-31", "acquisition", 80.0, 1), confidence="recalled"),
            observed(("2026-08-31", "regulated", 80.0, 1), confidence=None),
        ]
    )
    found = price_of(table, day, findings)
    assert found.parts["confidence"].tolist() == ["recalled", "quoted", "assumed"]
    assert found.confidence == "assumed"
    assert findings.table()["code"].tolist() == ["E527"]


@pytest.mark.parametrize(
    "weights",
    [
        {"market": 1.0},
        {"acquisition": 0.2, "market": 0.5, "regulated": 0.2},
        {"acquisition": -0.5, "market": 1.0, "regulated": 0.5},
        {"acquisition": 20, "market": 50, "regulated": 30},
    ],
)
def test_weights_are_three_shares_of_one(observed, day, findings, weights):
    with pytest.raises(ConfigError, match="E521"):
        price_of(observed(("2026-08-31", "market", 80.0, 1)), day, findings, weights=weights)


def test_columns_are_promised(observed, day, findings):
    table = observed(("2026-08-31", "market", 80.0, 1)).drop(columns="volume_t")
    with pytest.raises(VocabularyError, match="volume_t"):
        price_of(table, day, findings)


def test_order_of_rows_changes_nothing(observed, day, findings):
    rows = [("2026-08-30", "market", 80 + i / 7, 1 + i / 3) for i in range(50)]
    table = observed(*rows)
    one = price_of(table, day, findings)
    other = price_of(table.iloc[::-1], day, findings)
    assert one.price_cny_t == other.price_cny_t
