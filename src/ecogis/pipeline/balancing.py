"""The accounts: opening + additions - reductions = closing, from two surveys or event records."""

from collections.abc import Sequence
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis import accounts, overlay
from ecogis.accounts import Balance, Limits
from ecogis.accounts.lines import BY_EVENTS
from ecogis.core.findings import Findings
from ecogis.pipeline.balancing_events import grown_stands
from ecogis.pipeline.config import ProjectFile
from ecogis.pipeline.config_accounts import Accounts
from ecogis.pipeline.forecasting import surveyed_kg
from ecogis.pipeline.run import Run

__all__ = ["account", "surveyed_twice"]

_WHOLE = ""  # the township of the lines that stand for the whole area
_SURVEYS = ("stands_opening", "stands")
_SURVEYED_WITHIN_DAYS = 366


def account(run: Run) -> None:
    """Balance land, timber and carbon between the opening and the closing day."""
    run.left["balance"] = None
    asked = run.config.accounts
    if asked is None or not (surveyed_twice(run.config) or asked.route == "events"):
        return
    _look(run, asked)
    route = {"surveys": _by_surveys, "events": _by_events}[asked.route]
    balance = _with_other_land(run, route(run, asked))
    run.left |= {
        "balance": balance,
        "balance_tables": _tables(balance),
        "balance_totals": _totals(balance),
    }


def surveyed_twice(config: ProjectFile) -> bool:
    """Whether the project has an opening survey beside the closing one."""
    return "stands_opening" in config.layers


def _by_surveys(run: Run, asked: Accounts) -> Balance:
    opening, closing = _graded(run, asked, _SURVEYS)
    seen = Findings()
    before, after = (run.layers[role] for role in _SURVEYS)
    pairs = overlay.areas(before, after, seen, key="stand")
    run.findings.extend(seen, layer="stands_opening")  # of the closing survey they are known
    return accounts.physical_balance(
        opening,
        closing,
        pairs=pairs,
        owners=_owners(run, asked, "stands"),
        opening_date=asked.opening,
        closing_date=asked.closing,
        sources=[_source(run, role) for role in _SURVEYS],
        limits=_limits(asked),
        findings=run.findings,
    )


def _by_events(run: Run, asked: Accounts) -> Balance:
    """By records; where there is one survey it is the opening, and the closing is modelled."""
    roles = _SURVEYS if surveyed_twice(run.config) else _SURVEYS[1:]
    surveys = _graded(run, asked, roles)
    owners = [_owners(run, asked, role) for role in roles]
    curves = f"{run.curves.id}@{run.curves.edition}"
    return accounts.event_balance(
        surveys[0],
        grown_stands(run, (asked.opening, asked.closing), layer=roles[0]),
        run.tables["events"],
        days=(asked.opening, asked.closing),
        closing=surveys[1] if surveys[1:] else None,
        shares=(asked.residue_share, asked.mortality_share),
        owners=(owners[0], owners[-1]),
        sources=[_source(run, roles[0]), curves, _source(run, "events"), _source(run, "stands")],
        limits=_limits(asked),
        findings=run.findings,
    )


def _look(run: Run, asked: Accounts) -> None:
    """Layers of the days they are said to be, and platforms that hold something."""
    roles = _SURVEYS if surveyed_twice(run.config) else _SURVEYS[1:]
    for role, day in zip(roles, (asked.opening, asked.closing), strict=False):
        dates = pd.to_datetime(run.layers[role].get("survey_date", pd.Series(dtype="object")))
        middle = dates.quantile(0.5, interpolation="lower")
        if pd.notna(middle) and abs((middle - pd.Timestamp(day)).days) > _SURVEYED_WITHIN_DAYS:
            told = middle.date().isoformat()
            run.findings.add("E432", layer=role, column="survey_date", observed=told, day=day)
    read = {entry["role"]: (entry["sha256"], entry["layer"]) for entry in run.inputs}
    if surveyed_twice(run.config) and read.get("stands") == read.get("stands_opening", ""):
        run.findings.add("E433", layer="stands_opening", observed=read["stands"][1])
    rights = run.given("rights")
    for name in asked.platforms if rights is not None else ():
        if not run.left["rights"]["holder"].eq(name).any():
            run.findings.add("E427", layer="rights", column="holder", observed=name)


def _graded(run: Run, asked: Accounts, roles: Sequence[str]) -> list[pd.DataFrame]:
    """Surveys with grades, all against the means of the first."""
    stands = [_stands(run, role) for role in roles]
    graded = accounts.graded(stands[0], stands[-1], limits=asked.grade_limits)
    return list(graded[: len(stands)])


def _stands(run: Run, role: str) -> pd.DataFrame:
    """A survey with its carbon, its groups of species and how its volumes came about."""
    stands = pd.DataFrame(run.layers[role].drop(columns="geometry"))
    groups = run.ages.frame("species", run.date).drop_duplicates("species").set_index("species")
    made = stands.assign(
        co2e_kg=surveyed_kg(run, role).to_numpy(),
        species_group=_mapped(stands["species"], groups["species_group"]),
    )
    if "volume_basis" in made:
        filled = made["volume_basis"].notna() & made["volume_basis"].ne("recorded")
        made["volume_status"] = filled.map({True: "imputed", False: "observed"})
    return made


def _mapped(names: pd.Series, values: pd.Series) -> npt.NDArray[np.object_]:
    """What each name stands for; missing where there is nothing for it."""
    places, kinds = pd.factorize(names)
    found = values.reindex(pd.Index(kinds, dtype=object)).to_numpy(dtype=object)
    return np.append(found, np.nan).astype(object)[places]


def _owners(run: Run, asked: Accounts, role: str) -> pd.DataFrame | None:
    """Owners of a survey's stands at both days, where rights are on record."""
    if run.given("rights") is None:
        return None
    owners = partial(
        accounts.parcel_owners,
        run.layers["parcels"],
        run.left["rights"],
        encumbrances=run.given("encumbrances"),
        platforms=asked.platforms,
    )
    pieces, stands = _pieces(run, role), run.layers[role]
    return accounts.stand_owners(pieces, stands, owners(asked.opening), owners(asked.closing))


def _pieces(run: Run, role: str) -> pd.DataFrame:
    """Area of each stand in each parcel; those of the closing survey are known."""
    if role == "stands":
        known: pd.DataFrame = run.layers["pieces"]
        return known
    seen = Findings()  # what is wrong with a layer is told where it is overlaid first
    parcels = run.layers["parcels"].rename(columns={"parcel": "stand"})
    areas = overlay.areas(run.layers[role], parcels, seen, key="stand")
    common = areas[areas["kind"].eq("common")]
    found: pd.DataFrame = common.rename(columns={"left": "stand", "right": "parcel"})
    return found


def _limits(asked: Accounts) -> Limits:
    return Limits(
        area=asked.difference_area_share,
        volume=asked.difference_volume_share,
        because=asked.because,
    )


def _with_other_land(run: Run, balance: Balance) -> Balance:
    """The balance with land of other types and water beside; what has no table is missing."""
    extents = accounts.extent_postings(
        run.given("extents"),
        surveyed=balance.postings,
        source=_source(run, "extents"),
        findings=run.findings,
    )
    water = accounts.water_postings(
        run.given("water"), source=_source(run, "water"), findings=run.findings
    )
    for table in (extents, water):
        accounts.check(table)
    return replace(balance, postings=accounts.joined([balance.postings, extents, water]))


def _source(run: Run, role: str) -> str:
    """Role of an input and the start of its hash."""
    found = [entry["sha256"] for entry in run.inputs if entry["role"] == role]
    return f"{role}@{found[0][:12]}" if found else role


def _tables(balance: Balance) -> dict[str, pd.DataFrame]:
    """Lines of the whole area for the report; lines without an amount are left out."""
    found = {
        f"balance_{name}": _printed(getattr(balance, name), balance.route)
        for name in ("area", "volume", "carbon")
    }
    return found | {"change_matrix": balance.matrix, "balance_timber": balance.timber}


def _printed(table: pd.DataFrame, route: str) -> pd.DataFrame:
    whole = table[table["township"].eq(_WHOLE)].drop(columns="township")
    amounts = whole.select_dtypes("int64")
    kept = whole["kind"].ne("add") & whole["kind"].ne("less") | amounts.ne(0).any(axis=1)
    if route == "events":
        whole.loc[whole["kind"].eq("check"), ["zh", "en"]] = BY_EVENTS
    return whole[kept].drop(columns=["kind", "confidence"]).reset_index(drop=True)


def _totals(balance: Balance) -> dict[str, int]:
    """Opening, additions, reductions and closing of land, timber and carbon."""
    found: dict[str, int] = {}
    for name, unit in {"area": "dm2", "volume": "dm3", "carbon": "kg"}.items():
        table: pd.DataFrame = getattr(balance, name)
        whole = table[table["township"].eq(_WHOLE)]
        by_kind = {kind: rows["total"] for kind, rows in whole.groupby("kind")}
        found |= {
            f"{name}_opening_{unit}": int(by_kind["stock"].iloc[0]),
            f"{name}_additions_{unit}": int(by_kind["add"].sum()),
            f"{name}_reductions_{unit}": int(by_kind["less"].sum()),
            f"{name}_closing_{unit}": int(by_kind["stock"].iloc[-1]),
            f"{name}_difference_{unit}": int(by_kind["check"].sum()),
        }
    return found
