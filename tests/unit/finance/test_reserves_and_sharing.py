"""Asset mix, capital, reserves, and who bears a loss."""

from datetime import date

import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.finance import (
    asset_mix,
    capital_shortfall,
    check_shares,
    compensations,
    cost_payout,
    hydro_energy,
    index_payout,
    loss_reserve,
    pledge_share,
    reguarantee_fee,
    risk_shares,
    share_loss,
    unearned_fee_reserve,
    water_right_value,
)
from ecogis.finance.guarantee_limits import parts_of

DAY = date(2026, 12, 31)


def test_asset_mix_turns_at_the_limit():
    held = {"class_1": 1999, "class_2": 5001, "class_3": 3000, "other": 0, "receivable": 500}
    found = asset_mix(held, DAY).set_index("rule")
    assert found["passed"].to_dict() == {
        "class_1_share": False,
        "class_1_2_share": True,
        "class_3_share": True,
    }
    assert set(found["whole_fen"]) == {10_000}


def test_asset_mix_without_assets_is_not_known():
    nothing = dict.fromkeys(["class_1", "class_2", "class_3", "other"], 0) | {"receivable": 5}
    assert asset_mix(nothing, DAY)["passed"].isna().all()
    with pytest.raises(ConfigError, match="E900"):
        asset_mix({"class_1": 1}, DAY)


def test_loss_reserve_grows_by_a_hundredth_to_a_tenth():
    held, years = 0, 0
    while (more := loss_reserve(10**9, held, DAY)) > 0:
        held, years = held + more, years + 1
    assert (held, years, more) == (10**8, 10, 0)
    assert loss_reserve(0, 500, DAY) == -500  # the book has run off


@pytest.mark.parametrize("call", [loss_reserve, lambda a, b, day: unearned_fee_reserve(a, day)])
def test_reserves_refuse_negative_amounts(call):
    with pytest.raises(ConfigError, match="E900"):
        call(-1, 0, DAY)


def test_reserves_round_up():
    assert loss_reserve(1, 0, DAY) == 1
    assert unearned_fee_reserve(1, DAY) == 1
    assert capital_shortfall(2_000_000_000, DAY) == 0


def test_shares_must_add_up():
    assert sum(risk_shares(DAY).values()) == pytest.approx(1)
    with pytest.raises(ConfigError, match="E900"):
        share_loss(100, {"bank": 0.2, "guarantor": 0.7})
    with pytest.raises(ConfigError, match="E900"):
        share_loss(-1, {"bank": 1.0})


def test_beyond_the_ceiling_the_bank_is_alone():
    losses = pd.DataFrame(
        {
            "loan": ["B", "A", "C"],
            "day": ["2026-03-01", "2026-02-01", "2026-04-01"],
            "loss_fen": 400,
        }
    )
    found = compensations(losses, 10_000, risk_shares(DAY), limit=0.05)
    assert found["loan"].tolist() == ["A", "B", "C"]
    # a ceiling of 500 for all but the bank: 320, then 180, which is 80 % of 225
    assert found["beyond_fen"].tolist() == [0, 175, 400]
    assert found["guarantor_fen"].tolist() == [160, 90, 0]
    parts = found[["bank_fen", "guarantor_fen", "province_fen", "national_fen"]].sum(axis=1)
    assert parts.tolist() == [400, 400, 400]
    with pytest.raises(ConfigError, match="E900"):
        compensations(losses, 10_000, {"guarantor": 1.0}, limit=0.05)


def test_the_national_fee_steps_at_five_million():
    assert reguarantee_fee(500_000_000, DAY) == 300_000
    assert reguarantee_fee(500_000_001, DAY) == 500_001


@pytest.mark.parametrize("loss", [float("nan"), 60.9, -1, True])
def test_a_loss_is_whole_fen(loss):
    losses = pd.DataFrame({"loan": ["A"], "day": ["2026-01-05"], "loss_fen": [loss]})
    with pytest.raises(ConfigError, match="E900"):
        compensations(losses, 2_000, {"bank": 0.2, "guarantor": 0.8}, limit=0.05)


def test_the_banks_own_share_does_not_use_up_the_ceiling():
    losses = pd.DataFrame({"loan": ["A", "B"], "day": "2026-01-05", "loss_fen": [60, 60]})
    found = compensations(losses, 2_000, {"bank": 0.2, "guarantor": 0.8}, limit=0.05)
    assert found["guarantor_fen"].tolist() == [48, 48]  # 96 of 100
    assert found["beyond_fen"].tolist() == [0, 0]


ASSETS = ("class_1", "class_2", "class_3", "other", "receivable")
NO_LOSSES = pd.DataFrame({"loan": [], "day": [], "loss_fen": []})
ODD = (float("nan"), float("inf"), -1, 60.9, True, 10**19, None, "5")


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize(
    "asked",
    [
        lambda odd: share_loss(odd, {"bank": 0.5, "guarantor": 0.5}),
        lambda odd: reguarantee_fee(odd, DAY),
        lambda odd: capital_shortfall(odd, DAY),
        lambda odd: unearned_fee_reserve(odd, DAY),
        lambda odd: loss_reserve(odd, 0, DAY),
        lambda odd: asset_mix(dict.fromkeys(ASSETS, 1) | {"class_1": odd}, DAY),
        lambda odd: compensations(NO_LOSSES, odd, {"bank": 0.5, "guarantor": 0.5}, limit=0.05),
        lambda odd: cost_payout(odd, 0.5),
        lambda odd: index_payout(1.0, 0.0, odd, 1),
        lambda odd: pledge_share(odd, 0.5),
    ],
)
def test_what_is_no_whole_amount_is_refused(asked, odd):
    with pytest.raises(ConfigError, match="E900"):
        asked(odd)


@pytest.mark.parametrize("odd", [float("nan"), float("inf"), -1.0, True, None, "1"])
@pytest.mark.parametrize(
    "asked",
    [
        lambda odd: pledge_share(1, odd),
        lambda odd: water_right_value(odd, 0.15),
        lambda odd: water_right_value(1.0, odd),
        lambda odd: hydro_energy(odd, 1.0, 1.0),
        lambda odd: hydro_energy(1.0, 1.0, odd),
        lambda odd: cost_payout(1, odd),
        lambda odd: parts_of(odd, "share"),
        lambda odd: share_loss(5, {"bank": odd}),
    ],
)
def test_what_is_no_finite_number_is_refused(asked, odd):
    with pytest.raises(ConfigError, match="E900"):
        asked(odd)


def test_shares_outside_the_pattern_are_told():
    for shares, told in (
        ({"bank": 0.1, "guarantor": 0.9}, ["bank", "guarantor"]),
        ({"bank": 0.2, "guarantor": 0.4, "province": 0.4}, []),
        ({"guarantor": 0.3, "province": 0.7}, ["bank"]),
    ):
        findings = Findings()
        check_shares(shares, DAY, findings=findings)
        assert findings.table()["column"].tolist() == told
        assert set(findings.table()["code"]) <= {"E888"}
