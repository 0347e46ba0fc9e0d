"""The account of services of the demo township, with tables made up for it."""

import json
import shutil
import subprocess
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import openpyxl
import pandas as pd
import pyogrio
import pytest
import rasterio
from click.testing import CliRunner
from rasterio import Affine

from ecogis import demo
from ecogis.cli.main import main
from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.pipeline.gep import gep
from ecogis.pipeline.gep_account import accounted
from ecogis.pipeline.gep_inputs import carbon_kg
from ecogis.pipeline.gep_outputs import write_gep
from ecogis.pipeline.gep_tables import explain_gep, gep_tables
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
    with rasterio.open(
        home / "ls.tif", "w", driver="GTiff", width=1, height=1, count=1, dtype="float32",
        crs="EPSG:4490", transform=Affine(half - west, 0.0, west, 0.0, south - north, north),
    ) as raster:  # fmt: skip
        raster.write(np.full((1, 1), 2.5, dtype="float32"), 1)
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

    def account(credited=0, **edits):
        run = Run(open_project(_changed(folder, tmp_path, **edits)))
        run.layers, run.left = grown.layers, dict(grown.left)
        vintages = pd.DataFrame({"vintage": [2026], "credit_kg": [credited]})
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
    """I12."""
    forecast = grown.left["forecast"]
    ends = [np.datetime64(f"{year}-01-01", "ns") for year in (2026, 2027)]
    first, last = (int(forecast["co2e_kg"].sel(instant=end).sum()) for end in ends)
    rows = made.account.rows
    tonnes = rows.loc[rows["part"].eq("carbon_dioxide"), "quantity_milli"]
    assert tonnes.sum() == last - first
    assert carbon_kg(grown, 1999).empty


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
    layer = pyogrio.read_dataframe(out / "gep.gpkg")
    assert len(layer) == len(made.units)
    assert layer["gep_fen"].sum() == made.units["gep_fen"].sum()
    assert layer["carbon_fixation"].sum() == made.units["carbon_fixation"].sum()


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
    assert "Gross Ecosystem Product" in page
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
    assert (tmp_path / "out" / "gep_change.csv").is_file()


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
