"""What ``ecogis pack`` and ``ecogis verify`` do: a run as one file, and whether it still holds."""

import json
import sys
from pathlib import Path

import click

from ecogis.cli.progress import Steps
from ecogis.pipeline.packing import pack as make_bundle
from ecogis.pipeline.verifying import DIFFERS
from ecogis.pipeline.verifying import verify as compare

__all__ = ["pack", "verify"]

_NOTE = {
    "zh": "成果包含有个人信息(权利人、证书号、地块位置),只提供给有权查阅者。",
    "en": "The bundle holds personal data (holders, certificates, places of land): "
    "give it only to those entitled to see it.",
}


def pack(
    *,
    run: Path,
    out: Path,
    project: Path | None,
    ledger: bool,
    lang: str | None,
    as_json: bool,
) -> None:
    """Write the bundle; print how many files of each kind it holds, and the note on persons."""
    index = make_bundle(run, out, project=project, ledger=ledger)
    words = lang or "zh"
    if as_json:
        record = {"out": str(out), "personal_data": True, **index}
        click.echo(json.dumps(record, ensure_ascii=False, indent=1))
        return
    roles = [entry["role"] for entry in index["files"]]
    counts = {role: roles.count(role) for role in dict.fromkeys(roles)}
    click.echo(str(out))
    click.echo(" · ".join(f"{role} {number}" for role, number in counts.items()))
    click.echo(_NOTE[words])


def verify(
    *,
    manifest: Path,
    rerun: bool,
    project: Path | None,
    lang: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Hash again, run again where asked; exit 1 when anything differs."""
    with Steps(lang or "zh", quiet=quiet or as_json) as steps:
        checked = compare(manifest, rerun=rerun, project=project, progress=steps)
    if as_json:
        click.echo(json.dumps({"checked": checked}, ensure_ascii=False, indent=1))
    else:
        for entry in checked:
            click.echo(f"{entry['state']:<8} {entry['name']} {_told(entry)}".rstrip())
    if any(entry["state"] in DIFFERS for entry in checked):
        sys.exit(1)


def _told(entry: dict[str, str]) -> str:
    if entry["state"] == "ok":
        return entry["found"][:16]
    return f"{entry['expected'][:40] or '—'} → {entry['found'][:40] or '—'}"
