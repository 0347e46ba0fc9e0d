"""What ``ecogis batch`` does: a line for each step that ends, and a table of what came of all."""

import json
import sys
import time
from pathlib import Path
from typing import Final

import click
import pandas as pd

from ecogis.cli.columns import lined_up

__all__ = ["batch"]

NOT_WHOLE: Final = 4
_HEADS: Final = {
    "zh": ("区域", "名称", "任务", "状态", "秒", "提示", "警告", "错误", "原因"),
    "en": ("area", "name", "task", "state", "s", "notes", "warnings", "errors", "why"),
}
_STATES: Final = {
    "done": ("完成", "done"),
    "refused": ("拒绝", "refused"),
    "failed": ("失败", "failed"),
    "unlisted": ("未列入", "unlisted"),
}


def batch(
    areas: Path,
    *,
    out: Path,
    workers: int | None,
    scheduler: str | None,
    dask: bool,
    lang: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Do every area, tell the table; exit 4 when an area is not done or the sums have an error."""
    from ecogis.pipeline import batching

    words = lang or "zh"
    done = batching.batch(
        areas,
        out,
        workers=workers,
        dask=dask,
        scheduler=scheduler,
        lang=lang,
        progress=None if quiet or as_json or not sys.stderr.isatty() else _Lines(words),
    )
    if as_json:
        status = json.loads(done.status.to_json(orient="records", force_ascii=False))
        told = {"out": str(done.out), "status": status}
        click.echo(json.dumps(told, ensure_ascii=False, indent=1))
    else:
        click.echo("\n".join(_table(done.status, words)))
    if not done.complete:
        sys.exit(NOT_WHOLE)


class _Lines:
    """One line of standard error for each step that is settled."""

    def __init__(self, lang: str) -> None:
        self._at = 0 if lang == "zh" else 1
        self._start = time.monotonic()

    def __call__(self, area: str, task: str, state: str, number: int, count: int) -> None:
        elapsed = time.monotonic() - self._start
        named = " ".join(filter(None, (area, task)))
        click.echo(f"{number}/{count} {named} {_STATES[state][self._at]} {elapsed:.0f} s", err=True)


def _table(status: pd.DataFrame, lang: str) -> list[str]:
    at = 0 if lang == "zh" else 1
    rows = [
        (
            row["area"],
            row["name"],
            row["task"],
            _STATES[row["state"]][at],
            "—" if pd.isna(row["seconds"]) else f"{row['seconds']:.1f}",
            *(str(row[name]) for name in ("note", "warning", "error")),
            f"{row['code']} {row[f'message_{lang}']}".strip(),
        )
        for row in status.to_dict("records")
    ]
    right = [False] * 4 + [True] * 4 + [False]
    return list(lined_up([_HEADS[lang], *rows], right=right))
