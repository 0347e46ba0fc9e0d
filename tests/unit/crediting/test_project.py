"""A small project from stocks to credits."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis import crediting
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.crediting import Schedule, vintage_instants
from ecogis.methods import Given, methodology, parameters, supplied_numbers

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
    found = project(pieces=PIECES.assign(since=pd.Timestamp("2025-01-01")))
    assert found.vintages["credit_kg"].tolist() == [1_350, 2_707, 10_350, 17_100]
    # 13.057 t would be eleven tonnes of a year the project issues ten of: one short of the 13th
    assert found.vintages["pledgeable_kg"].tolist() == [0, 2_707, 10_292, 17_000]
    assert found.tonnes["issued_t"].tolist() == [1, 3, 10, 17]
    assert found.tonnes["pledgeable_t"].tolist() == [0, 2, 10, 17]


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
    assert found.vintages["credit_kg"].tolist() == [4_500, -4_000, 2_700, 4_500]
    assert found.vintages["pledgeable_kg"].tolist() == [500, 0, 0, 0]


def project_of(kg, pledgeable, days, **columns):
    pieces = PIECES.assign(stand=["A", "B", "C"], **columns)
    found = crediting.credits(
        piece_kg(*kg),
        pieces.assign(pledgeable=pd.array(pledgeable, dtype="boolean")),
        METHOD,
        schedule=Schedule(START, 4, DAY, tuple(date(year, 1, 1) for year in days)),
        numbers=parameters(METHOD.parameters["crediting"]),
        date=DAY,
        findings=Findings(),
    )
    return found, [found.tonnes[name].tolist() for name in ("issued_t", "pledgeable_t")]


def test_what_other_land_loses_is_made_up_before_anything_is_pledged():
    # 10 t gained by each of two; the one that may not be pledged then loses 50 t
    kg = ([100_000, 110_000, 60_000, 60_000, 60_000], [0, 10_000, 20_000, 60_000, 80_000], [0] * 5)
    found, tonnes = project_of(kg, [False, True, False], (2026, 2027, 2028))
    assert found.vintages["credit_kg"].tolist() == [18_000, -40_000, 36_000, 18_000]
    # sums: 18, -22, 14, 32 t
    assert tonnes == [[0, 0, 14, 18], [0, 0, 14, 18]]
    assert found.pledgeable_share() == 1.0
    # verified in its year, the first is issued before the loss; then 18 t must be reached again
    found, tonnes = project_of(kg, [False, True, False], (2025, 2026, 2027, 2028))
    assert tonnes == [[18, 0, 0, 14], [9, 0, 0, 14]]
    assert found.pledgeable_share() == 23 / 32
    assert found.issuances["issued_t"].tolist() == tonnes[0]
    assert found.pledgeable_issuances["issued_t"].tolist() == tonnes[1]


@pytest.mark.parametrize("since", [None, "2027-01-01"])
def test_a_piece_makes_up_its_own_loss_by_itself(since):
    kg = ([0, 10_000, 1_000, 1_000, 11_000], [0, 0, 0, 10_000, 10_000], [0] * 5)
    _, tonnes = project_of(
        kg, [True, False, False], (2025, 2026, 2027, 2028), since=[since, None, None]
    )
    # 9, -9, 9 and 9 t; what other land made up for it in the third year is not its own
    assert tonnes == [[9, 0, 0, 9], [0 if since else 9, 0, 0, 0]]


def test_gains_make_up_a_loss_in_proportion():
    kg = (
        [0, 0, 0, 10_000, 20_000],
        [0, 0, 0, 10_000, 20_000],
        [50_000, 50_000, 41_000, 41_000, 41_000],
    )
    found, tonnes = project_of(kg, [True, False, False], (2025, 2026, 2027, 2028))
    # 9 t lost, 18 t gained: 9 t issued, half of them pledgeable; 18 t and half again the year after
    assert tonnes == [[0, 0, 9, 18], [0, 0, 4, 9]]
    assert found.vintages["pledgeable_kg"].tolist() == [0, 0, 4_500, 9_000]
    assert found.pledgeable_share() == 0.5


def test_no_tonne_is_pledged_of_a_vintage_that_issues_none():
    # 0.9 t, then 0.99, 1.8, 2.7: one tonne in the third year and one in the fourth
    kg = ([0, 900, 1_000, 1_900, 2_900], [0, 100, 100, 100, 100], [0] * 5)
    _, tonnes = project_of(kg, [True, False, False], (2028,))
    assert tonnes == [[0, 0, 1, 1], [0, 0, 1, 1]]
    # 1.9 t of which 0.9, then 2.8 of which 1.8: no tonne more of the project's in the third year
    kg = ([0, 1_000, 1_500, 1_900, 3_000], [0, 1_112, 1_112, 1_112, 1_112], [0] * 5)
    _, tonnes = project_of(kg, [True, False, False], (2028,))
    assert tonnes == [[1, 1, 0, 1], [0, 1, 0, 1]]


def test_what_lapses_cannot_be_pledged():
    found, _ = project_of(
        ([0, 10_000, 20_000, 30_000, 40_000], [0] * 5, [0] * 5), [True] * 3, (2025, 2031)
    )
    assert found.tonnes["lapsed"].tolist() == [False, True, False, False]
    assert found.vintages["pledgeable_kg"].tolist() == [9_000, 0, 9_000, 9_000]
    assert found.pledgeable_share() == 1.0


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


def test_tonnes_by_vintage_are_those_of_the_issuances():
    found = project()
    assert found.tonnes["vintage"].tolist() == [2024, 2025, 2026, 2027]
    by_date = found.tonnes.groupby("verification_date")[["issued_t", "pledgeable_t"]].sum()
    assert by_date["issued_t"].tolist() == found.issuances["issued_t"].tolist()
    assert by_date["pledgeable_t"].tolist() == found.pledgeable_issuances["issued_t"].tolist()


def test_a_piece_whose_class_has_no_rate_earns_nothing():
    forest = methodology("GD-PHCER-FOREST")
    given = {name: Given(accept=True, because="by analogy") for name in forest.supplied}
    given["average_change"] = Given(
        by={"commercial": 0.5},
        unit="t CO2e ha-1 yr-1",
        source="test",
        because="test",
        confidence="assumed",
    )
    findings = Findings()
    found = crediting.credits(
        GROWING,
        PIECES.assign(forest_category=["commercial", None, "public_welfare"]),
        forest,
        schedule=SCHEDULE,
        numbers=supplied_numbers(forest, given),
        date=DAY,
        findings=findings,
    )
    told = findings.table().query("code == 'E708'")
    assert told["feature"].tolist() == ["P2", "P3"]
    assert told["observed"].tolist() == ["—", "public_welfare"]
    # P1 alone: 1 t gained in 2024, half a tonne is the average of its hectare, a tenth held back
    assert found.vintages["removal_kg"].tolist() == [1_000, 2_000, 3_000, 4_000]
    assert found.vintages["baseline_kg"].tolist() == [500] * 4
    assert found.vintages["credit_kg"].tolist() == [450, 1_350, 2_250, 3_150]
    credit = found.piece_vintages["credit_kg"]
    assert (credit.sel(piece=["P2", "P3"]) == 0).all()
    assert found.piece_vintages["counted"].to_numpy().tolist() == [True, False, False]
    assert found.area_dm2 == 1_000_000


def test_land_that_earns_nothing_bears_no_loss_either():
    still = piece_kg([5] * 5, [5] * 5, [5] * 5).assign_coords(rated=("piece", [True, True, False]))
    method = replace(
        METHOD,
        lines=tuple(
            replace(line, parameter="harm") if line.rule == "baseline" else line
            for line in METHOD.lines
        ),
    )

    class Numbers:
        def value(self, name, day, unit, key=None):
            return 1.0 if name == "harm" else 0.0

    found = crediting.credits(
        still,
        PIECES,
        method,
        schedule=SCHEDULE,
        numbers=Numbers(),
        date=DAY,
        findings=Findings(),
    )
    # nothing is gained; a tonne a hectare and year is taken off the 1.5 ha in the sum, by area
    assert found.area_dm2 == 1_500_000
    assert found.vintages["credit_kg"].tolist() == [-1_500] * 4
    parts = found.piece_vintages["credit_kg"].isel(vintage=0).to_numpy().tolist()
    assert parts == [-1_000, -500, 0]


def test_what_is_verified_too_late_is_not_issued_and_that_is_told():
    findings = Findings()
    days = (date(2025, 1, 1), date(2031, 6, 30))
    found = crediting.credits(
        GROWING,
        PIECES,
        METHOD,
        schedule=Schedule(START, 4, DAY, days),
        numbers=parameters(METHOD.parameters["crediting"]),
        date=DAY,
        findings=findings,
    )
    # five years before mid-2031 2025 and 2026 had begun already; 2027 had not
    assert found.tonnes["lapsed"].tolist() == [False, True, True, False]
    assert found.tonnes["issued_t"].tolist() == [1, 0, 0, 17]
    kg = found.vintages["credit_kg"].tolist()
    assert found.issuances["credit_kg"].tolist() == [kg[0], kg[3]]
    assert found.issuances["issued_t"].tolist() == [1, 17]
    table = found.by_issuance()
    assert table.to_numpy().sum(axis=0).tolist() == found.pledgeable_issuances["credit_kg"].tolist()
    told = findings.table().query("code == 'E713'")
    assert told[["feature", "observed"]].to_numpy().tolist() == [
        ["2025", str(kg[1])], ["2026", str(kg[2])],
    ]  # fmt: skip


def test_a_loss_counts_whenever_it_is_verified():
    kg = piece_kg([0, 5_000, 1_000, 4_000, 9_000], [0] * 5, [0] * 5)
    days = (date(2025, 1, 1), date(2031, 6, 30))
    found = crediting.credits(
        kg,
        PIECES,
        METHOD,
        schedule=Schedule(START, 4, DAY, days),
        numbers=parameters(METHOD.parameters["crediting"]),
        date=DAY,
        findings=Findings(),
    )
    # 4.5 t are issued; the loss of 4 t is made up first, out of the 4.5 t of 2027 alone
    assert found.tonnes["issued_t"].tolist() == [4, 0, 0, 1]
