import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import FOREST, codes
from ecogis.io import profile, profiles, role
from ecogis.io.decode import _find

HEAD = """
[profile]
id = "own"
roles = ["stands"]
zh = "自用"
en = "own"
"""


def write(tmp_path, text):
    path = tmp_path / "own.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    return path


@pytest.mark.parametrize("name", profiles())
def test_every_profile_shipped_loads(name):
    found = profile(name)
    assert found.id == name
    assert len(found.sha256) == 64
    for each in found.roles:
        promised = role(each)
        assert promised.key in found.columns or not promised.key


def test_land_classes_of_the_map():
    found = profile("cn-forest-map").codes
    assert {c for c, v in found["land_class"].items() if v in FOREST} == {
        "111",
        "112",
        "120",
        "130",
        "301",
    }
    assert found["species"]["121"] == "杉木"
    assert found["species"]["301"] == "桉树"
    assert found["origin"]["21"] == "planted"
    assert set(found["land_class"].values()) <= set(codes("land_class"))


def test_four_digit_classes_stand_on_the_map_profile():
    found = profile("cn-forest-map-4digit")
    assert found.columns["land_class"].codes == "land_class_4"
    assert found.codes["land_class_4"]["230"] == "water"
    assert found.codes["land_class"]["200"] == "sparse_forest"
    assert found.columns["age_yr"] == profile("cn-forest-map").columns["age_yr"]


def test_own_codes_on_top_of_a_shipped_profile(tmp_path):
    text = HEAD.replace('en = "own"', 'en = "own"\nextends = "cn-forest-map"')
    path = tmp_path / "own.toml"
    path.write_text(text + '[codes.species]\n999 = "杉木"\n', encoding="utf-8")
    found = profile("own.toml", folder=tmp_path)
    assert found.codes["species"]["999"] == "杉木"
    assert found.codes["species"]["131"] == "马尾松"
    assert profile(found) is found


@pytest.mark.parametrize(
    ("text", "code", "words"),
    [
        ("[columns.stand\n", "E170", ("own.toml",)),
        ('[columns.stand]\nfrm = ["a"]\n', "E171", ("own.toml", "columns", "frm")),
        ('[columns.colour]\nfrom = ["a"]\n', "E171", ("columns.colour",)),
        ("[columns.stand]\nrequired = true\n", "E172", ("columns.stand",)),
        ('[columns.area_record_ha]\nfrom = ["a"]\nunit = "m3"\n', "E172", ("unit", "m3")),
        ('[columns.area_record_ha]\nfrom = ["a"]\nunit = "rai"\n', "E172", ("unit", "rai")),
        ('[columns.origin]\nfrom = ["a"]\ncodes = "x"\n', "E172", ("origin", "x")),
        (
            '[columns.origin]\nfrom = ["a"]\ncodes = "x"\n[codes.x]\n1 = "wild"\n',
            "E172",
            ("wild", "natural"),
        ),
        ('[columns.stand]\nfrom = "a"\n', "E172", ("columns",)),
    ],
)
def test_a_wrong_profile_is_refused_before_the_first_row(tmp_path, text, code, words):
    with pytest.raises(ConfigError) as caught:
        profile(write(tmp_path, text))
    assert caught.value.code == code
    for word in ("own.toml", *words):
        assert word in str(caught.value)


def test_no_such_profile_or_role():
    with pytest.raises(ConfigError, match=r"E173.*cn-forest-map"):
        profile("cn-forst-map")
    with pytest.raises(ConfigError, match=r"E158.*stands"):
        role("stand")


@pytest.mark.parametrize(
    ("names", "found"),
    [
        (["di_lei"], ["di_lei"]),
        ([" DI_LEI "], [" DI_LEI "]),
        (["优势树种组"], []),
        (["YOUSHISHUZ"], ["YOUSHISHUZ"]),
        (["DI_LEI", "YOUSHISHUZ"], ["DI_LEI"]),
        (["公顷蓄积("], ["公顷蓄积("]),
        (["公顷蓄"], ["公顷蓄"]),
    ],
)
def test_names_in_any_case_and_cut(names, found):
    assert _find(names, ["DI_LEI", "YOUSHISHUZHONG", "公顷蓄积(活立木)"]) == found
