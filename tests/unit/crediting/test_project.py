"""A small project from stocks to credits."""

from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis import crediting
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.crediting import Schedule, vintage_instants
from ecogis.methods import methodology, parameters

METHOD = methodology("CCER-14-001-V01")
DAY = date(2026, 8, 31)
START = date(2024, 1, 1)
SCHEDULE = Schedule(START, 4, DAY, (date(2026, 1, 1), date(2028, 1, 1)), lag_months=3)
PIECES = pd.DataFrame(
    {
        "piece": ["P1", "P2", "P3"],
        "stand": ["A", "A", "B"],
        "area_dm2": [1_000_000, 500_000, 2_000_000],
    }
)


def piece_kg(*rows):
    return xr.DataArray(
        np.array(rows, dtype=np.int64),
        {
            "piece": np.array([f"P{i + 1}" for i in range(len(rows))], dtype=object),
            "instant": np.array(vintage_instants(START, 4), dtype="datetime64[ns]"),
        },
        ("piece", "instant"),
    )


GROWING = piece_kg(
    [0, 1_000, 3_000, 6_000, 10_000], [0, 501, 1_502, 3_003, 5_004], [0, 0, 7, 7_007, 20_007]
)


def project(kg=GROWING, pieces=PIECES, **options):
    findings = options.pop("findings", Findings())
    return crediting.credits(
        kg,
        pieces,
        METHOD,
        schedule=SCHEDULE,
        numbers=parameters(METHOD.parameters["crediting"]),
        date=DAY,
        findings=findings,
        **options,
    )


def test_what_arose_before_the_right_began_cannot_be_pledged():
    first = project().vintages["credit_kg"].iloc[0]
    found = project(pieces=PIECES.assign(since=pd.Timestamp("2025-01-01")))
    assert first > 0
    assert found.vintages["pledgeable_kg"].tolist()[0] == 0
    assert found.vintages["pledgeable_kg"].tolist()[1:] == found.vintages["credit_kg"].tolist()[1:]


def test_pieces_add_up_to_the_project():
    found = project()
    assert found.vintages["removal_kg"].tolist() == [1_501, 3_008, 11_501, 19_001]
    assert found.vintages["credit_kg"].tolist() == [1_350, 2_707, 10_350, 17_100]
    pieces = found.piece_vintages["credit_kg"]
    assert pieces.sum("piece").to_numpy().tolist() == found.vintages["credit_kg"].tolist()
    assert pieces.sel(piece="P3", vintage=2024) == 0
    assert found.issuances["issued_t"].tolist() == [4, 27]  # 4.057, then 31.507
    assert found.issuances["issuance_date"].dt.date.tolist() == [date(2026, 4, 1), date(2028, 4, 1)]
    assert found.issuances.equals(found.pledgeable_issuances)
    assert found.waterfall.total()["kg"].iloc[-1] == 31_507


def test_the_right_ends_before_the_crediting_period():
    findings = Findings()
    found = project(
        pieces=PIECES.assign(until=["2025-12-31", None, "2026-12-30"]), findings=findings
    )
    pledgeable = found.piece_vintages["pledgeable_kg"]
    # P1 keeps 2024 and 2025, P3 loses 2026 because its right ends a day too early
    assert (pledgeable.sel(piece="P1") > 0).to_numpy().tolist() == [True, True, False, False]
    assert (pledgeable.sel(piece="P3") > 0).to_numpy().tolist() == [False, True, False, False]
    assert pledgeable.sel(piece="P2").equals(found.piece_vintages["credit_kg"].sel(piece="P2"))
    assert found.vintages["credit_kg"].tolist() == project().vintages["credit_kg"].tolist()
    assert found.pledgeable_issuances["issued_t"].sum() < found.issuances["issued_t"].sum()
    assert findings.table().query("code == 'E378'")["feature"].tolist() == ["P1", "P3"]


def test_pieces_that_may_not_be_pledged_at_all():
    findings = Findings()
    pieces = PIECES.assign(pledgeable=pd.array([True, False, None], dtype="boolean"))
    found = project(pieces=pieces, findings=findings)
    pledgeable = found.piece_vintages["pledgeable_kg"]
    assert (pledgeable.sel(piece="P1") > 0).all()
    assert (pledgeable.sel(piece=["P2", "P3"]) == 0).all()
    assert found.issuances.equals(project().issuances)
    assert findings.count() == 0  # why they may not is told where rights are judged


def test_by_issuance_adds_up_by_stand_and_by_holder():
    found = project(pieces=PIECES.assign(until=["2025-12-31", None, None]))
    for pledgeable, plan in ((True, found.pledgeable_issuances), (False, found.issuances)):
        for groups in (None, ["持有人0002", "持有人0001", "持有人0002"]):
            table = found.by_issuance(groups, pledgeable=pledgeable)
            assert table.to_numpy().sum(axis=0).tolist() == plan["credit_kg"].tolist()
            assert all(kind == np.int64 for kind in table.dtypes)
            assert table.columns.tolist() == plan["issuance_date"].tolist()
    assert found.by_issuance().index.tolist() == ["A", "B"]


def test_a_year_of_loss_is_found_and_carried():
    findings = Findings()
    kg = piece_kg([0, 5_000, 1_000, 4_000, 9_000], [0, 0, 0, 0, 0], [0, 0, 0, 0, 0])
    found = project(kg, findings=findings)
    assert found.vintages["credit_kg"].tolist() == [4_500, -4_000, 2_700, 4_500]
    assert findings.table().query("code == 'E377'")["feature"].tolist() == ["2025"]
    assert found.piece_vintages["credit_kg"].sel(piece="P1").to_numpy().tolist() == [
        4_500, -4_000, 2_700, 4_500,
    ]  # fmt: skip
    assert found.issuances["issued_t"].tolist() == [0, 7]


def test_a_loss_is_not_lightened_by_a_right_that_ends():
    kg = piece_kg([0, 5_000, 1_000, 4_000, 9_000], [0] * 5, [0] * 5)
    found = project(kg, pieces=PIECES.assign(until=["2024-12-31"] * 3))
    assert found.vintages["pledgeable_kg"].tolist() == [4_500, -4_000, 0, 0]


def test_order_of_pieces_changes_nothing():
    straight = project()
    order = [2, 0, 1]
    mixed = project(GROWING.isel(piece=order), PIECES.iloc[order])
    pd.testing.assert_frame_equal(mixed.vintages, straight.vintages)
    xr.testing.assert_equal(
        mixed.piece_vintages.sel(piece=straight.piece_vintages["piece"]), straight.piece_vintages
    )


def test_no_creditable_pieces():
    found = project(GROWING.isel(piece=[]), PIECES.iloc[:0])
    assert found.vintages["credit_kg"].tolist() == [0, 0, 0, 0]
    assert found.issuances["issued_t"].tolist() == [0, 0]
    assert found.by_issuance().shape == (0, 2)


@pytest.mark.parametrize(
    ("yearly_kg", "code"), [(30_000, []), (40_000, ["E373"]), (60_000, ["E374"])]
)
def test_rates_unlike_registered_projects(yearly_kg, code):
    # 3.5 ha, a tenth held back: 7.7, 10.3 and 15.4 t/ha/yr
    findings = Findings()
    project(piece_kg([0] * 5, [0] * 5, [yearly_kg * i for i in range(5)]), findings=findings)
    assert findings.table()["code"].tolist() == code


def test_limits_of_rates_are_policy():
    findings = Findings()
    project(findings=findings, notable_rate=0.1, refused_rate=100.0)
    row = findings.table().iloc[0]
    assert (row["code"], row["observed"], row["expected"]) == ("E373", "2.25", "<= 0.1")


def test_the_window_is_that_of_the_application():
    findings = Findings()
    late = Schedule(START, 4, date(2030, 1, 1), SCHEDULE.verifications)
    found = crediting.credits(
        GROWING,
        PIECES,
        METHOD,
        schedule=late,
        numbers=parameters(METHOD.parameters["crediting"]),
        date=DAY,
        findings=findings,
    )
    assert found.vintages["vintage"].tolist() == [2025, 2026, 2027]
    assert findings.count("E375") == 1


def test_pieces_and_stocks_must_fit():
    with pytest.raises(ConfigError) as caught:
        project(pieces=PIECES.iloc[::-1])
    assert caught.value.code == "E381"
