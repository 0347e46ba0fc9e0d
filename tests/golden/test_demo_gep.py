"""The account of services of the demo township: sums to the fen, traces, the files it comes of."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest
import rasterio

from ecogis import demo, spatial
from ecogis.pipeline.gep import gep
from ecogis.pipeline.gep_outputs import write_gep
from ecogis.pipeline.gep_tables import gep_tables
from ecogis.pipeline.gep_traces import explain_gep

SOURCE = Path(__file__).parents[2] / "data" / "demo" / "gep"


@pytest.fixture(scope="module")
def made():
    return gep(demo.folder() / "gep" / "project.toml")


def maker():
    spec = importlib.util.spec_from_file_location("make_gep", SOURCE / "make.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_maker_makes_and_what_is_packaged(tmp_path):
    module = maker()
    module.main(["--out", str(tmp_path)])
    packaged = demo.folder() / "gep"
    assert {path.name for path in packaged.iterdir() if path.is_file()} == set(module.FILES)
    for name in module.FILES:
        assert (packaged / name).read_bytes() == (SOURCE / name).read_bytes(), name
        if name.endswith(".tif"):
            with rasterio.open(tmp_path / name) as a, rasterio.open(SOURCE / name) as b:
                np.testing.assert_array_equal(a.read(), b.read())
                assert a.transform == b.transform
        else:
            assert (tmp_path / name).read_bytes() == (SOURCE / name).read_bytes(), name


def test_sums_agree_to_the_fen(made):
    account, tables = made.account, gep_tables(made)
    counted = account.counted
    total = account.total_fen
    assert total == 15_959_554_668
    assert counted["value_fen"].sum() == total  # units: every row is of one unit
    for name in ("gep_items", "gep_townships", "gep_supply", "gep_use"):
        assert tables[name]["value_fen"].sum() == total, name
    parts = tables["gep_parts"]
    assert parts.loc[parts["counted"], "value_fen"].sum() == total
    by_set = tables["gep_set_items"].groupby("price_set")["value_fen"].sum()
    assert by_set.to_dict() == account.sets.set_index("price_set")["total_fen"].to_dict()
    assert by_set["gep-prices-garze@2010"] == total
    assert len(by_set) == 5


def test_what_is_on_record_by_hand(made):
    """Rice 1,200 × 2,800, greens 3,500 × 3,100, timber 2,600 × 900, pigs (300 - 120) × 16,000,
    fish 85 × 15,000; water 550,000 × 2.6 + 300,000 × 3.1; visits 25,000 × 180 [CNY]."""
    worth = made.account.items.set_index("item")["value_fen"]
    assert worth["products"] == 2_070_500_000
    assert worth["water_supply"] == 236_000_000
    assert worth["tourism"] == 450_000_000


def test_every_number_leads_to_formula_parameter_and_edition(made):
    for row in made.account.parts.to_dict("records"):
        text = explain_gep(made, f"{row['item']}/{row['part']}", lang="en")
        for line in ("formula", "source of the formula", "standard", "confidence"):
            assert f"  {line}: " in text, text
        assert "gep-gbt-46869@2025" in text
        if row["price_source"] not in {"", "record"}:
            assert "gep-prices-garze@2010: " in text
    silt = explain_gep(made, "soil_retention/silt", lang="en")
    assert "gep-formulas@2026-1" in silt
    assert "ls_factor = moore-burch: ../dem.tif" in silt
    assert "r_factor = wischmeier: rain.tif" in silt
    assert "k_factor = epic-china: sand.tif" in silt
    parts = gep_tables(made)["gep_parts"].set_index("part")
    told = "(cell by cell, wischmeier, epic-china, moore-burch)"
    assert parts.loc["silt", "origin_en"].endswith(told)
    assert "(" not in parts.loc["carbon_dioxide", "origin_zh"]
    assert "栅格由来" in explain_gep(made, "soil_retention/silt", lang="zh")
    assert "rasters made of" not in explain_gep(made, "carbon_fixation", lang="en")


def test_the_map_of_soil_has_what_the_account_has(made, tmp_path):
    """Silt is 0.24 of the soil over its density; cells cut by borders make what is left."""
    names = write_gep(made, tmp_path / "out", formats=())
    assert {"ls_factor.tif", "soil_retained_t_ha.tif"} <= set(names)
    rows = made.account.rows.query("part == 'silt'").set_index("unit_id")
    land = made.units.set_index("stand").loc[rows.index]
    kept = made.rasters["soil_retained_t_ha"]
    mean = spatial.zonal_statistics(
        land.geometry.to_crs(kept.attrs["crs"]), kept, statistics=["mean"]
    )["mean"].to_numpy()
    of_map = mean * land["area_dm2"].to_numpy() * 1e-6
    ratio = rows["quantity_milli"].to_numpy() / 1000 / of_map
    assert ratio.sum() == pytest.approx(len(ratio) * np.median(ratio), rel=0.02)
    whole = rows["quantity_milli"].sum() / 1000 / np.median(ratio)
    assert whole == pytest.approx(of_map.sum(), rel=0.01)


def test_what_the_guards_say_of_steep_made_up_land(made):
    codes = set(made.findings["code"])
    assert {"E486", "E487", "E493", "E496", "E503"} <= codes
    worst = made.findings.query("code == 'E487'")
    assert worst["action"].tolist() == ["excluded"]
    assert made.vep.value_fen < made.total_fen
