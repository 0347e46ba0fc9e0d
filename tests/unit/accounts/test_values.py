"""Accounts in money: what came in kind at the mid price, what is left is the change of prices."""

import pandas as pd
import pytest

from ecogis.accounts.prices import Price, asset_of, price_table
from ecogis.accounts.values import money_rows, split_value, transfers
from ecogis.core.errors import ConfigError, IdentityError

M3 = 1_000  # dm3


def flows(**amounts):
    """Rows of one cell: line to amount, opening and closing among them."""
    kinds = {"T00": "opening", "T13": "add", "T14": "add", "T21": "less", "T91": "difference",
             "T90": "closing"}  # fmt: skip
    table = pd.DataFrame({"line_code": list(amounts), "amount": list(amounts.values())})
    table["kind"] = table["line_code"].map(kinds)
    return table.assign(asset="M04", status="observed", township="甲镇")


def in_lines(rows):
    return rows.set_index("line_code")["amount"].to_dict()


PRICES = [Price("M04", "volume", 50_000, 60_000, "演示用假定")]


def test_growth_and_harvest_by_hand():
    """100 m3 at 500 yuan; 30 grow, 10 are felled; 120 m3 at 600 yuan."""
    rows = flows(T00=100 * M3, T13=30 * M3, T21=10 * M3, T90=120 * M3)
    made = in_lines(money_rows(rows, PRICES, keys=["township"]))
    assert made == {
        "T00": 5_000_000,
        "T13": 1_650_000,  # 30 x 550 yuan
        "T21": 550_000,
        "R01": 1_100_000,  # (100 + 120) / 2 x 100 yuan
        "T90": 7_200_000,
    }
    assert 5_000_000 + 1_650_000 - 550_000 + 1_100_000 == 7_200_000


def test_without_a_change_of_price_nothing_is_revalued():
    rows = flows(T00=7, T13=5, T90=12)
    made = money_rows(rows, [Price("M04", "volume", 50_000, 50_000, "price")], keys=["township"])
    assert "R01" not in set(made["line_code"])


def test_lines_add_up_to_the_effect_of_volume_by_largest_remainder():
    """Three lines of a third of a fen each: the first gets the fen."""
    rows = pd.concat([flows(T00=0, T90=3), flows(T13=1), flows(T14=1), flows(T91=1)])
    made = in_lines(money_rows(rows, [Price("M04", "volume", 333, 334, "x")], keys=["township"]))
    assert made["T90"] - made["T00"] - made.get("R01", 0) == 1
    assert [made[line] for line in ("T13", "T14", "T91")] == [1, 0, 0]


def test_a_difference_keeps_its_sign():
    made = in_lines(money_rows(flows(T00=10 * M3, T91=-M3, T90=9 * M3), PRICES, keys=["township"]))
    assert made["T91"] == -55_000


def test_quantities_beyond_what_a_float_holds_stay_exact():
    volume = 10**15 + 1  # dm3
    split = split_value([volume], [volume], (99_999, 100_001), M3)
    assert split.loc[0, "opening"] == (volume * 99_999 + 500) // M3
    assert (
        split.loc[0, ["opening", "volume_effect", "price_effect"]].sum() == split.loc[0, "closing"]
    )


def test_a_cell_that_does_not_close_is_named():
    with pytest.raises(IdentityError, match="I01") as refused:
        money_rows(flows(T00=5, T13=2, T90=8), PRICES, keys=["township"])
    assert refused.value.where["cells"] == "甲镇 / M04"
    assert refused.value.where["difference"] == -1


def test_lines_without_a_price_are_left_out_not_valued_at_nothing():
    assert money_rows(flows(T00=5, T90=5), [], keys=["township"]).empty


def test_a_value_is_never_better_than_modelled_and_keeps_what_is_worse():
    rows = flows(T00=5, T13=2, T21=0, T90=7)
    rows.loc[2, "status"] = "missing"
    made = money_rows(rows, PRICES, keys=["township"]).set_index("line_code")["status"]
    assert made.to_dict() == {
        "T00": "modelled", "T13": "modelled", "T21": "missing", "T90": "modelled",
        "R01": "incomplete",
    }  # fmt: skip


def test_ageing_moves_between_asset_lines_and_cancels():
    rows = pd.concat(
        [
            flows(T00=100, T21=20).assign(asset="M02"),
            flows(T13=10, T90=90).assign(asset="M03"),
        ]
    )
    moved = transfers(rows, ["township", "asset"]).set_index("asset")
    assert moved.loc["M02", ["line_code", "amount"]].tolist() == ["X26", 80]
    assert moved.loc["M03", ["line_code", "amount"]].tolist() == ["X14", 80]


def test_what_moves_in_and_not_out_is_refused_by_township():
    rows = flows(T00=100, T90=101).assign(asset="M02")
    with pytest.raises(IdentityError, match="I04") as refused:
        transfers(rows, ["township", "asset"])
    assert refused.value.where["cells"].startswith("甲镇")
    assert refused.value.where["difference"] == 1


@pytest.mark.parametrize(
    "prices",
    [
        [Price("M90", "volume", 1, 1, "no asset line")],
        [Price("M04", "weight", 1, 1, "no basis")],
        [Price("M04", "volume", -1, 1, "below nothing")],
        [Price("M04", "volume", 1, 1, "one"), Price("M04", "area", 1, 1, "another")],
    ],
)
def test_a_wrong_price_is_refused(prices):
    with pytest.raises(ConfigError, match="E420"):
        price_table(prices)


def test_asset_lines_of_trees():
    trees = pd.DataFrame(
        {
            "land_class": ["arbor_forest"] * 4 + ["bamboo_forest"],
            "age_group": ["near_mature", "over_mature", "", "young", "young"],
            "forest_use": ["timber", "timber", "timber", "economic", "timber"],
        }
    )
    assert asset_of(trees).tolist() == ["M03", "M04", "", "M05", "M06"]


def test_a_split_that_is_not_exact_is_refused(monkeypatch):
    """Three fen of the revaluation stand in the effect of volume: more than rounding explains."""

    def shifted(*given):
        made = split_value(*given)
        return made.assign(
            volume_effect=made["volume_effect"] + 3, price_effect=made["price_effect"] - 3
        )

    monkeypatch.setattr("ecogis.accounts.values.split_value", shifted)
    flows = pd.DataFrame(
        {"asset": "M04", "line_code": ["T00", "T13", "T90"], "amount": [10_000, 2_000, 12_000],
         "kind": ["opening", "add", "closing"], "status": "observed"}
    )  # fmt: skip
    with pytest.raises(IdentityError, match="I08"):
        money_rows(flows, [Price("M04", "volume", 50_000, 60_000, "演示")], keys=[])
