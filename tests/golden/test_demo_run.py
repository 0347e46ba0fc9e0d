"""The demo run, whole: figures that change only with a reason, faces that agree with run.json."""

import json
import os
import re
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path

import geopandas
import msgspec
import numba
import openpyxl
import pandas as pd
import pyogrio
import pytest
from click.testing import CliRunner

from ecogis import demo, pipeline
from ecogis.cli.main import main
from ecogis.core.vocabulary import FOREST, codes

HERE = Path(__file__).parent / "demo_run"
OUTPUTS = {
    "report.docx", "report.html", "report.pdf", "appraisal.docx", "appraisal.html",
    "appraisal.pdf", "explanation.docx", "explanation.html", "explanation.pdf", "schedule.xlsx",
    "tables.xlsx", "pieces.gpkg", "pledgeable.csv", "findings.csv", "datapackage.json",
    "run.json",
}  # fmt: skip


@pytest.fixture(scope="module")
def record(out):
    return json.loads((out / "run.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def findings(out):
    return pd.read_csv(out / "findings.csv", dtype=str)


@pytest.fixture(scope="module")
def pieces(out):
    return geopandas.read_file(out / "pieces.gpkg", layer="地块")


def test_every_output_is_there_and_hashed(out, record):
    assert {path.name for path in out.iterdir()} == OUTPUTS
    assert {entry["name"] for entry in record["outputs"]} == OUTPUTS - {"run.json"}
    done = CliRunner().invoke(main, ["verify", str(out / "run.json")])
    assert done.exit_code == 0, done.output


def test_headline_results_are_the_golden_ones(record):
    expected = json.loads((HERE / "results.json").read_text(encoding="utf-8"))
    assert record["results"] == expected


def test_every_planted_fault_is_found(findings):
    faults = pd.read_csv(demo.folder() / "faults.csv", dtype=str)
    coded = faults[faults["expected"].str.fullmatch(r"E\d{3}")]
    assert len(coded) > 40
    for fault in coded.itertuples():
        rows = findings[findings["code"] == fault.expected]
        told = (rows["feature"].fillna("") + " " + rows["message_zh"]).str.cat(sep="\n")
        assert fault.id in told, fault


def test_the_stand_outside_the_township_is_found_and_earns_nothing(findings, pieces):
    faults = pd.read_csv(demo.folder() / "faults.csv", dtype=str)
    outside = faults.loc[faults["fault"] == "stand outside the township", "id"].item()
    assert outside in set(findings.loc[findings["code"] == "E348", "feature"])
    assert not (pieces.loc[pieces["stand"] == outside, "credit_kg"] > 0).any()


def test_no_stand_that_was_forest_in_the_three_years_before_earns(pieces):
    """Recomputed from the inputs alone, without the stages."""
    history = pd.read_csv(demo.folder() / "land_history.csv", dtype=str)
    names = codes("land_class")
    forest = {names[code].zh for code in FOREST}
    earning = pieces[pieces["credit_kg"] > 0].drop_duplicates("stand")
    assert len(earning) > 100
    for stand in earning.itertuples():
        rows = history[history["小班编号"] == stand.stand]
        start = int(stand.planting_year)
        assert start > 2012
        for year in range(start - 3, start):
            covering = rows[
                (rows["起始年"].astype(int) <= year) & (rows["终止年"].astype(int) >= year)
            ]
            assert len(covering), (stand.stand, year)
            assert not set(covering["地类"]) & forest, (stand.stand, year)


def test_pieces_add_up_to_the_totals(pieces, record):
    total = record["results"]["totals"]
    assert len(pieces) == total["pieces"]
    assert int(pieces["area_dm2"].sum()) == round(total["pieces_ha"] * 1e6)
    parts = total["creditable_ha"] + total["excluded_ha"] + total["unknown_ha"]
    assert parts == pytest.approx(total["pieces_ha"], abs=1e-9)
    assert int(pieces["credit_kg"].sum()) == total["credit_kg"]
    assert int(pieces["pledgeable_kg"].sum()) == total["pledgeable_kg"]
    land = total["pieces_ha"] + total["without_parcel_ha"] + total["contested_ha"]
    assert land == pytest.approx(total["area_ha"], abs=1e-9)


def test_only_pieces_with_every_verdict_yes_are_pledged(pieces):
    pledged = pieces[pieces["pledgeable_kg"] > 0]
    assert len(pledged)
    for column in ("creditable", "pledgeable", *(f"clause_{letter}" for letter in "abcdef")):
        assert set(pledged[column]) == {"yes"}, column
    for letter in "abcdef":
        assert set(pieces[f"clause_{letter}"]) == {"yes", "no", "unknown"}, letter


def test_credits_never_exceed_removals(record):
    total = record["results"]["totals"]
    assert 0 < total["pledgeable_kg"] <= total["credit_kg"] <= total["removal_kg"]
    assert total["issued_t"] == total["credit_kg"] // 1000
    assert total["pledge_issued_t"] <= total["pledgeable_kg"] // 1000


def test_the_balance_closes(record):
    balance = record["results"]["balance"]
    for name, unit in (("area", "dm2"), ("volume", "dm3"), ("carbon", "kg")):
        opening, more, less, closing, rest = (
            balance[f"{name}_{line}_{unit}"]
            for line in ("opening", "additions", "reductions", "closing", "difference")
        )
        assert opening + more - less + rest == closing, name


def test_the_word_report_states_the_figures_of_run_json(out, record):
    text = _docx_text(out / "report.docx")
    value, total = record["results"]["valuation"], record["results"]["totals"]
    for figure in (
        f"{total['creditable_ha']:,.2f}",
        f"{total['excluded_ha']:,.2f}",
        f"{total['issued_t']:,}",
        f"{total['pledge_issued_t']:,}",
        f"{value['pledge_value_fen'] / 100:,.2f}",
        f"{value['principal_fen'] / 100:,.2f}",
        f"{value['p5_fen'] / 100:,.2f}",
        f"{value['p95_fen'] / 100:,.2f}",
        record["sha256"],
    ):
        assert figure in text, figure
    assert "待签" in text
    assert not re.search(r"\{\{|\}\}|\bnan\b|<NA>|None", text)


def _docx_text(path):
    with zipfile.ZipFile(path) as archive:
        parts = [name for name in archive.namelist() if re.search(r"word/(document|footer)", name)]
        raw = "".join(archive.read(name).decode() for name in parts if name.endswith(".xml"))
    return re.sub(r"<[^>]+>", "", raw)


def test_the_page_asks_nothing_of_the_network(out):
    page = (out / "report.html").read_text(encoding="utf-8")
    assert not re.search(r"""(src|href)\s*=\s*["']?(https?:)?//""", page)
    assert "@import" not in page


def test_the_workbook_checks_itself(out):
    book = openpyxl.load_workbook(out / "tables.xlsx", read_only=True, data_only=True)
    cells = [str(cell) for row in book["核对"].iter_rows(values_only=True) for cell in row]
    assert any("√" in cell or cell in {"0", "0.0"} for cell in cells)
    assert not any("×" in cell for cell in cells)


def test_the_map_layer_opens_styled_in_qgis(out):
    assert ["layer_styles", None] in pyogrio.list_layers(out / "pieces.gpkg").tolist()
    styles = pyogrio.read_dataframe(out / "pieces.gpkg", layer="layer_styles", read_geometry=False)
    assert styles["f_table_name"].tolist() == ["地块"]
    assert "categorizedSymbol" in styles["styleQML"].item()


AGAIN = """
import sys
from dataclasses import replace
import msgspec
import ecogis as eg
project = eg.open(sys.argv[1])
output = msgspec.structs.replace(project.config.output, formats=("gpkg",))
config = msgspec.structs.replace(project.config, output=output)
eg.assess(replace(project, config=config)).write(sys.argv[2])
"""


def _hashes(folder):
    record = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    return record["sha256"], {entry["name"]: entry["sha256"] for entry in record["outputs"]}


def _in_a_process(threads, *words):
    done = subprocess.run(
        [sys.executable, *map(str, words)],
        env=os.environ | {"NUMBA_NUM_THREADS": threads, "PYTHONHASHSEED": threads},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr


def test_the_same_results_on_one_and_on_two_threads(out, tmp_path):
    """Here there are as many threads as cores; another process has one, or two on one core."""
    threads = "1" if numba.get_num_threads() > 1 else "2"
    _in_a_process(threads, "-c", AGAIN, demo.folder() / "project.toml", tmp_path / "out")
    (sha256, hashes), (again, found) = _hashes(out), _hashes(tmp_path / "out")
    assert again == sha256
    for name in ("pieces.gpkg", "pledgeable.csv", "findings.csv"):
        assert found[name] == hashes[name], name


@pytest.mark.slow
def test_the_same_bytes_on_one_and_on_two_threads(tmp_path):
    for threads in ("1", "2"):
        words = ("-m", "ecogis", "demo", "--out", tmp_path / threads, "--quiet")
        _in_a_process(threads, *words)
    assert _hashes(tmp_path / "1") == _hashes(tmp_path / "2")


def test_english_says_the_same(tmp_path, record, township, monkeypatch):
    """The command in English writes what a run in hand has found; workbooks take half the time."""
    output = msgspec.structs.replace(
        township.project.config.output, formats=("docx", "html", "pdf", "gpkg")
    )
    config = msgspec.structs.replace(township.project.config, output=output)
    found = replace(township, project=replace(township.project, config=config))
    monkeypatch.setattr(pipeline, "assess", lambda *_, **__: found)
    done = CliRunner().invoke(main, ["demo", "--out", str(tmp_path / "en"), "--lang", "en"])
    assert done.exit_code == 0, done.output
    english = json.loads((tmp_path / "en" / "run.json").read_text(encoding="utf-8"))
    assert english["results"] == record["results"]
    text = _docx_text(tmp_path / "en" / "report.docx")
    assert f"{record['results']['totals']['issued_t']:,}" in text
    assert "Summary" in text


def test_the_demo_readme_states_the_areas_of_the_run(pieces):
    readme = (Path(__file__).parents[2] / "data" / "demo" / "README.md").read_text(encoding="utf-8")
    by_verdict = pieces[pieces["creditable"] == "yes"].groupby("pledgeable")
    area, stands = by_verdict["area_ha"].sum(), by_verdict["stand"].nunique()
    assert f"{area['yes']:.1f} ha in {stands['yes']} stands" in readme
    assert f"a clause not known | {area['unknown']:.1f} ha" in readme
