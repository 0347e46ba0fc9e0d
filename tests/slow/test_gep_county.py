"""The account of services of the whole demo, dealt out to townships: every sum, every trace.

``pytest -m slow``
"""

import numpy as np
import pytest

from ecogis import demo, services
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.pipeline.gep_account import accounted
from ecogis.pipeline.gep_tables import gep_tables
from ecogis.pipeline.gep_traces import explain_gep
from ecogis.pipeline.run import Run, open_project
from ecogis.pipeline.stages import run_stages

TOWNSHIPS = [f"4418991{number:02d}" for number in range(1, 9)]


@pytest.fixture(scope="module")
def made():
    run = Run(open_project(demo.folder() / "gep" / "project.toml"))
    run_stages(run, "grow", None)
    stands = run.layers["stands"]
    names = np.resize(np.array(TOWNSHIPS, dtype=object), len(stands))
    run.layers["stands"] = stands.assign(township=names)
    return accounted(run, run.config.gep)


@pytest.mark.slow
def test_items_units_and_townships_add_up_under_every_price_set(made):
    account, asked = made.account, made.project.config.gep
    index = {int(year): value for year, value in asked.deflator.index.items()}
    deflator = services.Deflator(index, asked.deflator.source)
    quantities = account.rows[list(services.COLUMNS)]
    assert len(account.sets) == 5
    for label, total in account.sets[["price_set", "total_fen"]].itertuples(index=False):
        under = services.account(
            quantities,
            year=account.year,
            standard=account.standard,
            prices=services.PriceSet(parameters(label), account.year, deflator),
            findings=Findings(),
        )
        rows = under.counted
        assert under.total_fen == total == rows["value_fen"].sum()
        assert under.items.loc[under.items["counted"], "value_fen"].sum() == total
        by_place = under.townships.groupby("township")["value_fen"].sum()
        assert by_place.sum() == total
        assert set(TOWNSHIPS) <= set(by_place.index)
        units = rows[rows["value_fen"].notna()].groupby("township")["value_fen"].sum()
        assert by_place.to_dict() == units.to_dict()
    for name in ("gep_items", "gep_townships", "gep_supply", "gep_use"):
        assert gep_tables(made)[name]["value_fen"].sum() == account.total_fen, name


@pytest.mark.slow
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_number_leads_to_formula_parameter_and_edition(made, lang):
    words = {
        "zh": ("公式", "公式来源", "标准", "可信度"),
        "en": ("formula", "source of the formula", "standard", "confidence"),
    }[lang]
    for row in made.account.parts.to_dict("records"):
        text = explain_gep(made, f"{row['item']}/{row['part']}", lang=lang)
        assert all(f"  {word}: " in text for word in words), text
        assert made.account.standard.label in text
        part = services.parts()[row["item"], row["part"]]
        for name in part.constants:
            assert f"{name} = {made.constants[name]:g} [gep-formulas@2026-1]" in text
        if row["price_source"] not in {"", "record"}:
            assert f"[{row['price_source']}: " in text
            assert str(row["base_year"]) in text
        if row["deflator"] != 1.0 and row["price_source"] not in {"", "record"}:
            assert made.project.config.gep.deflator.source in text
