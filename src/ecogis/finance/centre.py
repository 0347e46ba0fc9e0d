"""The collateral centre: default cases through their states, each step shown, nothing sold twice.

A docket holds the cases of a centre. It only ever grows: a case is its steps, and the docket of any
day is what the steps up to that day make. States, steps, limits and routes are data
(``collateral-centre``). A loan is owed once, however many cases it has: what is paid in one, by the
borrower or out of a disposal, is no longer owed in the others.
"""

import re
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pandas as pd

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.core.periods import day as day_of
from ecogis.finance.centre_cases import Case, Debt, Step
from ecogis.finance.parties import party_key
from ecogis.methods import ParameterSet, parameters

__all__ = ["Docket", "overdue_cases", "replayed"]

_ENDED: Final = "closed"
_AMOUNTS: Final = (
    "paid_fen", "value_fen", "proceeds_fen", "cost_fen", "overdue_days", "interest_fen",
)  # fmt: skip
_OPENING: Final = ("right", "loan", "principal_fen", "interest_fen")
_ALWAYS: Final = ("reason",)
_BEFORE_DISPOSAL: Final = ("interest_fen", "appraisal_id", "value_fen")
_ENFORCING: Final = ("overdue", "compensated", "collected", "disposed")
_NO_BIDDING: Final = ("agreed_sale", "transfer", "collection")
_WHOLE: Final = re.compile(r"\d+(\.0*)?")


class Docket:
    """The cases of a centre.

    Parameters
    ----------
    rules : ParameterSet, optional
        Another edition of ``collateral-centre``; the shipped one otherwise.

    Examples
    --------
    >>> docket = Docket()
    >>> said = {"right": "R1", "loan": "L1", "principal_fen": 1_000, "interest_fen": 30}
    >>> docket.take(Step("C1", "performing", date(2026, 1, 5), said)).state
    'performing'
    >>> docket.take(Step("C1", "overdue", date(2026, 6, 1), {"overdue_days": 95})).state
    'overdue'
    >>> docket.take(Step("C1", "disposed", date(2026, 7, 1)))
    Traceback (most recent call last):
    ecogis.core.errors.StageRefusedError: E912 ...
    """

    def __init__(self, rules: ParameterSet | None = None) -> None:
        self.rules = parameters("collateral-centre") if rules is None else rules
        self._cases: dict[str, Case] = {}
        self._debts: dict[str, Debt] = {}

    def __getitem__(self, case: str) -> Case:
        """A case as it stands; E900 where there is none."""
        if case not in self._cases:
            raise ConfigError("E900", field="case", value=case, expected=", ".join(self._cases))
        return self._cases[case]

    def take(self, step: Step) -> Case:
        """Take a step, or refuse it and leave the docket as it was.

        Parameters
        ----------
        step : Step
            The step.

        Returns
        -------
        Case
            The case as it stands after it.

        Raises
        ------
        StageRefusedError
            E912 the state does not lead there; E913 the right is in another case or was disposed
            of; E914 the step lacks what it must state (below the appraisal and without
            bidding, a reason too); E919 the loan is owed another principal; E920 nothing is owed;
            E932 nothing is left to write off.
        NotInForceError
            The case is opened before the first day of the rules.
        ConfigError
            E900 an amount or date cannot be, or the step states what it has no use for.
        """
        after = self._moved(step) if step.case in self._cases else self._opened(step)
        loan = party_key(after.loan)
        if step.to == "disposed":
            owed = after.left(self.rules)
        else:
            owed = self._debts[loan] if after.route else after.debt
        for name, case in self._cases.items():
            if party_key(case.loan) == loan and case.state != _ENDED and not case.route:
                self._cases[name] = _owing(case, owed)
        self._debts[loan] = owed
        self._cases[step.case] = after
        return after

    def table(self) -> pd.DataFrame:
        """All cases, one row each: ``case right loan state since`` and the amounts [fen]."""
        columns = [
            "case", "right", "loan", "state", "since", "principal_fen", "interest_fen",
            "compensated_fen", "value_fen", "route", "proceeds_fen", "cost_fen",
        ]  # fmt: skip
        rows = [[getattr(case, name) for name in columns] for case in self._cases.values()]
        return pd.DataFrame(rows, columns=columns).astype({"value_fen": "Int64"})

    def _opened(self, step: Step) -> Case:
        if not step.case.strip():
            raise ConfigError("E900", field="case", value=step.case, expected="—")
        if step.to != "performing":
            raise StageRefusedError(
                "E912", case=step.case, state="—", to=step.to, expected="performing"
            )
        self.rules.frame("states", step.day)  # no case is older than the rules it follows
        _must_say(step, _OPENING, _ALWAYS)
        right, loan = str(step.said["right"]).strip(), str(step.said["loan"]).strip()
        for case in self._cases.values():
            same = party_key(case.right) == party_key(right)
            if same and (case.state != _ENDED or case.route):
                raise StageRefusedError("E913", right=right, case=case.case, state=case.state)
        owed = Debt(_fen(step, "principal_fen"), _fen(step, "interest_fen"))
        before = self._debts.get(party_key(loan))
        if before is not None:
            if before.principal_fen != owed.principal_fen:
                held, asked = before.principal_fen, owed.principal_fen
                raise StageRefusedError("E919", loan=loan, held=held, asked=asked)
            owed = replace(before, interest_fen=owed.interest_fen)
        bare = Case(step.case, right, loan, "performing", step.day, 0, 0, steps=(step,))
        return _owing(bare, owed)

    def _moved(self, step: Step) -> Case:
        before = self[step.case]
        table = self.rules.frame("steps", step.day)
        open_now = table[table["from_state"] == before.state].set_index("to_state")["needs"]
        if step.to not in open_now.index:
            expected = ", ".join(open_now.index) or "—"
            raise StageRefusedError(
                "E912", case=before.case, state=before.state, to=step.to, expected=expected
            )
        first = self._latest(before.loan)
        if step.day < first:
            raise ConfigError("E900", field="day", value=step.day, expected=f">= {first}")
        more = _ALWAYS if before.route else (*_ALWAYS, *_BEFORE_DISPOSAL)
        _must_say(step, tuple(str(open_now[step.to]).split()), more)
        for name in _AMOUNTS:
            _fen(step, name)
        now = replace(before, interest_fen=step.said.get("interest_fen", before.interest_fen))
        self._must_be_open(now, step)
        return self._after(now, step)

    def _latest(self, loan: str) -> date:
        """Last day of any case of a loan: what was paid out then is never shared out anew."""
        key = party_key(loan)
        return max(case.since for case in self._cases.values() if party_key(case.loan) == key)

    def _must_be_open(self, before: Case, step: Step) -> None:
        """What a step's own figures must keep to."""
        owed = before.debt.whole_fen
        self._must_be_owed(before, step)
        if step.to == "overdue":
            _must_lie(step, "overdue_days", least=round(self._days("overdue_after", step.day)))
        if step.to == "compensated":
            _must_lie(step, "paid_fen", most=before.principal_fen - before.compensated_fen)
        if step.to == "performing" and "paid_fen" in step.said:
            _must_lie(step, "paid_fen", most=owed)
        if step.to == "redeemed":
            _must_lie(step, "paid_fen", least=owed, most=owed)
            self._must_be_in_time(before, step.day)
        if step.to == "disposed":
            routes = self.rules.keys("route_zh")
            if step.said["route"] not in routes:
                expected = ", ".join(map(str, routes))
                value = step.said["route"]
                raise ConfigError("E900", field="route", value=value, expected=expected)
            _must_explain(before, step)

    def _must_be_owed(self, before: Case, step: Step) -> None:
        """Nothing is enforced where nothing is owed, nor written off where nothing is left."""
        if step.to in _ENFORCING and not before.debt.whole_fen:
            raise StageRefusedError("E920", case=before.case, to=step.to)
        if step.to == "written_off" and not self._debts[party_key(before.loan)].whole_fen:
            raise StageRefusedError("E932", case=before.case)

    def _must_be_in_time(self, before: Case, day: date) -> None:
        """A right that was collected is redeemed within the window, while anything is owed."""
        if before.collected is None or not before.debt.whole_fen:
            return
        last = before.collected + timedelta(round(self._days("redemption_window", day)))
        if day > last:
            raise ConfigError("E900", field="day", value=day, expected=f"<= {last}")

    def _after(self, before: Case, step: Step) -> Case:
        said = step.said
        changes: dict[str, Any] = {"state": step.to, "since": step.day}
        if "value_fen" in said:
            changes["value_fen"] = said["value_fen"]
        if step.to == "collected":
            changes["collected"] = step.day
        if step.to == "redeemed":
            changes["collected"] = None
        if step.to == "disposed":
            changes |= {name: said[name] for name in ("route", "proceeds_fen", "cost_fen")}
        moved = replace(before, **changes, steps=(*before.steps, step))
        if "paid_fen" not in said:
            return moved
        if step.to == "compensated":
            return replace(moved, compensated_fen=moved.compensated_fen + said["paid_fen"])
        return _owing(moved, moved.debt.repaid(said["paid_fen"], self._order(step.day)))

    def _order(self, day: date) -> list[str]:
        """Principal and interest as the ranks of a payout have them. A policy."""
        rank = {i: self.rules.value("rank", day, "1", i) for i in ("principal", "interest")}
        return sorted(rank, key=lambda item: rank[item])

    def _days(self, name: str, day: date) -> float:
        return self.rules.value(name, day, "d")


def _owing(case: Case, owed: Debt) -> Case:
    return replace(
        case,
        principal_fen=owed.principal_fen,
        interest_fen=owed.interest_fen,
        compensated_fen=owed.compensated_fen,
    )


def _must_say(step: Step, names: tuple[str, ...], more: tuple[str, ...]) -> None:
    """A step states what it needs, and nothing that would not be heeded."""
    missing = [name for name in names if step.said.get(name) in {None, ""}]
    if missing:
        raise StageRefusedError("E914", case=step.case, to=step.to, what=", ".join(missing))
    strange = sorted(set(step.said) - {*names, *more})
    if strange:
        expected = ", ".join((*names, *more))
        raise ConfigError("E900", field=step.to, value=", ".join(strange), expected=expected)


def _must_explain(before: Case, step: Step) -> None:
    """Sold below its appraisal without bidding: the borrower's surplus is at stake. A policy."""
    worth = max(before.value_fen or 0, _fen(step, "value_fen"))
    cheap = step.said["proceeds_fen"] < worth
    if cheap and step.said["route"] in _NO_BIDDING and not step.said.get("reason"):
        raise StageRefusedError("E914", case=step.case, to=step.to, what="reason")


def _fen(step: Step, name: str) -> int:
    amount = step.said.get(name, 0)
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 0:
        raise ConfigError("E900", field=name, value=amount, expected=">= 0, int")
    return amount


def _must_lie(step: Step, name: str, *, least: int = 0, most: int | None = None) -> None:
    value = step.said[name]
    if value < least:
        raise ConfigError("E900", field=name, value=value, expected=f">= {least}")
    if most is not None and value > most:
        raise ConfigError("E900", field=name, value=value, expected=f"<= {most}")


def replayed(
    steps: pd.DataFrame, day: date | None = None, *, rules: ParameterSet | None = None
) -> Docket:
    """The docket that recorded steps make, up to the end of a day.

    Parameters
    ----------
    steps : DataFrame, one row per step, in the order they were recorded
        ``case to day`` and a column for whatever steps state; an empty cell states nothing.
    day : date, optional
        Last day that counts; all steps without it.
    rules : ParameterSet, optional
        Another edition of ``collateral-centre``.

    Returns
    -------
    Docket
        The same as if each step had been taken.

    Raises
    ------
    StageRefusedError
        A step does not follow, as `Docket.take` says.
    ConfigError
        E900 a case, state or whole number cannot be read.

    Examples
    --------
    >>> steps = pd.DataFrame(
    ...     [["C1", "performing", "2026-01-05", "R1", "L1", 1_000, 30]],
    ...     columns=["case", "to", "day", "right", "loan", "principal_fen", "interest_fen"],
    ... )
    >>> replayed(steps)["C1"].principal_fen
    1000
    """
    docket = Docket(rules)
    for row in steps.to_dict("records"):
        when = day_of(row.pop("day"))
        case, to = (_cell(name, row.pop(name)) or "" for name in ("case", "to"))
        said = {str(name): _cell(str(name), value) for name, value in row.items()}
        if day is None or when <= day:
            stated = {name: value for name, value in said.items() if value is not None}
            docket.take(Step(case, to, when, stated))
    return docket


def _cell(name: str, value: Any) -> Any:
    if value is None or pd.isna(value):
        return None
    text = str(value).strip()
    if not (name.endswith("_fen") or name == "overdue_days"):
        return text
    if _WHOLE.fullmatch(text) is None:
        raise ConfigError("E900", field=name, value=text, expected=">= 0, int")
    return int(text.partition(".")[0])


def overdue_cases(docket: Docket, day: date, findings: Findings) -> pd.DataFrame:
    """Cases with the day their state's limit ends, and whether it has.

    Parameters
    ----------
    docket : Docket
        The cases.
    day : date
        Day it is asked on.
    findings : Findings
        Takes the cases that are late.

    Returns
    -------
    DataFrame, one row per case whose state has a limit
        ``case state since limit_day late``.

    Findings
    --------
    E915
        A case has been in a state beyond its limit.

    Examples
    --------
    >>> docket = Docket()
    >>> said = {"right": "R1", "loan": "L1", "principal_fen": 1_000, "interest_fen": 30}
    >>> _ = docket.take(Step("C1", "performing", date(2026, 1, 5), said))
    >>> _ = docket.take(Step("C1", "watch", date(2026, 3, 1), {"reason": "harvest seen"}))
    >>> overdue_cases(docket, date(2026, 4, 1), Findings())["late"].tolist()
    [True]
    """
    limits = docket.rules.frame("states", day).set_index("state")["limit"]
    rows = []
    for case in docket.table().itertuples(index=False):
        allowed = str(limits[str(case.state)])
        if allowed != "none":
            last = day_of(case.since) + timedelta(days=int(allowed))
            rows.append((case.case, case.state, case.since, last, day > last))
    table = pd.DataFrame(rows, columns=["case", "state", "since", "limit_day", "late"])
    findings.add(
        "E915",
        layer="cases",
        where=table["late"].to_numpy(dtype=bool),
        feature=table["case"],
        column="state",
        observed=table["state"],
        expected=day.isoformat(),
    )
    return table
