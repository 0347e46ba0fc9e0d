"""What ``ecogis balance`` does: balance, write, print the headline."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ecogis import pipeline
from ecogis.cli.progress import Steps
from ecogis.pipeline.balance_run import balance as run_balance

__all__ = ["balance"]

_FACES = ("docx", "html", "pdf")


def balance(
    *, project: Path, out: Path, lang: str | None, report: bool, as_json: bool, quiet: bool
) -> None:
    """Balance the accounts of a project and write them; print the headline."""
    opened = pipeline.open(project)
    lang = lang or opened.config.project.lang
    with Steps(lang, quiet=quiet or as_json) as steps:
        result = run_balance(opened, progress=steps)
        faces = [face for face in opened.config.output.formats if face in _FACES] if report else []
        written = result.write(out, lang=lang, reports=faces, progress=steps)
    if as_json:
        record = {"out": str(out), "outputs": written, "results": result.summary}
        click.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))
    else:
        click.echo("\n".join(_headline(result.summary, out, lang)))


def _headline(summary: Mapping[str, Any], out: Path, lang: str) -> list[str]:
    """Seven lines: period, forest, timber, carbon, net worth, findings, folder."""
    project, found, counts = summary["project"], summary["balance"], summary["findings"]
    zh = lang == "zh"
    period = f"{project['opening_date']} — {project['closing_date']}"
    lines = (
        ("项目", "project", f"{project['name']}({period})"),
        ("森林面积", "forest", _ends(found, "forest", "dm2", 1_000_000, "ha")),
        ("林木蓄积", "timber", _ends(found, "timber", "dm3", 1_000, "m3")),
        ("碳储量", "carbon", _ends(found, "carbon", "kg", 1_000, "t CO2e")),
        ("净资产", "net worth", _worth(summary, zh=zh)),
        (
            "问题(提示/警告/错误)",
            "findings (note/warning/error)",
            " / ".join(str(counts[name]) for name in ("note", "warning", "error")),
        ),
        ("结果", "results", str(out)),
    )
    return [f"{a if zh else b}{':' if zh else ': '}{text}" for a, b, text in lines]


def _worth(summary: Mapping[str, Any], *, zh: bool) -> str:
    """Net worth, and that it is not whole where a line has no price."""
    text = _ends(summary["balance"], "net_worth", "fen", 100, "元" if zh else "CNY")
    if summary["net_worth_status"] != "incomplete":
        return text
    return text + ("(不完整:有科目缺少价格)" if zh else " (not whole: lines without a price)")


def _ends(found: Mapping[str, Any], name: str, suffix: str, per: int, unit: str) -> str:
    """Opening and closing with the unit; a dash where an amount is missing."""
    amounts = [found.get(f"{name}_{end}_{suffix}") for end in ("opening", "closing")]
    shown = ["—" if amount is None else f"{amount / per:,.2f}" for amount in amounts]
    return f"{shown[0]} → {shown[1]} {unit}"
