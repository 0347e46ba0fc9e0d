"""What the account of services takes: land units, their variables, records, constants, carbon."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import pandas as pd
import xarray as xr

from ecogis import io, services
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.methods import ParameterSet
from ecogis.pipeline.config_gep import Gep
from ecogis.pipeline.gep_terrain import mean_under, noted
from ecogis.pipeline.run import Run

__all__ = [
    "Given",
    "carbon_kg",
    "constants",
    "given_values",
    "land_units",
    "own_prices",
    "records",
]

Given = dict[str, dict[str, pd.Series]]
"""By variable, then by source."""

_UNITS: Final = {"latent_heat": "kWh t-1"}  # a tonne of water is a cubic metre
_SOIL: Final = ("bulk_density", "soil_nitrogen", "soil_phosphorus")
_LAKE: Final = ("lake_log", "lake_exponent", "lake_turnover")
_WHY: Final = {
    "variable": ("没有这样的变量", "there is no such variable"),
    "value": ("缺少数值", "there is no value"),
    "twice": ("同一变量对同一小班或地类给出多次", "the variable is given more than once there"),
    "both": ("同时填写小班和地类", "it names a stand and a land class"),
    "stand": ("没有这样的小班", "there is no such stand"),
}


def land_units(run: Run) -> pd.DataFrame:
    """Stands as land units: ``township ecosystem land_class area_dm2``, by stand."""
    stands = run.layers["stands"]
    classes = stands["land_class"].astype("string").fillna("").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "township": stands["township"].astype("string").fillna("").to_numpy(dtype=object),
            "ecosystem": [services.ecosystem_of(name) for name in classes],
            "land_class": classes,
            "area_dm2": stands["area_dm2"].to_numpy(dtype=np.int64),
        },
        index=pd.Index(stands["stand"].to_numpy(dtype=object), name="stand"),
    )


def given_values(
    run: Run,
    asked: Gep,
    units: pd.DataFrame,
    numbers: ParameterSet,
    of_terrain: Mapping[str, pd.Series],
) -> Given:
    """Every variable the project gives, by stand, raster or class table.

    What was made of heights, rain and texture stands where a raster stands.

    Findings
    --------
    E490
        A row of the table of values that cannot be used.
    """
    found: Given = {}
    if asked.soil is not None:
        _from_library(found, asked.soil, units, numbers, _day(asked))
    if asked.values is not None:
        _from_table(found, _table(run, asked.values, "gep_values", "gep-values"), units, run)
    heights = pd.Series(run.layers["stands"]["height_m"].to_numpy(), index=units.index)
    if heights.notna().any():
        found.setdefault("tree_height", {}).setdefault("stand", heights.astype("float64"))
    for name, file in asked.rasters.items():
        if name not in services.variables():
            known = ", ".join(services.variables())
            raise ConfigError("E002", value=f"gep.rasters.{name}", expected=known)
        path = run.project.folder / file
        with io.open_raster(path) as source:
            found.setdefault(name, {})["raster"] = mean_under(run, source, units)
            noted(run, path, source)
    for name, means in of_terrain.items():
        found.setdefault(name, {})["raster"] = means
    return found


def records(run: Run, asked: Gep) -> pd.DataFrame | None:
    """The table of records, or nothing where none is named."""
    if asked.records is None:
        return None
    table = _table(run, asked.records, "gep_records", "gep-records")
    kind = table["record_kind"].astype("string").fillna("flow").to_numpy(dtype=object)
    return table.assign(record_kind=kind)


def constants(asked: Gep, numbers: ParameterSet) -> dict[str, float]:
    """Constants of the formulas, the project's own before the library's.

    Raises
    ------
    ConfigError
        E002: the project gives one no formula has, or one out of its range.
    NotInForceError
        A constant is not in force in the year.
    """
    wanted = dict.fromkeys(name for part in services.parts().values() for name in part.constants)
    lake = asked.lake_region
    found = {}
    for name in wanted:
        if name in asked.constants:
            found[name] = _own_constant(asked, name, numbers)
        elif name in _LAKE:
            if lake is not None and lake in numbers.keys(name):
                found[name] = numbers.value(name, _day(asked), "1", key=lake)
        else:
            unit = _UNITS.get(name, numbers.parameter(name).unit)
            found[name] = numbers.value(name, _day(asked), unit)
    for name in asked.constants:
        if name not in wanted:
            raise ConfigError("E002", value=f"gep.constants.{name}", expected=", ".join(wanted))
    return found


def _own_constant(asked: Gep, name: str, numbers: ParameterSet) -> float:
    """A constant of the project's own, within the range the library has for it."""
    value, about = asked.constants[name].value, numbers.parameter(name).column
    low = -np.inf if about.minimum is None else about.minimum
    high = np.inf if about.maximum is None else about.maximum
    seen = value * factor(_UNITS.get(name, about.unit), about.unit)
    if not (np.isfinite(seen) and low <= seen <= high):
        told = f"{low:g} – {high:g} {about.unit}"
        raise ConfigError("E002", value=f"gep.constants.{name} {value:g}", expected=told)
    return value


def carbon_kg(run: Run, year: int) -> pd.Series:
    """Net removal of a year by stand, from the carbon stage's own stocks. [kg CO2e]

    Stands whose carbon the stage does not know are left out, and so are all where the forecast
    does not have both ends of the year.
    """
    forecast: xr.Dataset = run.left["forecast"]
    ends = [np.datetime64(dt.date(at, 1, 1), "ns") for at in (year, year + 1)]
    days = forecast["instant"].to_numpy()
    stands = pd.Index(forecast["stand"].to_numpy().astype(object), name="stand")
    if not all((days == end).any() for end in ends):
        return pd.Series(np.zeros(0, dtype=np.int64), index=stands[:0])
    first, last = (forecast["co2e_kg"].sel(instant=end).to_numpy() for end in ends)
    known = forecast["known"].to_numpy().astype(bool)
    return pd.Series((last - first)[known].astype(np.int64), index=stands[known])


def _day(asked: Gep) -> dt.date:
    return dt.date(asked.year, 12, 31)


def _table(run: Run, name: str, role: str, profile: str) -> pd.DataFrame:
    path = run.project.folder / name
    table = io.read_table(path, profile=profile, role=role, findings=run.findings)
    run.inputs.append({"role": role} | asdict(io.layer_info(path, None)))
    return table


def _from_library(
    found: Given, soil: str, units: pd.DataFrame, numbers: ParameterSet, day: dt.date
) -> None:
    """Properties of a soil of the library, for every unit, as a table has them."""
    known = {key for name in _SOIL for key in numbers.keys(name)}
    if soil not in known:
        raise ConfigError("E002", value=f"gep.soil {soil}", expected=", ".join(sorted(known)))
    for name in _SOIL:
        if soil in numbers.keys(name):
            value = numbers.value(name, day, numbers.parameter(name).unit, key=soil)
            found.setdefault(name, {})["table"] = pd.Series(value, index=units.index)


def _from_table(found: Given, table: pd.DataFrame, units: pd.DataFrame, run: Run) -> None:
    wrong = _look(table, units, run.findings)
    sound = table[~wrong]
    for name, rows in sound.groupby(sound["variable"].astype(object), sort=False):
        own = rows[rows["stand"].notna()].set_index("stand")["variable_value"].astype("float64")
        by_class = rows[rows["stand"].isna()].set_index(
            rows.loc[rows["stand"].isna(), "land_class"].astype("string").fillna("")
        )["variable_value"]
        sources = found.setdefault(str(name), {})
        if len(own):
            sources["stand"] = own.set_axis(own.index.astype(object))
        if len(by_class):
            sources["table"] = _laid(by_class, units, sources.get("table"))


def _laid(by_class: pd.Series, units: pd.DataFrame, before: pd.Series | None) -> pd.Series:
    """Values by land class on the units; one without a class holds for the classes not named."""
    values = units["land_class"].map(by_class).astype("float64")
    if "" in by_class.index:
        values = values.fillna(float(by_class.loc[""]))
    return values if before is None else values.fillna(before)


def _look(table: pd.DataFrame, units: pd.DataFrame, findings: Findings) -> Any:
    """Rows of the table of values that cannot be used, each told with its first reason."""
    stand = table["stand"].astype(object)
    place = ["variable", "stand", "land_class"]
    reasons = {
        "variable": ~table["variable"].isin(list(services.variables())),
        "value": table["variable_value"].isna(),
        "both": table["stand"].notna() & table["land_class"].notna(),
        "stand": table["stand"].notna() & ~stand.isin(units.index),
        "twice": table[place].astype("string").fillna("").duplicated(keep=False),
    }
    wrong = np.zeros(len(table), dtype=bool)
    for name, at in reasons.items():
        new = at.fillna(value=True).to_numpy(dtype=bool) & ~wrong
        zh, en = _WHY[name]
        findings.add(
            "E490", layer="gep_values", where=new, feature=table["variable"], row=table["row"],
            action="excluded", why_zh=zh, why=en,
        )  # fmt: skip
        wrong |= new
    return wrong


def own_prices(asked: Gep) -> Mapping[str, services.OwnPrice]:
    """Prices of the project by name, each of which some part has.

    Raises
    ------
    ConfigError
        E002: no part has a price of that name.
    """
    known = sorted({part.price for part in services.parts().values()} - {"own"})
    for name in asked.own_prices:
        if name not in known:
            expected = ", ".join(known)
            raise ConfigError("E002", value=f"gep.own_prices.{name}", expected=expected)
    return {
        name: services.OwnPrice(given.value, given.year, given.source, given.confidence)
        for name, given in asked.own_prices.items()
    }
