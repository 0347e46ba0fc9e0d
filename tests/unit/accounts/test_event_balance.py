"""Opening, growth and event records: every line by hand, and the rest is a named difference."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis import accounts
from ecogis.accounts import WHOLE, Limits
from ecogis.accounts.gross import both_ways
from ecogis.core.errors import ConfigError, IdentityError
from ecogis.core.findings import Findings

HECTARE = 1_000_000
DAYS = (date(2019, 12, 31), date(2024, 12, 31))
HALF = "2022-07-01"  # half of the period


def opening(*rows):
    blank = {
        "township": "甲镇", "land_class": "arbor_forest", "origin": "planted",
        "forest_category": "commercial", "species_group": "杉木组", "age_group": "mature",
        "quality": "fair", "standing_volume": 100.0, "area_dm2": HECTARE, "co2e_kg": 120_000,
    }  # fmt: skip
    return pd.DataFrame([blank | row for row in rows])


def grown(table, rise=10_000):
    volume = (table["standing_volume"] * table["area_dm2"] * 1e-3).astype("int64")
    return pd.DataFrame(
        {
            "stand": table["stand"],
            "volume_dm3": (volume + rise).astype("Int64"),
            "co2e_kg": (table["co2e_kg"] + round(rise * 1.2)).astype("Int64"),
        }
    )


def event(kind="harvest", **other):
    return {
        "event": "H1", "stand": "S1", "event_kind": kind, "date": pd.Timestamp(HALF),
        "area_record_ha": None, "standing_volume_m3": None, "residue_share": None,
        "land_class": None,
    } | other  # fmt: skip


def events(*rows):
    table = pd.DataFrame(list(rows), columns=list(event()))
    numbers = ["area_record_ha", "standing_volume_m3", "residue_share"]
    return table.astype(dict.fromkeys(numbers, "float64")).assign(
        date=pd.to_datetime(table["date"])
    )


def balance(table, *rows, rise=10_000, **options):
    return accounts.event_balance(table, grown(table, rise), events(*rows), days=DAYS, **options)


def lines(table, column="total"):
    mine = table[table["township"].eq(WHOLE)].set_index("line_code")[column]
    return {code: int(amount) for code, amount in mine.items() if amount}


def test_growth_alone_is_modelled():
    made = balance(opening({"stand": "S1"}))
    assert lines(made.volume) == {"T00": 100_000, "T10": 10_000, "T13": 10_000, "T90": 110_000}
    assert lines(made.carbon) == {"T00": 120_000, "T10": 12_000, "T13": 12_000, "T90": 132_000}
    closing = made.postings[made.postings["line_code"].isin(["T90", "T13"])]
    assert set(closing[closing["account"].isin(["timber", "carbon"])]["status"]) == {"modelled"}
    assert made.route == "events"


def test_without_a_closing_survey_nothing_but_the_opening_is_observed():
    made = balance(opening({"stand": "S1"}), event(standing_volume_m3=10.0, area_record_ha=0.5,
                                                   land_class="cutover"))  # fmt: skip
    opens = made.postings["line_code"].astype(object).str.endswith("00")
    assert set(made.postings.loc[opens, "status"]) == {"observed"}
    assert set(made.postings.loc[~opens, "status"]) == {"modelled"}


def test_owners_of_both_days():
    """Half of S1 passes from a household to the platform; a fifth of each half is felled."""
    held = pd.DataFrame(
        {
            "stand": "S1",
            "owner_opening": ["household", "household"],
            "owner_closing": ["household", "platform"],
            "area_dm2": HECTARE // 2,
        }
    )
    made = balance(opening({"stand": "S1"}), event(standing_volume_m3=20.0, residue_share=0.1),
                   shares=(None, None), owners=(held, None))  # fmt: skip
    table = accounts.line_table(made.postings, "timber", by="owner", townships=False)
    found = table.set_index("line_code")[["household", "platform"]]
    assert found.loc["T00"].tolist() == [100_000, 0]
    assert found.loc["T28"].tolist() == [50_000 - 10_000, 0]  # what was felled did not pass
    assert found.loc["T16"].tolist() == [0, 40_000]
    assert found.loc["T21"].tolist() == [18_000, 0]
    assert found.loc["T22"].tolist() == [2_000, 0]
    assert found.loc["T13"].tolist() == [5_000, 5_000]
    assert found.loc["T90"].tolist() == [45_000, 45_000]
    land = accounts.line_table(made.postings, "land", by="owner", townships=False)
    assert land.set_index("line_code").loc["A53"].loc["platform"] == HECTARE // 2


def test_owners_of_the_closing_survey_are_those_of_its_stands():
    before = opening({"stand": "S1"})
    after = before.assign(standing_volume=110.0, co2e_kg=132_000)
    held = {"stand": ["S1"], "owner_opening": ["state"], "area_dm2": [HECTARE]}
    one = pd.DataFrame(held | {"owner_closing": ["state"]})
    two = pd.DataFrame(held | {"owner_closing": ["collective"]})
    made = balance(before, closing=after, owners=(one, two))
    table = accounts.line_table(made.postings, "timber", by="owner", townships=False)
    found = table.set_index("line_code")
    assert found.loc["T90", ["state", "collective"]].tolist() == [0, 110_000]
    assert found.loc["T91", ["state", "collective"]].tolist() == [-110_000, 110_000]
    assert made.limits["found"].eq(0).all()  # what owners differ by is no gap of the land


def test_a_felling_that_does_not_say_how_much_is_an_error_and_not_booked():
    findings = Findings()
    felled = event(area_record_ha=1.0, land_class="cutover")
    made = balance(opening({"stand": "S1"}), felled, findings=findings)
    told = findings.table()
    assert told[["code", "severity"]].to_numpy().tolist() == [["E428", "error"]]
    assert lines(made.volume)["T90"] == 110_000


def test_the_same_record_twice_is_booked_once():
    findings = Findings()
    felled = event(standing_volume_m3=10.0, residue_share=0.0)
    made = balance(opening({"stand": "S1"}), felled, felled | {"event": "H2"}, findings=findings)
    assert lines(made.volume)["T21"] == 10_000
    assert findings.table()[["code", "feature"]].to_numpy().tolist() == [["E429", "H2"]]


def test_events_are_taken_in_the_order_of_their_days():
    """All is felled in 2020; the fire of 2024 finds nothing, whatever the records are called."""
    felled = event(standing_volume_m3=100.0, area_record_ha=1.0, land_class="cutover",
                   event="Z", date=pd.Timestamp("2020-01-01"))  # fmt: skip
    fire = event("fire", standing_volume_m3=100.0, event="A", date=pd.Timestamp("2024-06-30"))
    findings = Findings()
    made = balance(opening({"stand": "S1"}), felled, fire, rise=0, findings=findings)
    assert lines(made.volume)["T21"] == 100_000
    assert "T24" not in lines(made.volume)
    assert findings.table()[["code", "feature"]].to_numpy().tolist() == [["E405", "A"]]


def test_nothing_dies_of_what_was_cleared():
    cleared = event(standing_volume_m3=100.0, area_record_ha=1.0, land_class="cutover",
                    residue_share=0.0)  # fmt: skip
    made = balance(opening({"stand": "S1"}), cleared, rise=0, shares=(None, 0.05))
    assert "T23" not in lines(made.volume)


def test_harvest_with_residues_and_deaths():
    made = balance(opening({"stand": "S1"}), event(standing_volume_m3=30.0), shares=(0.2, 0.01))
    dead = round(100_000 * (1 - 0.99 ** (1827 / 365.25)))
    found = lines(made.volume)
    assert found["T21"] == 24_000
    assert found["T22"] == 6_000
    assert found["T23"] == pytest.approx(dead, abs=20)  # the year is counted by the calendar
    assert found["T13"] == 10_000 + found["T23"]
    assert found["T90"] == 80_000
    assert lines(made.carbon)["T90"] == 96_000  # the same share of carbon as of volume


def test_a_record_s_own_residue_share_goes_first():
    made = balance(
        opening({"stand": "S1"}),
        event(standing_volume_m3=30.0, residue_share=0.5),
        shares=(0.2, None),
    )
    assert lines(made.volume)["T22"] == 15_000


@pytest.mark.parametrize(
    ("kind", "line"),
    [("fire", "T24"), ("pest", "T24"), ("storm", "T24"), ("disaster", "T24"),
     ("land_take", "T25"), ("survey", "T27"), ("harvest", "T21")],
)  # fmt: skip
def test_each_kind_has_its_line(kind, line):
    made = balance(opening({"stand": "S1"}), event(kind, standing_volume_m3=30.0), rise=0)
    assert lines(made.volume)[line] == 30_000


@pytest.mark.parametrize(
    ("kind", "line", "area_line"),
    [("afforestation", "T11", "A11"), ("replanting", "T11", "A11"),
     ("natural_regeneration", "T12", "A12")],
)  # fmt: skip
def test_new_forest(kind, line, area_line):
    bare = opening({"stand": "S1", "land_class": "barren", "standing_volume": 0.0, "co2e_kg": 0,
                    "age_group": None})  # fmt: skip
    record = event(kind, area_record_ha=0.4, standing_volume_m3=3.0, land_class="arbor_forest")
    made = balance(bare, record, rise=0)
    assert lines(made.volume) == {"T10": 3_000, line: 3_000, "T90": 3_000}
    assert lines(made.area, "arbor_forest")[area_line] == 400_000
    assert lines(made.timber, "area_dm2")["T90"] == 400_000


def test_cleared_land_grows_until_the_day_and_what_is_left_moves_with_it():
    record = event(area_record_ha=0.5, standing_volume_m3=40.0, land_class="cutover")
    made = balance(opening({"stand": "S1"}), record)
    found = lines(made.volume)
    half = (pd.Timestamp(HALF) - pd.Timestamp(DAYS[0])) / pd.Timedelta(days=1827)
    assert found["T13"] == pytest.approx(10_000 * (1 - 0.5 * (1 - half)), abs=1)
    assert found["T21"] == 40_000
    on_land = int((100_000 + found["T13"]) * 0.5) - 40_000
    assert found["T14"] == found["T26"] == on_land
    assert lines(made.volume, "cutover") == {"T10": on_land, "T14": on_land, "T90": on_land}
    assert lines(made.area, "cutover") == {"A10": 500_000, "A13": 500_000, "A90": 500_000}


def test_what_grew_and_was_felled_in_the_period_shows_on_both_sides():
    made = balance(opening({"stand": "S1"}), event(standing_volume_m3=108.0))
    found = lines(made.volume)
    assert (found["T13"], found["T21"], found["T90"]) == (10_000, 108_000, 2_000)


def test_more_than_there_is_is_told_and_what_there_is_is_booked():
    findings = Findings()
    made = balance(opening({"stand": "S1"}), event(standing_volume_m3=500.0), findings=findings)
    assert lines(made.volume)["T21"] == 110_000
    assert "T90" not in lines(made.volume)
    assert "T90" not in lines(made.carbon)
    assert findings.table()["code"].tolist() == ["E405"]


def test_more_dies_than_grows():
    made = balance(opening({"stand": "S1"}), rise=-4_000)
    assert lines(made.volume) == {"T00": 100_000, "T20": 4_000, "T23": 4_000, "T90": 96_000}


def test_growth_not_known_is_none():
    table = opening({"stand": "S1"})
    lost = grown(table).assign(volume_dm3=pd.NA, co2e_kg=pd.NA)
    made = accounts.event_balance(table, lost, events(), days=DAYS)
    assert lines(made.volume) == {"T00": 100_000, "T90": 100_000}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"stand": "S9"}, "E402"),
        ({"event_kind": None}, "E402"),
        ({"date": pd.NaT}, "E403"),
        ({"date": pd.Timestamp("2019-12-31")}, "E403"),
        ({"date": pd.Timestamp("2025-01-01")}, "E403"),
        ({"standing_volume_m3": None}, "E404"),
        ({"standing_volume_m3": -1.0}, "E404"),
        ({"land_class": "cutover"}, "E404"),
    ],
)
def test_what_cannot_be_booked_is_told(wrong, code):
    findings = Findings()
    record = event(standing_volume_m3=30.0) | wrong
    made = balance(opening({"stand": "S1"}), record, findings=findings)
    assert findings.table()["code"].tolist() == [code]
    assert "T21" not in lines(made.volume)


def test_the_closing_survey_shows_what_is_not_explained():
    before = opening({"stand": "S1"}, {"stand": "S2"})
    after = before.assign(standing_volume=[70.0, 112.0], co2e_kg=[84_000, 134_400])
    findings = Findings()
    made = balance(before, event(standing_volume_m3=40.0), closing=after, findings=findings)
    assert lines(made.volume) == {
        "T00": 200_000, "T10": 20_000, "T13": 20_000, "T20": 40_000, "T21": 40_000,
        "T90": 182_000, "T91": 2_000,
    }  # fmt: skip
    assert findings.count("E401") == 0  # 1 % of the opening
    difference = made.postings[made.postings["line_code"].eq("T91")]
    assert set(difference["status"]) == {"modelled"}


def test_the_difference_is_shown_both_ways_before_it_cancels():
    """S1 has 12 m3 less than modelled, S2 10 m3 more, S3 is new and S4 gone."""
    before = opening(*({"stand": name} for name in ("S1", "S2", "S4")))
    after = opening(
        {"stand": "S1", "standing_volume": 98.0}, {"stand": "S2", "standing_volume": 120.0},
        {"stand": "S3", "standing_volume": 50.0},
    )  # fmt: skip
    limits = balance(before, closing=after).limits.set_index("account")
    assert limits.loc["timber", ["above", "below"]].tolist() == [60_000, 122_000]
    assert limits.loc["timber", "found"] == 62_000
    assert limits.loc["timber", "above_share"] == pytest.approx(0.2)
    assert limits.loc["land", ["above", "below"]].tolist() == [HECTARE, HECTARE]
    assert limits.loc["land", "found"] == 0


def test_without_a_closing_survey_there_is_nothing_either_way():
    limits = balance(opening({"stand": "S1"})).limits
    assert limits[["above", "below"]].to_numpy().sum() == 0


def test_a_difference_that_is_not_what_lies_above_less_what_lies_below_is_refused():
    made = balance(opening({"stand": "S1"}))
    gross = {"land": (0, 0), "timber": (3, 2), "carbon": (0, 0)}
    with pytest.raises(IdentityError, match="V3") as refused:
        both_ways(made.limits, made.postings, gross)
    assert refused.value.where["cells"] == "timber / T91 / above - below"


def test_a_record_left_out_shows_in_the_land_whatever_the_closing_stands_are_called():
    """A clear felling of 20 is not on record, and the closing survey numbers its stands anew."""
    names = [f"S{at:02d}" for at in range(20)]
    before = opening(*({"stand": name} for name in names))
    after = before.assign(
        stand=[f"N{at:02d}" for at in range(20)], land_class="cutover",
        standing_volume=0.0, co2e_kg=0, change_cause="harvest",
    )  # fmt: skip
    felled = [
        event(event=f"H{name}", stand=name, standing_volume_m3=110.0, area_record_ha=1.0,
              land_class="cutover", date=pd.Timestamp(DAYS[1]))
        for name in names
    ]  # fmt: skip
    for records, told in ((felled, 0), (felled[1:], 3)):
        findings = Findings()
        balance(before, *records, closing=after, findings=findings)
        assert findings.count("E401") == told


def test_a_record_left_out_is_above_the_limit_of_area():
    before = opening({"stand": "S1"}, {"stand": "S2"})
    after = before.assign(land_class=["cutover", "arbor_forest"], standing_volume=[0.0, 110.0],
                          co2e_kg=[0, 132_000])  # fmt: skip
    record = event(area_record_ha=1.0, standing_volume_m3=105.0, land_class="cutover")
    whole, without = Findings(), Findings()
    made = balance(before, record, closing=after, limits=Limits(volume=0.5), findings=whole)
    assert whole.count("E401") == 0
    assert lines(made.area).get("A91", 0) == 0
    balance(before, closing=after, limits=Limits(volume=0.5), findings=without)
    told = without.table().query("code == 'E401'")
    assert "A91" in told["column"].tolist()


def test_the_order_of_records_changes_nothing():
    table = opening({"stand": "S1"}, {"stand": "S2", "standing_volume": 60.0})
    rng = np.random.default_rng(3)
    rows = [
        event(event=f"H{at:02d}", stand=str(rng.choice(["S1", "S2"])),
              standing_volume_m3=float(rng.random() * 40), area_record_ha=0.1,
              land_class="cutover" if at % 3 == 0 else None)
        for at in range(12)
    ]  # fmt: skip
    straight, turned = balance(table, *rows), balance(table, *rows[::-1])
    pd.testing.assert_frame_equal(straight.postings, turned.postings)


def test_arguments():
    table = opening({"stand": "S1"})
    with pytest.raises(ConfigError, match="E407"):
        balance(table, shares=(1.2, None))
    other = grown(opening({"stand": "S2"}))
    with pytest.raises(ConfigError, match="E407"):
        accounts.event_balance(table, other, events(), days=DAYS)
