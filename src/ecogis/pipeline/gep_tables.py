"""The account of services as the tables people read, and the trace of each of its numbers."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

from ecogis import services
from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import code_label
from ecogis.methods import weakest

if TYPE_CHECKING:
    from ecogis.pipeline.gep_account import GepResult

__all__ = ["explain_gep", "gep_summary", "gep_tables"]

_MILLI: Final = 1000.0
_OWN: Final = r"E(48[5-9]|49\d|50[0-4]|51[23])"  # findings of the account itself
_ORIGINS: Final = {
    "stand": ("小班", "stand"),
    "raster": ("栅格", "raster"),
    "table": ("分类参数表", "table by class"),
    "carbon": ("碳储量模块", "carbon stage"),
    "record": ("统计表", "records"),
}
_TRACE: Final = {
    "quantity": ("实物量", "quantity"),
    "formula": ("公式", "formula"),
    "source": ("公式来源", "source of the formula"),
    "inputs": ("输入来源", "inputs from"),
    "made_of": ("栅格由来", "rasters made of"),
    "constants": ("常数", "constants"),
    "price": ("价格", "price"),
    "standard": ("标准", "standard"),
    "confidence": ("可信度", "confidence"),
}


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
        "gep_limits": _limits(made.findings),
        "gep_adjustments": _cut(made.adjustments),
        "gep_supply": _coded(_named(flow.supply), "ecosystem", "ecosystems"),
        "gep_use": _coded(_named(flow.use), "user", "users"),
    }
    if made.vep is not None:
        found["gep_vep"] = _named(made.vep.table)
    return {name: table.reset_index(drop=True) for name, table in found.items()}


def gep_summary(made: "GepResult") -> dict[str, Any]:
    """Headline results of the account."""
    account, asked = made.account, made.project.config.gep
    parts = account.parts[account.parts["counted"] & account.parts["value_fen"].notna()]
    marks = [mark for mark in parts["price_confidence"] if mark]
    return {
        "year": account.year,
        "total_fen": account.total_fen,
        "standard_number": account.standard.number,
        "standard_zh": account.standard.title_zh,
        "standard_en": account.standard.title_en,
        "standard_note_zh": account.standard.note_zh,
        "standard_note_en": account.standard.note_en,
        "price_set": account.price_set,
        "because": "" if asked is None else asked.because,
        "items_valued": int(account.items.loc[account.items["counted"], "value_fen"].count()),
        "items_listed": len(account.standard.items),
        "low_fen": int(account.sets["total_fen"].min()),
        "high_fen": int(account.sets["total_fen"].max()),
        "vep_fen": None if made.vep is None else made.vep.value_fen,
        **{f"weakest_{lang}": _mark(marks, lang) for lang in ("zh", "en")},
    }


def _mark(marks: list[str], lang: str) -> str:
    return code_label("confidence", weakest(marks), lang) if marks else "—"


def explain_gep(made: "GepResult", name: str, *, lang: str = "zh") -> str:
    """Where the figures of an item come from: formula, inputs, constants, price, standard.

    Parameters
    ----------
    made : GepResult
        The account.
    name : str
        Item, or item and part as ``soil_retention/silt``.
    lang : {"zh", "en"}
        Language.

    Returns
    -------
    str
        Lines of text, one block for each part.

    Raises
    ------
    ConfigError
        E002: the account has no such item or part.
    """
    item, _, part = name.partition("/")
    rows = made.account.parts
    rows = rows[rows["item"].eq(item) & (rows["part"].eq(part) | (part == ""))]
    if rows.empty:
        known = ", ".join(dict.fromkeys(made.account.parts["item"]))
        raise ConfigError("E002", value=name, expected=known)
    return "\n".join(_explained(made, row, lang) for row in rows.to_dict("records"))


def _explained(made: "GepResult", row: Mapping[Any, Any], lang: str) -> str:
    zh = lang == "zh"
    about = services.formulas()[row["formula"]]
    part = services.parts()[row["item"], row["part"]]
    value = "—" if pd.isna(row["value_fen"]) else f"{row['value_fen'] / 100:,.2f} CNY"
    used = made.constants
    names = [name for name in part.constants if name in used]
    told = made.parameters[made.parameters["name"].isin(names)]["confidence"].tolist()
    listed = made.account.standard.items.get(row["item"])
    lines = {
        "quantity": f"{row['quantity_milli'] / _MILLI:,.3f} {row['unit']}",
        "formula": f"{about.text}({about.zh})" if zh else f"{about.text} ({about.en})",
        "source": f"{about.source_zh if zh else about.source_en} [{about.confidence}]",
        "inputs": " ".join([*part.variables, f"[{_origins(row['origins'], lang)}]"]),
        "made_of": "; ".join(f"{n} = {text}" for n, text in _made_of(made, part).items()),
        "constants": "; ".join(f"{n} = {used[n]:g} [{_edition(made, n)}]" for n in names),
        "price": _price(row, lang),
        "standard": made.account.standard.label
        + ("" if listed is None else f": {listed.locator_zh if zh else listed.locator_en}"),
        "confidence": _weakest(
            row, about.confidence, "" if listed is None else listed.confidence, *told
        ),
    }
    head = f"{row['item']}/{row['part']} {row['product']}".rstrip() + f" = {value}"
    at = 0 if zh else 1
    return "\n".join([head, *(f"  {_TRACE[k][at]}: {text}" for k, text in lines.items() if text)])


def _made_of(made: "GepResult", part: services.Part) -> dict[str, str]:
    """How the rasters behind a part were made, and those behind what it is computed of."""
    known = services.variables()
    behind = [name for each in part.variables for name in (each, *known[each].of)]
    return {name: made.made_of[name] for name in behind if name in made.made_of}


def _with_ways(made: "GepResult", parts: pd.DataFrame) -> pd.DataFrame:
    """Parts with the formulas of their rasters beside where their inputs come from."""
    keys = zip(parts["item"], parts["part"], strict=True)
    of_parts = [_made_of(made, services.parts()[str(item), str(part)]) for item, part in keys]
    ways = [", ".join(text.partition(": ")[0] for text in found.values()) for found in of_parts]
    told = [f" ({text})" if text else "" for text in ways]
    return parts.assign(**{name: parts[name] + told for name in ("origin_zh", "origin_en")})


def _edition(made: "GepResult", name: str) -> str:
    """Where a constant comes from: the project, or an edition of the library."""
    asked = made.project.config.gep
    if asked is not None and name in asked.constants:
        return f"project: {asked.constants[name].because}"
    return "" if asked is None else asked.formulas


def _price(row: Mapping[Any, Any], lang: str) -> str:
    source = row["price_source"]
    if not source:
        return "—"
    if source == "record":
        return str(row["price_title_zh"] if lang == "zh" else row["price_title_en"])
    title = row["price_title_zh"] if lang == "zh" else row["price_title_en"]
    figures = f"{row['base_price']:g} ({row['base_year']}) × {row['deflator']:g} = {row['price']:g}"
    return f"{figures} CNY/{row['unit']} [{source}: {title}]"


def _weakest(row: Mapping[Any, Any], *marks: str) -> str:
    return weakest(mark for mark in (row["price_confidence"], *marks) if mark)


def _origins(text: str, lang: str) -> str:
    at = 0 if lang == "zh" else 1
    names = dict.fromkeys(name for each in text.split(", ") for name in each.split("+") if name)
    return ", ".join(_ORIGINS[name][at] for name in names)


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
        origins = [[_origins(str(text), lang) for text in made["origins"]] for lang in ("zh", "en")]
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
    told = [words[bool(flag)] for flag in spread["flagged"]]
    return spread.assign(flag_zh=[zh for zh, _ in told], flag_en=[en for _, en in told])


def _limits(findings: pd.DataFrame) -> pd.DataFrame:
    """What was found of the account itself, most severe first."""
    own = findings[findings["code"].str.fullmatch(_OWN)]
    weight = own["severity"].map({"error": 0, "warning": 1, "note": 2})
    return own.iloc[weight.argsort(kind="stable")]


def _set_items(by_set: pd.DataFrame) -> pd.DataFrame:
    keys = ["price_set", "item"]
    return _named(by_set.groupby(keys, sort=False)["value_fen"].sum().reset_index())


def _cut(adjustments: pd.DataFrame) -> pd.DataFrame:
    made = _named(adjustments)
    before, cut = (made[name].astype("float64") / _MILLI for name in ("before_milli", "cut_milli"))
    return made.assign(before=before, cut=cut)
