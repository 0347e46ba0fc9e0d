"""datapackage.json: every file with its hash, every column the vocabulary knows with its unit."""

import hashlib
import json

import pandas as pd

from ecogis import io
from ecogis.pipeline.datapackage import write_datapackage

RECORD = {
    "sha256": "ab",
    "results": {"project": {"name": "张三 & <演示>"}},
    "inputs": [{"role": "stands", "file": "stands.gpkg", "sha256": "cd"}],
}


def test_files_columns_and_units_are_told(tmp_path):
    table = pd.DataFrame({"piece": ["1"], "pledgeable_kg": [5], "remark": ["x"]})
    io.write_csv(tmp_path / "pledgeable.csv", table)
    (tmp_path / "报告.docx").write_bytes(b"word")
    package = json.loads(write_datapackage(tmp_path, RECORD).read_text(encoding="utf-8"))
    assert package["title"] == "张三 & <演示>"
    first, second = package["resources"]
    assert (
        first["hash"]
        == "sha256:" + hashlib.sha256((tmp_path / "pledgeable.csv").read_bytes()).hexdigest()
    )
    fields = {field["name"]: field for field in first["schema"]["fields"]}
    assert list(fields) == ["piece", "pledgeable_kg", "remark"]
    assert fields["pledgeable_kg"]["type"] == "number"
    assert fields["pledgeable_kg"]["unit"] == "kg CO2e"
    assert fields["remark"] == {"name": "remark", "type": "string"}
    assert second["name"] == "file-2"
    assert second["path"] == "报告.docx"
    assert second["bytes"] == 4


def test_the_same_files_are_told_in_the_same_bytes(tmp_path):
    (tmp_path / "a.pdf").write_bytes(b"x")
    before = write_datapackage(tmp_path, RECORD).read_bytes()
    (tmp_path / "datapackage.json").unlink()
    assert write_datapackage(tmp_path, RECORD).read_bytes() == before
