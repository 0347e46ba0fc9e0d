"""The project file: strict TOML to frozen values; paths are relative to the file.

Unknown keys are refused, and every message names file, key and remedy.
"""

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, cast

import msgspec

from ecogis.core.errors import ConfigError
from ecogis.core.texts import catalogue
from ecogis.pipeline.config_absent import NotGiven, absent
from ecogis.pipeline.config_accounts import ACCOUNT_TABLES, Accounts, check_accounts
from ecogis.pipeline.config_faults import read_struct, unknown_key
from ecogis.pipeline.config_gep import Gep
from ecogis.pipeline.config_prices import Calibrate, Prices, Process, check_prices
from ecogis.pipeline.config_report import Adjustment, Output, Report, require_kept_places
from ecogis.pipeline.config_schedule import check_schedule
from ecogis.pipeline.config_values import (
    Comparables,
    Development,
    ForestAssets,
    Guarantee,
    Limits,
    Option,
    check_cross_checks,
)

__all__ = [
    "Accepted",
    "Accounts",
    "Adjustment",
    "Calibrate",
    "Charge",
    "Declared",
    "Growth",
    "Layer",
    "Methodology",
    "Number",
    "Output",
    "Policy",
    "Prices",
    "Process",
    "Project",
    "ProjectFile",
    "Raster",
    "Registry",
    "Report",
    "Stress",
    "Table",
    "Valuation",
    "load",
]

Share = Annotated[float, msgspec.Meta(ge=0.0, le=1.0)]
Positive = Annotated[float, msgspec.Meta(gt=0.0)]
Age = Annotated[int, msgspec.Meta(ge=1, le=299)]
LAYERS = ("stands", "stands_opening", "parcels", "boundary", "villages")
TABLES = ("rights", "encumbrances", "documents", "land_history", "prices", *ACCOUNT_TABLES)


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


class FellingRule(_Strict, frozen=True, kw_only=True):
    """[[growth.harvest.rules]]: how some species, or species groups, are felled and replanted."""

    species: Annotated[tuple[str, ...], msgspec.Meta(min_length=1)]
    because: str
    felling_age_yr: Age | None = None
    thinning_ages_yr: tuple[Age, ...] = ()
    thinning_share: Share = 0.0
    replant: str = ""
    replant_scale: Positive | None = None
    delay_yr: Annotated[int, msgspec.Meta(ge=0, le=20)] = 0


class Harvest(_Strict, frozen=True, kw_only=True):
    """[growth.harvest]: fellings by plan or by rule, within quota, permits and the law."""

    quota_m3: Annotated[float, msgspec.Meta(ge=0.0)]
    because: str
    plan: str | None = None
    rules: tuple[FellingRule, ...] = ()
    permits: Literal["as_given", "needed"] = "as_given"
    stem_out: Share = 1.0


class Disturbance(_Strict, frozen=True, kw_only=True):
    """[growth.disturbance]: yearly chance of disasters from measured mortality."""

    hazards: str
    disaster_share: Share
    severity: Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
    because: str
    by: Literal["species", "age_group"] = "species"


class Pools(_Strict, frozen=True, kw_only=True):
    """[growth.pools]: pools followed beside living trees, and their rates."""

    follow: Annotated[
        tuple[Literal["dead_wood", "litter", "products"], ...], msgspec.Meta(min_length=1)
    ]
    rates: str
    opening: Literal["steady", "zero"] = "steady"
    products_half_life_yr: Positive | None = None


class Growth(_Strict, frozen=True, kw_only=True):
    """[growth]: editions of curves and biomass parameters; own curves, a fit, what may be filled.

    Without harvest, disturbance and pools, living trees grow and nothing else happens.

    A stand follows the curve fitted for it, else the project's own, else the library's.
    """

    curves: str
    biomass: str
    uncertainty: str
    own_curves: str | None = None
    fit: Fit | None = None
    scaling: Literal["ratio", "age"] = "ratio"
    fill: tuple[Literal["planting_year", "age_group", "canopy"], ...] = ()
    harvest: Harvest | None = None
    disturbance: Disturbance | None = None
    pools: Pools | None = None
    opinion: str | None = None


class Declared(_Strict, frozen=True, kw_only=True):
    """[methodology.declared.*]: a condition the client declares, with the reason or record."""

    value: bool
    because: str
    document: str = ""


class Number(_Strict, frozen=True, kw_only=True):
    """[methodology.parameters.*]: a number the methodology leaves to the project, or one replaced.

    One value, a table by class, or the value the methodology offers, accepted.
    """

    because: Annotated[str, msgspec.Meta(min_length=4)]
    value: float | None = None
    by: Mapping[str, float] = {}
    accept: bool = False
    unit: str = ""
    source: str = ""
    confidence: Literal["quoted", "inferred", "recalled", "assumed"] | None = None


class Methodology(_Strict, frozen=True, kw_only=True):
    """[methodology]: id@edition or own file, crediting period, verification days, numbers."""

    id: str
    start: dt.date
    years: Annotated[int, msgspec.Meta(ge=1, le=100)]
    issuance_lag_months: Annotated[int, msgspec.Meta(ge=0, le=60)]
    verify_every_years: Annotated[int, msgspec.Meta(ge=1, le=20)] | None = None
    verifications: tuple[dt.date, ...] = ()
    application: dt.date | None = None
    declared: Mapping[str, Declared] = {}
    merged: bool = False
    by_analogy_because: Annotated[str, msgspec.Meta(min_length=4)] | None = None
    parameters: Mapping[str, Number] = {}


class Charge(_Strict, frozen=True, kw_only=True):
    """[[valuation.costs]]: a cost, when it falls due, and where the figure comes from."""

    id: str
    zh: str
    en: str
    cny: Annotated[float, msgspec.Meta(ge=0.0)]
    rule: Literal["once", "per_verification", "per_ha_verification", "per_year", "per_ha_year"]
    because: str
    date: dt.date | None = None


class Stress(_Strict, frozen=True, kw_only=True):
    """[valuation.stress]: what the stress tests assume of fire and of the right's end."""

    fire_share: Share
    right_end: dt.date
    because: Annotated[str, msgspec.Meta(min_length=4)]
    price_change: Annotated[float, msgspec.Meta(ge=-1.0, le=0.0)] = -0.3
    delay_months: Annotated[int, msgspec.Meta(ge=0, le=240)] = 24


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
    timing: Literal["dated", "mid_year", "year_end"] = "dated"
    simulated: tuple[Literal["price", "delivery"], ...] = ("price",)
    stress: Stress | None = None
    quantile: Share
    draws: Annotated[int, msgspec.Meta(ge=200, le=1_000_000)]
    pledge_rate: Share
    pledge_rate_because: str
    term_years: Positive
    interest_rate: Share
    repayment: Literal["equal_instalment", "equal_principal", "bullet", "by_vintage"] = (
        "equal_instalment"
    )
    cap_cny: Positive | None = None
    limits: Limits | None = None
    guarantee: Guarantee | None = None
    comparables: Comparables | None = None
    development: Development | None = None
    option: Option | None = None
    forest_assets: ForestAssets | None = None


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


class Registry(_Strict, frozen=True, kw_only=True):
    """[registry]: our own pledge ledger and who reads it, or why it holds no claim."""

    ledger: str = ""
    reader: str = ""
    no_claims_because: str = ""


class ProjectFile(_Strict, frozen=True, kw_only=True):
    """The whole project file.

    `methodology`, `prices` and `valuation` may be left out where only the accounts are asked for.
    """

    project: Project
    layers: Mapping[str, Layer]
    growth: Growth
    methodology: Methodology = cast("Methodology", NotGiven("methodology"))
    prices: Prices = cast("Prices", NotGiven("prices"))
    valuation: Valuation = cast("Valuation", NotGiven("valuation"))
    tables: Mapping[str, Table] = {}
    rasters: Mapping[str, Raster] = {}
    accounts: Accounts | None = None
    gep: Gep | None = None
    registry: Registry | None = None
    policy: Policy = Policy()
    report: Report = Report()
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
    found = read_struct(file, ProjectFile, "E540")
    _check_roles(file.name, found)
    _check_values(file.name, found)
    require_kept_places(found.report)
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
    left_out = absent(found)
    if left_out and found.accounts is None:
        raise ConfigError("E543", file=file, key=left_out[0])
    if not left_out:
        _check_assessed(file, found)
    check_accounts(file, found.accounts, [*found.layers, *found.tables])
    for accepted in found.policy.accept:
        if accepted.code not in catalogue():
            raise ConfigError("E555", file=file, value=accepted.code)


def _check_assessed(file: str, found: ProjectFile) -> None:
    if found.methodology.start.replace(month=1, day=1) != found.methodology.start:
        raise ConfigError("E545", file=file, value=found.methodology.start)
    value = found.valuation
    check_cross_checks(file, value.comparables, value.forest_assets)
    if (found.methodology.verify_every_years is None) is not bool(found.methodology.verifications):
        raise ConfigError("E710", file=file)
    asked = found.methodology
    check_schedule(
        file,
        found.project.valuation_date,
        start=asked.start,
        years=asked.years,
        application=asked.application,
        verifications=asked.verifications,
    )
    check_prices(file, found.prices)
