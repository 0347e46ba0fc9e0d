"""Steps in the life of a pledge: where they lead, and why one may not be taken.

Nothing here is stored: a life is the sequence of its steps, and everything else is derived. A step
that may not be taken is refused with every reason, not with the first.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from types import MappingProxyType
from typing import Any, Final

from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.core.periods import day as to_day
from ecogis.registry.lifecycle import Lifecycle, Transition, lifecycle

__all__ = ["REGISTRATION", "Standing", "Step", "refusals", "standing", "take"]

REGISTRATION: Final = "registration_expires"
"""The date every registration of a pledge ends on."""

_LANGS: Final = ("zh", "en")


@dataclass(frozen=True, slots=True)
class Step:
    """A step that was or is to be taken.

    Attributes
    ----------
    step : str
        Its name in the life's file.
    day : date
        Day it was taken.
    actor : str
        Who took it.
    role : str
        In which role: borrower, lender, appraiser, guarantor, centre.
    documents : mapping of str to str
        Number or identifier of each document shown, by kind.
    dates : mapping of str to date
        Dates it states.
    reason : str
        Why, where one is asked for.
    recorded_by : str
        Who entered it in the ledger; counts like the one who took it where two persons are asked.
    """

    step: str
    day: date
    actor: str
    role: str
    documents: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    dates: Mapping[str, date] = field(default_factory=lambda: MappingProxyType({}))
    reason: str = ""
    recorded_by: str = ""

    def record(self) -> dict[str, Any]:
        """The step as plain text, for a ledger.

        >>> Step("check", date(2026, 9, 1), "柜员01", "lender").record()["day"]
        '2026-09-01'
        """
        return {
            "step": self.step,
            "day": self.day.isoformat(),
            "actor": self.actor,
            "role": self.role,
            "documents": dict(self.documents),
            "dates": {name: value.isoformat() for name, value in self.dates.items()},
            "reason": self.reason,
            "recorded_by": self.recorded_by,
        }

    @classmethod
    def of(cls, record: Mapping[str, Any]) -> "Step":
        """The step a record tells of.

        >>> step = Step("check", date(2026, 9, 1), "柜员01", "lender", {"check_record": "J1"})
        >>> Step.of(step.record()) == step
        True
        """
        return cls(
            step=str(record["step"]),
            day=to_day(record["day"]),
            actor=str(record["actor"]),
            role=str(record["role"]),
            documents={str(k): str(v) for k, v in record.get("documents", {}).items()},
            dates={str(k): to_day(v) for k, v in record.get("dates", {}).items()},
            reason=str(record.get("reason", "")),
            recorded_by=str(record.get("recorded_by", "")),
        )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a pledge stands.

    Attributes
    ----------
    state : str
        Its state; empty before the first step.
    last : date or None
        Day of the last step.
    entered : mapping of str to date
        Day each state was last entered.
    taken : mapping of str to date
        Day each step was last taken.
    persons : mapping of str to frozenset of str
        Who took or recorded each step.
    dates : mapping of str to date
        The dates as last stated.
    """

    state: str
    last: date | None
    entered: Mapping[str, date]
    taken: Mapping[str, date]
    persons: Mapping[str, frozenset[str]]
    dates: Mapping[str, date]


def standing(taken: Sequence[Step], life: Lifecycle | None = None) -> Standing:
    """Where the steps taken have led.

    Parameters
    ----------
    taken : sequence of Step
        In the order they were taken.
    life : Lifecycle, optional
        The shipped one when left out.

    Raises
    ------
    ConfigError
        E830: the life has no step of that name.

    Examples
    --------
    >>> papers = {"pledge_application": "SQ-1", "certificate": "演示证0001"}
    >>> asked = Step("apply", date(2026, 9, 1), "持有人0001", "borrower", papers)
    >>> standing([asked]).state
    'applied'
    """
    life = life or lifecycle()
    state, entered, last_taken = "", dict[str, date](), dict[str, date]()
    persons, dates = dict[str, frozenset[str]](), dict[str, date]()
    for step in taken:
        leads_to = _transition(life, step.step).to
        if leads_to:
            state, entered[leads_to] = leads_to, step.day
        last_taken[step.step] = step.day
        persons[step.step] = persons.get(step.step, frozenset()) | _people_of(step)
        dates |= step.dates
    last = taken[-1].day if taken else None
    return Standing(state, last, entered, last_taken, persons, dates)


def _people_of(step: Step) -> frozenset[str]:
    return frozenset(filter(None, (step.actor.strip(), step.recorded_by.strip())))


def _transition(life: Lifecycle, name: str) -> Transition:
    if name not in life.steps:
        raise ConfigError("E830", step=name, known=", ".join(life.steps))
    return life.steps[name]


def take(
    taken: Sequence[Step],
    step: Step,
    *,
    today: date,
    pledge: str = "",
    life: Lifecycle | None = None,
) -> tuple[Step, ...]:
    """The life with one step more.

    Raises
    ------
    StageRefusedError
        E833: the step may not be taken; says every reason.
    ConfigError
        E830: the life has no step of that name.

    Examples
    --------
    >>> take([], Step("draw", date(2026, 9, 1), "柜员01", "lender"), today=date(2026, 9, 1))
    Traceback (most recent call last):
    ecogis.core.errors.StageRefusedError: E833 ...
    """
    life = life or lifecycle()
    found = refusals(taken, step, today=today, pledge=pledge, life=life)
    if found.count():
        raise StageRefusedError(
            "E833",
            id=pledge or "-",
            step_zh=life.step_label(step.step, "zh"),
            step_en=life.step_label(step.step, "en"),
            reasons_zh="".join(row["message_zh"] for row in found.rows()),
            reasons_en=" ".join(row["message_en"] for row in found.rows()),
        )
    return (*taken, step)


def refusals(
    taken: Sequence[Step],
    step: Step,
    *,
    today: date,
    pledge: str = "",
    life: Lifecycle | None = None,
) -> Findings:
    """Every reason why a step may not be taken; none when it may.

    Parameters
    ----------
    taken : sequence of Step
        The steps before it.
    step : Step
        The step to be taken.
    today : date
        A step dated later is refused.
    pledge : str
        Name of the pledge, for the findings.
    life : Lifecycle, optional
        The shipped one when left out.

    Returns
    -------
    Findings
        One row per reason, about the layer ``steps``.

    Raises
    ------
    ConfigError
        E830: the life has no step of that name.

    Findings
    --------
    E834
        The pledge is not in a state the step may be taken in.
    E835
        The role may not take it.
    E836
        A document is missing.
    E837
        A date is missing or does not lie after the day.
    E838
        The day lies before the last step or in the future.
    E839
        The person also took a step this one must be independent of.
    E840
        The registration has ended.
    E841
        The time in which the step is open is over.
    E842
        The person or the reason is missing.
    E843
        A new date is not later than the one it takes the place of.
    E844
        A document or date is not one of the step's.

    Examples
    --------
    >>> asked = Step("apply", date(2026, 9, 1), "持有人0001", "borrower")
    >>> found = refusals([], asked, today=date(2026, 9, 1))
    >>> [(row["code"], row["observed"]) for row in found.rows()]
    [('E836', '质押贷款申请书'), ('E836', '权属证书 / 流转合同')]
    """
    life = life or lifecycle()
    rule, now, findings = _transition(life, step.step), standing(taken, life), Findings()
    for check in (_place, _papers, _days, _people, _time_limits):
        for code, observed, values in check(step, rule, now, life):
            findings.add(
                code, layer="steps", feature=pledge or None, column=step.step,
                observed=observed, **values,
            )  # fmt: skip
    if step.day > today:
        findings.add(
            "E838", layer="steps", feature=pledge or None, column=step.step,
            observed=step.day, day=today, which_zh="晚于今天", which_en="after today",
        )  # fmt: skip
    return findings


Reasons = Iterator[tuple[str, Any, dict[str, Any]]]
Check = Callable[[Step, Transition, Standing, Lifecycle], Reasons]


def _place(step: Step, rule: Transition, now: Standing, life: Lifecycle) -> Reasons:
    allowed = now.state in rule.froms if rule.froms else not now.state
    if not allowed:
        names = {
            f"state_{lang}": life.state_label(now.state, lang) or none
            for lang, none in (("zh", "未申请"), ("en", "not begun"))
        }
        froms = {
            f"froms_{lang}": mark.join(life.state_label(name, lang) for name in rule.froms) or none
            for lang, mark, none in (("zh", "、", "未申请"), ("en", ", ", "not begun"))
        }
        yield "E834", now.state, names | froms
    if step.role not in rule.actors:
        actors = {
            f"actors_{lang}": mark.join(life.label(name, lang) for name in rule.actors)
            for lang, mark in (("zh", "、"), ("en", ", "))
        }
        yield "E835", step.role, actors


def _papers(step: Step, rule: Transition, _now: Standing, life: Lifecycle) -> Reasons:
    shown = {kind for kind, number in step.documents.items() if number.strip()}
    for group in rule.documents:
        if not shown.intersection(group):
            zh, en = (" / ".join(life.label(kind, lang) for kind in group) for lang in ("zh", "en"))
            yield "E836", zh, {"document_zh": zh, "document_en": en}
    strange = [
        *(step.documents.keys() - life.documents.keys()),
        *(step.dates.keys() - set(rule.dates)),
    ]
    for name in sorted(strange):
        yield "E844", name, {}


def _days(step: Step, rule: Transition, now: Standing, life: Lifecycle) -> Reasons:
    for name in rule.dates:
        stated, earlier = step.dates.get(name), now.dates.get(name)
        labels = {f"date_{lang}": life.label(name, lang) for lang in ("zh", "en")}
        if stated is None or stated <= step.day:
            yield "E837", stated, labels
        elif earlier is not None and stated <= earlier:
            yield "E843", stated, labels | {"day": earlier}
    if now.last is not None and step.day < now.last:
        words = {"which_zh": "早于上一步骤", "which_en": "before the last step"}
        yield "E838", step.day, {"day": now.last} | words


def _people(step: Step, rule: Transition, now: Standing, life: Lifecycle) -> Reasons:
    for name in rule.not_by:
        for person in sorted(_people_of(step) & now.persons.get(name, frozenset())):
            yield "E839", person, {f"other_{at}": life.step_label(name, at) for at in _LANGS}
    if not step.actor.strip():
        yield "E842", None, {"what_zh": "经办人", "what_en": "the person who acted"}
    if rule.reason and not step.reason.strip():
        yield "E842", None, {"what_zh": "理由", "what_en": "the reason"}


def _time_limits(step: Step, rule: Transition, now: Standing, life: Lifecycle) -> Reasons:
    ends = now.dates.get(REGISTRATION)
    if rule.registered and (ends is None or ends < step.day):
        yield "E840", ends, {"day": step.day}
    begun = now.entered.get(rule.within.state) if rule.within else None
    if rule.within and begun and (step.day - begun).days > rule.within.days:
        state = {f"state_{at}": life.state_label(rule.within.state, at) for at in _LANGS}
        yield "E841", step.day, state | {"day": begun, "number": rule.within.days}
