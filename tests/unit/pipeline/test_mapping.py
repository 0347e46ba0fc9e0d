"""What is handed to the map, and which run it is made of."""

import json
from types import SimpleNamespace

import pandas as pd
import pytest

from ecogis.core.errors import InputError
from ecogis.core.provenance import canonical_json, sha256_file, sha256_text
from ecogis.pipeline.mapping import _in_force, _valued
from ecogis.pipeline.mapping_source import project_behind, require_same


def _run(folder, project):
    out = folder / "out"
    out.mkdir()
    record = {
        "project": {"file": project.name, "sha256": sha256_file(project)},
        "sha256": sha256_text(canonical_json({"a": 1})),
    }
    (out / "run.json").write_text(json.dumps(record), encoding="utf-8")
    return out


@pytest.fixture
def project(tmp_path):
    file = tmp_path / "project.toml"
    file.write_text("x = 1\n", encoding="utf-8")
    return file


def test_a_project_is_itself(project):
    assert project_behind(project) == (project, None)


def test_a_folder_of_results_has_its_project_above_it(tmp_path, project):
    out = _run(tmp_path, project)
    recorded = sha256_text(canonical_json({"a": 1}))
    assert project_behind(out) == (project, recorded)
    assert project_behind(out / "run.json") == (project, recorded)


def test_another_project_of_the_same_name_will_not_do(tmp_path, project):
    out = _run(tmp_path, project)
    elsewhere = tmp_path / "moved.toml"
    project.rename(elsewhere)
    with pytest.raises(InputError, match="E470"):
        project_behind(out)
    assert project_behind(out, elsewhere)[0] == elsewhere
    elsewhere.write_text("x = 2\n", encoding="utf-8")
    with pytest.raises(InputError, match="E470"):
        project_behind(out, elsewhere)


def test_a_record_cannot_lead_out_of_its_folder(tmp_path, project):
    out = _run(tmp_path, project)
    record = json.loads((out / "run.json").read_text(encoding="utf-8"))
    record["project"]["file"] = "../project.toml"
    (out / "run.json").write_text(json.dumps(record), encoding="utf-8")
    with pytest.raises(InputError, match="E470"):
        project_behind(out)


def test_a_folder_without_a_record_is_told(tmp_path):
    with pytest.raises(InputError, match="E550"):
        project_behind(tmp_path)


def test_a_run_must_come_out_as_recorded(tmp_path):
    result = SimpleNamespace(record={"a": 1})
    require_same(result, None, tmp_path)
    require_same(result, sha256_text(canonical_json({"a": 1})), tmp_path)
    with pytest.raises(InputError, match="E471"):
        require_same(result, sha256_text(canonical_json({"a": 2})), tmp_path)


def test_the_pledge_value_is_shared_to_the_fen():
    pieces = pd.DataFrame({"pledgeable_kg": [1, 1, 1, 0], "geometry": None})
    found = _valued(pieces, {"valuation": {"pledge_value_fen": 100}})
    assert found["pledge_value_fen"].tolist() == [34, 33, 33, 0]
    assert _valued(pieces, {})["pledge_value_fen"].isna().all()


def test_a_burden_on_a_right_lies_on_its_parcel_and_ends_on_its_day():
    tables = {
        "rights": pd.DataFrame({"right": ["Q1"], "parcel": ["A"]}),
        "encumbrances": pd.DataFrame(
            {
                "right": ["Q1", "Q1", pd.NA],
                "parcel": [pd.NA, pd.NA, "B"],
                "start": [pd.NaT, pd.Timestamp("2027-01-01"), pd.Timestamp("2020-01-01")],
                "end": [pd.Timestamp("2026-08-31"), pd.NaT, pd.Timestamp("2026-08-30")],
            }
        ),
    }
    found = _in_force(tables, "2026-08-31")
    assert found["parcel"].tolist() == ["A", "A", "B"]
    assert found["in_force"].tolist() == [True, False, False]
