"""A file that is wrong in one place is refused by file and key, in both languages."""

from datetime import date

import pytest

from ecogis.core.errors import ConfigError
from ecogis.methods import read_set

TOML = """
[set]
id = "tiny"
edition = "1"
title_zh = "小"
title_en = "tiny"
checked_on = 2026-01-01

[sources.book]
title_zh = "一本书"
title_en = "A book"
publisher = "somebody"
year = 2020

[parameters.share]
unit = "1"
meaning_zh = "比例"
meaning_en = "a share"
minimum = 0.0
maximum = 1.0

[[parameters.share.history]]
from = 2020-01-01
value = 0.5
source = "book"
locator_zh = "第 1 页"
locator_en = "p. 1"
confidence = "quoted"

[[parameters.share.history]]
from = 2022-07-01
value = 0.6
source = "book"
locator_zh = "第 2 页"
locator_en = "p. 2"
confidence = "recalled"

[tables.trees]
file = "tiny.csv"
keys = ["species"]
meaning_zh = "树"
meaning_en = "trees"
from = 2020-01-01
source = "book"
locator_zh = "第 3 页"
locator_en = "p. 3"
confidence = "quoted"

[tables.trees.columns.density]
unit = "t DM m-3"
meaning_zh = "密度"
meaning_en = "density"
minimum = 0.1
maximum = 1.0
"""
CSV = "species,density\n杉木,0.3\n马尾松,0.4\n"


def write(folder, toml=TOML, csv=CSV):
    file = folder / "tiny.toml"
    file.write_text(toml, encoding="utf-8")
    (folder / "tiny.csv").write_text(csv, encoding="utf-8")
    return read_set(file, folder)


def test_the_sound_file_is_read(tmp_path):
    found = write(tmp_path)
    assert found.label == "tiny@1"
    assert found.files == ("tiny.toml", "tiny.csv")
    assert found.parameters["density"].history[("杉木",)][0].from_ == date(2020, 1, 1)
    assert dict(found.tables) == {"trees": ("density",)}


@pytest.mark.parametrize(
    ("old", "new", "code", "key"),
    [
        ('edition = "1"', 'edition = "1"\ncolour = "red"', "E231", "set.colour"),
        ('title_en = "tiny"\n', "", "E232", "set.title_en"),
        ('id = "tiny"', "id = 7", "E233", "set.id"),
        ('id = "tiny"', 'id = " "', "E233", "set.id"),
        ("checked_on = 2026-01-01", "checked_on = 2026-01-01T00:00:00", "E233", "set.checked_on"),
        ("year = 2020", 'year = "2020"', "E233", "sources.book.year"),
        ('unit = "1"', 'unit = "furlong"', "E233", "parameters.share.unit"),
        ("value = 0.6", "value = 6.0", "E240", "parameters.share.history[1].value"),
        ("value = 0.6", "value = nan", "E233", "parameters.share.history[1].value"),
        ("value = 0.6", "value = true", "E233", "parameters.share.history[1].value"),
        ("value = 0.6", "value = 0.6\nlow = 0.7", "E240", "parameters.share.history[1].value"),
        ('"recalled"', '"sure"', "E233", "parameters.share.history[1].confidence"),
        (
            'value = 0.6\nsource = "book"',
            'value = 0.6\nsource = "film"',
            "E239",
            "history[1].source",
        ),
        ("from = 2022-07-01", "from = 2020-01-01", "E238", "parameters.share.history[1]"),
        ("from = 2022-07-01", "from = 2019-12-31", "E238", "parameters.share.history[1]"),
        ('locator_zh = "第 2 页"\n', "", "E232", "parameters.share.history[1].locator_zh"),
        ('locator_en = "p. 2"\n', "", "E232", "parameters.share.history[1].locator_en"),
        ('locator_zh = "第 3 页"\n', "", "E232", "tables.trees.locator_zh"),
        ('title_zh = "一本书"\n', "", "E232", "sources.book.title_zh"),
        ("parameters.share", "parameters.density", "E241", "density"),
        ('keys = ["species"]', 'keys = ["tree"]', "E241", "species"),
        ('confidence = "quoted"\n\n[tables', "\n[tables", "E232", "line 2.density.confidence"),
        ("[set]", "[set", "E247", "tiny.toml"),
        ("[sources.book]", "[book]", "E231", "book"),
    ],
)
def test_a_fault_in_the_head_is_named(tmp_path, old, new, code, key):
    assert old in TOML
    with pytest.raises(ConfigError) as caught:
        write(tmp_path, toml=TOML.replace(old, new, -1 if old == "parameters.share" else 1))
    assert caught.value.code == code
    assert key in caught.value.zh
    assert key in caught.value.en
    assert caught.value.en.startswith("tiny.")


@pytest.mark.parametrize(
    ("csv", "code", "key"),
    [
        ("", "E241", "no header"),
        ("species\n杉木\n", "E241", "density"),
        ("species,density,colour\n杉木,0.3,red\n", "E241", "colour"),
        ("species,density,density\n杉木,0.3,0.3\n", "E241", "density"),
        ("species,density\n杉木\n", "E241", "line 2"),
        ("species,density\n杉木,heavy\n", "E233", "line 2.density"),
        ("species,density\n杉木,inf\n", "E233", "line 2.density"),
        ("species,density\n杉木,0,3\n", "E241", "line 2"),
        ("species,density\n杉木,3.0\n", "E240", "line 2.density"),
        ("species,density\n杉木,0.3\n杉木,0.4\n", "E238", "line 3.density"),
        ("species,density\n 杉木,0.3\n", "E232", "line 2.species"),
        ("species,density,source\n杉木,0.3,film\n", "E239", "line 2.density"),
        ("species,density,confidence\n杉木,0.3,sure\n", "E233", "line 2.density"),
        ("species,density,from\n杉木,0.3,May\n", "E233", "line 2.density.from"),
        ("species,density,locator_en\n杉木,0.3,p. 9\n", "E232", "line 2.density.locator_zh"),
        ("species,density,density_low\n杉木,0.3,0.5\n", "E240", "line 2.density"),
    ],
)
def test_a_fault_in_the_table_is_named(tmp_path, csv, code, key):
    with pytest.raises(ConfigError) as caught:
        write(tmp_path, csv=csv)
    assert caught.value.code == code
    assert key in caught.value.zh
    assert key in caught.value.en
    assert caught.value.en.startswith("tiny.csv")


def test_a_table_that_is_not_there_is_named(tmp_path):
    file = tmp_path / "tiny.toml"
    file.write_text(TOML, encoding="utf-8")
    with pytest.raises(ConfigError, match=r"E241 tiny\.csv"):
        read_set(file, tmp_path)


def test_the_message_says_what_to_do(tmp_path):
    with pytest.raises(ConfigError) as caught:
        write(tmp_path, toml=TOML.replace('id = "tiny"', 'idd = "tiny"'))
    assert str(caught.value) == (
        "E231 tiny.toml:不认识的键 set.idd。 "
        "可用的键:id, edition, title_zh, title_en, checked_on, note_zh, note_en, replaces。 / "
        "tiny.toml: set.idd is not a known key. "
        "Known keys: id, edition, title_zh, title_en, checked_on, note_zh, note_en, replaces."
    )


def test_the_nearest_origin_holds(tmp_path):
    csv = (
        "species,density,locator_zh,locator_en,confidence,from\n"
        "杉木,0.3,第 9 页,p. 9,assumed,2021-01-01\n马尾松,0.4,,,,\n"
    )
    history = write(tmp_path, csv=csv).parameters["density"].history
    fir, pine = history[("杉木",)][0], history[("马尾松",)][0]
    assert (fir.locator_en, fir.confidence, fir.from_) == ("p. 9", "assumed", date(2021, 1, 1))
    assert (pine.locator_en, pine.confidence, pine.from_) == ("p. 3", "quoted", date(2020, 1, 1))
    assert (fir.locator_zh, pine.locator_zh) == ("第 9 页", "第 3 页")


def test_the_hash_is_of_head_and_tables(tmp_path):
    import hashlib

    found = write(tmp_path)
    expected = hashlib.sha256(TOML.encode() + CSV.encode()).hexdigest()
    assert found.sha256 == expected
    assert write(tmp_path, csv=CSV.replace("0.3", "0.31")).sha256 != expected
