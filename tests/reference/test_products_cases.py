"""Published rules of products: compensation, Kaihua, water rights; source beside each case."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.finance.products import products
from ecogis.finance.products_match import match
from ecogis.finance.products_values import compensation_value, pledge_share, water_right_value

DAY = date(2026, 8, 31)
PRODUCTS = {product.product: product for product in products(DAY)}


@pytest.mark.parametrize(
    ("key", "place", "times"),
    [
        ("FM09", "浙江/丽水/云和", 15),  # Zhejiang: at most 15 x the yearly compensation
        ("FM10", "内蒙古/赤峰", 15),  # Inner Mongolia: 15 x last year's
        ("FM08", "福建/龙岩/长汀", 30),  # 益林贷, Changting: at most 30 x
    ],
)
def test_compensation_is_lent_on_at_its_multiple(key, place, times):
    people = pd.DataFrame({"borrower": ["B"], "kind": ["household"], "place": [place],
                           "area_mu": [300.0], "clear_title": [True],
                           "listed_public_forest": [True]})  # fmt: skip
    assets = pd.DataFrame({"borrower": ["B"], "kind": ["compensation"], "value_fen": [pd.NA],
                           "yearly_fen": [333_333]})  # fmt: skip
    found = match(people, assets, [PRODUCTS[key]], DAY, findings=Findings()).offers
    assert found["amount_fen"].tolist() == [333_333 * times] == [compensation_value(333_333, times)]


def test_kaihua_lends_no_more_than_twenty_times_the_appraised_carbon_value():
    """kjjrw 2026-01-06: 3.0 M on 5244 mu at 4.35 %; the rule is <= 20 x the appraised value."""
    people = pd.DataFrame({"borrower": ["B"], "kind": ["village"], "place": ["浙江/衢州/开化"],
                           "wanted_fen": [300_000_000]})  # fmt: skip
    for value, amount in ((15_000_000, 300_000_000), (14_999_999, 299_999_980)):
        assets = pd.DataFrame({"borrower": ["B"], "kind": ["carbon"], "value_fen": [value]})
        found = match(people, assets, [PRODUCTS["CB05"]], DAY, findings=Findings()).offers
        assert found["amount_fen"].tolist() == [amount]
        assert found["rate"].tolist() == [0.0435]


def test_water_right_of_yunxi():
    """湖北日报: 1.36e8 m3 x 0.15 CNY x 50 % is lent as 10.0 M."""
    value = water_right_value(1.36e8, 0.15)
    assert value == 2_040_000_000
    people = pd.DataFrame({"borrower": ["B"], "kind": ["firm"], "place": ["湖北/十堰/郧西"],
                           "valid_licence": [True]})  # fmt: skip
    assets = pd.DataFrame({"borrower": ["B"], "kind": ["water_right"], "value_fen": [value]})
    found = match(people, assets, [PRODUCTS["WR02"]], DAY, findings=Findings()).offers
    assert found["amount_fen"].tolist() == [pledge_share(value, 0.5)] == [1_020_000_000]
    assert found["amount_fen"].iloc[0] == pytest.approx(1_000_000_000, rel=0.021)  # "10.0 M"


def test_the_catalogue_of_four_provinces():
    forestry = [product for product in PRODUCTS.values() if product.forestry]
    assert (len(PRODUCTS), len(forestry)) == (58, 33)
    assert PRODUCTS["FM24"].rate == 0.0415  # Zixi, rexun 2023-06-27
    assert PRODUCTS["FM24"].fee == 0.005
