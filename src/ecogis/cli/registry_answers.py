"""What the commands of ``ecogis registry`` share: the ledger opened, answers printed."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis.cli.registry import Session
from ecogis.cli.registry_tables import lines
from ecogis.core.errors import ConfigError
from ecogis.core.periods import day as to_day
from ecogis.registry import Event, Ledger
from ecogis.registry.store import file_of

__all__ = [
    "CLAIM",
    "EVENT",
    "NAMES",
    "claims_at",
    "event_record",
    "lasting",
    "opened",
    "out_of_the_way",
    "pairs",
    "print_json",
    "records",
    "say",
    "show_table",
    "tell",
    "when",
    "whole",
]

_CHINA: Final = timezone(timedelta(hours=8))
CLAIM: Final = (
    "claim", "state", "request", "unit_code", "certificate_no", "vintage", "kg", "use", "party",
    "dossier", "external_no", "expires_on",
)  # fmt: skip
NAMES: Final[Mapping[str, str]] = {"registration_no": "certificate_no"}
_TO_LOOK_AT: Final = ("E820", "E821")
_MOST_TOLD: Final = 20
_MOST_DIGITS: Final = 18
_BESIDE: Final = ("", ".key", "-wal", "-shm", "-journal")
EVENT: Final = (
    "seq", "kind", "claim", "right", "dossier", "actor", "time", "day", "reason", "key", "body",
    "hash",
)  # fmt: skip


def opened(session: Session) -> Ledger:
    """The ledger a command is about."""
    lasting(session)
    return Ledger.open(session.ledger, session.actor, key=session.key)


def lasting(session: Session) -> None:
    """Refuse a ledger in memory, which is gone when the command ends.

    Raises
    ------
    ConfigError
        E811 the address names SQLite without a file.
    """
    if file_of(session.ledger) is None and session.ledger.startswith("sqlite"):
        expected = "sqlite:///FILE"
        raise ConfigError("E811", field="--ledger", value=session.ledger, expected=expected)


def out_of_the_way(session: Session, file: Path) -> None:
    """Refuse to write to the ledger's own files, or into a folder that is not there.

    Raises
    ------
    ConfigError
        E811 the file is the ledger, its key or a file SQLite keeps beside it; or has no folder.
    """
    field: dict[str, Any] = {"field": "FILE / --out", "value": file}
    if not file.absolute().parent.is_dir():
        raise ConfigError("E811", **field, expected="已有的文件夹 / a folder that exists")
    kept = file_of(session.ledger)
    own = [Path(f"{kept}{end}") for end in _BESIDE] if kept is not None else []
    own += [session.key] if session.key is not None else []
    target = file.resolve()
    if any(target == path.resolve() or _same(target, path) for path in own):
        raise ConfigError("E811", **field, expected="台账以外的文件 / none of the ledger's files")


def _same(file: Path, other: Path) -> bool:
    return file.exists() and other.exists() and file.samefile(other)


def when(text: str | None) -> date:
    """The day a command is about: the one stated, or today in China."""
    return to_day(text) if text else datetime.now(_CHINA).date()


def pairs(texts: Iterable[str]) -> dict[str, str]:
    """Names and values from ``NAME=VALUE``; a name that is given twice is refused."""
    found: dict[str, str] = {}
    for text in texts:
        name, equals, value = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise click.UsageError(f"{text}: NAME=VALUE (名称=值).")
        if name in found:
            raise click.UsageError(f"{name}: given twice (重复给出).")
        found[name] = value
    return found


def whole(text: str) -> int:
    """A whole number without sign."""
    if not text.isascii() or not text.isdigit() or len(text) > _MOST_DIGITS:
        raise click.UsageError(f"{text}: a whole number is needed (应为整数).")
    return int(text)


def claims_at(ledger: Ledger, at: date | None, *, live: bool) -> pd.DataFrame:
    """Claims as they stand, or as they stood at the end of a day."""
    found: pd.DataFrame = ledger.claims(at, live=live).rename(columns=NAMES)
    return found


def tell(session: Session, ledger: Ledger, events: Sequence[Event], *, after: int = 0) -> None:
    """Print what was entered: the claims as they stand now, and what to look at.

    Events up to number `after` were there before: of them it is said that nothing changed.
    """
    touched = {event.claim for event in events}
    claims = claims_at(ledger, None, live=False)
    claims = claims[claims["claim"].isin(touched)]
    alerts = ledger.alerts(when(None)).table()
    seen = alerts["code"].isin(_TO_LOOK_AT) & alerts["feature"].isin(set(map(str, touched)))
    if session.as_json:
        made = [event_record(event) for event in events]
        print_json(events=made, claims=records(claims), alerts=records(alerts[seen]))
        return
    show_table(claims, CLAIM, session.lang)
    say(alerts[seen], session.lang)
    words = ("无变化", "已入账") if session.lang == "zh" else ("unchanged", "entered")
    for word, new in zip(words, (False, True), strict=True):
        if told := [event.seq for event in events if (event.seq > after) is new]:
            click.echo(f"{word}: {_numbers(told)}")


def _numbers(found: Iterable[int]) -> str:
    """Places in the ledger, runs of them as first and last.

    >>> _numbers([3, 4, 5, 9])
    '#3–#5, #9'
    """
    runs: list[list[int]] = []
    for number in found:
        if runs and number == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], number]
        else:
            runs.append([number])
    return ", ".join("–".join(f"#{number}" for number in run) for run in runs)


def print_json(**record: Any) -> None:
    """Print one JSON object."""
    click.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))


def records(table: pd.DataFrame) -> Any:
    """The rows of a table as plain records, days as text."""
    return json.loads(table.astype(object).to_json(orient="records", default_handler=str))


def event_record(event: Event) -> dict[str, Any]:
    """An event as a plain record."""
    return {name: getattr(event, name) for name in EVENT}


def say(found: pd.DataFrame, lang: str) -> None:
    """Print findings, one line each; of many the first, and how many more there are.

    Notes are left out: they tell what a table beside them shows.
    """
    numbers = pd.to_numeric(found["feature"], errors="coerce")
    ordered = found.assign(number=numbers).sort_values(["code", "number"], kind="stable")
    told = ordered[ordered["severity"].ne("note")].to_dict("records")
    for row in told[:_MOST_TOLD]:
        text, remedy = row[f"message_{lang}"], row[f"remedy_{lang}"]
        click.echo(f"{row['severity']:<7} {row['code']} {text} {remedy}".rstrip())
    if (more := len(told) - _MOST_TOLD) > 0:
        click.echo(f"… 另有 {more} 条(--json)" if lang == "zh" else f"… {more} more (--json)")


def show_table(table: pd.DataFrame, columns: Sequence[str], lang: str) -> None:
    """Print a table, or that there is nothing."""
    if table.empty:
        click.echo("(无)" if lang == "zh" else "(none)")
        return
    click.echo("\n".join(lines(table, columns, lang)))
