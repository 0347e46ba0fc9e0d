"""Commands of ``ecogis registry`` that enter runs and lists."""

import codecs
import json
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis import io, pipeline
from ecogis.cli.registry import Entry, Session
from ecogis.cli.registry_answers import (
    opened,
    out_of_the_way,
    print_json,
    records,
    show_table,
    tell,
    when,
)
from ecogis.core.errors import ConfigError, InputError
from ecogis.core.findings import Findings
from ecogis.core.vocabulary import codes
from ecogis.registry.claims import Claim, Right, Survey
from ecogis.registry.imports import judge, known
from ecogis.registry.imports_entering import enter
from ecogis.registry.imports_rows import listed
from ecogis.registry.imports_run import Terms, as_newest, claims_on, surveys_of

__all__ = ["import_list", "pledge", "survey"]

_PIECES: Final = "pieces.gpkg"
_OFFERED: Final = "pledgeable.csv"
_MANIFEST: Final = "run.json"
_ROWS: Final = ("row", "verdict", "entered", "claim", "code", "message")


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is to be pledged, as the command line says it."""

    run: Path | None
    unit_code: Sequence[str]
    right_kind: str
    certificate: str
    vintage: Sequence[int]
    kg: int | None
    party: str
    dossier: str
    use: str


def survey(*, session: Session, entry: Entry, run: Path) -> None:
    """Enter the land and yields of a run's rights."""
    surveys = _surveys(run)
    with opened(session) as ledger:
        newest = as_newest(ledger, surveys)
        events = ledger.survey(newest, day=when(entry.day), reason=entry.reason)
    if session.as_json:
        print_json(rights=[entry.right.id for entry in surveys], events=[e.seq for e in events])
        return
    word = "已录入产出量的权利" if session.lang == "zh" else "rights entered"
    click.echo(f"{word}: {len(surveys)}")


def _surveys(folder: Path, units: Sequence[str] = ()) -> list[Survey]:
    """What a folder of results offers; its files must be those the run wrote."""
    checked = pipeline.verify(folder / _MANIFEST)
    needed = {_MANIFEST, _PIECES, _OFFERED}
    named = {entry["name"]: entry["state"] for entry in checked}
    wrong = sorted(name for name in needed if named.get(name) != "ok")
    if wrong:
        raise ConfigError("E858", detail=", ".join(f"{name}: {named.get(name)}" for name in wrong))
    findings = Findings()
    pieces = io.read_layer(folder / _PIECES, profile="run-pieces", role="pieces", findings=findings)
    offered = io.read_table(
        folder / _OFFERED, profile="run-pledgeable", role="pledgeable", findings=findings
    )
    findings.refuse("error")
    manifest = json.loads((folder / _MANIFEST).read_text(encoding="utf-8"))
    return surveys_of(
        pieces,
        offered,
        manifest=manifest["sha256"],
        methodology=f"{manifest['methodology']['id']}@{manifest['methodology']['edition']}",
        units=units,
    )


def pledge(*, session: Session, entry: Entry, **words: Any) -> None:
    """Propose claims, for a right named or for what a run found pledgeable."""
    asked = _Wanted(**words)
    day = when(entry.day)
    surveys = _surveys(asked.run, asked.unit_code) if asked.run else []
    claims = _of_run(asked, surveys) if asked.run else _of_right(asked)
    with opened(session) as ledger:
        rights = {claim.right.id for claim in claims}
        own = [found for found in surveys if found.right.id in rights]
        if own:
            ledger.survey(as_newest(ledger, own), day=day, reason=entry.reason)
        before = ledger.head().seq
        events = ledger.propose(claims, day=day, reason=entry.reason)
        tell(session, ledger, events, after=before)


def _of_run(asked: _Wanted, surveys: Sequence[Survey]) -> list[Claim]:
    if asked.right_kind or asked.certificate or asked.kg is not None or asked.use != "pledge":
        raise click.UsageError("--run: without --right-kind, --certificate, --kg, --use.")
    terms = Terms(asked.party, asked.dossier, asked.unit_code, asked.vintage)
    claims = claims_on(surveys, terms)
    if not claims:
        raise ConfigError("E858", detail="0 kg")
    return claims


def _of_right(asked: _Wanted) -> list[Claim]:
    if len(asked.unit_code) != 1 or len(asked.vintage) != 1 or asked.kg is None:
        raise click.UsageError("--run, or one --unit-code, one --vintage and --kg.")
    right = Right(asked.unit_code[0], asked.right_kind, asked.certificate)
    return [
        Claim(
            right,
            asked.vintage[0],
            asked.kg,
            asked.party,
            use=asked.use,
            dossier=asked.dossier,
        )
    ]


def import_list(
    *,
    session: Session,
    entry: Entry,
    file: Path,
    kind: str,
    profile: str | None,
    sheet: str | None,
    out: Path | None,
    dry_run: bool,
) -> None:
    """Judge a list and enter what is accepted; exit 1 where a row is refused."""
    if out is not None:
        out_of_the_way(session, out)
        _only_verdicts(out)
    read, day = Findings(), when(entry.day)
    named = profile or f"registry-{kind.replace('_', '-')}"
    table = io.read_table(file, sheet=sheet, profile=named, role=kind, findings=read)
    with opened(session) as ledger:
        rows = judge(table, kind, known(ledger), day=day, read=read)
        if not dry_run:
            rows = enter(ledger, rows, day=day, reason=entry.reason)
    found = listed(rows)
    if out is not None:
        io.write_csv(out, found)
    verdicts = Counter(row.verdict for row in rows)
    if session.as_json:
        print_json(rows=records(found), verdicts=dict(verdicts))
    else:
        _print_rows(found, verdicts, session.lang)
    if verdicts["refused"]:
        sys.exit(1)


def _only_verdicts(out: Path) -> None:
    """Refuse to write over what is no list of verdicts."""
    head = ",".join(listed([]).columns).encode()
    if not out.exists():
        return
    try:
        with out.open("rb") as stream:
            found = stream.readline(10 * len(head)).removeprefix(codecs.BOM_UTF8).strip()
    except OSError as fault:
        raise InputError("E814", ledger=out, detail=fault.strerror) from None
    if found != head:
        expected = "新文件或以前的逐行结果 / a new file or an earlier list of verdicts"
        raise ConfigError("E811", field="--out", value=out, expected=expected)


def _print_rows(found: pd.DataFrame, verdicts: Counter[str], lang: str) -> None:
    told = found.assign(message=found[f"message_{lang}"])
    show_table(told[told["verdict"].ne("accepted") | told["claim"].notna()], _ROWS, lang)
    names = codes("row_verdict")
    counts = (
        f"{names[name].zh if lang == 'zh' else names[name].en} {verdicts[name]}" for name in names
    )
    click.echo(" · ".join(counts))
