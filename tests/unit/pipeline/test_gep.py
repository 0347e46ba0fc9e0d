"""The account of services of the demo township, with tables made up for it."""

import copy
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import geopandas
import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
from click.testing import CliRunner
from rasterio import Affine
from shapely import box

from ecogis import demo, overlay, services
from ecogis.cli.main import main
from ecogis.core.errors import ConfigError, NotInForceError, StageRefusedError, UnitError
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.pipeline.gep import gep
from ecogis.pipeline.gep_account import accounted
from ecogis.pipeline.gep_inputs import carbon_kg, constants, land_units
from ecogis.pipeline.gep_outputs import write_gep
from ecogis.pipeline.gep_tables import gep_tables
from ecogis.pipeline.gep_traces import explain_gep
from ecogis.pipeline.run import Run, open_project
from ecogis.pipeline.stages import run_stages

GEP = """
[gep]
year = 2026
standard = "gep-gbt-46869@2025"
prices = "gep-prices-garze@2010"
because = "虚构数据,仅供测试"
records = "records.csv"
values = "values.csv"
rasters = { ls_factor = "ls.tif" }
soil = "Garze"
lake_region = "东部平原"
population = 12000.0
allowable_cut_m3 = 3000.0

[gep.users]
water = { households = 0.5, industry = 0.5 }

[gep.vep]
parcels = ["PARCEL"]
sold = { water_retention = 0.5 }
years = 10
rate = 0.05
because = "虚构数据,仅供测试"
loan_cny = 300000.0
"""
RECORDS = """项目,分项,产品,乡镇,数量,单位,单价,其中来自区外,记录类型
products,crops,稻谷,441899101,1200,吨,2800,,
products,livestock,=1+1 & <猪>,441899101,300,吨,16000,120,
water_supply,water_domestic,,441899101,55,万立方米,2.6,,
flood_mitigation,lake,虚构湖,441899101,0.5,平方公里,,,
tourism,visits,,,2.5,万人次,180,,
"""
VALUES = """变量,值,小班编号,地类
rain_mm,1700,,
runoff_mm,600,,乔木林地
runoff_mm,850,,
et_mm,780,,
r_factor,4000,,
k_factor,0.03,,
ls_factor,2,,
cover_factor,0.005,,乔木林地
cover_factor,0.1,,
practice_factor,1,,
transpiration_heat,400,,乔木林地
cooling_days,80,,
ls_factor,3,STAND,
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The demo's inputs with a section [gep] and its tables."""
    home = tmp_path_factory.mktemp("gep") / "demo"
    shutil.copytree(demo.folder(), home, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (home / "records.csv").write_text(RECORDS, encoding="utf-8")
    run = Run(open_project(home / "project.toml"))
    run_stages(run, "overlay", None)
    stand = str(run.layers["stands"]["stand"].iloc[0])
    parcel = str(run.layers["pieces"]["parcel"].iloc[0])
    (home / "values.csv").write_text(VALUES.replace("STAND", stand), encoding="utf-8")
    west, south, east, north = run.layers["stands"].total_bounds
    half = (west + east) / 2
    for name, bands in {
        "ls": [2.5],
        "p": [140.0] * 12,
        "t": [18.0] * 12,
        "s": [90.0, 60.0],
    }.items():
        with rasterio.open(
            home / f"{name}.tif", "w", driver="GTiff", width=1, height=1, count=len(bands),
            dtype="float32", crs="EPSG:4490",
            transform=Affine(half - west, 0.0, west, 0.0, south - north, north),
        ) as raster:  # fmt: skip
            for number, value in enumerate(bands, 1):
                raster.write(np.full((1, 1), value, dtype="float32"), number)
    text = (home / "project.toml").read_text(encoding="utf-8")
    (home / "project.toml").write_text(text + GEP.replace("PARCEL", parcel), encoding="utf-8")
    return home


@pytest.fixture(scope="module")
def made(folder):
    return gep(folder / "project.toml")


@pytest.fixture(scope="module")
def grown(folder):
    """A run up to the forecast, which no [gep] changes."""
    run = Run(open_project(folder / "project.toml"))
    run_stages(run, "grow", None)
    return run


@pytest.fixture
def again(folder, grown, tmp_path):
    """The account with files changed, on the forecast of the module."""

    def account(credited=0, vintage=2026, townships=(), **edits):
        run = Run(open_project(_changed(folder, tmp_path, **edits)))
        run.layers, run.left = dict(grown.layers), dict(grown.left)
        if townships:
            stands = run.layers["stands"]
            names = np.resize(np.array(townships, dtype=object), len(stands))
            run.layers["stands"] = stands.assign(township=names)
        vintages = pd.DataFrame({"vintage": [vintage], "credit_kg": [credited]})
        run.left["project"] = SimpleNamespace(vintages=vintages)
        found = accounted(run, run.config.gep)
        run.refuse()
        return found

    return account


@pytest.fixture(scope="module")
def out(made, tmp_path_factory):
    target = tmp_path_factory.mktemp("out") / "gep"
    write_gep(made, target, lang="zh")
    return target


def test_totals_add_up_over_items_units_townships_and_sets(made):
    account, tables = made.account, gep_tables(made)
    assert account.total_fen > 0
    assert tables["gep_items"]["value_fen"].sum() == account.total_fen
    assert tables["gep_townships"]["value_fen"].sum() == account.total_fen
    assert tables["gep_supply"]["value_fen"].sum() == account.total_fen
    assert tables["gep_use"]["value_fen"].sum() == account.total_fen
    assert account.sets["total_fen"].iloc[0] == account.total_fen
    by_set = tables["gep_set_items"].groupby("price_set")["value_fen"].sum()
    assert by_set.to_dict() == account.sets.set_index("price_set")["total_fen"].to_dict()
    on_land = account.counted[~account.counted["unit_id"].str.startswith("row ")]
    assert made.units["gep_fen"].sum() == on_land["value_fen"].sum()
    assert len(account.sets) == 5


def test_carbon_is_the_carbon_stages_own_to_the_kilogram(made, grown):
    """I12; of stands that share ground with another, by the area that is theirs alone."""
    forecast = grown.left["forecast"]
    ends = [np.datetime64(f"{year}-01-01", "ns") for year in (2026, 2027)]
    first, last = (forecast["co2e_kg"].sel(instant=end).to_series() for end in ends)
    rows = made.account.rows
    tonnes = rows[rows["part"].eq("carbon_dioxide")].set_index("unit_id")["quantity_milli"]
    pairs = grown.left["overlay"].contested.query("kind == 'stands'")
    both = {*pairs["left"], *pairs["right"]}
    outside = grown.findings.table().query("code == 'E348'")["feature"].tolist()
    alone = tonnes.index.difference([*both, *outside])
    stock = (last - first).reindex(tonnes.index)
    assert (tonnes[alone] == stock[alone]).all()
    shared = tonnes.index.difference(alone)
    assert len(shared) > 2
    assert tonnes[shared].sum() < stock[shared].sum()
    assert tonnes[[name for name in outside if name in tonnes.index]].eq(0).all()
    units = land_units(grown)
    assert carbon_kg(grown, 1999, units).empty
    own = grown.layers["stands"].set_index("stand")["area_dm2"]
    assert set(own.index[units["area_dm2"].ne(own)]) == both | set(outside)


def test_ground_two_stands_claim_is_in_neither_and_what_two_parcels_claim_stays():
    """A and B share 10 of their 100 m, C lies apart; two parcels share 20 m of C and 10 of A."""
    x, y = 38_510_000.0, 2_667_000.0
    stands, parcels = (
        geopandas.GeoDataFrame(
            {key: list(names), "area_dm2": [round(each.area * 100) for each in shapes]},
            geometry=shapes, crs=4526,
        )
        for key, names, shapes in (
            ("stand", "ABC", [box(x + a, y, x + a + 100, y + 100) for a in (0, 90, 300)]),
            ("parcel", "PQRS", [box(x + a, y, x + b, y + 100)
                                for a, b in ((0, 50), (40, 80), (300, 360), (340, 400))]),
        )
    )  # fmt: skip
    run = SimpleNamespace(
        layers={"stands": stands.assign(township="t", land_class="")}, findings=Findings(),
        left={"overlay": overlay.pieces(stands, parcels, Findings())},
    )  # fmt: skip
    contested = run.left["overlay"].stand_remainder["contested_dm2"].tolist()
    assert contested == pytest.approx([200_000, 100_000, 200_000], abs=2)
    area = land_units(run)["area_dm2"].tolist()
    assert area == pytest.approx([900_000, 900_000, 1_000_000], abs=2)
    assert area[2] == stands["area_dm2"][2]
    told = run.findings.table()
    assert told["code"].tolist() == ["E961"]
    assert told["message_en"].item().startswith("0.20 ha of 2 stands")


def test_a_borrowers_parcel_on_a_stand_outside_the_boundary_has_nothing_there(made, grown):
    one = grown.layers["pieces"].dropna(subset=["parcel"]).iloc[0]
    run = copy.copy(grown)
    run.findings, run.left = Findings(), {**grown.left, "outside_stands": {one["stand"]}}
    area = land_units(run)["area_dm2"]
    land = services.land_of(grown.layers["pieces"], [one["parcel"]], area)
    assert land[one["stand"]] == 0.0
    found = services.vep(made.account, land, {"water_retention": 0.5}, years=1, rate=0.0)
    other = land.drop(one["stand"])
    less = services.vep(made.account, other, {"water_retention": 0.5}, years=1, rate=0.0)
    assert found.value_fen == less.value_fen


def test_where_nothing_was_found_nothing_limits(made):
    tables = gep_tables(replace(made, findings=Findings().table()))
    assert tables["gep_limits"].empty


def test_stand_before_raster_before_table_is_on_record(made):
    rows = made.account.rows.query("part == 'silt'").set_index("unit_id")
    origins = rows["origin"].value_counts()
    assert origins.index.tolist() == sorted(origins.index, key=lambda name: -origins[name])
    assert set(origins.index) == {"stand+table", "raster+table", "table"}
    assert origins["stand+table"] == 1


def test_what_is_given_once_is_taken_out(made):
    cut = made.adjustments.set_index("rule")
    assert cut.loc["outside", "cut_milli"] == 120_000
    assert "E503" in made.findings["code"].tolist()


def test_the_borrowers_land_is_a_cross_check(made):
    assert made.vep.value_fen > 0
    assert made.vep.value_fen < made.total_fen
    note = made.findings.query("code == 'E496'")["severity"].tolist()
    assert note == ["note"]


def test_every_part_has_a_trace_to_formula_parameter_and_edition(made):
    for row in made.account.parts.to_dict("records"):
        for lang, words in (("zh", ("公式", "标准", "可信度")), ("en", ("formula", "standard"))):
            text = explain_gep(made, f"{row['item']}/{row['part']}", lang=lang)
            assert all(f"  {word}" in text for word in words), text
            assert "gep-gbt-46869@2025" in text
            if row["price_source"] not in {"", "record"}:
                assert "gep-prices-garze@2010" in text
    silt = explain_gep(made, "soil_retention/silt", lang="en")
    assert "sediment_share = 0.24 [gep-formulas@2026-1]" in silt
    assert "15.58 (2010)" in silt
    assert "typed in without a source: " in silt
    lake = explain_gep(made, "flood_mitigation/lake", lang="en")
    assert lake.splitlines()[-1] == "  confidence: assumed"
    assert silt.splitlines()[-1] == "  confidence: assumed"
    with pytest.raises(ConfigError, match="E002"):
        explain_gep(made, "nothing")


def test_numbers_asked_for_are_listed_with_source_and_mark(made):
    used = made.parameters[made.parameters["set"].str.startswith("gep-")]
    assert {"sediment_share", "reservoir", "cooling_efficiency"} <= set(used["name"])
    assert used["confidence"].isin(["quoted", "inferred", "recalled", "assumed"]).all()


def test_the_files_are_there_and_verified(out):
    names = {path.name for path in out.iterdir()}
    assert {"gep.docx", "gep.html", "gep.xlsx", "gep.gpkg", "gep_items.csv", "run.json"} <= names
    done = CliRunner().invoke(main, ["verify", str(out / "run.json")])
    assert done.exit_code == 0, done.output
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    assert record["schema"] == "ecogis-gep/1"
    assert {entry["role"] for entry in record["inputs"]} >= {
        "gep_records", "gep_values", "gep_rasters", "stands"}  # fmt: skip


def test_the_map_layer_carries_each_item(out, made):
    layer = pyogrio.read_dataframe(out / "gep.gpkg", layer="生态产品价值")
    assert len(layer) == len(made.units)
    assert layer["gep_fen"].sum() == made.units["gep_fen"].sum()
    assert layer["carbon_fixation"].sum() == made.units["carbon_fixation"].sum()


def test_the_map_layer_opens_styled_and_with_chinese_names_in_qgis(out):
    with closing(sqlite3.connect(out / "gep.gpkg")) as database:
        (name, qml), *more = database.execute("SELECT f_table_name, styleQML FROM layer_styles")
        query = "SELECT column_name, title FROM gpkg_data_columns"
        titles = dict(database.execute(query).fetchall())
    assert (name, more) == ("生态产品价值", [])
    assert "graduatedSymbol" in qml
    assert "元/公顷" in qml
    assert titles["stand"] == "小班"
    assert titles["water_retention"] == "水源涵养 (分)"
    assert titles["area_dm2"] == "面积 (0.01 m²)"


def test_the_workbook_adds_up_again_in_libreoffice(out, program, tmp_path, made):
    """Totals are formulas; the checks close; a hostile product stays text."""
    subprocess.run(
        [program("soffice"), f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "xlsx:Calc MS Excel 2007 XML", "--outdir", str(tmp_path),
         str(out / "gep.xlsx")],
        capture_output=True, check=True, timeout=240,
    )  # fmt: skip
    written = openpyxl.load_workbook(out / "gep.xlsx")
    saved = openpyxl.load_workbook(out / "gep.xlsx", data_only=True)
    again = openpyxl.load_workbook(tmp_path / "gep.xlsx", data_only=True)
    formulas = 0
    for sheet in written.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    formulas += 1
                    value = saved[sheet.title][cell.coordinate].value
                    assert again[sheet.title][cell.coordinate].value == pytest.approx(value)
    assert formulas > 12
    assert saved["GEP 项目"].cell(
        saved["GEP 项目"].max_row, 5).value == pytest.approx(made.total_fen / 100)  # fmt: skip
    texts = {cell.value for row in saved["GEP 分项"].iter_rows() for cell in row}
    assert "=1+1 & <猪>" in texts


def test_two_languages_and_the_same_bytes(made, tmp_path):
    for name in ("a", "b"):
        write_gep(made, tmp_path / name, lang="en", formats=("html", "xlsx", "gpkg"))
    for file in sorted(path.name for path in (tmp_path / "a").iterdir()):
        if file != "run.json":
            same = (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()
            assert same, file
    page = (tmp_path / "a" / "gep.html").read_text(encoding="utf-8")
    assert "Account of the gross ecosystem product" in page
    assert "<猪>" not in page


def _changed(folder, tmp_path, **edits):
    home = tmp_path / "changed"
    shutil.copytree(folder, home, dirs_exist_ok=True)
    for name, (old, new) in edits.items():
        file = home / f"{name}.{'toml' if name == 'project' else 'csv'}"
        text = file.read_text(encoding="utf-8")
        assert old in text
        file.write_text(text.replace(old, new), encoding="utf-8")
    return home / "project.toml"


def test_two_years_at_the_command_line(again, folder, tmp_path, monkeypatch, made):
    """The project's account, then that of the year before; each by the path it is asked for."""
    earlier = again(project=("year = 2026", "year = 2025"), records=("1200,吨", "1100,吨"))
    monkeypatch.setattr(
        "ecogis.cli.gep.accounted",
        lambda project, **_: earlier if project == Path("earlier.toml") else made,
    )
    words = ["gep", str(folder / "project.toml"), "--out", str(tmp_path / "out"), "--quiet",
             "--format", "xlsx", "--before", "earlier.toml", "--json"]  # fmt: skip
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    told = json.loads(done.output)
    assert told["results"]["total_fen"] == made.total_fen
    change = pd.DataFrame(told["change"])
    effects = change[["quantity_effect_fen", "price_effect_fen", "coverage_fen"]].sum()
    assert effects.sum() == change["value1_fen"].sum() - change["value0_fen"].sum()
    rice = change.set_index("product").loc["稻谷"]
    assert (rice["quantity_effect_fen"], rice["price_effect_fen"]) == (28_000_000, 0)
    read = pd.read_csv(tmp_path / "out" / "gep_change.csv").set_index("product").loc["稻谷"]
    assert (read["part_en"], read["quantity1"] - read["quantity0"]) == ("crops", 100.0)
    assert read["change_fen"] == 28_000_000
    book = openpyxl.load_workbook(tmp_path / "out" / "gep.xlsx", read_only=True)
    assert "GEP 两年变化" in book.sheetnames


def test_carbon_that_is_pledged_is_not_sold(again, made, monkeypatch):
    """A live pledge of 2030 on the borrower's parcel, whose carbon is sold for ten years."""
    parcel = made.project.config.gep.vep.parcels[0]
    carbon = ("sold = { water_retention = 0.5 }", "sold = { carbon_fixation = 0.5 }")
    monkeypatch.setattr("ecogis.pipeline.gep_claims.own_claims", lambda _: None)
    assert again(project=carbon).findings["code"].eq("E572").sum() == 1
    for vintage, on, pledged in ((2030, parcel, True), (2036, parcel, False), (2030, "X", False)):
        claims = pd.DataFrame(
            {"claim": ["1"], "right": [None], "parcel": [on], "vintage": [vintage], "lender": "L"}
        )
        monkeypatch.setattr("ecogis.pipeline.gep_claims.own_claims", lambda _, c=claims: c)
        if pledged:
            with pytest.raises(StageRefusedError, match="E573"):
                again(project=carbon)
        else:
            assert not again(project=carbon).findings["code"].isin(["E572", "E573"]).any()


def test_a_record_of_a_township_without_stands_is_told(again):
    found = again(records=("稻谷,441899101", "稻谷,441899199")).findings.query("code == 'E570'")
    assert found["observed"].tolist() == ["441899199"]


def test_gaps_of_items_that_do_not_count_limit_nothing(made):
    memo = set(made.account.items.loc[~made.account.items["counted"], "item"])
    shown = gep_tables(made)["gep_limits"].query("code == 'E501'")["feature"]
    assert len(shown)
    assert not set(shown.str.partition("/")[0]) & memo


def test_an_item_is_explained_at_the_command_line(folder, monkeypatch, made):
    monkeypatch.setattr("ecogis.cli.gep.accounted", lambda *_, **__: made)
    words = ["gep", str(folder / "project.toml"), "--explain", "carbon_fixation", "--quiet"]
    done = CliRunner().invoke(main, words)
    assert done.exit_code == 0, done.output
    assert "碳储量模块" in done.output


@pytest.mark.parametrize(
    ("edits", "code"),
    [
        ({"records": ("稻谷,441899101,1200,吨", "稻谷,441899101,-1,吨")}, "E490"),
        ({"values": ("k_factor,0.03", "k_factor,30")}, "E500"),
        ({"values": ("r_factor,4000", "rfactor,4000")}, "E490"),
        ({"values": ("r_factor,4000,,", "r_factor,4000,X1,")}, "E490"),
        ({"values": ("r_factor,4000,,", "r_factor,4000,,\nr_factor,5000,,")}, "E490"),
        ({"project": ("population =", "area_ha = 3.9\npopulation =")}, "E498"),
        ({"project": ("population =", 'carbon_claim = "sale"\npopulation =')}, "E497"),
        ({"project": ("sold = { water_retention", "sold = { carbon_fixation")}, "E497"),
        ({"records": ("crops,稻谷,441899101,1200,吨", "crops,稻谷,441899101,1200,")}, "E490"),
        ({"records": ("products,crops,稻谷,441899101,1200,吨,2800,,",
                      "products,forest_products,木材,441899101,180000,立方米,414.88,,")}, "E485"),
        ({"project": ("allowable_cut_m3 = 3000.0", ""),
          "records": ("products,crops,稻谷,441899101,1200,吨,2800,,",
                      "products,forest_products,木材,441899101,180000,立方米,414.88,,")}, "E485"),
        ({"records": ("products,crops,稻谷,441899101,1200,吨,2800,,",
                      "products,forest_products,活立木,,10,立方米,414.88,,stock")}, "E485"),
        ({"values": ("ls_factor,2,,", "soil_retained_t_ha,2985,,")}, "E487"),
        ({"values": ("cover_factor,0.1,,", "so2_t_ha,-0.1,,")}, "E500"),
    ],
)  # fmt: skip
def test_a_planted_fault_refuses_the_run(again, edits, code):
    with pytest.raises(StageRefusedError, match=code):
        again(credited=5_000, **edits)


WATER = "water_supply,water_domestic,,441899101,55,万立方米,2.6,,"
DEAR = "water_supply,water_domestic,,441899101,55,万立方米,26000,,"
INDUSTRY = "water_supply,water_industry,,441899101,1,亿立方米,,,"
NO_COP = (
    "[gep.constants.cooling_efficiency]\nvalue = 1.0\nbecause = '未计能效比'\n"
    "confidence = 'assumed'\n[gep.users]"
)


def test_planted_faults_that_are_told_and_do_not_refuse(again):
    """PC3, PC6, PC7 on record, PC8; and PC6 without a population."""
    made = again(
        values=("cover_factor,0.1,,", "cover_factor,0.1,,\nbulk_density,0.37,,"),
        records=(WATER, f"{DEAR}\n{INDUSTRY}"),
        project=("[gep.users]", NO_COP),
    )
    assert {"E488", "E492", "E493", "E494"} <= set(made.findings["code"])
    dear = made.findings.query("code == 'E493'")["feature"].astype(str)
    assert "water_supply/water_domestic" in set(dear)
    unchecked = again(records=(WATER, INDUSTRY), project=("population = 12000.0", ""))
    assert "E512" in set(unchecked.findings["code"])


USERS = "[gep.users]"
INDEX = f"[gep.deflator]\nindex = {{ now = 1.0 }}\nsource = '年鉴数据'\n{USERS}"
PRICE = (
    "[gep.own_prices.x]\nvalue = 1.0\nyear = 2020\nsource = '合同文本'\n"
    f"confidence = 'quoted'\n{USERS}"
)
PERCENT = (
    "[gep.constants.sediment_share]\nvalue = 24.0\nbecause = '百分数误作份额'\n"
    f"confidence = 'assumed'\n{USERS}"
)
CONSTANT = f"[gep.constants.x]\nvalue = 1.0\nbecause = '测试用值'\nconfidence = 'assumed'\n{USERS}"


@pytest.mark.parametrize(
    ("old", "new", "match"),
    [
        ('soil = "Garze"', 'soil = "Mars"', "Mars"),
        ("rasters = { ls_factor", "rasters = { slope", "slope"),
        (USERS, INDEX, "now"),
        (USERS, PRICE, "own_prices.x"),
        (USERS, CONSTANT, "constants.x"),
        (USERS, PERCENT, "sediment_share 24"),
        ("sold = { water_retention", "sold = { gold", "gold"),
        ('parcels = ["', 'parcels = ["NOWHERE", "', "NOWHERE"),
    ],
)
def test_a_name_that_is_not_known_is_refused(again, old, new, match):
    with pytest.raises(ConfigError, match=match):
        again(project=(old, new))


def test_a_project_without_the_section_is_told_so():
    with pytest.raises(ConfigError, match="gep"):
        gep(demo.folder() / "project.toml")


def test_an_own_constant_replaces_the_librarys(again, made):
    new = ("[gep.constants.sediment_share]\nvalue = 0.12\nbecause = '县水文站实测'\n"
           "confidence = 'quoted'\n[gep.users]")  # fmt: skip
    other = again(project=("[gep.users]", new))
    name = ["soil_retention", "silt"]
    before, after = (
        each.account.parts.set_index(["item", "part"]).loc[tuple(name), "quantity_milli"]
        for each in (made, other)
    )
    assert after == pytest.approx(before / 2, rel=1e-6)
    assert "县水文站实测" in explain_gep(other, "soil_retention/silt")


def test_frames_for_the_analyst(made):
    assert isinstance(made.account.items, pd.DataFrame)
    assert "gep-gbt-46869@2025, 2026" in repr(made)


COUNTY = ("441899101", "441899102", "441899103")
ELSEWHERE = """products,crops,稻谷,441899102,700.5,吨,2811.11,,
products,crops,稻谷,441899103,0.001,吨,2799.99,,
tourism,visits,,,2.5"""


def test_a_county_adds_up_over_items_units_townships_and_price_sets(again):
    """Stands dealt out to three townships, records in each; all sums by all ways, in fen."""
    made = again(townships=COUNTY, records=("tourism,visits,,,2.5", ELSEWHERE))
    account = made.account
    assert set(account.townships["township"]) == {*COUNTY, ""}
    rows = account.counted
    by_item = account.townships.groupby("item")["value_fen"].sum()
    items = account.items[account.items["counted"]].set_index("item")["value_fen"].dropna()
    assert by_item.to_dict() == items[items.index.isin(by_item.index)].to_dict()
    assert set(items.index) == set(by_item.index)
    units = rows.groupby("township")["value_fen"].sum()
    assert account.townships.groupby("township")["value_fen"].sum().to_dict() == units.to_dict()
    assert units.sum() == account.total_fen
    assert account.townships["value_fen"].dtype == "int64"
    quantities = account.rows[list(services.COLUMNS)]
    for label, total in account.sets[["price_set", "total_fen"]].itertuples(index=False):
        prices = services.PriceSet(parameters(label), 2026, services.Deflator({}, ""))
        under = services.account(
            quantities, year=2026, standard=account.standard, prices=prices, findings=Findings()
        )
        assert under.total_fen == total == under.townships["value_fen"].sum(), label
        assert under.items.loc[under.items["counted"], "value_fen"].sum() == total, label


def test_pc4_rice_in_tonnes_and_in_cubic_metres_is_never_one_figure(again):
    """Two rows of one product in two units: two lines wherever quantities are added."""
    twice = "稻谷,441899101,1200,吨,2800,,\nproducts,crops,稻谷,441899101,300,立方米,900,,"
    made = again(records=("稻谷,441899101,1200,吨,2800,,", twice))
    with pytest.raises(UnitError, match="E489"):
        services.physical_total(made.account.rows)
    tables = gep_tables(made)
    for name in ("gep_parts", "gep_supply", "gep_use"):
        rice = tables[name].query("product == '稻谷'").groupby("unit")["quantity_milli"].sum()
        assert rice.to_dict() == {"t": 1_200_000, "m3": 300_000}, name
    assert "E513" in set(made.findings["code"])


def test_pc5_oxygen_that_is_not_of_the_same_carbon(again, monkeypatch):
    """Garze's 8.1: as a constant it is out of range, as a record refused, and seen at the end."""
    garze = (
        "[gep.constants.oxygen_per_dioxide]\nvalue = 8.1\nbecause = '甘孜论文比值'\n"
        f"confidence = 'assumed'\n{USERS}"
    )
    with pytest.raises(ConfigError, match=r"oxygen_per_dioxide 8\.1"):
        again(project=(USERS, garze))
    with pytest.raises(StageRefusedError, match="E490"):
        again(records=(WATER, "oxygen_release,oxygen,,,25100,吨,1000,,"))
    monkeypatch.setattr(
        "ecogis.pipeline.gep_account.constants",
        lambda *given: constants(*given) | {"oxygen_per_dioxide": 8.1},
    )
    seen = again().findings.query("code == 'E491'")
    assert seen["observed"].tolist() == ["8.10"]


def test_pc13_without_a_rate_the_borrowers_land_is_worth_its_years(again, made):
    flat = again(project=("rate = 0.05", "rate = 0.0"))
    assert flat.vep.value_fen == 10 * flat.vep.yearly_fen
    assert made.vep.value_fen < flat.vep.value_fen


def test_pc15_an_area_in_acres_that_was_meant_in_mu(again, made):
    hectares = int(made.units["area_dm2"].sum()) * 1e-6
    with pytest.raises(StageRefusedError, match="E498"):
        again(project=("population =", f"area_ha = {hectares * 6.07:.2f}\npopulation ="))


def test_pc11_carbon_sold_over_a_term_and_credited_later(again):
    """Credits of 2030 are of the ten years for which the borrower's land sells its carbon."""
    sale = {"project": ("sold = { water_retention", "sold = { carbon_fixation")}
    with pytest.raises(StageRefusedError, match="E497"):
        again(credited=5_000, vintage=2030, **sale)
    assert again(credited=5_000, vintage=2040, **sale).vep.value_fen != 0


def test_a_land_class_nobody_understands_holds_for_no_land(again):
    """E147 may be accepted; the row is then not used, and does not hold for all land."""
    with pytest.raises(StageRefusedError, match="E490"):
        again(values=("transpiration_heat,400,,乔木林地", "transpiration_heat,400,,乔木林"))


def test_land_without_carbon_is_told_and_is_no_nought_on_the_map(made):
    known = made.account.rows.query("item == 'carbon_fixation'")["unit_id"]
    unknown = made.units[~made.units["stand"].isin(known)]
    assert len(unknown) > 0
    assert unknown["carbon_fixation"].isna().all()
    told = made.findings.query("code == 'E501' and feature == 'carbon_fixation/carbon_dioxide'")
    assert told["area_ha"].sum() == pytest.approx(unknown["area_dm2"].sum() * 1e-6)


def test_a_trace_goes_on_to_what_a_variable_is_computed_of(made):
    water = explain_gep(made, "water_retention/water", lang="en")
    assert "retention = P - R - ET (retention_mm; " in water
    silt = explain_gep(made, "soil_retention/silt", lang="en")
    assert "As = R * K * LS * (1 - C * P) (soil_retained_t_ha; " in silt
    assert "gep-formulas@2026-1: soil = Garze (bulk_density = " in silt
    carbon = explain_gep(made, "carbon_fixation", lang="en")
    growth = made.project.config.growth
    assert f"parameter sets: {growth.curves}; {growth.biomass}" in carbon
    assert "confidence: quoted" not in carbon


def test_a_year_before_a_constant_of_an_item_without_data(again):
    """2022: the efficiency of cooling is on record from 2023 on, and nothing is cooled."""
    old = again(
        project=("year = 2026", "year = 2022"),
        values=("transpiration_heat,400,,乔木林地\ncooling_days,80,,\n", ""),
    )
    assert old.account.year == 2022
    assert "cooling_efficiency" not in old.constants
    with pytest.raises(NotInForceError, match="cooling_efficiency"):
        again(project=("year = 2026", "year = 2022"))


WATER_OF_RASTERS = """[gep.water]
evapotranspiration = "zhang"
[gep.water.rain]
files = ["p.tif"]
[gep.water.potential]
formula = "thornthwaite"
temperature = ["t.tif"]
[gep.water.storms]
files = ["s.tif"]
[gep.users]"""


def test_water_and_floods_of_rain_temperatures_and_storms(again, made):
    """The western half has rasters; the eastern takes the table. Storm water counts once."""
    found = again(
        project=(USERS, WATER_OF_RASTERS),
        values=("et_mm,780,,", "et_mm,780,,\nplant_water,2,,\ncurve_number,70,,"),
    )
    rows = found.account.rows
    water = rows[rows["part"].eq("water")].set_index("unit_id")
    assert {"raster+table", "table"} == set(water["origin"])
    stands = found.units.set_index("stand")
    western = water.index[water["origin"].eq("raster+table")]
    storm = rows[rows["part"].eq("storm")].set_index("unit_id")
    assert set(storm.index) <= set(western)
    kept = 150.0 - services.year_runoff(70.0, 90.0, 60.0).item()
    area = stands.loc[storm.index, "area_dm2"].to_numpy() * 1e-6
    depth = storm["quantity_milli"].to_numpy() / 1e4 / area  # of the whole stand's area
    assert depth.max() == pytest.approx(kept, rel=1e-4)
    assert np.median(depth) == pytest.approx(kept, rel=1e-3)
    cut = found.adjustments.set_index("rule").loc["storm_once"]
    assert 0 < cut["cut_milli"] <= storm["quantity_milli"].sum()
    assert cut["before_milli"] - cut["cut_milli"] == water["quantity_milli"].sum()
    text = explain_gep(found, "water_retention/water", lang="en")
    assert "et_mm = zhang, by-cell: rain_mm, potential_et_mm (" in text
    assert "Zhang, Dawes and Walker 2001 [recalled]; cell by cell" in text
    assert "potential_et_mm = thornthwaite: t.tif (Thornthwaite 1948 [recalled])" in text
    assert "rain_mm = sum: p.tif (sum)" in text
    flood = explain_gep(found, "flood_mitigation/storm", lang="zh")
    assert "storm_runoff_mm = curve-number, by-cell: s.tif (" in flood
    assert "SCS 径流曲线数法 [recalled]" in flood
    files = {entry["file"] for entry in found.inputs}
    assert {"p.tif", "t.tif", "s.tif"} <= files
    assert not {"et_mm", "storm_runoff_mm"} & set(made.made_of)


def test_pc7_a_main_price_far_above_all_others_refuses_the_run(again):
    """The reservoir at 82.18 CNY a cubic metre, taken for a price of the year."""
    with pytest.raises(StageRefusedError, match="E964"):
        again(project=("gep-prices-garze@2010", "gep-prices-youyang@2023"))
