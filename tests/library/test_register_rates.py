"""The set ``register-rates`` from the register's notices, row by row."""

import csv
from decimal import Decimal
from importlib.resources import files
from itertools import pairwise
from statistics import median

import pytest

LIBRARY = files("ecogis.methods").joinpath("library", "tables")
PROVINCES = {
    "13": "河北省", "14": "山西省", "15": "内蒙古自治区", "23": "黑龙江省", "33": "浙江省",
    "35": "福建省", "36": "江西省", "37": "山东省", "41": "河南省", "42": "湖北省",
    "43": "湖南省", "44": "广东省", "45": "广西壮族自治区", "50": "重庆市", "51": "四川省",
    "52": "贵州省", "53": "云南省", "54": "西藏自治区", "61": "陕西省", "62": "甘肃省",
    "63": "青海省", "64": "宁夏回族自治区", "65": "新疆维吾尔自治区",
}  # fmt: skip
CENT = Decimal("0.01")


def shipped():
    with LIBRARY.joinpath("register-rates-2026-1.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def projects(notices):
    """Notices of one project: the same owner, and the same name or the same area."""
    found = []
    for notice in notices:
        alike = ("name", "area_ha_parsed")
        for known in found:
            first = known[0]
            same_owner = first["owner"] == notice["owner"]
            if same_owner and any(first[key] == notice[key] for key in alike):
                known.append(notice)
                break
        else:
            found.append([notice])
    return found


def band(group):
    """Number of projects, lowest, median and highest rate; a project counts its mean once."""
    notices = [[Decimal(each["tCO2_per_ha_yr"]) for each in project] for project in group]
    rates = [rate for project in notices for rate in project]
    middle = median(sum(project) / len(project) for project in notices)
    return (len(group), min(rates), middle.quantize(CENT), max(rates))


@pytest.fixture(scope="module")
def noticed(shared_tables):
    with (shared_tables / "ccer_forestry_projects.csv").open(encoding="utf-8-sig") as file:
        return [row for row in csv.DictReader(file) if row["tCO2_per_ha_yr"]]


def test_every_row_comes_out_of_the_notices(noticed):
    for row in shipped():
        mine = [each for each in noticed if each["methodology"] == row["methodology"]]
        if row["province"] != "all":
            mine = [each for each in mine if each["province"] == PROVINCES[row["province"]]]
        columns = ("register_projects", "rate_low", "rate_median", "rate_high")
        told = tuple(Decimal(row[name]) for name in columns)
        assert told == band(projects(mine)), (row["methodology"], row["province"])


def test_no_province_is_left_out(noticed):
    names = {code: name for name, code in PROVINCES.items()}
    pairs = {(each["methodology"], names[each["province"]]) for each in noticed}
    assert pairs == {
        (row["methodology"], row["province"]) for row in shipped() if row["province"] != "all"
    }


def test_the_whole_register_is_the_sum_of_its_provinces():
    rows = shipped()
    for whole in (row for row in rows if row["province"] == "all"):
        parts = [
            row
            for row in rows
            if row["methodology"] == whole["methodology"] and row["province"] != "all"
        ]
        counted = sum(int(row["register_projects"]) for row in parts)
        assert counted == int(whole["register_projects"])
        assert min(Decimal(row["rate_low"]) for row in parts) == Decimal(whole["rate_low"])
        assert max(Decimal(row["rate_high"]) for row in parts) == Decimal(whole["rate_high"])


def test_lowest_median_and_highest_rise():
    for row in shipped():
        columns = ("rate_low", "rate_median", "rate_high")
        assert all(a <= b for a, b in pairwise(Decimal(row[name]) for name in columns))
