"""The page on the project file names every key of every section, and no other."""

import re
from pathlib import Path
from typing import Literal, get_args, get_origin, get_type_hints

import msgspec
import pytest

from ecogis.pipeline import config, config_balance, config_gep, config_values

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "project-file.md"
SECTIONS = {
    "the file": config.ProjectFile,
    "`[project]`": config.Project,
    "`[layers.ROLE]`": config.Layer,
    "`[tables]` `ROLE = { … }`": config.Table,
    "`[rasters]` `dem = { … }`": config.Raster,
    "`[growth]`": config.Growth,
    "`[growth.fit]`": config.Fit,
    "`[growth.harvest]`": config.Harvest,
    "`[[growth.harvest.rules]]`": config.FellingRule,
    "`[growth.disturbance]`": config.Disturbance,
    "`[growth.pools]`": config.Pools,
    "`[methodology]`": config.Methodology,
    "`[methodology.parameters]` `NAME = { … }`": config.Number,
    "`[methodology.declared]` `RULE = { … }`": config.Declared,
    "`[prices]`": config.Prices,
    "`[prices.process]`": config.Process,
    "`[prices.calibrate]`": config.Calibrate,
    "`[valuation]`": config.Valuation,
    "`[valuation.stress]`": config.Stress,
    "`[valuation.limits]`": config_values.Limits,
    "`[valuation.guarantee]`": config_values.Guarantee,
    "`[valuation.comparables]`": config_values.Comparables,
    "`[[valuation.comparables.sales]]`": config_values.Sale,
    "`[valuation.development]`": config_values.Development,
    "`[[valuation.development.spent]]`": config_values.Spent,
    "`[valuation.option]`": config_values.Option,
    "`[valuation.forest_assets]`": config_values.ForestAssets,
    "`[[valuation.forest_assets.species]]`": config_values.Timber,
    "`[[valuation.costs]]`": config.Charge,
    "`[accounts]`": config.Accounts,
    "`[[accounts.prices]]`": config_balance.AssetPrice,
    "`[[accounts.liabilities]]`": config_balance.Liability,
    "`[accounts.credits]`": config_balance.Credits,
    "`[accounts.encumbered]`": config_balance.Encumbered,
    "`[accounts.gep]`": config_balance.GepFlow,
    "`[[accounts.condition]]`": config_balance.ConditionVariable,
    "`[[accounts.services]]`": config_balance.EcosystemService,
    "`[gep]`": config_gep.Gep,
    "`[gep.constants]` `NAME = { … }`": config_gep.Constant,
    "`[gep.own_prices]` `NAME = { … }`": config_gep.GepPrice,
    "`[gep.deflator]`": config_gep.GepDeflator,
    "`[gep.terrain]`": config_gep.GepTerrain,
    "`[gep.terrain.rain]`": config_gep.GepRain,
    "`[gep.terrain.texture]`": config_gep.GepTexture,
    "`[gep.water]`": config_gep.GepWater,
    "`[gep.water.rain]`": config_gep.GepMonths,
    "`[gep.water.potential]`": config_gep.GepPotential,
    "`[gep.water.storms]`": config_gep.GepStorms,
    "`[gep.vep]`": config_gep.GepVep,
    "`[registry]`": config.Registry,
    "`[policy]`": config.Policy,
    "`[policy.repairs]`": config.Repairs,
    "`[policy]` `accept = [{ … }]`": config.Accepted,
    "`[report]`": config.Report,
    "`[[report.adjustments]]`": config.Adjustment,
    "`[output]`": config.Output,
}


def _rows():
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    cells = [line.strip("| ").split(" | ") for line in lines if line.startswith("| ")]
    return {section: (keys, values) for section, keys, values in cells[1:]}


def _words(text):
    return set(re.findall(r"`([^`]+)`", text))


def test_every_section_has_its_row():
    structs = {
        value
        for module in (config, config_balance, config_gep, config_values)
        for value in vars(module).values()
        if isinstance(value, type)
        and issubclass(value, msgspec.Struct)
        and value.__struct_fields__
        and not value.__subclasses__()
    }
    assert set(SECTIONS.values()) == structs
    assert _rows().keys() == SECTIONS.keys()


@pytest.mark.parametrize("section", SECTIONS)
def test_the_keys_are_those_of_the_struct(section):
    keys, values = _rows()[section]
    needed, _, optional = keys.partition("(")
    fields = msgspec.structs.fields(SECTIONS[section])
    assert _words(needed) == {field.name for field in fields if field.required}
    assert _words(optional) == {field.name for field in fields if not field.required}
    for name, kind in get_type_hints(SECTIONS[section]).items():
        for choice in (kind, *get_args(kind)):
            if get_origin(choice) is Literal:
                assert set(get_args(choice)) <= _words(values), name


def test_the_roles_are_named():
    rows = _rows()
    assert set(config.LAYERS) <= _words(rows["`[layers.ROLE]`"][1])
    assert set(config.TABLES) <= _words(rows["`[tables]` `ROLE = { … }`"][1])
