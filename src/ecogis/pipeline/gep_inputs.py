"""What the account of services takes: land units, their variables, records, constants, carbon."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import pandas as pd
import xarray as xr

from ecogis import io, services
from ecogis.core.errors import ConfigError, NotInForceError
from ecogis.core.findings import Findings
from ecogis.core.units import factor
from ecogis.methods import ParameterSet
from ecogis.numerics.rounding import quantise
from ecogis.pipeline.config_gep import Gep
from ecogis.pipeline.gep_rasters import WithinRange, mean_under
from ecogis.pipeline.run import Run
from ecogis.spatial.grids import RasterSource

__all__ = [
    "SOIL",
    "Given",
    "carbon_kg",
    "constants",
    "given_values",
    "land_units",
    "outside_stands",
    "own_prices",
    "records",
    "typed_variables",
]

Given = dict[str, dict[str, pd.Series]]
"""By variable, then by source."""

_OUTSIDE: Final = "outside_stands"
_TYPED: Final = "gep_typed"
_UNITS: Final = {"latent_heat": "kWh t-1"}  # a tonne of water is a cubic metre
SOIL: Final = ("bulk_density", "soil_nitrogen", "soil_phosphorus")
"""Variables a soil of the library has."""
_LAKE: Final = ("lake_log", "lake_exponent", "lake_turnover")
_WHY: Final = {
    "variable": ("没有这样的变量", "there is no such variable"),
    "value": ("缺少数值", "there is no value"),
    "twice": ("同一变量对同一小班或地类给出多次", "the variable is given more than once there"),
    "both": ("同时填写小班和地类", "it names a stand and a land class"),
    "stand": ("没有这样的小班", "there is no such stand"),
    "class": ("地类无法识别", "the land class is not understood"),
}


def land_units(run: Run) -> pd.DataFrame:
    """Stands as land units: ``township ecosystem land_class area_dm2``, by stand.

    Ground that two stands claim is in neither, and a stand that lies outside the boundary of the
    survey has none, as where credits are counted. Ground that two parcels claim stays: whose it is
    makes it no less forest.

    Findings
    --------
    E961
        Ground that is contested or outside: it gives nothing.
    """
    stands = run.layers["stands"]
    own = stands["area_dm2"].to_numpy(dtype=np.int64)
    left_out = _left_out(run)
    if left_out.any():
        hectares = float(left_out.sum()) * 1e-6
        run.findings.add(
            "E961",
            layer="stands",
            area_ha=hectares,
            number=int((left_out > 0).sum()),
            ha=f"{hectares:,.2f}",
        )
    classes = stands["land_class"].astype("string").fillna("").to_numpy(dtype=object)
    return pd.DataFrame(
        {
            "township": stands["township"].astype("string").fillna("").to_numpy(dtype=object),
            "ecosystem": [services.ecosystem_of(name) for name in classes],
            "land_class": classes,
            "area_dm2": own - left_out,
        },
        index=pd.Index(stands["stand"].to_numpy(dtype=object), name="stand"),
    )


def _left_out(run: Run) -> npt.NDArray[np.int64]:
    """Of each stand what another claims too, or all of it where it lies outside. [dm2]

    Where three stands overlap their pairs share land: the sum of a stand's pairs is taken, at most
    all that is contested on it.
    """
    stands = run.layers["stands"]
    names, overlay = stands["stand"], run.left["overlay"]
    pairs = overlay.contested[overlay.contested["kind"].eq("stands")]
    sides = [pairs.set_index(side)["area_dm2"] for side in ("left", "right")]
    over = pd.concat(sides).groupby(level=0).sum()
    most = overlay.stand_remainder.set_index("stand")["contested_dm2"]
    contested = np.minimum(over.reindex(names).fillna(0), most.reindex(names).fillna(0)).to_numpy(
        dtype=np.int64
    )
    own: npt.NDArray[np.int64] = stands["area_dm2"].to_numpy(dtype=np.int64)
    outside = names.isin(outside_stands(run)).to_numpy(dtype=bool)
    return np.asarray(np.where(outside, own, contested), dtype=np.int64)


def outside_stands(run: Run) -> set[str]:
    """Stands found to lie outside the boundary of the survey."""
    if _OUTSIDE not in run.left:
        told = run.findings.table()
        at = told["code"].eq("E348") & told["layer"].eq("stands")
        run.left[_OUTSIDE] = set(told.loc[at, "feature"].astype(str))
    found: set[str] = run.left[_OUTSIDE]
    return found


def given_values(
    run: Run,
    asked: Gep,
    units: pd.DataFrame,
    numbers: ParameterSet,
    of_rasters: Mapping[str, RasterSource],
) -> Given:
    """Every variable the project gives, by stand, raster or class table.

    A raster is taken as its mean under each stand, one made of others like one of a file.

    Findings
    --------
    E490
        A row of the table of values that cannot be used.
    E959
        A raster has cells that are out of its variable's range: they are not used.
    """
    found: Given = {}
    if asked.soil is not None:
        _from_library(found, asked.soil, units, numbers, _day(asked))
    if asked.values is not None:
        table = _table(run, asked.values, "gep_values", "gep-values")
        run.left[_TYPED] = frozenset(table["variable"].dropna().astype(str))
        _from_table(found, table, units, run)
    heights = pd.Series(run.layers["stands"]["height_m"].to_numpy(), index=units.index)
    if heights.notna().any():
        found.setdefault("tree_height", {}).setdefault("stand", heights.astype("float64"))
    for name, source in of_rasters.items():
        found.setdefault(name, {})["raster"] = mean_under(run, source)
        if isinstance(source, WithinRange):
            source.tell(run.findings)
    return found


def typed_variables(run: Run) -> frozenset[str]:
    """Variables of the project's table of values, which states no source for them."""
    found: frozenset[str] = run.left.get(_TYPED, frozenset())
    return found


def records(run: Run, asked: Gep) -> pd.DataFrame | None:
    """The table of records, or nothing where none is named.

    Findings
    --------
    E570
        A row is of a township no stand is of.
    """
    if asked.records is None:
        return None
    table = _table(run, asked.records, "gep_records", "gep-records")
    places = run.layers["stands"]["township"].dropna().astype(str)
    strange = table["township"].notna() & ~table["township"].astype(str).isin(places)
    run.findings.add(
        "E570",
        layer="gep_records",
        where=strange.to_numpy(dtype=bool),
        feature=table["service_part"],
        row=table["row"],
        observed=table["township"],
    )
    kind = table["record_kind"].astype("string").fillna("flow").to_numpy(dtype=object)
    return table.assign(record_kind=kind)


class _Constants(dict[str, float]):
    """Constants in force; one that is not raises when a formula asks for it."""

    def __init__(self) -> None:
        super().__init__()
        self.late: dict[str, NotInForceError] = {}

    def take(self, name: str, asked: Gep, numbers: ParameterSet) -> None:
        """Take one of the library as it is on the last day of the year."""
        key = asked.lake_region if name in _LAKE else None
        unit = _UNITS.get(name, numbers.parameter(name).unit)
        try:
            self[name] = numbers.value(name, _day(asked), unit, key=key)
        except NotInForceError as fault:
            self.late[name] = fault

    def __missing__(self, name: str) -> float:
        raise self.late[name]


def constants(asked: Gep, numbers: ParameterSet) -> dict[str, float]:
    """Constants of the formulas, the project's own before the library's.

    One that is not in force in the year is asked for in vain only where a formula needs it.

    Raises
    ------
    ConfigError
        E002: the project gives one no formula has, or one out of its range.
    NotInForceError
        When a formula asks for a constant that is not in force in the year.
    """
    wanted = dict.fromkeys(name for part in services.parts().values() for name in part.constants)
    for name in asked.constants:
        if name not in wanted:
            raise ConfigError("E002", value=f"gep.constants.{name}", expected=", ".join(wanted))
    regions = numbers.keys(_LAKE[0])
    if asked.lake_region is not None and asked.lake_region not in regions:
        expected = ", ".join(str(key) for key in regions)
        raise ConfigError("E002", value=f"gep.lake_region {asked.lake_region}", expected=expected)
    found = _Constants()
    for name in wanted:
        if name in asked.constants:
            found[name] = _own_constant(asked, name, numbers)
        elif name not in _LAKE or asked.lake_region in numbers.keys(name):
            found.take(name, asked, numbers)
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


def carbon_kg(run: Run, year: int, units: pd.DataFrame) -> pd.Series:
    """Net removal of a year by stand, from the carbon stage's own stocks. [kg CO2e]

    Of a stand with ground that is left out, by the share of its area that is not.

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
    kilograms = pd.Series((last - first).astype(np.int64), index=stands)[known]
    whole = run.layers["stands"].set_index("stand")["area_dm2"].reindex(kilograms.index)
    left = units["area_dm2"].reindex(kilograms.index)
    cut = left.ne(whole).to_numpy(dtype=bool)
    share = left[cut].to_numpy(dtype=np.float64) / whole[cut].to_numpy(dtype=np.float64)
    kilograms.loc[cut] = quantise(kilograms.loc[cut].to_numpy(dtype=np.float64) * share, 1.0)
    return kilograms


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
    known = {key for name in SOIL for key in numbers.keys(name)}
    if soil not in known:
        raise ConfigError("E002", value=f"gep.soil {soil}", expected=", ".join(sorted(known)))
    for name in SOIL:
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


def _unread(findings: Findings) -> set[int]:
    """Rows of the table of values whose land class could not be decoded.

    They would hold for all land, for a class that is missing says so.
    """
    told = findings.table()
    of_class = told["code"].eq("E147") & told["layer"].eq("gep_values")
    return set(told.loc[of_class & told["column"].eq("land_class"), "row"].dropna().astype(int))


def _look(table: pd.DataFrame, units: pd.DataFrame, findings: Findings) -> Any:
    """Rows of the table of values that cannot be used, each told with its first reason."""
    stand = table["stand"].astype(object)
    place = ["variable", "stand", "land_class"]
    reasons = {
        "variable": ~table["variable"].isin(list(services.variables())),
        "value": table["variable_value"].isna(),
        "class": table["row"].isin(_unread(findings)),
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
