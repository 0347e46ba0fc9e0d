"""Accounts by group of land classes: exact sums, nothing left out, the order of the groups."""

import pandas as pd
import pytest

from ecogis.core.vocabulary import FOREST_LAND, codes
from ecogis.report.grouping import GROUP, in_groups
from ecogis.report.words import Words

ZH = Words("zh")
BIG = 2**53 + 1  # no float holds it


def _matrix() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "from_class": ["sparse_forest", "arbor_forest", "water", "cropland", "", "total"],
            "zh": list("疏乔水耕仅合"),
            "en": list("sawcot"),
            "sparse_forest": [1, 2, 0, 0, 0, 3],
            "arbor_forest": [0, BIG, 5, 7, 11, BIG + 23],
            "cropland": [0, 0, 0, 13, 0, 13],
            "": [0, 17, 0, 0, 0, 17],
            "total": [1, BIG + 19, 5, 20, 11, BIG + 56],
        }
    )


def test_lines_and_columns_of_a_matrix_are_gathered():
    found = in_groups(_matrix(), ZH)
    assert list(found.columns) == [
        "from_class",
        "zh",
        "en",
        f"{GROUP}arbor_forest",
        f"{GROUP}other_forest_land",
        f"{GROUP}non_forest_land",
        "",
        "total",
    ]
    assert list(found["zh"]) == ["乔木林地", "其他林地", "非林地", "仅", "合"]
    assert found[f"{GROUP}arbor_forest"].tolist() == [BIG, 0, 12, 11, BIG + 23]
    assert found[f"{GROUP}non_forest_land"].tolist() == [0, 0, 13, 0, 13]
    assert found["total"].tolist() == [BIG + 19, 1, 25, 11, BIG + 56]


def test_land_of_no_stated_class_is_in_no_group():
    account = pd.DataFrame({"line_code": ["A00"], "not_stated": [3], "water": [4], "total": [7]})
    found = in_groups(account, ZH).iloc[0]
    assert (found["not_stated"], found[f"{GROUP}non_forest_land"], found["total"]) == (3, 4, 7)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_class_is_in_a_group_that_has_a_name(lang):
    names = Words(lang).group("land_groups")
    for name in set(codes("land_class")) - {"not_stated"}:
        (group,) = in_groups(pd.DataFrame({name: [1]}), ZH).columns
        assert group.removeprefix(GROUP) in names
        assert (group == f"{GROUP}non_forest_land") == (name not in FOREST_LAND)
