"""The whole chain on two hectares that can be followed by hand."""

import json
import shutil
from datetime import date
from decimal import Decimal

import geopandas
import pandas as pd
import pytest
from shapely import box

from ecogis.methods import parameters


def _record(tiny):
    return json.loads((tiny.folder / "out" / "run.json").read_text(encoding="utf-8"))


def test_a_sound_project_is_done_and_says_so_in_ten_lines(sound):
    assert sound.done.exit_code == 0
    assert len(sound.done.stdout.strip().splitlines()) == 10
    total = sound.record["results"]["totals"]
    assert total["pieces"] == 2
    assert total["creditable_ha"] == total["pledgeable_ha"] == pytest.approx(2.0, abs=0.001)
    assert total["excluded_ha"] == total["unknown_ha"] == 0.0


def test_credits_are_the_change_of_stock_less_the_buffer(sound):
    """Each kilogram of the project is the growth of its stands less ten per cent, rounded up."""
    total = sound.record["results"]["totals"]
    crediting = parameters("ccer-14-001-crediting")
    share = Decimal(str(crediting.value("non_permanence_risk", date(2026, 8, 31), "1")))
    assert total["buffer_kg"] >= share * total["removal_kg"]
    assert total["buffer_kg"] - share * total["removal_kg"] < 20
    assert total["credit_kg"] == total["removal_kg"] - total["buffer_kg"]
    assert total["issued_t"] == total["credit_kg"] // 1000


def test_the_layer_of_pieces_carries_verdicts_in_words(sound):
    pieces = geopandas.read_file(sound.out / "pieces.gpkg", layer="地块")
    assert pieces["creditable"].tolist() == ["yes", "yes"]
    assert pieces["clause_a"].tolist() == ["yes", "yes"]
    assert pieces["parcel"].str.len().tolist() == [19, 19]


def test_doubling_volume_doubles_carbon_to_the_kilogram(sound, tiny):
    once = sound.record["results"]["totals"]["stock_co2e_kg_valuation"]
    tiny.stands["HUO_LMGQXJ"] *= 2
    tiny.stands["ZXJ"] *= 2
    tiny.run()
    twice = _record(tiny)["results"]["totals"]["stock_co2e_kg_valuation"]
    assert abs(twice - 2 * once) <= 2


def test_forest_in_the_three_years_before_earns_nothing(tiny):
    tiny.tables["land_history"].loc[0, ["终止年", "地类"]] = ["2013", "乔木林地"]
    done = tiny.run()
    assert done.exit_code == 0, done.output
    pieces = geopandas.read_file(tiny.folder / "out" / "pieces.gpkg", layer="地块").set_index(
        "stand"
    )
    assert pieces.loc["S1", "creditable"] == "no"
    assert pieces.loc["S1", "credit_kg"] == 0
    assert pieces.loc["S2", "credit_kg"] > 0


@pytest.mark.parametrize("name", ["documents", "land_history", "rights"])
def test_an_empty_table_is_not_known_and_never_yes(tiny, name):
    tiny.tables[name] = tiny.tables[name].iloc[:0]
    done = tiny.run()
    assert done.exit_code == 0, done.output
    total = _record(tiny)["results"]["totals"]
    assert total["pledgeable_ha"] == 0.0
    assert total["excluded_ha"] == 0.0


def test_a_missing_table_of_encumbrances_is_not_known(tiny):
    start = tiny.text.index("encumbrances = {")
    tiny.text = tiny.text[:start] + tiny.text[tiny.text.index("\n", start) + 1 :]
    done = tiny.run()
    assert done.exit_code == 0, done.output
    pieces = geopandas.read_file(tiny.folder / "out" / "pieces.gpkg", layer="地块")
    assert set(pieces["clause_e"]) == {"unknown"}
    assert _record(tiny)["results"]["totals"]["pledgeable_ha"] == 0.0


def test_a_small_plot_does_not_lean_on_a_neighbour_that_may_not_count(tiny):
    """Two plots of 400 m2 planted in 2014, when 667 m2 were asked: together enough, alone not."""
    x, y = 38_510_000.0, 2_667_000.0
    plots = [box(x, y, x + 20, y + 20), box(x + 20, y, x + 40, y + 20)]
    for layer in (tiny.stands, tiny.parcels):
        layer["geometry"] = plots
    tiny.stands["MIAN_JI"], tiny.parcels["ZDMJ"] = 0.04, 400.0
    tiny.stands["ZXJ"] = tiny.stands["HUO_LMGQXJ"] * 0.04
    assert tiny.run().exit_code == 0
    assert _record(tiny)["results"]["totals"]["creditable_ha"] == pytest.approx(0.08, abs=1e-3)
    tiny.tables["land_history"] = tiny.tables["land_history"].iloc[:1]
    assert tiny.run().exit_code == 0
    total = _record(tiny)["results"]["totals"]
    assert total["creditable_ha"] == 0.0
    assert total["unknown_ha"] == pytest.approx(0.08, abs=1e-3)


def test_instalments_due_before_any_income_are_told_once(tiny):
    """Without costs there is a loan; its first 46 instalments fall before the first issuance."""
    start = tiny.text.index("costs = [")
    tiny.text = (
        tiny.text[:start] + "costs = []\n" + tiny.text[tiny.text.index("\n]\n", start) + 3 :]
    )
    assert tiny.run().exit_code == 0
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv", dtype=str)
    told = findings[findings["code"] == "E552"]
    assert len(told) == 1
    assert "2030-06-30" in told["message_en"].item()
    assert told["observed"].item() == "0.00"


def test_a_cost_before_the_valuation_date_is_told_once(tiny):
    tiny.text = tiny.text.replace("date = 2027-03-31", "date = 2026-03-31")
    assert tiny.run().exit_code == 0
    findings = pd.read_csv(tiny.folder / "out" / "findings.csv", dtype=str)
    assert (findings["code"] == "E533").sum() == 1


def test_a_stand_whose_age_belies_its_planting_year_earns_nothing(tiny):
    tiny.stands.loc[0, "PINGJUN_NL"] = 14
    assert tiny.run().exit_code == 0
    pieces = geopandas.read_file(tiny.folder / "out" / "pieces.gpkg", layer="地块")
    assert pieces.set_index("stand")["credit_kg"].gt(0).to_dict() == {"S1": False, "S2": True}


def test_layers_that_nowhere_meet_are_refused_and_when_accepted_give_no_piece(tiny):
    tiny.parcels["geometry"] = tiny.parcels.geometry.translate(5_000.0, 0.0)
    done = tiny.run()
    assert done.exit_code == 1
    assert "E619" in done.output
    accepted = '[policy]\naccept = [{ code = "E619", because = "两图层本不相接" }]'
    tiny.text = tiny.text.replace("[policy]", accepted, 1)
    done = tiny.run()
    assert done.exit_code == 0, done.output
    assert _record(tiny)["results"]["totals"]["pieces"] == 0


def test_every_set_the_run_asked_stands_in_the_manifest(sound):
    record = sound.record
    named = {entry["id"] for entry in record["parameter_sets"]}
    assert {"growth-south-china", "ccer-14-001-crediting", "biomass-inventory"} <= named
    assert record["guideline"]["id"] == "t-gzgfa-8-2026"


def test_outside_guangdong_the_guideline_is_used_by_analogy(tiny):
    tiny.text = tiny.text.replace('province = "44"', 'province = "36"')
    done = tiny.run()
    assert done.exit_code == 0, done.output
    assert _record(tiny)["results"]["analogy"] is True
    findings = (tiny.folder / "out" / "findings.csv").read_text(encoding="utf-8-sig")
    assert "E270" in findings


def test_the_order_of_rows_changes_nothing(sound, tiny):
    tiny.stands, tiny.parcels = tiny.stands.iloc[::-1], tiny.parcels.iloc[::-1]
    tiny.tables = {name: table.iloc[::-1] for name, table in tiny.tables.items()}
    tiny.run()
    assert _record(tiny)["results"] == sound.record["results"]


def test_json_is_one_object(tiny):
    done = tiny.run("assess", "--json")
    assert json.loads(done.stdout)["results"]["totals"]["stands"] == 2


def test_verify_finds_a_changed_output(sound, tmp_path):
    from click.testing import CliRunner

    from ecogis.cli.main import main

    out = shutil.copytree(sound.out, tmp_path / "out")
    manifest = str(out / "run.json")
    assert CliRunner().invoke(main, ["verify", manifest]).exit_code == 0
    findings = out / "findings.csv"
    findings.write_bytes(findings.read_bytes() + b"\n")
    done = CliRunner().invoke(main, ["verify", manifest])
    assert done.exit_code == 1
    assert "changed" in done.stdout


def test_check_lists_findings_and_writes_nothing(tiny):
    tiny.stands.loc[0, "HUO_LMGQXJ"] = -5.0
    done = tiny.run("check")
    assert done.exit_code == 1
    assert "E220" in done.output
    assert not (tiny.folder / "out").exists()


def test_the_analyst_gets_frames_and_faces(tiny, tmp_path):
    import ecogis as eg

    tiny.write()
    result = eg.assess(eg.open(tiny.folder / "project.toml"))
    assert isinstance(result.pieces, geopandas.GeoDataFrame)
    assert result.pieces.crs.to_epsg() == 4490
    assert result.forecast["co2e_kg"].dtype == "int64"
    assert len(result.credits) == 20
    assert set(result.valuation["kind"]) == {"issuance", "cost"}
    assert result.report(tmp_path / "bank.html", lang="en").stat().st_size > 10_000
    assert result.map(tmp_path / "map.png").read_bytes()[:4] == b"\x89PNG"
    with pytest.raises(eg.EcogisError, match="E564"):
        result.map(tmp_path / "map.png", name="map_of_dragons")


def test_a_stage_works_alone(tiny):
    """杉木 of 60 m3/ha at ten years, three years on, by the library's curve."""
    import ecogis as eg

    findings = eg.Findings()
    tiny.write()
    stands = eg.io.read_layer(
        tiny.folder / "stands.gpkg", layer="小班_2024", profile="cn-forest-map",
        role="stands", findings=findings,
    )  # fmt: skip
    curves = eg.growth.curve_set("growth-south-china", date(2026, 8, 31))
    days = [date(2024, 12, 31), date(2027, 12, 31)]
    volume = eg.growth.standing_volume(stands, days, curves=curves, findings=findings)
    assert volume.sel(stand="S1").to_numpy()[0] == pytest.approx(60.0)
    table = eg.growth.age_table(curves)
    curve = curves.by_species["杉木"]
    grown = 60.0 * table.at(curve, 13) / table.at(curve, 10)
    assert volume.sel(stand="S1").to_numpy()[1] == pytest.approx(grown)


def test_a_principal_adjusted_above_its_limit_is_refused(tiny):
    tiny.text += (
        '\n[[report.adjustments]]\nfigure = "principal"\nvalue = 9e9\n'
        'because = "参照同类成交"\nby = "签字评估师甲"\n'
    )
    done = tiny.run()
    assert done.exit_code == 1
    assert "E924" in done.output
