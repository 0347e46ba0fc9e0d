"""Commands of ``ecogis registry`` about the life of a pledge."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import pandas as pd

from ecogis.cli.registry import Entry, Session
from ecogis.cli.registry_answers import opened, pairs, print_json, records, show_table, when
from ecogis.core.periods import day as to_day
from ecogis.core.vocabulary import codes
from ecogis.registry.lifecycle import Lifecycle, lifecycle
from ecogis.registry.lifecycle_due import next_steps, overdue
from ecogis.registry.lifecycle_record import lives, record_step
from ecogis.registry.lifecycle_steps import Step, standing

__all__ = ["step", "steps"]


def steps(*, session: Session, dossier: str, day: str | None, life: Path | None) -> None:
    """What may follow for a dossier, or what is overdue in all."""
    rules, at = lifecycle(life), when(day)
    with opened(session) as ledger:
        found = lives(event for event in ledger.steps(dossier or None) if event.day <= at)
    if not dossier:
        _print_overdue(session, overdue(found, at, life=rules), rules)
        return
    taken = found.get(dossier, ())
    table = next_steps(taken, at, life=rules)
    now = standing(taken, rules)
    if session.as_json:
        print_json(
            dossier=dossier,
            state=now.state,
            taken=[entry.record() for entry in taken],
            dates=dict(now.dates),
            next=records(table),
        )
        return
    zh = session.lang == "zh"
    state = rules.state_label(now.state, session.lang) or ("未申请" if zh else "not begun")
    click.echo(f"{dossier}: {state}")
    for entry in taken:
        label = rules.step_label(entry.step, session.lang)
        click.echo(f"  {entry.day} {label} {entry.actor} {entry.reason}".rstrip())
    click.echo("可以办理" if zh else "may follow")
    for row in table.to_dict("records"):
        click.echo("\n".join(_next_step(row, rules, session.lang)))


def _next_step(row: Mapping[Any, Any], rules: Lifecycle, lang: str) -> Iterator[str]:
    """A step that may follow, and under it what is to be shown and stated."""
    zh = lang == "zh"
    actors = _named(row["actors"], rules, lang)
    name = dict.fromkeys((row["step"], rules.step_label(row["step"], lang)))
    yield f"  {'  '.join(name)}  {actors}{_due(row, lang)}"
    for column, option in (("documents", "--document"), ("dates", "--date")):
        for group in filter(None, row[column].split(";")):
            kinds = (f"{kind} {rules.label(kind, lang)}" for kind in group.split("/"))
            yield f"      {option} {(' / ' if zh else ' or ').join(kinds)}"
    if row["reason"]:
        yield "      --reason"


def _due(row: Mapping[Any, Any], lang: str) -> str:
    if row["due"] is None:
        return ""
    mark = codes("confidence")[row["confidence"]]
    if lang == "zh":
        return f"  应于 {row['due']} 前办理(剩 {row['days_left']} 天,期限{mark.zh})"
    return f"  due {row['due']} ({row['days_left']} days left, {mark.en})"


def _named(cell: str, rules: Lifecycle, lang: str) -> str:
    return "/".join(rules.label(name, lang) for name in cell.split("/"))


def _print_overdue(session: Session, late: pd.DataFrame, rules: Lifecycle) -> None:
    if session.as_json:
        print_json(overdue=records(late))
        return
    shown = late.assign(
        life_state=[rules.state_label(name, session.lang) for name in late["state"]],
        label=[rules.step_label(name, session.lang) for name in late["step"]],
        actors=[_named(cell, rules, session.lang) for cell in late["actors"]],
    )
    columns = ("pledge", "life_state", "step", "label", "actors", "due", "days_late", "confidence")
    show_table(shown, columns, session.lang)


def step(
    *,
    session: Session,
    entry: Entry,
    dossier: str,
    step: str,
    role: str,
    by: str,
    documents: Sequence[str],
    dates: Sequence[str],
    life: Path | None,
) -> None:
    """Take a step in the life of a dossier."""
    rules = lifecycle(life)
    taken = Step(
        step,
        when(entry.day),
        by or session.actor,
        role or _only_role(rules, step),
        documents=pairs(documents),
        dates={name: to_day(value) for name, value in pairs(dates).items()},
        reason=entry.reason,
    )
    with opened(session) as ledger:
        event = record_step(ledger, dossier, taken, today=when(None), life=rules)
        now = standing(lives(ledger.steps(dossier))[dossier], rules)
    if session.as_json:
        print_json(dossier=dossier, event=event.seq, state=now.state, step=taken.record())
        return
    label = rules.step_label(step, session.lang)
    state = rules.state_label(now.state, session.lang)
    click.echo(f"{dossier}: {label} → {state} (#{event.seq})")


def _only_role(rules: Lifecycle, step: str) -> str:
    """The role of a step that has one; a step with several must be told."""
    actors = rules.steps[step].actors if step in rules.steps else ("",)
    return actors[0] if len(actors) == 1 else ""
