"""The English table of parameters names in English whatever the library keys its figures by."""

import csv
import re
import tomllib
from importlib.resources import files

import pandas as pd

from ecogis.report.parameters import english_names, in_short

HAN = re.compile("[\u3400-\u9fff]")
# sets of an assessment and of services; those of finance are printed by tables of their own
ELSEWHERE = ("finance-", "forest-insurance-", "guarantee-", "household-", "zhejiang-",
             "collateral-", "collection-", "species-names-")  # fmt: skip
MARKS = ("locator", "note", "label", "source")


def _keys(head):
    """Chinese keys of the tables of a set, and what a column of text gives for them."""
    library = files("ecogis.methods").joinpath("library")
    for table in tomllib.loads(head.read_text(encoding="utf-8")).get("tables", {}).values():
        texts = [name for name, column in table["columns"].items()
                 if column["unit"] == "text" and not name.startswith(MARKS)
                 and not name.endswith("_zh")]  # fmt: skip
        rows = csv.DictReader(
            library.joinpath("tables", table["file"]).read_text(encoding="utf-8").splitlines()
        )
        for row in rows:
            yield from (row[name] for name in [*table["keys"], *texts] if HAN.search(row[name]))


def test_every_chinese_key_of_the_library_has_an_english_name():
    heads = files("ecogis.methods").joinpath("library", "parameters").iterdir()
    found = {key for head in heads if head.name.endswith(".toml")
             and not head.name.startswith(ELSEWHERE) for key in _keys(head)}  # fmt: skip
    assert {"阔叶", "杉木人工林", "桦木"} <= found
    assert found - set(english_names()) == set()
    assert not [name for name in english_names().values() if HAN.search(name)]


def _table(**columns):
    base = {
        "edition": "e@1", "name": "curve", "key": ["桦木", "杉木"], "value": ["阔叶", "杉木-会同"],
        "unit": "text", "from": "2012-01-01", "meaning_zh": "曲线", "meaning_en": "curve",
        "source_zh": "源", "source_en": "source", "locator_zh": "表", "locator_en": "table",
        "confidence": "quoted",
    }  # fmt: skip
    return pd.DataFrame(base | columns)


def test_keys_and_values_are_named_in_the_language_of_the_report():
    (row,) = in_short(_table(), {"杉木": "Fir"})[0].to_dict("records")
    assert row["values_zh"] == "桦木 阔叶; 杉木 杉木-会同"
    assert row["values_en"] == "Betula spp. broadleaves; Fir Chinese fir, Huitong"
