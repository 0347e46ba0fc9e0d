"""Two surveys against each other: opening + additions - reductions = closing."""

import pandas as pd

from ecogis import accounts, overlay
from ecogis.accounts import Balance
from ecogis.core.findings import Findings
from ecogis.pipeline.forecasting import surveyed_kg
from ecogis.pipeline.run import Run

__all__ = ["account"]

_WHOLE = ""  # the township of the lines that stand for the whole area


def account(run: Run) -> None:
    """Balance land, timber and carbon between the opening and the closing survey."""
    run.left["balance"] = None
    days = run.config.accounts
    if "stands_opening" not in run.layers or days is None:
        return
    opening, closing = (_carbon(run, role) for role in ("stands_opening", "stands"))
    seen = Findings()
    pairs = overlay.areas(opening, closing, key="stand", findings=seen)
    run.findings.extend(seen, layer="stands_opening")  # of the closing survey they are known
    balance = accounts.physical_balance(
        opening,
        closing,
        pairs=pairs,
        opening_date=days.opening,
        closing_date=days.closing,
        findings=run.findings,
    )
    run.left |= {
        "balance": balance,
        "balance_tables": _tables(balance),
        "balance_totals": _totals(balance),
    }


def _carbon(run: Run, role: str) -> pd.DataFrame:
    stands: pd.DataFrame = run.layers[role]
    return stands.assign(co2e_kg=surveyed_kg(run, role).to_numpy())


def _tables(balance: Balance) -> dict[str, pd.DataFrame]:
    """Lines of the whole area for the report; lines without an amount are left out."""
    found = {
        f"balance_{name}": _printed(getattr(balance, name)) for name in ("area", "volume", "carbon")
    }
    return found | {"change_matrix": balance.matrix, "balance_timber": balance.timber}


def _printed(table: pd.DataFrame) -> pd.DataFrame:
    whole = table[table["township"].eq(_WHOLE)].drop(columns="township")
    amounts = whole.select_dtypes("int64")
    kept = whole["kind"].ne("add") & whole["kind"].ne("less") | amounts.ne(0).any(axis=1)
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
