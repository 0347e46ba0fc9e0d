"""What a step depends on is found by following the project file, and told by content."""

import os

import pytest

from ecogis.core.errors import ConfigError
from ecogis.pipeline.batching.inputs import asks_elsewhere, inputs_of


@pytest.fixture
def project(tmp_path):
    (tmp_path / "own").mkdir()
    (tmp_path / "a.shp").write_bytes(b"1")
    (tmp_path / "a.dbf").write_bytes(b"2")
    (tmp_path / "rights.csv").write_bytes(b"3")
    (tmp_path / "own" / "codes.csv").write_bytes(b"4")
    (tmp_path / "own" / "profile.toml").write_text('codes = "codes.csv"\n', encoding="utf-8")
    (tmp_path / "beside.csv").write_bytes(b"5")
    file = tmp_path / "project.toml"
    file.write_text(
        'layers = [{ path = "a.shp", profile = "own/profile.toml" }]\n'
        'tables = { rights = "rights.csv", later = "later.csv" }\n'
        'name = "rights"\nbecause = "… and so on."\nhere = "."\nabove = ".."\n'
        '[registry]\nledger = "ledger.db"\n',
        encoding="utf-8",
    )
    return file


def test_every_file_the_project_leads_to_is_an_input(project):
    assert list(inputs_of(project)) == [
        "a.dbf", "a.shp", "own/codes.csv", "own/profile.toml", "project.toml", "rights.csv"
    ]  # fmt: skip


def test_a_file_that_appears_is_an_input(project):
    before = inputs_of(project)
    (project.parent / "later.csv").write_bytes(b"6")
    assert set(inputs_of(project)) - set(before) == {"later.csv"}


def test_content_decides_and_not_the_clock(project):
    before = inputs_of(project)
    table = project.parent / "rights.csv"
    table.write_bytes(b"9")
    stamp = table.stat()
    table.write_bytes(b"3")
    os.utime(table, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert inputs_of(project) == before
    table.write_bytes(b"9")
    os.utime(table, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert inputs_of(project) != before


def test_a_ledger_on_a_server_cannot_be_told_by_content(project):
    assert not asks_elsewhere(project)
    text = project.read_text(encoding="utf-8").replace("ledger.db", "postgresql://host/ledger")
    project.write_text(text, encoding="utf-8")
    assert asks_elsewhere(project)


def test_a_ledger_with_entries_in_the_log_of_another_process_cannot_either(project):
    log = project.parent / "ledger.db-wal"
    log.touch()
    assert not asks_elsewhere(project)
    log.write_bytes(b"1")
    assert asks_elsewhere(project)


def test_a_ledger_whose_name_leads_nowhere_cannot_either(project):
    text = project.read_text(encoding="utf-8").replace("ledger.db", "ledger")
    project.write_text(text, encoding="utf-8")
    assert asks_elsewhere(project)


@pytest.mark.parametrize(("content", "code"), [(b"= 1", "E541"), (b"a = '\xff'", "E556")])
def test_a_project_file_that_is_none(project, content, code):
    project.write_bytes(content)
    with pytest.raises(ConfigError, match=code):
        inputs_of(project)
