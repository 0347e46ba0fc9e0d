"""The headline results: what run.json states and the report's words are filled with."""

from typing import Any

import msgspec
import pandas as pd

from ecogis import methods
from ecogis.core.vocabulary import FOREST, label
from ecogis.pipeline.run import Run
from ecogis.pipeline.valuing import Valued
from ecogis.valuation import fen

__all__ = ["summary"]

_KEPT_LINES = ("removal_kg", "emission_kg", "baseline_kg", "leakage_kg", "uncertainty_kg")


def summary(run: Run, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    """Headline results by group; whole numbers stay whole."""
    config = run.config
    valued: Valued | None = run.left["valued"]
    marks = tables["parameters"]["confidence"].dropna().tolist()
    return {
        "project": {
            "name": config.project.name,
            "lang": config.project.lang,
            "province": config.project.province,
            "valuation_date": config.project.valuation_date.isoformat(),
            "seed": config.project.seed,
            "crs_label": "EPSG:4490 (CGCS2000)",
        },
        "methodology": _methodology(run),
        "growth": _growth(run),
        "forecast": _spread(run),
        "totals": _totals(run, tables),
        "valuation": {} if valued is None else _valuation(run, valued),
        "balance": _balance(run),
        "findings": _findings(tables["findings"]),
        "analogy": bool(run.findings.count("E270")),
        "weakest_confidence": methods.weakest(marks) if marks else "",
        **_adjusted(run),
    }


def _adjusted(run: Run) -> dict[str, Any]:
    """What the appraiser has adjusted; nothing where nothing is."""
    asked = run.config.report.adjustments
    return {"adjustments": list(msgspec.to_builtins(asked))} if asked else {}


def _methodology(run: Run) -> dict[str, Any]:
    used, asked = run.methodology, run.config.methodology
    opens, closes = used.registration_open
    return {
        "id": used.id,
        "edition": used.edition,
        "title_zh": used.title_zh,
        "title_en": used.title_en,
        "in_force_from": used.in_force_from.isoformat(),
        "registration_open": opens <= run.date and (closes is None or run.date < closes),
        "crediting_start": asked.start.isoformat(),
        "crediting_years": asked.years,
        "declared": [
            {
                "clause": entry.clause,
                "zh": entry.zh,
                "en": entry.en,
                "value": asked.declared[entry.rule].value,
                "because": asked.declared[entry.rule].because,
            }
            for entry in used.conditions
            if entry.rule in asked.declared
        ],
    }


def _spread(run: Run) -> dict[str, Any]:
    """Living carbon at the end of the forecast, with its spread: all land and the project."""
    found = run.left["forecast_quantiles"]
    last = found.isel(year=-1)
    groups = [name for name in ("whole", "project") if name in found["group"].to_numpy()]
    return {
        "year": int(last["year"]),
        "draws": int(found.attrs["draws"]),
        **{
            name: {
                f"{of}_kg": round(float(last[of].sel(group=name))) for of in ("p5", "p50", "p95")
            }
            for name in groups
        },
    }


def _growth(run: Run) -> dict[str, Any]:
    """What the forecast assumed beside growth; empty where it assumed nothing."""
    asked = run.config.growth
    found: dict[str, Any] = {}
    if asked.harvest is not None:
        fellings: pd.DataFrame = run.left["fellings"]
        found["harvest"] = {
            "because": asked.harvest.because,
            "quota_m3": asked.harvest.quota_m3,
            "fellings": len(fellings),
            "volume_m3": round(float(fellings["volume_m3"].sum()), 3),
        }
    if asked.disturbance is not None:
        found["disturbance"] = msgspec.to_builtins(asked.disturbance)
    if asked.pools is not None:
        found["pools"] = {"followed": list(asked.pools.follow), "rates": asked.pools.rates}
        for lang, comma in (("zh", "、"), ("en", ", ")):
            names = [label(pool, lang) for pool in asked.pools.follow]
            found[f"pools_followed_{lang}"] = comma.join(names)
    if run.left["opinion"] is not None:
        now = run.left["opinion"].sel(instant=pd.Timestamp(run.date))
        found["opinion"] = {
            "set": asked.opinion,
            "total_kg": [int(kg) for kg in now["total_kg"]],
            "difference": round(float(now["difference"]), 6),
        }
    return found


def _totals(run: Run, tables: dict[str, pd.DataFrame]) -> dict[str, Any]:
    stands, pieces = tables["stands"], tables["pieces"]
    over = run.left["overlay"]
    counted = pieces["creditable"].fillna(False).astype(bool)
    unknown = pieces["creditable"].isna()
    pledged = pieces["pledgeable"].fillna(False).astype(bool)
    forest = stands["land_class"].isin(FOREST)
    return {
        "stands": len(stands),
        "parcels": len(tables["parcels"]),
        "rights": len(tables["rights"]),
        "pieces": len(pieces),
        "area_ha": _ha(stands["area_dm2"]),
        "forest_ha": _ha(stands.loc[forest, "area_dm2"]),
        "pieces_ha": _ha(pieces["area_dm2"]),
        "without_parcel_ha": _ha(over.stand_remainder["area_dm2"]),
        "contested_ha": _ha(over.stand_remainder["contested_dm2"]),
        "standing_volume_m3": int(tables["stock_by_species"]["volume_dm3"].sum()) / 1000,
        "stock_co2e_kg_valuation": int(stands["co2e_kg"].sum()),
        "creditable_ha": _ha(pieces.loc[counted, "area_dm2"]),
        "unknown_ha": _ha(pieces.loc[unknown, "area_dm2"]),
        "excluded_ha": _ha(pieces.loc[~counted & ~unknown, "area_dm2"]),
        "pledgeable_ha": _ha(pieces.loc[pledged, "area_dm2"]),
        **_credits(run),
    }


def _ha(area_dm2: pd.Series) -> float:
    return round(int(area_dm2.sum()) * 1e-6, 6)


def _credits(run: Run) -> dict[str, int]:
    project = run.left["project"]
    if project is None:
        return {"credit_kg": 0, "pledgeable_kg": 0, "issued_t": 0, "pledge_issued_t": 0}
    lines = {name: int(project.vintages[name].sum()) for name in _KEPT_LINES}
    return {
        **lines,
        "buffer_kg": int(project.vintages["buffer_kg"].sum()),
        "credit_kg": int(project.vintages["credit_kg"].sum()),
        "pledgeable_kg": int(project.vintages["pledgeable_kg"].sum()),
        "issued_t": int(project.issuances["issued_t"].sum()),
        "pledge_issued_t": int(project.pledgeable_issuances["issued_t"].sum()),
    }


def _valuation(run: Run, found: Valued) -> dict[str, Any]:
    loan = found.loan
    return {
        "sharing_zh": f"项目共同成本由可质押部分承担 {found.part:.2%}。",
        "sharing_en": f"The pledgeable part bears {found.part:.2%} of the project's common costs.",
        "reference_price": float(found.price.price_cny_t),
        "price_confidence": found.price.confidence,
        "discount_rate": found.rate,
        "simulated_rate": found.simulated.at(run.config.valuation.discount_level),
        **_conventions(run, found),
        "npv_fen": found.pledge.cash_flow_fen,
        "mean_fen": found.draws.mean_fen,
        "p5_fen": found.draws.quantile(0.05),
        "p50_fen": found.draws.quantile(0.50),
        "p95_fen": found.draws.quantile(0.95),
        "draws": run.config.valuation.draws,
        "quantile": found.pledge.quantile,
        "pledge_value_fen": found.pledge.value_fen,
        "pledge_rate": loan.pledge_rate,
        "pledge_rate_because": run.config.valuation.pledge_rate_because,
        "principal_fen": loan.principal_fen,
        "maturity_date": loan.maturity.isoformat(),
        "tenor_years": round(loan.months / 12, 2),
        "cover_ratio": loan.cover_ratio,
        **_bound("binding", loan.amounts),
        **_bound("binding_end", loan.ends),
        **_limits(run),
        "quantile_name_zh": f"{found.pledge.quantile:.0%} 分位数",
        "quantile_name_en": f"{found.pledge.quantile:.0%} quantile",
    }


def _bound(name: str, limits: pd.DataFrame) -> dict[str, str]:
    """The limits that bind, in words."""
    binding = limits[limits["binding"]]
    return {f"{name}_zh": "、".join(binding["zh"]), f"{name}_en": ", ".join(binding["en"])}


def _limits(run: Run) -> dict[str, Any]:
    """What the cap by income asks for; empty where there is none."""
    asked = run.config.valuation.limits
    if asked is None or asked.least_cover is None:
        return {}
    zh, en = _COVERED[asked.cover_at]
    return {
        "least_cover": asked.least_cover,
        "cover_at_zh": zh,
        "cover_at_en": en,
        "other_income_fen": fen(asked.other_income_cny_yr),
        "limits_because_zh": asked.because,
        "limits_because_en": asked.because,
    }


def _balance(run: Run) -> dict[str, Any]:
    if run.left.get("balance") is None or run.config.accounts is None:
        return {}
    accounts = run.config.accounts
    return {
        "opening_date": accounts.opening.isoformat(),
        "closing_date": accounts.closing.isoformat(),
        **run.left["balance_totals"],
    }


def _findings(table: pd.DataFrame) -> dict[str, int]:
    counts = table["severity"].value_counts()
    return {name: int(counts.get(name, 0)) for name in ("note", "warning", "error")}


_TIMINGS = {
    "dated": ("按实际天数除以 365", "actual days over 365"),
    "mid_year": ("年中", "middle of the year"),
    "year_end": ("年末", "end of the year"),
}
_COVERED = {
    "every_date": ("在每个还款日", "at every instalment"),
    "maturity": ("到期时", "at maturity"),
}
_RISKS = {
    "price": ("价格", "price"),
    "delivery": ("交付", "delivery"),
    "hazard": ("自然灾害", "natural hazard"),
}


def _conventions(run: Run, found: Valued) -> dict[str, Any]:
    """How time is counted, what is simulated, rates of return and duration."""
    asked = run.config.valuation
    rates = [f"{rate:.2%}" for rate in found.rates]
    drawn = [*asked.simulated, *(["hazard"] if run.config.growth.disturbance else [])]
    told: dict[str, Any] = {"duration_years": f"{found.duration:.2f}"}
    for at, lang in enumerate(("zh", "en")):
        comma, none = ("、", "无") if lang == "zh" else (", ", "none")
        risks = comma.join(_RISKS[risk][at] for risk in drawn)
        told |= {
            f"timing_{lang}": _TIMINGS[asked.timing][at],
            f"simulated_{lang}": risks or none,
            f"return_{lang}": comma.join(rates) or none,
        }
    return told
