"""Commands that need no run: what is shipped, and a project to start from."""

import json
import shutil

import pytest
from click.testing import CliRunner

from ecogis.cli.main import main


def _ask(*words):
    return CliRunner().invoke(main, words)


def test_editions_are_dated_by_the_day():
    editions = json.loads(_ask("methods", "--json").stdout)["editions"]
    days = {entry["checked_on"] for entry in editions}
    assert days
    assert all(len(day) == 10 and day[4] == day[7] == "-" for day in days)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_editions_are_titled_in_the_language_asked_for(lang):
    titles = {
        code: [
            entry[f"title_{code}"]
            for entry in json.loads(_ask("methods", "--json").stdout)["editions"]
        ]
        for code in ("zh", "en")
    }
    shown = _ask("methods", "--lang", lang).stdout
    other = "en" if lang == "zh" else "zh"
    assert all(title in shown for title in titles[lang])
    assert not any(title in shown for title in titles[other])


def test_a_project_is_written_once(tmp_path):
    folder = tmp_path / "new"
    assert _ask("init", str(folder)).exit_code == 0
    assert (folder / "project.toml").is_file()
    again = _ask("init", str(folder))
    assert again.exit_code == 2
    assert "E551" in again.stderr


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = _ask("init", str(tmp_path / "file" / "new"))
    assert done.exit_code == 2
    assert "E546" in done.stderr
    assert "new" in done.stderr


def test_a_folder_that_takes_no_files_is_named(tmp_path, monkeypatch):
    def full(*_args, **_options):
        raise shutil.Error([("a.csv", "b.csv", "No space left on device")])

    monkeypatch.setattr(shutil, "copytree", full)
    done = _ask("init", str(tmp_path / "new"))
    assert done.exit_code == 2
    assert "E546" in done.stderr
    assert "No space left on device" in done.stderr
