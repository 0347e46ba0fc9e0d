"""Bad input: a finding or one line naming file, layer, row, value and remedy; never a traceback."""

import json
import shutil

import numpy as np
import pytest
from click.testing import CliRunner
from shapely import Polygon, box

from ecogis.cli.main import main
from ecogis.core.texts import rule

X, Y = 38_510_000.0, 2_667_000.0


def _refused(done, code, exit_code, *names):
    assert done.exit_code == exit_code, done.output
    assert "Traceback" not in done.output
    line = done.stderr.strip().splitlines()[-1]
    assert code in line
    assert " / " in line
    for name in names:
        assert name in line
    return line


def _found(tiny, code, **accept):
    """Accept the code, run, and give back its findings."""
    entry = f'[policy]\naccept = [{{ code = "{code}", because = "接受以便继续" }}]\n\n[output]'
    tiny.text = tiny.text.replace("[policy]\nrefuse_at", "[policy_]\nrefuse_at")
    start = tiny.text.index("[policy_]")
    tiny.text = tiny.text[:start] + entry + tiny.text[tiny.text.index("[output]") + 8 :]
    done = tiny.run("check", "--json")
    assert done.exit_code == 0, done.output
    rows = [f for f in json.loads(done.stdout)["findings"] if f["code"] == code]
    assert rows
    for row in rows:
        assert row["message_zh"]
        assert row["remedy_en"]
    return rows


def test_a_missing_file(tiny):
    done = tiny.ask("assess")
    _refused(done, "E10", 2, "stands.gpkg")
    assert not (tiny.folder / "out").exists()


def test_an_unknown_layer_names_the_layers_there_are(tiny):
    tiny.text = tiny.text.replace('"小班_2024"', '"小班_2023"')
    _refused(tiny.run(), "E1", 2, "stands.gpkg", "小班_2023", "小班_2024")


def test_an_unknown_profile(tiny):
    tiny.text = tiny.text.replace('profile = "cn-forest-map"', 'profile = "cn-forest"', 1)
    _refused(tiny.run(), "E1", 2, "cn-forest")


def test_a_missing_column_names_file_layer_and_column(tiny):
    tiny.stands = tiny.stands.drop(columns="XBID")
    _refused(tiny.run(), "E1", 2, "stands.gpkg", "stand")


def test_a_missing_crs(tiny):
    tiny.write()
    tiny.stands.set_crs(None, allow_override=True).to_parquet(tiny.folder / "stands.parquet")
    tiny.text = tiny.text.replace(
        'path = "stands.gpkg"\nlayer = "小班_2024"', 'path = "stands.parquet"'
    )
    _refused(tiny.ask("assess"), "E3", 2, "stands.parquet")


def test_a_wrong_crs_names_the_likely_one(tiny):
    tiny.stands = tiny.stands.set_crs(4547, allow_override=True)
    _refused(tiny.run(), "E320", 2, "stands.gpkg", "4526")


def test_an_unsupported_file_says_how_to_export(tiny):
    (tiny.folder / "old.mdb").write_bytes(b"\x00\x01\x00\x00Standard Jet DB\x00")
    tiny.write()
    tiny.text = tiny.text.replace('path = "stands.gpkg"', 'path = "old.mdb"', 1)
    _refused(tiny.ask("assess"), "E106", 2, "mdb", "GPKG")


def test_no_price_at_the_valuation_date(tiny):
    tiny.tables["prices"] = tiny.tables["prices"].iloc[:0]
    _refused(tiny.run(), "E520", 2)
    assert not (tiny.folder / "out").exists()


def test_an_unknown_edition(tiny):
    tiny.text = tiny.text.replace("CCER-14-001-V01@2023", "CCER-14-001-V99@2023")
    _refused(tiny.run(), "E2", 2, "CCER-14-001-V99")


def test_a_methodology_rule_that_cannot_be_declared(tiny):
    tiny.text = tiny.text.replace("vegetation_kept = {", "tenure_documented = {")
    _refused(tiny.run(), "E274", 2, "tenure_documented")


def test_an_output_folder_that_is_a_file(tiny):
    (tiny.folder / "out").write_text("", encoding="utf-8")
    assert tiny.run().exit_code == 2


@pytest.mark.parametrize(
    ("column", "value", "code"),
    [
        ("HUO_LMGQXJ", -5.0, "E220"),
        ("HUO_LMGQXJ", np.nan, "E220"),
        ("HUO_LMGQXJ", 5_000.0, "E221"),
        ("PINGJUN_NL", 999, "E204"),
        ("YU_BI_DU", 70.0, "E205"),
        ("YOU_SHI_SZ", "999", "E147"),
        ("DI_LEI", "199", "E147"),
    ],
)
def test_a_wrong_value_is_found_on_its_row(tiny, column, value, code):
    tiny.stands[column] = tiny.stands[column].astype(object)
    tiny.stands.loc[1, column] = value
    done = tiny.run("check")
    assert "Traceback" not in done.output
    assert code in done.output
    rows = [line for line in done.stdout.splitlines() if f" {code} " in line]
    assert any(" 2 " in line or "S2" in line for line in rows)
    assert done.exit_code == (1 if rule(code).severity == "error" else 0)


def test_a_duplicate_stand_id(tiny):
    tiny.stands.loc[1, "XBID"] = "S1"
    rows = _found(tiny, "E143")
    assert {row["action"] for row in rows} == {"excluded"}


def test_an_id_damaged_by_a_spreadsheet(tiny):
    tiny.tables["rights"].loc[0, "不动产单元号"] = "4.41899101201E+27"
    rows = _found(tiny, "E137")
    assert rows[0]["row"] == 1


def test_an_expired_right(tiny):
    tiny.tables["rights"].loc[0, "终止日期"] = "2020-01-01"
    done = tiny.run("check", "--json")
    assert any(f["code"] == "E217" for f in json.loads(done.stdout)["findings"])


def test_a_seized_right_is_not_unrestricted(tiny):
    tiny.tables["encumbrances"].loc[0] = ["X1", "Q1", "441899101201JE00001", "查封",
                                         "2025-01-01", "", "演示登记1"]  # fmt: skip
    assert tiny.run().exit_code == 0
    record = json.loads((tiny.folder / "out" / "run.json").read_text(encoding="utf-8"))
    assert record["results"]["totals"]["pledgeable_ha"] == pytest.approx(1.0, abs=0.001)


def test_an_invalid_ring(tiny):
    bow_tie = Polygon([(X, Y), (X + 100, Y + 100), (X + 100, Y), (X, Y + 100)])
    tiny.stands.loc[0, "geometry"] = bow_tie
    done = tiny.run("check", "--json")
    codes = {finding["code"] for finding in json.loads(done.stdout)["findings"]}
    assert codes & {"E340", "E342"}


def test_overlapping_parcels_are_contested_and_never_counted_twice(tiny):
    tiny.parcels.loc[1, "geometry"] = box(X + 50, Y, X + 200, Y + 100)
    tiny.text = tiny.text.replace(
        'refuse_at = "error"',
        'refuse_at = "error"\naccept = [{ code = "E355", because = "列为争议" }]',
    )
    done = tiny.run()
    assert done.exit_code == 0, done.output
    total = json.loads((tiny.folder / "out" / "run.json").read_text(encoding="utf-8"))
    total = total["results"]["totals"]
    assert total["contested_ha"] == pytest.approx(0.5, abs=0.001)
    parts = total["pieces_ha"] + total["contested_ha"] + total["without_parcel_ha"]
    assert parts == pytest.approx(total["area_ha"], abs=1e-9)


def test_no_parameter_for_a_species(tiny):
    tiny.stands.loc[1, "YOU_SHI_SZ"] = "410"
    done = tiny.run()
    assert done.exit_code == 0, done.output
    findings = (tiny.folder / "out" / "findings.csv").read_text(encoding="utf-8-sig")
    assert "E251" in findings


def test_outputs_are_whole_or_absent(sound, tiny, monkeypatch):
    from ecogis.pipeline import outputs

    shutil.copytree(sound.out, tiny.folder / "out")
    before = {p.name: p.read_bytes() for p in (tiny.folder / "out").iterdir()}

    def broken(*_args, **_kwargs):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(outputs.io, "write_csv", broken)
    _refused(tiny.run(), "E163", 2, "No space left")
    assert {p.name: p.read_bytes() for p in (tiny.folder / "out").iterdir()} == before
    assert not list(tiny.folder.glob(".out*"))


def test_a_folder_with_files_of_other_people_is_left_alone(tiny):
    (tiny.folder / "out").mkdir()
    (tiny.folder / "out" / "letter.txt").write_text("mine", encoding="utf-8")
    _refused(tiny.run(), "E551", 2, "out")
    assert [path.name for path in (tiny.folder / "out").iterdir()] == ["letter.txt"]


def test_a_later_run_leaves_nothing_of_the_one_before(sound, tiny):
    shutil.copytree(sound.out, tiny.folder / "out")
    assert (tiny.folder / "out" / "pieces.gpkg").exists()
    tiny.text = tiny.text.replace('formats = ["gpkg"]', 'formats = ["xlsx"]')
    assert tiny.run().exit_code == 0
    names = {path.name for path in (tiny.folder / "out").iterdir()}
    assert names == {
        "tables.xlsx", "schedule.xlsx", "findings.csv", "datapackage.json", "run.json"
    }  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "{}",
        "[]",
        "no",
        '{"outputs": [{}], "sha256": "x"}',
        '{"outputs": [{"name": "/etc/passwd", "sha256": ""}], "sha256": ""}',
    ],
)
def test_a_manifest_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "run.json").write_text(text, encoding="utf-8")
    done = CliRunner().invoke(main, ["verify", str(tmp_path / "run.json")])
    _refused(done, "E550", 2, "run.json")


def test_a_methodology_not_yet_in_force(tiny):
    tiny.text = tiny.text.replace("valuation_date = 2026-08-31", "valuation_date = 2023-01-01")
    _refused(tiny.run(), "E249", 2, "CCER-14-001-V01")
