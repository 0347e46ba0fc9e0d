"""The loan a pledge value allows: limits, instalments, covers, and what a lender must know."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final

import pandas as pd

from ecogis import valuation
from ecogis.core.errors import ConfigError
from ecogis.core.periods import add_months, add_years
from ecogis.crediting import Credits
from ecogis.pipeline.config_values import Limits
from ecogis.pipeline.run import Run

if TYPE_CHECKING:
    from ecogis.pipeline.finance_guarantee import Room

__all__ = ["loan", "look", "schedule"]

_ROOM: Final = "guarantee_room"


def loan(
    run: Run, pledge: valuation.PledgeValue, project: Credits, flow: pd.DataFrame
) -> valuation.LoanProposal:
    """The largest loan within the project file's limits, which the guarantee company would take.

    Raises
    ------
    ConfigError
        E968 the room under the guarantee is stated twice.

    Findings
    --------
    E966
        The guarantee company's book takes nothing more.
    E967
        The room under the guarantee is as the user states it.
    """
    asked, ends = run.config.valuation, _ends(run, project)
    limits = asked.limits or Limits(because="none stated")
    room = _room(run, limits)
    stated = {
        "requested": limits.requested_cny,
        "lender_cap": asked.cap_cny,
        "product_cap": limits.product_cap_cny,
        _ROOM: limits.guarantee_room_cny if room is None else room.cny,
    }

    def proposal(amounts: Mapping[str, Decimal | float | None]) -> valuation.LoanProposal:
        return valuation.loan_proposal(
            pledge, pledge_rate=asked.pledge_rate, amounts=amounts, ends=ends, date=run.date
        )

    months = proposal(stated).months
    found = proposal(stated | {"income_cap": _income_cap(run, limits, flow, months)})
    if room is not None and asked.guarantee is not None:
        room.take(asked.guarantee, found.principal_fen)
    return replace(found, amounts=_marked(found.amounts, room))


def _room(run: Run, limits: Limits) -> "Room | None":
    """The room under the guarantee by the company's book; none where the project names no book."""
    asked = run.config.valuation.guarantee
    if asked is None:
        if limits.guarantee_room_cny is not None:
            observed = f"{limits.guarantee_room_cny:,.2f}"
            run.findings.add("E967", layer="guarantees", column=_ROOM, observed=observed)
        return None
    if limits.guarantee_room_cny is not None:
        raise ConfigError("E968", file=run.project.file.name)
    from ecogis.pipeline.finance_guarantee import guarantee_room

    room = guarantee_room(asked, run.project.folder, run.date, run.findings)
    run.inputs.extend({"role": role} | asdict(info) for role, info in room.inputs)
    return room


def _marked(amounts: pd.DataFrame, room: "Room | None") -> pd.DataFrame:
    """The limits of the loan, with where the room under the guarantee comes from."""
    told = "用户自报", "as stated by the user"
    if room is not None:
        day = room.assets_day or "—"
        told = f"担保台账,净资产 {day}", f"the guarantor's book, net assets of {day}"
    at = (amounts["limit"] == _ROOM) & amounts["amount_fen"].notna()
    marks = {"zh": f"({told[0]})", "en": f" ({told[1]})"}
    changed = {name: amounts[name].mask(at, amounts[name] + mark) for name, mark in marks.items()}
    return amounts.assign(**changed)


def _income_cap(run: Run, limits: Limits, flow: pd.DataFrame, months: int) -> Decimal | None:
    """The largest principal whose service the income covers; none where no cover is asked for.

    A loan repaid as income comes in cannot be repaid where none comes in within its term.
    """
    asked = run.config.valuation
    if limits.least_cover is None:
        due = pd.to_datetime(flow["date"]) <= pd.Timestamp(add_months(run.date, months))
        comes_in = bool((flow.loc[due, "net_fen"] > 0).any())
        return None if comes_in or asked.repayment != "by_vintage" else Decimal(0)
    cap = valuation.income_cap(
        flow,
        least_cover=limits.least_cover,
        rate=asked.interest_rate,
        start=run.date,
        months=months,
        kind=asked.repayment,
        at=limits.cover_at,
        other_income_cny_yr=limits.other_income_cny_yr,
    )
    return valuation.cny(cap)


def _ends(run: Run, project: Credits) -> Mapping[str, date | None]:
    asked, limits = run.config, run.config.valuation.limits
    months = round(asked.valuation.term_years * 12)
    pieces = run.left["project_pieces"]
    pledged = pieces["pledgeable"].fillna(False).to_numpy(dtype=bool)
    until = pieces.loc[pledged, "until"].min()
    sold = project.pledgeable_issuances
    last = sold.loc[sold["issued_t"] > 0, "issuance_date"].max()
    period_end = add_years(asked.methodology.start, asked.methodology.years) - timedelta(days=1)
    return {
        "requested": add_months(run.date, months),
        "last_issuance": None if pd.isna(last) else last.date(),
        "right_end": None if pd.isna(until) else until.date(),
        "contract_end": None if limits is None else limits.contract_end,
        "crediting_end": period_end,
    }


def schedule(
    run: Run, proposal: valuation.LoanProposal, flow: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Instalments by the repayment the project file names, and their cover by date."""
    asked = run.config.valuation
    if not proposal.principal_fen or not proposal.months:
        return pd.DataFrame(), pd.DataFrame()
    plan = valuation.repayment_schedule(
        proposal.principal_fen,
        asked.interest_rate,
        run.date,
        proposal.months,
        kind=asked.repayment,
        income=flow,
    )
    return plan, valuation.cover_ratios(plan, flow, rate=asked.interest_rate, start=run.date)


def look(run: Run, project: Credits, covers: pd.DataFrame) -> None:
    """Find what a lender must know: instalments before income, sales after the right has ended."""
    if len(covers):
        _look_at_instalments(run, covers)
    kg = project.by_issuance(project.piece_vintages["piece"].to_numpy())
    until = run.left["project_pieces"].set_index("piece")["until"].reindex(kg.index)
    dates = kg.columns.to_numpy()[None, :]
    late = kg.to_numpy() * (dates > until.to_numpy().astype("datetime64[ns]")[:, None])
    if late.sum() > 0:
        run.findings.add(
            "E553", layer="project", column="until", observed=f"{int(late.sum()) / 1000:,.1f}"
        )


def _look_at_instalments(run: Run, covers: pd.DataFrame) -> None:
    """E552: the day up to which instalments exceed the net income most."""
    gap = (covers["service_fen"] - covers["income_fen"]).to_numpy()
    worst = covers.iloc[int(gap.argmax())]
    if gap.max() > 0:
        run.findings.add(
            "E552",
            layer="project",
            column="loan",
            observed=f"{worst['income_fen'] / 100:,.2f}",
            due=f"{worst['service_fen'] / 100:,.2f}",
            gap=f"{gap.max() / 100:,.2f}",
            day=f"{worst['date']:%Y-%m-%d}",
        )
