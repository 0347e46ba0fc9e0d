"""The project file: strict TOML to frozen values; paths are relative to the file.

Unknown keys are refused, and every message names file, key and remedy.
"""

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from ecogis.core.errors import ConfigError
from ecogis.core.texts import catalogue
from ecogis.pipeline.config_faults import key_fault, unknown_key

__all__ = [
    "Accepted",
    "Accounts",
    "Charge",
    "Declared",
    "Growth",
    "Layer",
    "Methodology",
    "Output",
    "Policy",
    "Prices",
    "Project",
    "ProjectFile",
    "Raster",
    "Table",
    "Valuation",
    "load",
]

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
LAYERS = ("stands", "stands_opening", "parcels", "boundary", "villages")
TABLES = ("rights", "encumbrances", "documents", "land_history", "prices")


class _Strict(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    pass


class Project(_Strict, frozen=True, kw_only=True):
    """[project]: what is assessed, for which day, with which seed."""

    name: str
    valuation_date: dt.date
    seed: int
    province: Annotated[str, msgspec.Meta(pattern=r"^\d{2}$", examples=["44"])]
    lang: Literal["zh", "en"] = "zh"


class Layer(_Strict, frozen=True, kw_only=True):
    """[layers.*]: one layer of a file."""

    path: str
    profile: str
    layer: str | None = None
    crs: str | None = None
    encoding: str | None = None
    shift: Mapping[str, float] | None = None


class Table(_Strict, frozen=True, kw_only=True):
    """[tables.*]: one table of a file."""

    path: str
    profile: str
    sheet: str | None = None


class Raster(_Strict, frozen=True, kw_only=True):
    """[rasters.*]: one raster file."""

    path: str


class Fit(_Strict, frozen=True, kw_only=True):
    """[growth.fit]: curves fitted to the project's own stands, by the columns named."""

    by: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)] = ("species", "origin")
    form: str = "richards"


class Growth(_Strict, frozen=True, kw_only=True):
    """[growth]: editions of curves and biomass parameters; own curves, a fit, what may be filled.

    A stand follows the curve fitted for it, else the project's own, else the library's.
    """

    curves: str
    biomass: str
    uncertainty: str
    own_curves: str | None = None
    fit: Fit | None = None
    scaling: Literal["ratio", "age"] = "ratio"
    fill: tuple[Literal["planting_year", "age_group", "canopy"], ...] = ()


class Declared(_Strict, frozen=True, kw_only=True):
    """[methodology.declared.*]: a condition the client declares, with the reason or record."""

    value: bool
    because: str
    document: str = ""


class Methodology(_Strict, frozen=True, kw_only=True):
    """[methodology]: id@edition, crediting period and verification days."""

    id: str
    start: dt.date
    years: Annotated[int, msgspec.Meta(ge=1, le=100)]
    verify_every_years: Annotated[int, msgspec.Meta(ge=1, le=20)]
    issuance_lag_months: Annotated[int, msgspec.Meta(ge=0, le=60)]
    declared: Mapping[str, Declared] = {}


class Prices(_Strict, frozen=True, kw_only=True):
    """[prices]: weights of the three sources of clause 4.2 a, look-back and forward model."""

    weights: Mapping[str, Share]
    lookback_days: Annotated[int, msgspec.Meta(ge=1)]
    instruments: tuple[str, ...] = ()
    model: Literal["flat", "growth"] = "flat"
    because: str
    growth_rate: float = 0.0


class Charge(_Strict, frozen=True, kw_only=True):
    """[[valuation.costs]]: a cost, when it falls due, and where the figure comes from."""

    id: str
    zh: str
    en: str
    cny: Annotated[float, msgspec.Meta(ge=0.0)]
    rule: Literal["once", "per_verification", "per_ha_verification", "per_year", "per_ha_year"]
    because: str
    date: dt.date | None = None


class Valuation(_Strict, frozen=True, kw_only=True):
    """[valuation]: discount build-up, costs, distribution, pledge and loan."""

    discount: str
    discount_level: Literal["low", "mid", "high"]
    costs: tuple[Charge, ...]
    shared_costs: Literal["by_credits", "whole"]
    fee_share: Share
    tax_share: Share
    developer_share: Share
    delivery_risk: Share
    terms_because: str
    quantile: Share
    draws: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)]
    pledge_rate: Share
    pledge_rate_because: str
    term_years: Positive
    interest_rate: Share
    cap_cny: Positive | None = None


class Accounts(_Strict, frozen=True, kw_only=True):
    """[accounts]: days of the opening and the closing survey."""

    opening: dt.date
    closing: dt.date


class Accepted(_Strict, frozen=True, kw_only=True):
    """[policy] accept: a code of a finding taken as it is, and why."""

    code: Annotated[str, msgspec.Meta(pattern=r"^E\d{3}$", examples=["E137"])]
    because: Annotated[str, msgspec.Meta(min_length=4)]


Repair = Literal[
    "rings", "duplicate_vertices", "spikes", "slivers_to_neighbour", "gaps_to_neighbour"
]


class Repairs(_Strict, frozen=True, kw_only=True):
    """[policy.repairs]: repairs by name, layer by layer; each is told feature by feature."""

    stands: tuple[Repair, ...] = ("rings",)
    stands_opening: tuple[Repair, ...] = ("rings",)
    parcels: tuple[Literal["rings", "duplicate_vertices", "spikes"], ...] = ("rings",)


class Policy(_Strict, frozen=True, kw_only=True):
    """[policy]: what findings refuse the run, which are accepted, and what is repaired."""

    refuse_at: Literal["note", "warning", "error"] = "error"
    accept: tuple[Accepted, ...] = ()
    repairs: Repairs = Repairs()


class Output(_Strict, frozen=True, kw_only=True):
    """[output]: which faces the results take."""

    formats: tuple[Literal["docx", "html", "xlsx", "gpkg"], ...] = ("docx", "html", "xlsx", "gpkg")


class ProjectFile(_Strict, frozen=True, kw_only=True):
    """The whole project file."""

    project: Project
    layers: Mapping[str, Layer]
    growth: Growth
    methodology: Methodology
    prices: Prices
    valuation: Valuation
    tables: Mapping[str, Table] = {}
    rasters: Mapping[str, Raster] = {}
    accounts: Accounts | None = None
    policy: Policy = Policy()
    output: Output = Output()


def load(path: str | Path) -> tuple[ProjectFile, Path]:
    """Read a project file.

    Returns
    -------
    tuple of ProjectFile and Path
        The values and the folder their paths are relative to.

    Raises
    ------
    ConfigError
        When the file is missing or not TOML, a key is unknown, missing or out of range, or values
        contradict one another.
    """
    file = Path(path)
    if not file.is_file():
        raise ConfigError("E540", file=file)
    try:
        values = tomllib.loads(file.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError:
        raise ConfigError("E556", file=file.name) from None
    except tomllib.TOMLDecodeError as fault:
        raise ConfigError("E541", file=file.name, detail=fault) from None
    try:
        found = msgspec.convert(values, ProjectFile)
    except msgspec.ValidationError as fault:
        raise key_fault(file.name, values, ProjectFile, str(fault)) from None
    _check_roles(file.name, found)
    _check_values(file.name, found)
    return found, file.resolve().parent


def _check_roles(file: str, found: ProjectFile) -> None:
    for section, names, roles in (
        ("layers", found.layers, LAYERS),
        ("tables", found.tables, TABLES),
        ("rasters", found.rasters, ("dem",)),
    ):
        for name in names:
            if name not in roles:
                raise unknown_key(file, section, name, roles)
    for needed in ("stands", "parcels"):
        if needed not in found.layers:
            raise ConfigError("E543", file=file, key=f"layers.{needed}")


def _check_values(file: str, found: ProjectFile) -> None:
    if found.methodology.start.replace(month=1, day=1) != found.methodology.start:
        raise ConfigError("E545", file=file, value=found.methodology.start)
    surveys = found.accounts
    if surveys is not None and surveys.opening >= surveys.closing:
        raise ConfigError("E554", file=file, opening=surveys.opening, closing=surveys.closing)
    for accepted in found.policy.accept:
        if accepted.code not in catalogue():
            raise ConfigError("E555", file=file, value=accepted.code)
