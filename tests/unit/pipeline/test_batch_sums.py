"""Sums by hand: three areas, two counties, one area missing."""

import geopandas
import openpyxl
import pandas as pd
import pytest
from shapely import box

from ecogis import io
from ecogis.core.errors import IdentityError
from ecogis.core.findings import Findings
from ecogis.pipeline.batching import rolling
from ecogis.pipeline.batching.figures import added, figures_of
from ecogis.pipeline.batching.land import same_land
from ecogis.report.batch_book import batch_book

MEMBERS = pd.DataFrame(
    [("a", "K1", "x"), ("b", "K1", "x"), ("c", "K2", "x"), ("d", "K2", "")],
    columns=["area", "county", "folder"],
).assign(task="assess", province="P", name="")


def _figures(amounts):
    parts = [
        figures_of({}, {"area_ha": ha, "credit_kg": kg}).assign(area=area, task="assess",
                                                                county=county, province="P")
        for area, county, ha, kg in amounts
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


FIGURES = _figures([("a", "K1", 1.5, 10), ("b", "K1", 2.25, 20), ("c", "K2", 0.000001, 30)])


def test_each_level_is_the_sum_of_its_areas():
    sums = rolling.rolled(FIGURES, MEMBERS)
    area = sums[sums["column"].eq("area")].set_index(["level", "place"])["amount"]
    assert area.to_dict() == {
        ("batch", ""): 3_750_001, ("province", "P"): 3_750_001, ("county", "K1"): 3_750_000,
        ("county", "K2"): 1, ("area", "a"): 1_500_000, ("area", "b"): 2_250_000, ("area", "c"): 1,
        ("area", "d"): None,
    }  # fmt: skip


def test_what_is_missing_is_named_beside_each_sum():
    sums = rolling.rolled(FIGURES, MEMBERS)
    told = sums[sums["column"].eq("credit")].set_index(["level", "place"])[["areas", "missing"]]
    assert told.loc[("province", "P")].tolist() == [3, "d"]
    assert told.loc[("county", "K1")].tolist() == [2, ""]
    assert told.loc[("county", "K2")].tolist() == [1, "d"]


def test_a_county_none_of_whose_areas_is_done_has_a_row_without_an_amount():
    members = MEMBERS.assign(folder=["x", "x", "", ""])
    sums = rolling.rolled(FIGURES[FIGURES["county"].eq("K1")], members)
    credit = sums[sums["column"].eq("credit")].set_index(["level", "place"])
    told = ["amount", "areas", "missing", "state"]
    assert credit.loc[("county", "K1"), told].tolist() == [30, 2, "", "complete"]
    assert credit.loc[("province", "P"), told].tolist() == [30, 2, "c, d", "partial"]
    assert credit.loc[("county", "K2"), told[1:]].tolist() == [0, "c, d", "none"]
    assert pd.isna(credit.loc[("county", "K2"), "amount"])
    assert str(sums["amount"].dtype) == "Int64"


def test_a_task_that_is_done_nowhere_has_a_row_for_each_place():
    more = pd.concat([MEMBERS, MEMBERS.assign(task="balance", folder="")])
    sums = rolling.rolled(FIGURES, more)
    none = sums[sums["task"].eq("balance")]
    assert none["place"].tolist() == ["", "P", "K1", "K2", "a", "b", "c", "d"]
    assert none["amount"].isna().all()
    assert (none["column"].eq("") & none["areas"].eq(0) & none["state"].eq("none")).all()


def test_the_workbook_leaves_the_amounts_of_such_a_county_empty(tmp_path):
    members = MEMBERS.assign(folder=["x", "x", "", ""])
    sums = rolling.rolled(FIGURES[FIGURES["county"].eq("K1")], members)
    findings = Findings().table()
    (tmp_path / "b.xlsx").write_bytes(batch_book(members, sums, {}, findings, lang="en"))
    page = openpyxl.load_workbook(tmp_path / "b.xlsx", data_only=True)["sums assess"]
    rows = {(row[0], row[1]): row[4:] for row in page.iter_rows(min_row=3, values_only=True)}
    assert rows["county", "K2"] == (None, None, "c, d")
    assert rows["county", "K1"] == (3.75, 0.03, "")
    assert rows["all", None] == (3.75, 0.03, "c, d")


def test_a_level_nobody_tells_is_left_out():
    none = dict.fromkeys(("county", "province"), "")
    sums = rolling.rolled(FIGURES.assign(**none), MEMBERS.assign(**none))
    assert sums["level"].unique().tolist() == ["batch", "area"]


def test_tables_add_up_line_by_line_and_quantiles_do_not():
    table = pd.DataFrame({"species": ["杉木", None], "area_dm2": [5, 7], "p5": [0.5, 0.5]})
    found = figures_of({"stock_by_species": table, "value_draws": table}, {})
    assert found.values.tolist() == [
        ["stock_by_species", "杉木", "area", "dm2", 5],
        ["stock_by_species", "", "area", "dm2", 7],
    ]


def test_a_sum_that_int64_might_not_hold_is_refused():
    parts = pd.DataFrame({"unit": ["kg"] * 3, "amount": [2**61] * 3})
    with pytest.raises(IdentityError, match="E519"):
        added(parts, ["unit"])


def _left(folder, stands, parcels, *, area_ha):
    """What a step of an area leaves, by hand."""
    folder.mkdir(parents=True)
    layer = geopandas.GeoDataFrame(
        {"stand": list(stands), "area_dm2": [100] * len(stands)},
        geometry=list(stands.values()),
        crs=4490,
    )
    io.write_parquet(folder / "stands.parquet", layer)
    io.write_parquet(folder / "parcels.parquet", pd.DataFrame({"parcel": parcels}))
    io.write_parquet(folder / "figures.parquet", figures_of({}, {"area_ha": area_ha}))
    return folder


EDGE = 113.001
LEFT, RIGHT = box(113, 24, EDGE, 24.001), box(EDGE, 24, 113.002, 24.001)


def _members(out, *names):
    return tuple(
        {"area": name, "name": "", "county": "", "province": "", "task": "check", "folder": name}
        for name in names
    )


def test_a_total_that_is_not_its_layers_is_our_fault(tmp_path):
    _left(tmp_path / "a", {"S1": LEFT}, ["P1"], area_ha=0.0002)
    with pytest.raises(IdentityError, match=r"E446.*a check stands\.area_dm2"):
        rolling.roll_up(tmp_path, _members(tmp_path, "a"), tmp_path / "sum", "zh")


def test_a_sum_that_lost_an_area_is_our_fault(tmp_path, monkeypatch):
    for name, shape in {"a": LEFT, "b": RIGHT}.items():
        _left(tmp_path / name, {name: shape}, [name], area_ha=0.0001)
    whole = rolling.rolled
    monkeypatch.setattr(rolling, "rolled", lambda f, m: whole(f[f["area"].ne("b")], m))
    with pytest.raises(IdentityError, match="E446"):
        rolling.roll_up(tmp_path, _members(tmp_path, "a", "b"), tmp_path / "sum", "en")


def test_neighbours_share_no_land_and_a_name_in_both_is_told(tmp_path):
    one = _left(tmp_path / "a", {"S1": LEFT}, ["P1", "P2"], area_ha=0.0001)
    two = _left(tmp_path / "b", {"S1": RIGHT, "S2": RIGHT}, ["P2"], area_ha=0.0002)
    findings = Findings()
    same_land({"a": one, "b": two}, findings)
    table = findings.table()
    assert table[["code", "feature"]].values.tolist() == [["E442", "S1"], ["E443", "P2"]]
    assert "a, b" in table["message_en"][0]


def test_an_area_without_a_shape_shares_no_land(tmp_path):
    one = _left(tmp_path / "a", {"S1": None}, ["P1"], area_ha=0.0001)
    two = _left(tmp_path / "b", {"S2": RIGHT}, ["P2"], area_ha=0.0001)
    findings = Findings()
    same_land({"a": one, "b": two}, findings)
    assert findings.count() == 0


def test_land_in_two_areas_is_told_with_how_much(tmp_path):
    wide = box(EDGE - 0.0001, 24, 113.002, 24.001)
    one = _left(tmp_path / "a", {"S1": LEFT}, ["P1"], area_ha=0.0001)
    two = _left(tmp_path / "b", {"S2": wide}, ["P2"], area_ha=0.0001)
    findings = Findings()
    same_land({"a": one, "b": two}, findings)
    told = findings.table()
    assert told["code"].tolist() == ["E444"]
    assert told["severity"].item() == "error"
    assert told["area_ha"].item() == pytest.approx(0.1126980, rel=1e-3)  # a tenth of 1.126980 ha
    assert "S1 / S2" in told["message_en"].item()
