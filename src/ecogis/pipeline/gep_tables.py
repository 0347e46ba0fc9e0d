"""The account of services as the tables people read, and the trace of each of its numbers."""

from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ecogis import services
from ecogis.core.vocabulary import code_label
from ecogis.methods import weakest
from ecogis.pipeline.gep_traces import made_of, named_way, origins_told

if TYPE_CHECKING:
    from ecogis.pipeline.gep_account import GepResult

__all__ = ["change_table", "gep_summary", "gep_tables"]

_MILLI: Final = 1000.0
# findings of the account itself
_OWN: Final = r"E(48[3-9]|49\d|50[0-4]|51[23]|56[6-9]|57[0-5]|95[89]|96[1-5])"


def gep_tables(made: "GepResult") -> dict[str, pd.DataFrame]:
    """Every table of the account by name; values in fen, quantities in the units beside them.

    Returns
    -------
    dict of str to DataFrame
        ``gep_items gep_memo gep_parts gep_townships gep_price_sets gep_set_items gep_spread
        gep_adjustments gep_limits gep_supply gep_use gep_vep``.
    """
    account = made.account
    items, parts = account.items, _with_ways(made, _named(account.parts))
    counted = items["counted"]
    flow = made.supply_use
    found = {
        "gep_items": _with_classes(items[counted], account.total_fen),
        "gep_memo": _with_classes(items[~counted], account.total_fen),
        "gep_parts": parts,
        "gep_townships": _named(account.townships),
        "gep_price_sets": account.sets,
        "gep_set_items": _set_items(account.by_set),
        "gep_spread": _flagged(_named(account.spread)),
        "gep_limits": _limits(made.findings, items),
        "gep_adjustments": _cut(made.adjustments),
        "gep_supply": _coded(_named(flow.supply), "ecosystem", "ecosystems"),
        "gep_use": _coded(_named(flow.use), "user", "users"),
    }
    if made.vep is not None:
        found["gep_vep"] = _named(made.vep.table)
    return {name: table.reset_index(drop=True) for name, table in found.items()}


def change_table(change: pd.DataFrame) -> pd.DataFrame:
    """What changed between two years as people read it: names, quantities, effects. [fen]"""
    named = _named(change)
    quantities = {f"quantity{at}": named[f"quantity{at}_milli"] / _MILLI for at in (0, 1)}
    moved = named["value1_fen"] - named["value0_fen"]
    return named.assign(**quantities, change_fen=moved)


def gep_summary(made: "GepResult") -> dict[str, Any]:
    """Headline results of the account."""
    account, asked = made.account, made.project.config.gep
    parts = account.parts[account.parts["counted"] & account.parts["value_fen"].notna()]
    marks = [mark for mark in parts["price_confidence"] if mark]
    sets = account.sets
    totals = account.total_fen - sets["main_fen"] + sets["total_fen"]  # the rest at main prices
    return {
        "year": account.year,
        "total_fen": account.total_fen,
        **dict(zip(("name_zh", "name_en"), services.words("sums")[account.sum_key], strict=True)),
        "standard_number": account.standard.number_or_label,
        "standard_zh": account.standard.title_zh,
        "standard_en": account.standard.title_en,
        "standard_note_zh": account.standard.note_zh,
        "standard_note_en": account.standard.note_en,
        "price_set": account.price_set,
        "because": "" if asked is None else asked.because,
        "items_valued": int(account.items.loc[account.items["counted"], "value_fen"].count()),
        "items_listed": len(account.standard.items),
        "low_fen": int(totals.min()),
        "high_fen": int(totals.max()),
        "vep_fen": None if made.vep is None else made.vep.value_fen,
        **{f"weakest_{lang}": _mark(marks, lang) for lang in ("zh", "en")},
    }


def _mark(marks: list[str], lang: str) -> str:
    return code_label("confidence", weakest(marks), lang) if marks else "—"


def _with_ways(made: "GepResult", parts: pd.DataFrame) -> pd.DataFrame:
    """Parts with the formulas of their rasters beside where their inputs come from."""
    keys = zip(parts["item"], parts["part"], strict=True)
    of_parts = [made_of(made, services.parts()[str(item), str(part)]) for item, part in keys]
    columns = {}
    for lang in ("zh", "en"):
        told = [", ".join(named_way(text, lang) for text in each.values()) for each in of_parts]
        columns[f"origin_{lang}"] = parts[f"origin_{lang}"] + [f" ({t})" if t else "" for t in told]
    return parts.assign(**columns)


def _named(table: pd.DataFrame) -> pd.DataFrame:
    """A table with the names of items, and of parts where it has any, in both languages."""
    items = [services.items()[str(key)] for key in table["item"]]
    made = table.assign(item_zh=[e.zh for e in items], item_en=[e.en for e in items])
    if "part" in made:
        keys = zip(table["item"], table["part"], strict=True)
        parts = [services.parts()[str(item), str(part)] for item, part in keys]
        made = made.assign(part_zh=[e.zh for e in parts], part_en=[e.en for e in parts])
    if "quantity_milli" in made:
        made["quantity"] = made["quantity_milli"] / _MILLI
    if "formula" in made:
        texts = [services.formulas()[str(name)].text for name in made["formula"]]
        origins = [
            [origins_told(str(text), lang) for text in made["origins"]] for lang in ("zh", "en")
        ]
        made = made.assign(formula_text=texts, origin_zh=origins[0], origin_en=origins[1])
    return made


def _coded(table: pd.DataFrame, column: str, names: str) -> pd.DataFrame:
    known = services.words(names)
    pairs = [known.get(str(code), (str(code), str(code))) for code in table[column]]
    return table.assign(
        **{f"{column}_zh": [p[0] for p in pairs], f"{column}_en": [p[1] for p in pairs]}
    )


def _with_classes(items: pd.DataFrame, total: int) -> pd.DataFrame:
    made = _coded(items, "class", "classes")
    value = made["value_fen"].astype("Float64")
    return made.assign(share=value / total if total else value * pd.NA)


def _flagged(spread: pd.DataFrame) -> pd.DataFrame:
    words = {True: ("是", "yes"), False: ("否", "no")}
    levels = {True: ("核算年", "the account's year"), False: ("来源原价", "as the sources have it")}
    told = [words[bool(flag)] for flag in spread["flagged"]]
    level = [levels[bool(flag)] for flag in spread["levelled"]]
    return spread.assign(
        flag_zh=[zh for zh, _ in told],
        flag_en=[en for _, en in told],
        level_zh=[zh for zh, _ in level],
        level_en=[en for _, en in level],
    )


def _limits(findings: pd.DataFrame, items: pd.DataFrame) -> pd.DataFrame:
    """What was found of the account itself, most severe first.

    Gaps of items that do not count limit nothing; they stay in the table of findings.
    """
    memo = set(items.loc[~items["counted"], "item"])
    codes, features = (findings[name].astype("string") for name in ("code", "feature"))
    of_memo = features.str.replace("/.*", "", regex=True).isin(memo)
    own = findings[codes.str.fullmatch(_OWN).to_numpy(dtype=bool) & ~(codes.eq("E501") & of_memo)]
    weight = own["severity"].map({"error": 0, "warning": 1, "note": 2})
    return own.iloc[weight.argsort(kind="stable")]


def _set_items(by_set: pd.DataFrame) -> pd.DataFrame:
    keys = ["price_set", "item"]
    return _named(by_set.groupby(keys, sort=False)["value_fen"].sum().reset_index())


def _cut(adjustments: pd.DataFrame) -> pd.DataFrame:
    made = _named(adjustments)
    before, cut = (made[name].astype("float64") / _MILLI for name in ("before_milli", "cut_milli"))
    return made.assign(before=before, cut=cut)
