"""The batch file is strict: what is wrong is named with its key."""

import pytest

from ecogis.core.errors import ConfigError
from ecogis.pipeline.batching.areas import Parents, read_areas

AREA = '[[areas]]\nid = "{id}"\nname = "甲"\nproject = "p.toml"\n'
HEAD = '[batch]\nname = "省"\n'


def _read(tmp_path, text):
    file = tmp_path / "COUNTIES.toml"
    file.write_text(text, encoding="utf-8")
    return read_areas(file)


def test_areas_tasks_and_parents_are_read(tmp_path):
    text = HEAD + AREA.format(id="4401") + 'parents = { county = "县", province = "省" }\n'
    found, folder = _read(tmp_path, text)
    assert found.batch.tasks == ("assess",)
    assert found.areas[0].parents == Parents(county="县", province="省")
    assert folder == tmp_path


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (HEAD, "E543", "areas"),
        ("areas = []\n" + HEAD, "E543", "areas"),
        (HEAD + AREA.format(id="a/b"), "E544", "areas[0].id"),
        (HEAD + AREA.format(id="..") + "\n", "E544", "areas[0].id"),
        (HEAD + AREA.format(id="a") + 'colour = "red"\n', "E542", "colour"),
        (HEAD + AREA.format(id="a") + AREA.format(id="A"), "E436", "areas.id"),
        (HEAD + 'tasks = ["check", "check"]\n' + AREA.format(id="a"), "E436", "batch.tasks"),
        (
            HEAD + AREA.format(id="a") + 'parents = { county = "K" }\n' + AREA.format(id="b"),
            "E437",
            "county",
        ),
        (
            HEAD
            + AREA.format(id="a") + 'parents = { county = "K", province = "P" }\n'
            + AREA.format(id="b") + 'parents = { county = "K", province = "Q" }\n',
            "E437",
            "K",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(tmp_path, text, code, said):
    with pytest.raises(ConfigError, match=code) as told:
        _read(tmp_path, text)
    assert said in str(told.value)


def test_no_such_file(tmp_path):
    with pytest.raises(ConfigError, match="E435"):
        read_areas(tmp_path / "none.toml")


def test_a_file_nested_too_deeply(tmp_path):
    with pytest.raises(ConfigError, match="E541"):
        _read(tmp_path, "a = " + "[" * 3000 + "]" * 3000)


def test_a_path_too_long(tmp_path):
    with pytest.raises(ConfigError, match="E451"):
        read_areas(tmp_path / ("x" * 300))
