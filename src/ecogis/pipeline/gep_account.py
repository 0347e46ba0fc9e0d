"""The account of services made of a run: quantities, what counts once, prices, a piece of land."""

import copy
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any, Final

import geopandas
import pandas as pd
import xarray as xr

from ecogis import methods, services
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.methods import ParameterSet, note_stale, parameters
from ecogis.methods.gep_standard import gep_standard
from ecogis.pipeline.config_gep import Gep
from ecogis.pipeline.gep_cells import worked_out
from ecogis.pipeline.gep_claims import last_year_sold, sells_from_land, tell_pledges
from ecogis.pipeline.gep_inputs import (
    carbon_kg,
    constants,
    given_values,
    land_units,
    outside_stands,
    own_prices,
    records,
    typed_variables,
)
from ecogis.pipeline.gep_rasters import rasters
from ecogis.pipeline.gep_soil_map import soil_map
from ecogis.pipeline.run import Project, Run
from ecogis.services import GepAccount, LandInputs, SupplyUse, Vep

__all__ = ["GepResult", "accounted", "carbon_sold", "gep_sets", "products_of_land"]

_SETS: Final = "gep-prices-"
_DEDUCTED: Final = {
    True: ("已扣除", "taken out"),
    False: (
        "所用标准未见扣除规定,未扣除",
        "not taken out: the standard is not seen to deduct them",
    ),
}


@dataclass(frozen=True)
class GepResult:
    """Gross ecosystem product of a project's land in a year.

    Attributes
    ----------
    project : Project
        The project.
    account : GepAccount
        Items, townships, price sets; whole fen.
    supply_use : SupplyUse
        The service tables of SEEA EA.
    adjustments : DataFrame
        What was taken out so that nothing counts twice or comes from outside.
    vep : Vep or None
        The borrower's land, where the project asks for it: a cross-check only.
    units : GeoDataFrame
        Stands with the value of each item that counts; EPSG:4490. [fen]
    rasters : mapping of str to DataArray (y, x)
        ``ls_factor`` and ``soil_retained_t_ha``, where the project asks for factors of its heights.
    made_of : mapping of str to str
        Variables made of heights, rain, texture, temperatures or storms: formula and files.
    derived : mapping of str to str
        Variables computed of others of a stand: the name of their formula.
    typed : frozenset of str
        Variables of the project's table of values, which states no source for them.
    constants : mapping of str to float
        Constants of the formulas as they were used.
    parameters : DataFrame
        Every number that was asked of the library, with source and mark.
    findings : DataFrame
        What is wrong or missing, in both languages.
    inputs : list of dict
        Files that were read, by hash.
    """

    project: Project
    account: GepAccount
    supply_use: SupplyUse
    adjustments: pd.DataFrame
    vep: Vep | None
    units: geopandas.GeoDataFrame
    rasters: Mapping[str, xr.DataArray]
    made_of: Mapping[str, str]
    derived: Mapping[str, str]
    typed: frozenset[str]
    constants: Mapping[str, float]
    parameters: pd.DataFrame
    findings: pd.DataFrame
    inputs: list[dict[str, Any]]

    @property
    def total_fen(self) -> int:
        """The gross ecosystem product. [fen]"""
        return self.account.total_fen

    def __repr__(self) -> str:
        made = self.account
        return f"GepResult({made.standard.label}, {made.year}: {made.total_fen / 100:,.2f} CNY)"


def gep_sets() -> list[str]:
    """Every price set of the library, by ``id@edition``.

    >>> gep_sets()[0]
    'gep-prices-gaotianyan@2014'
    """
    listed = methods.editions()
    sets = listed[listed["id"].str.startswith(_SETS)]
    return sorted(sets["id"] + "@" + sets["edition"])


def accounted(run: Run, asked: Gep) -> GepResult:
    """The account of a run whose stages up to the forecast are done; findings go to the run."""
    numbers = parameters(asked.formulas)
    units = land_units(run)
    known = constants(asked, numbers)
    with ExitStack() as files:
        laid = rasters(run, asked, files)
        given = given_values(run, asked, units, numbers, laid.sources)
        inputs = LandInputs(units, given, run.findings)
        made_of = {**laid.made_of, **worked_out(run, asked, laid, inputs)}
        mapped = soil_map(run, laid, inputs)
    quantities, adjustments = _quantities(run, asked, inputs, known)
    standard = gep_standard(asked.standard)
    main, others = _price_sets(asked)
    made = services.account(
        quantities,
        year=asked.year,
        standard=standard,
        prices=main,
        sets=others,
        findings=run.findings,
    )
    sets: list[ParameterSet] = [numbers, main.parameters, *(each.parameters for each in others)]
    note_stale(sets, run.date, run.findings)
    return GepResult(
        project=run.project,
        account=made,
        supply_use=services.supply_use(made, asked.users),
        adjustments=adjustments,
        vep=_vep(run, asked, made, units),
        units=_mapped(run, made),
        rasters=mapped,
        made_of=made_of,
        derived=inputs.derived,
        typed=typed_variables(run),
        constants=known,
        parameters=methods.uses_table([*run.sets, *sets]),
        findings=run.findings.table(),
        inputs=run.inputs,
    )


def products_of_land(run: Run, asked: Gep) -> tuple[Vep | None, list[str]]:
    """Products of the borrower's land, for a valuation that shows them beside its value.

    The account's findings stay its own: they refuse the account, never the valuation.

    Returns
    -------
    Vep or None
        None where findings refuse the account, or no land is named.
    list of str
        Codes of the findings that refuse it.
    """
    outside_stands(run)  # kept, since the findings that tell of them stay with the run
    apart = copy.copy(run)
    apart.findings = Findings()
    made = accounted(apart, asked)
    policy = run.config.policy
    left = apart.findings.open(policy.refuse_at, [entry.code for entry in policy.accept])
    refused = sorted(set(left["code"]))
    return (None if refused else made.vep), refused


def _quantities(
    run: Run, asked: Gep, inputs: LandInputs, known: Mapping[str, float]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Quantities that may count, looked at; and what was taken out of them."""
    findings, wanted = run.findings, set(services.items())
    sound = services.soil(inputs, findings)
    land = services.land_quantities(inputs, wanted, known, findings)
    impossible = set(inputs.units.index[~sound])
    of_soil = land["item"].isin(["soil_retention", "soil_conservation"])
    land = land[~(of_soil & land["unit_id"].isin(impossible))]
    kilograms = carbon_kg(run, asked.year, inputs.units)
    services.unknown_carbon(inputs.units, kilograms, findings)
    oxygen = known["oxygen_per_dioxide"]
    tonnes = services.carbon_quantities(inputs.units, kilograms, wanted, oxygen)
    recorded, loads, cuts = _recorded(run, asked, known)
    quantities = services.stacked([land, tonnes, recorded])
    quantities, cut = services.once(quantities, loads, gep_standard(asked.standard).items)
    _look(run, asked, quantities, known)
    made = [table for table in (cuts, cut) if len(table)]
    return quantities, pd.concat(made, ignore_index=True) if made else cut


def _recorded(
    run: Run, asked: Gep, known: Mapping[str, float]
) -> tuple[pd.DataFrame, Mapping[tuple[str, str], int], pd.DataFrame]:
    """Quantities on record that may count, emissions, and what was taken out."""
    table = records(run, asked)
    empty = pd.DataFrame(columns=list(services.RECORD_COLUMNS))
    found = services.recorded(empty if table is None else table, known, run.findings)
    deducted = "outside" in gep_standard(asked.standard).deductions
    _tell_outside(run, found.outside, deducted=deducted)
    kept, cut = services.less_outside(found.quantities, found.outside, deducted=deducted)
    within = services.allowable_cut(
        kept, asked.allowable_cut_m3, run.findings, standing_m3=_standing_m3(run)
    )
    return kept[within], found.loads, cut


def _look(run: Run, asked: Gep, quantities: pd.DataFrame, known: Mapping[str, float]) -> None:
    """Guards that need all quantities."""
    findings = run.findings
    services.oxygen_ratio(quantities, findings)
    services.industrial_water(quantities, asked.population, findings)
    services.water_beside_forest(quantities, findings)
    if quantities["part"].isin(["evaporation", "transpiration"]).any():
        services.evaporation_efficiency(known, findings)
    claim = "sale" if carbon_sold(asked) else "account"
    services.carbon_claimed_once(quantities, claim, _credited(run, asked), findings)
    if carbon_sold(asked):
        tell_pledges(run, asked)
    if asked.area_ha is None:
        services.not_checked("PC14", "gep", "area_ha", findings)
    else:
        measured = int(run.layers["stands"]["area_dm2"].sum()) * 1e-6
        services.area_unit(asked.area_ha, measured, ("核算区", "the area"), findings)


def carbon_sold(asked: Gep) -> bool:
    """Whether somebody is to pay for the carbon: the account says so, or the borrower's land."""
    return asked.carbon_claim == "sale" or sells_from_land(asked)


def _standing_m3(run: Run) -> float | None:
    """What stands on the land; None where no stand says. [m3]"""
    volume = run.layers["stands"]["standing_volume_m3"].astype("Float64")
    return float(volume.sum()) if volume.notna().any() else None


def _credited(run: Run, asked: Gep) -> int:
    """Credits on the same land, where crediting was run. [kg CO2e]

    Of the account's year, and of every year of the term the borrower's land sells carbon for.
    """
    project = run.left.get("project")
    if project is None:
        return 0
    vintages: pd.DataFrame = project.vintages
    of_term = vintages["vintage"].between(asked.year, last_year_sold(asked))
    return int(vintages.loc[of_term, "credit_kg"].sum())


def _tell_outside(run: Run, outside: pd.DataFrame, *, deducted: bool) -> None:
    zh, en = _DEDUCTED[deducted]
    for row in outside.to_dict("records"):
        run.findings.add(
            "E503",
            layer="gep_records",
            feature=f"{row['item']}/{row['part']}",
            observed=f"{row['quantity_milli'] / 1000:,.3f}",
            product=row["product"] or row["part"],
            unit=row["unit"],
            done_zh=zh,
            done=en,
        )


def _price_sets(asked: Gep) -> tuple[services.PriceSet, list[services.PriceSet]]:
    """The main prices, and every other set the account is shown under."""
    index = {} if asked.deflator is None else asked.deflator.index
    years = {_year(name): value for name, value in index.items()}
    deflator = services.Deflator(years, "" if asked.deflator is None else asked.deflator.source)
    main = services.PriceSet(parameters(asked.prices), asked.year, deflator, own_prices(asked))
    names = [
        name for name in asked.price_sets or gep_sets() if parameters(name).label != main.label
    ]
    others = [services.PriceSet(parameters(name), asked.year, deflator) for name in names]
    return main, others


def _year(name: str) -> int:
    if not name.isdigit():
        raise ConfigError("E002", value=f"gep.deflator.index {name}", expected="1990 … 2100")
    return int(name)


def _vep(run: Run, asked: Gep, made: GepAccount, units: pd.DataFrame) -> Vep | None:
    if asked.vep is None:
        return None
    pieces = run.layers["pieces"]
    unknown = [name for name in asked.vep.parcels if not pieces["parcel"].eq(name).any()]
    if unknown:
        raise ConfigError("E002", value=unknown[0], expected="gep.vep.parcels: a parcel of the map")
    for name in asked.vep.sold:
        if name not in services.items():
            expected = ", ".join(services.items())
            raise ConfigError("E002", value=f"gep.vep.sold.{name}", expected=expected)
    land = services.land_of(pieces, asked.vep.parcels, units["area_dm2"])
    found = services.vep(made, land, asked.vep.sold, years=asked.vep.years, rate=asked.vep.rate)
    if asked.vep.loan_cny is not None:
        services.observed_cover(found, round(asked.vep.loan_cny * 100), run.findings)
    return found


def _mapped(run: Run, made: GepAccount) -> geopandas.GeoDataFrame:
    """Stands with the value of every item that counts and their sum, for the map. [fen]

    An item a stand has no figure of is missing; the sum is of those it has.
    """
    stands: geopandas.GeoDataFrame = run.layers["stands"]
    rows = made.counted[made.counted["unit_id"].isin(stands["stand"])]
    worth = rows.pivot_table(index="unit_id", columns="item", values="value_fen", aggfunc="sum")
    names = [name for name in services.items() if name in worth.columns]
    laid = worth[names].reindex(stands["stand"]).astype("Int64")
    columns = ["stand", "township", "land_class", "area_dm2", "geometry"]
    found = stands[columns].copy()
    for name in names:
        found[name] = laid[name].to_numpy()
    return found.assign(gep_fen=laid.sum(axis=1).to_numpy(dtype="int64"))
