"""The life of a pledge in the ledger: its steps are events of the pledge's dossier.

A step that needs something of the claims, such as their registration, is refused until the ledger
shows it. Two clerks who take the next step at once get one event: the other is refused.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ecogis.core.errors import StageRefusedError
from ecogis.core.periods import day as to_day
from ecogis.registry.lifecycle import Lifecycle, lifecycle
from ecogis.registry.lifecycle_steps import REGISTRATION, Step, take

if TYPE_CHECKING:
    from ecogis.registry.chain import Event
    from ecogis.registry.ledger import Ledger

__all__ = ["claims_agree", "lives", "record_step"]


def lives(events: Iterable[Any]) -> dict[str, tuple[Step, ...]]:
    """The steps of each dossier, from a ledger's events of kind ``step``.

    Events of a dossier that tell of no step, such as a register extract, are left out.
    """
    found: dict[str, tuple[Step, ...]] = {}
    for event in events:
        body = event.body.get("step", {})
        if "step" in body:
            found[event.dossier] = (*found.get(event.dossier, ()), Step.of(body))
    return found


def record_step(
    ledger: "Ledger",
    dossier: str,
    step: Step,
    *,
    today: date,
    life: Lifecycle | None = None,
) -> "Event":
    """Take a step and enter it in the ledger.

    Parameters
    ----------
    ledger : Ledger
        Open for writing; the person it is open for is recorded beside the one who acted.
    dossier : str
        File number of the pledge, the same as its claims bear.
    step : Step
        The step.
    today : date
        A step dated later is refused.
    life : Lifecycle, optional
        The shipped one when left out.

    Returns
    -------
    Event
        The event entered.

    Raises
    ------
    StageRefusedError
        E833: the step may not be taken, says every reason; E846: the ledger's claims do not show
        what the step needs; E805: another person took the next step meanwhile.
    """
    life = life or lifecycle()
    taken = lives(ledger.steps(dossier)).get(dossier, ())
    signed = replace(step, recorded_by=ledger.actor)
    take(taken, signed, today=today, pledge=dossier, life=life)
    needed = life.steps[step.step].claim
    if needed:
        claims = ledger.claims(live=False)
        proposals = ledger.history(dossier=dossier, kind="propose")
        first = {event.seq: str(event.body["party"]) for event in proposals}
        own = claims[claims["dossier"].eq(dossier)]
        if not claims_agree(needed, own, first):
            raise StageRefusedError("E846", id=dossier, **_needs(_NEEDS[needed], step.step, life))
        told = _registered_otherwise(own, signed) if needed in _REGISTERED else None
        if told is not None:
            raise StageRefusedError("E846", id=dossier, **_needs(told, step.step, life))
    return ledger.step(
        dossier,
        signed.record(),
        day=step.day,
        reason=step.reason or life.step_label(step.step, "zh"),
        key=f"step:{dossier}:{len(taken) + 1}",
        role="approve" if life.steps[step.step].not_by else "propose",
    )


def claims_agree(needed: str, claims: pd.DataFrame, first: Mapping[int, str]) -> bool:
    """Whether the claims of a pledge show what a step needs.

    Parameters
    ----------
    needed : {"confirm", "extend", "transfer", "return", "release", "none"}
        What must have been entered.
    claims : DataFrame
        Claims of the dossier, ended ones too: ``claim state request party``.
    first : mapping of int to str
        The lender each claim was proposed for.

    Returns
    -------
    bool
        For confirm and extend: every live claim is registered; for transfer: every live claim has
        another lender than at first, for return: the first again; none while a request is open.
        For release: there were claims and none is live; for none: none is live.

    Examples
    --------
    >>> claims = pd.DataFrame(
    ...     {"claim": [4], "state": ["registered"], "request": [None], "party": ["甲银行"]}
    ... )
    >>> [claims_agree(needed, claims, {4: "甲银行"}) for needed in ("confirm", "transfer")]
    [True, False]
    """
    live = claims[~claims["state"].isin(["released", "withdrawn"])]
    if needed in {"release", "none"}:
        return live.empty and bool(needed == "none" or len(claims))
    if live.empty or live["request"].notna().any():
        return False
    if needed in {"transfer", "return"}:
        before = live["claim"].map(first)
        moved = live["party"].ne(before) if needed == "transfer" else live["party"].eq(before)
        return bool((before.notna() & moved).all())
    return bool(live["state"].eq("registered").all())


def _registered_otherwise(claims: pd.DataFrame, step: Step) -> tuple[str, str] | None:
    """What the registrations in the ledger do not show of what a step states; None if all."""
    held = claims[claims["state"].eq("registered")]
    ends, made = held["expires_on"].dropna(), held["registered_on"].dropna()
    stated, first = step.dates.get(REGISTRATION), min(map(to_day, ends), default=None)
    if stated is not None and first is not None and stated != first:
        zh = f"登记到期日为 {stated}(账本所记最早为 {first})"
        return zh, f"the registration ends on {stated} (its earliest end there is {first})"
    begun = max(map(to_day, made), default=None)
    if begun is not None and begun > step.day:
        zh = f"登记日不晚于 {step.day}(账本所记为 {begun})"
        return zh, f"the registration was made by {step.day} (it says {begun})"
    return None


_REGISTERED: Final = ("confirm", "extend")
_NEEDS: Final[Mapping[str, tuple[str, str]]] = {
    "confirm": ("全部质押均已录入登记编号和到期日", "every claim has its registration entered"),
    "extend": ("全部质押的登记均在有效期内", "the registration of every claim is in force"),
    "transfer": ("质权已变更至新的质权人", "the claims have been transferred to the new pledgee"),
    "return": (
        "质权已变更回原质权人",
        "the claims have been transferred back to the first pledgee",
    ),
    "release": ("全部质押均已解除", "every claim has been released"),
    "none": ("没有占用减排量的登记", "no claim holds tonnes"),
}


def _needs(needed: tuple[str, str], step: str, life: Lifecycle) -> dict[str, str]:
    zh, en = needed
    labels = {f"step_{lang}": life.step_label(step, lang) for lang in ("zh", "en")}
    return {"needed_zh": zh, "needed_en": en} | labels
