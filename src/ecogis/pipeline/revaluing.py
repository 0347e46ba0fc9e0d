"""The same land valued again: what has changed since an earlier run, and what that calls for."""

import datetime as dt
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis import valuation
from ecogis.core.errors import ConfigError, InputError
from ecogis.pipeline.result import Result, result_of
from ecogis.pipeline.run import Progress, Project, Run, open_project
from ecogis.pipeline.stages import run_stages
from ecogis.pipeline.watching import read_policy
from ecogis.valuation import WatchPolicy

__all__ = ["Revaluation", "revalue"]

_MANIFEST: Final = "run.json"
_DM2_PER_HA: Final = 1_000_000
_FIGURES: Final = {
    "valuation.pledge_value_fen": ("质押价值", "pledge value", "fen"),
    "valuation.npv_fen": ("净现值", "net present value", "fen"),
    "valuation.principal_fen": ("本金上限", "highest principal", "fen"),
    "valuation.reference_price": ("参考价格", "reference price", "CNY t-1"),
    "valuation.discount_rate": ("折现率", "discount rate", "1"),
    "totals.creditable_ha": ("可计入面积", "creditable area", "ha"),
    "totals.pledgeable_ha": ("可质押面积", "pledgeable area", "ha"),
    "totals.pledge_issued_t": ("质押范围内预计签发量", "expected issuance pledged", "t CO2e"),
    "totals.stock_co2e_kg_valuation": ("基准日碳储量", "stock at the valuation date", "kg CO2e"),
}


@dataclass(frozen=True)
class Revaluation:
    """A new run beside an earlier one.

    Attributes
    ----------
    result : Result
        The new run.
    changes : DataFrame
        ``figure``, ``zh``, ``en``, ``unit``, ``before``, ``now``, ``difference`` and ``change``
        [1]; missing where a run has no such figure.
    inputs : DataFrame
        ``role`` and ``state`` of each input file: same, changed, new or gone.
    triggers : DataFrame
        What the policy says to do, as `ecogis.valuation.watch_list` gives it.
    """

    result: Result
    changes: pd.DataFrame
    inputs: pd.DataFrame
    triggers: pd.DataFrame


def revalue(
    project: Project | str | Path,
    *,
    before: str | Path,
    policy: WatchPolicy | str | Path,
    balance_cny: float,
    hazard_share: float | None = None,
    verified_on: dt.date | None = None,
    progress: Progress | None = None,
) -> Revaluation:
    """Value a project again and hold it against an earlier run of the same land.

    New survey, prices or title are the new project file's inputs. Something has happened to the
    title when more creditable land than before may not be pledged, or is not known to. A
    verification was due when one was planned since the earlier valuation date.

    Parameters
    ----------
    project : Project, str or Path
        The project as it is now, or the path of its file.
    before : str or Path
        Folder of the earlier run, or its run.json.
    policy : WatchPolicy, str or Path
        Limits and actions of the lender, or the file they stand in.
    balance_cny : float
        Balance of the loan now. [CNY]
    hazard_share : float, optional
        Share of the pledged trees lost to hazards since; not known without. [1]
    verified_on : date, optional
        Day of the verification that was due, where it was done.
    progress : callable, optional
        Told the name of each stage, its number and how many there are.

    Returns
    -------
    Revaluation

    Raises
    ------
    InputError
        E550 when `before` is no manifest of a run.
    ConfigError
        E887 when the earlier run is of a later day; the policy is wrong.
    EcogisError
        As `assess`.
    """
    limits = policy if isinstance(policy, WatchPolicy) else read_policy(policy)
    earlier = _earlier(before)
    opened = project if isinstance(project, Project) else open_project(project)
    since = dt.date.fromisoformat(earlier["results"]["project"]["valuation_date"])
    if since > opened.valuation_date:
        raise ConfigError("E887", before=since, now=opened.valuation_date)
    started, run = time.monotonic(), Run(opened)
    run_stages(run, "account", progress)
    result = result_of(run, started)
    old, now = earlier["results"], result.summary
    book = _loan(old, now, opened.config.project.name).assign(
        balance_fen=valuation.fen(balance_cny),
        hazard_share=pd.array([hazard_share], dtype="Float64"),
        verification_due=pd.Series([_due(result, since, opened.valuation_date)]),
        verified_on=pd.Series([verified_on]),
    )
    return Revaluation(
        result=result,
        changes=_changes(old, now),
        inputs=_inputs(earlier["inputs"], result.record["inputs"]),
        triggers=valuation.watch_list(book, limits, opened.valuation_date),
    )


def _earlier(before: str | Path) -> dict[str, Any]:
    path = Path(before)
    path = path / _MANIFEST if path.is_dir() else path
    try:
        record: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        dt.date.fromisoformat(record["results"]["project"]["valuation_date"])
        _ = ({each["role"]: each["sha256"] for each in record["inputs"]},
             record["results"]["totals"]["pledgeable_ha"],
             record["results"]["totals"]["creditable_ha"],
             record["results"]["valuation"].get("reference_price"))  # fmt: skip
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as fault:
        raise InputError("E550", file=path, detail=repr(fault)) from None
    return record


def _figure(results: Mapping[str, Any], name: str) -> float | None:
    group, _, key = name.partition(".")
    value = results[group].get(key)
    return None if value is None else float(value)


def _changes(old: Mapping[str, Any], now: Mapping[str, Any]) -> pd.DataFrame:
    rows = [
        (name, *words, _figure(old, name), _figure(now, name)) for name, words in _FIGURES.items()
    ]
    table = pd.DataFrame(rows, columns=["figure", "zh", "en", "unit", "before", "now"])
    table = table.astype({"before": "Float64", "now": "Float64"})
    gap = table["now"] - table["before"]
    base = table["before"].abs()
    return table.assign(difference=gap, change=gap / base.mask(base.eq(0.0)))


def _inputs(old: list[dict[str, Any]], now: list[dict[str, Any]]) -> pd.DataFrame:
    before, after = ({each["role"]: each["sha256"] for each in part} for part in (old, now))
    rows = [(role, _state(before.get(role), after.get(role))) for role in sorted(before | after)]
    return pd.DataFrame(rows, columns=["role", "state"])


def _state(before: str | None, now: str | None) -> str:
    if before is None:
        return "new"
    if now is None:
        return "gone"
    return "same" if before == now else "changed"


def _loan(old: Mapping[str, Any], now: Mapping[str, Any], name: str) -> pd.DataFrame:
    """One row of a book; without a value nothing is pledged that has one."""
    held = {"before": _dm2(old), "now": _dm2(now)}
    beside = {when: creditable - pledgeable for when, (creditable, pledgeable) in held.items()}
    price = [results["valuation"].get("reference_price") for results in (old, now)]
    return pd.DataFrame(
        {
            "loan": [name],
            "pledge_value_fen": [now["valuation"].get("pledge_value_fen", 0)],
            "price_before_cny_t": pd.array(price[:1], dtype="Float64"),
            "price_cny_t": pd.array(price[1:], dtype="Float64"),
            "area_before_dm2": [held["before"][1]],
            "area_dm2": [held["now"][1]],
            "title_event": [beside["now"] > beside["before"]],
        }
    )


def _dm2(results: Mapping[str, Any]) -> tuple[int, int]:
    """Creditable and pledgeable land. [0.01 m2]"""
    total = results["totals"]
    creditable, pledgeable = (
        round(total[f"{word}_ha"] * _DM2_PER_HA) for word in ("creditable", "pledgeable")
    )
    return creditable, pledgeable


def _due(result: Result, since: dt.date, today: dt.date) -> dt.date | None:
    """The last verification planned since the earlier run, or the first to come."""
    planned = result.tables.get("issuances")
    if planned is None:
        return None
    days = pd.to_datetime(planned["verification_date"])
    passed = days[(days > pd.Timestamp(since)) & (days <= pd.Timestamp(today))]
    if len(passed):
        return passed.max().date()
    return days[days > pd.Timestamp(today)].min().date() if len(days) else None
