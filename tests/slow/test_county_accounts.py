"""A twentieth of a county: its accounts close in every cell, and a forest grows like a forest.

``pytest -m slow``
"""

import subprocess
import sys
from pathlib import Path

import pytest

import ecogis as eg
from ecogis import accounts, demo
from ecogis.accounts import line_table
from ecogis.pipeline.run import Run
from ecogis.pipeline.stages import STAGES

ROOT = Path(__file__).parents[2]
STANDS = 5_000


@pytest.fixture(scope="module")
def balance(tmp_path_factory):
    folder = tmp_path_factory.mktemp("accounts")
    subprocess.run(
        [sys.executable, str(ROOT / "data" / "demo" / "make.py"), "--stands", str(STANDS),
         "--out", str(folder), "--format", "gpkg"],
        check=True, capture_output=True, timeout=900,
    )  # fmt: skip
    text = (demo.folder() / "project.toml").read_text(encoding="utf-8")
    (folder / "project.toml").write_text(text, encoding="utf-8")
    run = Run(eg.open(folder / "project.toml"))
    for stage in STAGES:
        if stage.name in {"read", "look", "overlay", "account"}:
            stage.function(run)
    return run.left["balance"]


@pytest.mark.slow
def test_every_identity_holds(balance):
    accounts.check(balance.postings)


@pytest.mark.slow
def test_the_difference_is_within_its_limits(balance):
    assert balance.limits["found"].le(balance.limits["allowed"]).all()


@pytest.mark.slow
@pytest.mark.parametrize("by", ["owner", "age_group", "quality", "origin", "species_group"])
def test_sheets_by_every_attribute_have_the_same_total(balance, by):
    sheet = line_table(balance.postings, "timber", by=by, townships=False).set_index("line_code")
    land = line_table(balance.postings, "timber", townships=False).set_index("line_code")
    assert sheet.loc[["T00", "T90"], "total"].tolist() == land.loc[["T00", "T90"], "total"].tolist()


@pytest.mark.slow
def test_growth_is_that_of_a_southern_forest(balance):
    """Net growth of 2 to 6 m3 per hectare of forest and year; the survey's own is 3 to 4."""
    sheet = balance.timber[balance.timber["township"].eq("")].set_index("line_code")
    area_ha = sheet.loc[["T00", "T90"], "area_dm2"].mean() * 1e-6
    assert 2.0 < sheet.loc["T13", "volume_dm3"] / 1000 / area_ha / 5 < 6.0
