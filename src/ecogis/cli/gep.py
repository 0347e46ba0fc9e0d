"""What ``ecogis gep`` does: account for the services of a project's land, print, leave."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import click
import pandas as pd

from ecogis import pipeline, services
from ecogis.cli.columns import lined_up
from ecogis.cli.progress import Steps
from ecogis.pipeline.gep import GepResult, gep_years
from ecogis.pipeline.gep import gep as accounted
from ecogis.pipeline.gep_outputs import GEP_FORMATS, write_gep
from ecogis.pipeline.gep_tables import gep_summary, gep_tables
from ecogis.pipeline.gep_traces import explain_gep

__all__ = ["gep"]

_WORDS: Final = {
    "zh": ("元", "没有价值", "价格集", "变化"),
    "en": ("CNY", "no value", "price set", "change"),
}
_BY: Final = {
    "zh": ("实物量效应", "价格效应", "口径变化"),
    "en": ("by quantity", "by price", "by coverage"),
}
_EFFECTS: Final = ("quantity_effect_fen", "price_effect_fen", "coverage_fen")


def gep(
    *,
    project: Path,
    out: Path,
    before: Path | None,
    item: str | None,
    faces: tuple[str, ...],
    lang: str | None,
    as_json: bool,
    quiet: bool,
) -> None:
    """Run the account; explain an item of it, or write it."""
    opened = pipeline.open(project)
    lang = lang or opened.config.project.lang
    started = time.monotonic()
    with Steps(lang, quiet=quiet or as_json) as steps:
        made = accounted(opened, progress=steps)
        earlier = None if before is None else accounted(before)
    if item is not None:
        click.echo(explain_gep(made, item, lang=lang))
        return
    change = None if earlier is None else gep_years(earlier, made)
    formats = faces or GEP_FORMATS
    seconds = time.monotonic() - started
    written = write_gep(made, out, lang=lang, formats=formats, change=change, seconds=seconds)
    if as_json:
        items = gep_tables(made)["gep_items"][["item", "value_fen"]]
        record = {
            "out": str(out),
            "outputs": written,
            "results": gep_summary(made),
            "items": _records(items),
            "change": None if change is None else _records(change),
        }
        click.echo(json.dumps(record, ensure_ascii=False, indent=1, default=str))
    else:
        click.echo("\n".join(_lines(made, change, lang)))
        click.echo(str(out))


def _records(table: pd.DataFrame) -> Any:
    return json.loads(table.to_json(orient="records", force_ascii=False))


def _lines(made: GepResult, change: pd.DataFrame | None, lang: str) -> Iterator[str]:
    """Items with their values, the total, price sets, and what changed since an earlier year."""
    yuan, nothing, price_set, changed = _WORDS[lang]
    account = made.account
    total = services.words("sums")[account.sum_key][0 if lang == "zh" else 1]
    yield f"{total} {account.year}: {account.total_fen / 100:,.2f} {yuan} ({account.price_set})"
    rows = [
        [row["code"], row[lang], nothing if pd.isna(row["value_fen"]) else _money(row["value_fen"])]
        for row in account.items[account.items["counted"]].to_dict("records")
    ]
    yield from lined_up(rows)
    sets = [[price_set, row["price_set"], _money(row["total_fen"])]
            for row in account.sets.to_dict("records")]  # fmt: skip
    yield from lined_up(sets)
    if change is not None:
        whole = change["value1_fen"].sum() - change["value0_fen"].sum()
        parts = [f"{word} {_money(change[name].sum())}"
                 for word, name in zip(_BY[lang], _EFFECTS, strict=True)]  # fmt: skip
        yield f"{changed} {_money(whole)}: {', '.join(parts)}"


def _money(fen: Any) -> str:
    return f"{int(fen) / 100:,.2f}"
