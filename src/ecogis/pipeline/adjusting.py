"""Whether the figures the signatories adjust go together, found before anything is written."""

from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import msgspec

from ecogis.crediting import Credits
from ecogis.pipeline.run import Run
from ecogis.report.adjusting import (
    ADJUSTABLE,
    adjusted_amounts,
    contradictions,
    most_principal,
)
from ecogis.report.present import cell

if TYPE_CHECKING:
    from ecogis.pipeline.valuing import Valued

__all__ = ["look_at_adjusted"]

# the finding, the figure that is too high, and the kind of number it is
_TOLD: Final = MappingProxyType(
    {
        "above_value": ("E923", "pledge_value"),
        "above_limit": ("E924", "principal"),
        "above_issued": ("E925", "pledge_issued"),
        "above_credit": ("E926", "issued"),
        "money_of_computed": ("E927", "npv"),
    }
)


def look_at_adjusted(run: Run, valued: "Valued | None") -> None:
    """Find what the concluded figures contradict once those of the signatories are put in.

    Nothing is changed. A figure the run does not have is left to the report, which refuses it.

    Findings
    --------
    E923
        The pledge value exceeds the net present value or nought.
    E924
        The principal exceeds pledge value times pledge rate.
    E925
        More tonnes can be pledged than are issued.
    E926
        More tonnes are issued than credited.
    E927
        Tonnes are adjusted, amounts of money are not.
    """
    asked = msgspec.to_builtins(run.config.report.adjustments)
    if not asked:
        return
    computed = _computed(run, valued)
    there = {name for name, (key, _) in ADJUSTABLE.items() if key in computed}
    summary: dict[str, Any] = {"adjustments": [e for e in asked if e["figure"] in there]}
    for key, value in computed.items():
        group, _, name = key.partition(".")
        summary.setdefault(group, {})[name] = value
    adjusted = adjusted_amounts(summary)
    concluded = computed | adjusted
    limits = _limits(concluded)
    for name in contradictions(concluded.get, adjusted):
        code, figure = _TOLD[name]
        key, kind = ADJUSTABLE[figure]
        run.findings.add(
            code,
            layer="project",
            column=f"report.adjustments.{figure}",
            observed=cell(concluded[key], kind, "en"),
            limit=limits.get(name, ""),
        )


def _computed(run: Run, valued: "Valued | None") -> dict[str, Any]:
    """Headline results by name, those the run has."""
    project: Credits | None = run.left["project"]
    found: dict[str, Any] = {}
    if project is not None:
        found = {
            "totals.credit_kg": int(project.vintages["credit_kg"].sum()),
            "totals.issued_t": int(project.issuances["issued_t"].sum()),
            "totals.pledge_issued_t": int(project.pledgeable_issuances["issued_t"].sum()),
        }
    if valued is None:
        return found
    return found | {
        "valuation.npv_fen": valued.pledge.cash_flow_fen,
        "valuation.pledge_value_fen": valued.pledge.value_fen,
        "valuation.pledge_rate": valued.loan.pledge_rate,
        "valuation.principal_fen": valued.loan.principal_fen,
    }


def _limits(concluded: dict[str, Any]) -> dict[str, str]:
    """What each concluded figure must not exceed, as printed."""
    found = {
        "above_issued": cell(concluded.get("totals.issued_t"), "t", "en"),
        "above_credit": cell(concluded.get("totals.credit_kg"), "t_kg", "en"),
    }
    if "valuation.npv_fen" not in concluded:
        return found
    pledged, rate = (concluded[f"valuation.{name}"] for name in ("pledge_value_fen", "pledge_rate"))
    return found | {
        "above_value": cell(max(concluded["valuation.npv_fen"], 0), "yuan", "en"),
        "above_limit": cell(int(most_principal(pledged, rate)), "yuan", "en"),
    }
