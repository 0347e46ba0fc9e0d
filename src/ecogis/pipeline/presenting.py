"""What a run left, as the tables people and the report read."""

from typing import Any, Final

import pandas as pd

from ecogis import eligibility, methods
from ecogis.core.identifiers import among
from ecogis.core.provenance import library_versions
from ecogis.core.vocabulary import codes
from ecogis.numerics import quantise
from ecogis.pipeline.forecast_tables import credit_quantiles, forecasts
from ecogis.pipeline.judging import rights_held
from ecogis.pipeline.offering import offered
from ecogis.pipeline.run import Run
from ecogis.pipeline.valuing import Valued

__all__ = ["tables"]

_M3_PER_DM3: Final = 0.001
_NAMED: Final = 2  # holders named in the printed due-diligence list
_ABOUT_STAND: Final = (
    "stand",
    "township",
    "village",
    "land_class",
    "species",
    "origin",
    "age_yr",
    "age_group",
    "forest_category",
    "planting_year",
)


def tables(run: Run) -> dict[str, pd.DataFrame]:
    """Every table of the run by the name the report knows; layers keep their shapes."""
    found = _land(run) | _judged(run) | forecasts(run) | _credited(run) | _sources(run)
    if run.left["valued"] is not None:
        found |= _valued(run.left["valued"])
    if run.left.get("balance") is not None:
        found |= run.left["balance_tables"]
    found["pledgeable"] = offered(run)
    return found


def _land(run: Run) -> dict[str, pd.DataFrame]:
    stands = run.layers["stands"]
    now = run.left["forecast"].sel(instant=pd.Timestamp(run.date))
    names = run.names.texts("label", run.date)
    stands = stands.assign(
        co2e_kg=now["co2e_kg"].to_numpy(),
        standing_volume_now=now["standing_volume"].to_numpy(),
        species_en=stands["species"].map(names).fillna(stands["species"]),
    )
    bare = {"species": "无树种记录", "species_en": "no species on record"}
    by_species = _stock(stands.fillna(bare), ["species", "species_en"])
    return {
        "stands": stands,
        "parcels": run.layers["parcels"],
        "area_by_class": _by_code(stands, "land_class"),
        "stock_by_species": by_species.sort_values("co2e_kg", ascending=False, kind="stable"),
        "stock_by_age": _by_code(stands, "age_group"),
        "rights": _offered_first(run, "rights"),
        "encumbrances": _offered_first(run, "encumbrances"),
        "documents": run.tables["documents"],
        **{role: run.layers[role] for role in ("boundary", "villages") if role in run.layers},
    }


def _offered_first(run: Run, table: str) -> pd.DataFrame:
    """Rows about parcels with pledgeable land first: lists are cut short in print."""
    pieces = run.layers["pieces"]
    offered = pieces.loc[pieces["pledgeable"].fillna(False).astype(bool), "parcel"]
    rows = run.tables[table]
    place = ~among(rows["parcel"], offered)
    return rows.loc[place.sort_values(kind="stable").index].reset_index(drop=True)


def _by_code(stands: pd.DataFrame, column: str) -> pd.DataFrame:
    """Stock by a category in the vocabulary's order, what has none as not stated."""
    order = {code: place for place, code in enumerate(codes(column))}
    found = _stock(stands.fillna({column: "not_stated"}), [column])
    return found.sort_values(column, key=lambda values: values.map(order), ignore_index=True)


def _stock(stands: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Stands, area, volume and carbon at the valuation date by class, none left out.

    Volumes are rounded to the litre by stand before they are added.
    """
    volume = (stands["standing_volume_now"].fillna(0.0) * stands["area_ha"]).to_numpy()
    grouped = stands.assign(volume_dm3=quantise(volume, _M3_PER_DM3)).groupby(keys, dropna=False)
    found = grouped.agg(
        stands=("stand", "size"),
        area_dm2=("area_dm2", "sum"),
        volume_dm3=("volume_dm3", "sum"),
        co2e_kg=("co2e_kg", "sum"),
    ).reset_index()
    return found.assign(
        area_ha=found["area_dm2"] * 1e-6, standing_volume_m3=found["volume_dm3"] / 1000
    )


def _judged(run: Run) -> dict[str, pd.DataFrame]:
    conditions, clauses = run.left["conditions"], run.left["clauses"]
    marks = {entry.clause: entry for entry in run.guideline.clauses}
    asked = {entry.id: entry for entry in run.methodology.conditions}
    counted = conditions.counts()
    met = counted.assign(
        confidence=[asked[name].confidence for name in counted["clause"]],
        source=run.methodology.id,
        topic=[asked[name].topic for name in counted["clause"]],
        clause=[asked[name].clause for name in counted["clause"]],
    )
    counted = clauses.counts()
    kept = counted.assign(
        confidence=[marks[name].confidence for name in counted["clause"]],
        source=run.guideline.title_zh,
    )
    pieces = run.layers["pieces"]
    return {
        "pieces": _piece_table(run),
        "condition_counts": pd.concat([met, _fitness(pieces)], ignore_index=True),
        "project_conditions": run.left["project_conditions"],
        "verdict_counts": kept,
        "due_diligence": _due(run),
        "verdicts": _open_verdicts(run),
        "parcel_verdicts": clauses.by_parcel(),
        "project_verdicts": _project_verdicts(run),
        "pledgors": _pledgors(run),
    }


def _project_verdicts(run: Run) -> pd.DataFrame:
    """Clause 4.1 over all land, and over the land that is creditable."""
    pieces, clauses = run.layers["pieces"], run.left["clauses"]
    counted = pieces.loc[pieces["creditable"].fillna(False).astype(bool), "piece"]
    scopes = {"all": None, "creditable": counted}
    found = [clauses.of_project(among).assign(scope=name) for name, among in scopes.items()]
    table: pd.DataFrame = pd.concat(found, ignore_index=True)
    return table


def _pledgors(run: Run) -> pd.DataFrame:
    """Who may pledge what until when, on the land that nothing rules out."""
    pieces = run.layers["pieces"]
    kept = pieces[pieces["creditable"].fillna(True).astype(bool)]
    return eligibility.pledgors(rights_held(run, kept), kept)


def _open_verdicts(run: Run) -> pd.DataFrame:
    """Every verdict on the pieces nothing rules out; of the others `decided_by` tells which did."""
    pieces = run.layers["pieces"]
    kept = pieces.loc[pieces["creditable"].fillna(True).astype(bool), "piece"]
    parts = (run.left["conditions"].table, run.left["clauses"].table)
    table: pd.DataFrame = pd.concat(
        [part[among(part["piece"], kept)] for part in parts], ignore_index=True
    )
    return table.assign(
        clause=table["clause"].replace(_printed(run)),
        reason=[eligibility.reason_label(code, "zh") for code in table["reason"]],
        reason_en=[eligibility.reason_label(code, "en") for code in table["reason"]],
    )


def _decided_by(run: Run) -> pd.Series:
    """The first condition that rules a piece out, by piece."""
    table: pd.DataFrame = run.left["conditions"].table
    refused = table[table["verdict"].eq(False).fillna(False)].drop_duplicates("piece")
    return refused.set_index("piece")["clause"].replace(_printed(run))


def _fitness(pieces: pd.DataFrame) -> pd.DataFrame:
    """Whether the data of a piece can be used, as one more line under the conditions."""
    fit = pieces["fit"].astype(bool)
    area = pieces["area_dm2"]
    row = {
        "clause": "—",
        "zh": "小班与宗地数据可用(没有“不计入”的问题)",
        "en": "data of stand and parcel can be used (no excluding finding)",
        "yes": int(fit.sum()),
        "no": int((~fit).sum()),
        "unknown": 0,
        "yes_ha": int(area[fit].sum()) * 1e-6,
        "no_ha": int(area[~fit].sum()) * 1e-6,
        "unknown_ha": 0.0,
        "source": "ecogis",
    }
    return pd.DataFrame([row])


def _due(run: Run) -> pd.DataFrame:
    """What is missing for land that nothing yet rules out, the largest area first."""
    pieces = run.layers["pieces"]
    wanted = pieces.loc[pieces["fit"].astype(bool) & pieces["pledgeable"].isna(), "piece"]
    judged = [run.left[name] for name in ("conditions", "clauses")]
    found = eligibility.due_diligence(judged, wanted)
    printed = _printed(run)
    clauses = [[printed.get(name, name) for name in text.split(";")] for text in found["clause"]]
    parties = [_few(names) for names in found["holder"]]
    return found.assign(
        clause=[";".join(dict.fromkeys(names)) for names in clauses],
        party=[zh for zh, _ in parties],
        party_en=[en for _, en in parties],
    )


def _few(names: Any) -> tuple[str, str]:
    """The first holders by name, and how many there are, in Chinese and English."""
    listed = [] if pd.isna(names) else [name for name in str(names).split(";") if name]
    if len(listed) <= _NAMED:
        return "、".join(listed), ", ".join(listed)
    first = listed[:_NAMED]
    return (
        f"{'、'.join(first)}等{len(listed)}人",
        f"{', '.join(first)} and {len(listed) - _NAMED} more",
    )


def _printed(run: Run) -> dict[str, str]:
    """The clause each condition stands in, by the condition's identifier."""
    return {entry.id: entry.clause for entry in run.methodology.conditions}


def _piece_table(run: Run) -> pd.DataFrame:
    """Pieces with their stand's and their carbon's figures; the layer of the map."""
    about = run.layers["stands"][list(_ABOUT_STAND)]
    pieces = run.layers["pieces"].merge(about, on="stand", how="left")
    stock = run.left["piece_kg"].sel(instant=pd.Timestamp(run.date)).to_numpy()
    project = run.left["project"]
    pieces["decided_by"] = pieces["piece"].map(_decided_by(run)).astype("string")
    found: pd.DataFrame = pieces.assign(co2e_kg=stock, credit_kg=0, pledgeable_kg=0)
    if project is not None:
        totals = project.piece_vintages.sum("vintage")
        for name in ("credit_kg", "pledgeable_kg"):
            by_piece = found["piece"].map(totals[name].to_series())
            found[name] = by_piece.fillna(0).astype("int64")
    return found


def _credited(run: Run) -> dict[str, pd.DataFrame]:
    project = run.left["project"]
    if project is None:
        return {}
    return {
        "waterfall": project.waterfall.total(),
        "vintages": project.vintages,
        "issuances": project.issuances,
        "pledgeable_issuances": project.pledgeable_issuances,
        "holders": run.left["holders"].holders,
        "credit_quantiles": credit_quantiles(run.left["drawn_credits"]),
    }


def _valued(found: Valued) -> dict[str, pd.DataFrame]:
    named = {"component": "code", "label_zh": "component", "label_en": "component_en"}
    return {
        "price_parts": found.price.parts,
        "price_path": found.price_path,
        "discount_parts": found.discount.parts.rename(columns=named | {"note_zh": "basis"}).assign(
            used=found.discount.parts[found.level], simulated=found.simulated.parts[found.level]
        ),
        "cash_flow": found.flow,
        "distribution": found.draws.summary(),
        "value_draws": pd.DataFrame({"value_fen": found.draws.npv_fen}),
        "loan_amounts": found.loan.amounts,
        "loan_ends": found.loan.ends,
        "loan_schedule": found.schedule,
        "loan_cover": found.covers,
        "sensitivity": found.sensitivity,
        "stresses": found.stresses,
        "variance_shares": found.shares,
        "cross_checks": found.checks,
        "forest_assets": found.trees,
    }


def _sources(run: Run) -> dict[str, pd.DataFrame]:
    uses = methods.uses_table(run.sets)
    editions = [
        {name: getattr(entry, name) for name in ("id", "edition", "checked_on", "sha256")}
        for entry in (run.methodology, run.guideline, *run.sets, run.names, run.ages)
    ]
    versions = library_versions().items()
    return {
        "parameters": uses.rename(columns={"set": "edition"}),
        "editions": pd.DataFrame(editions),
        "versions": pd.DataFrame(versions, columns=["name", "version"]),
        "inputs": pd.DataFrame(run.inputs),
        "prices": run.tables["prices"],
        **_found(run),
    }


def _found(run: Run) -> dict[str, pd.DataFrame]:
    findings = run.findings.table()
    because = {entry.code: entry.because for entry in run.config.policy.accept}
    grouped = findings.groupby(["code", "severity"], as_index=False).agg(
        count=("code", "size"), area_ha=("area_ha", "sum"), zh=("message_zh", "first"),
        en=("message_en", "first"),
    )  # fmt: skip
    grouped["accepted_because"] = grouped["code"].map(because).astype("string")
    return {"findings": findings, "findings_summary": grouped}
