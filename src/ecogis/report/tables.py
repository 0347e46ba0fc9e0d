"""Result tables as printed tables and as sheets: captions, headings, units, totals.

Which columns are shown, and how, stands in ``texts/tables.toml``.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final

import pandas as pd

from ecogis.core.vocabulary import code_label, codes, require, terms
from ecogis.report.columns import memo
from ecogis.report.grouping import GROUP, in_groups
from ecogis.report.model import Column, Sheet, Table
from ecogis.report.present import DASH, KINDS, adding_up, cell, chinese, clean, exact, is_missing
from ecogis.report.words import Words, table_specs

__all__ = ["column_titles", "facts_table", "printed", "sheet", "source_line"]

# how an amount is shown whose unit stands in its row
_BY_UNIT: Final = {"fen": "yuan", "t": "t", "kg": "t_kg"}
# columns of an account that are no land class
_MARGINS: Final = {"total": "words.total", "": "words.one_survey"}
_WIDE: Final = 8  # value columns of an account printed side by side


def printed(
    name: str, table: pd.DataFrame, words: Words, *, limit: int | None = None
) -> Iterator[Table]:
    """A result table as one or, when it is wide, several printed tables.

    Parameters
    ----------
    name : str
        Name of the table in ``texts/tables.toml``.
    table : DataFrame
        Result rows.
    words : Words
        Texts of the report's language.
    limit : int, optional
        Most rows to print; otherwise the table's own limit, or all.

    Raises
    ------
    VocabularyError
        When the table lacks a column it needs.
    """
    spec = table_specs()[name]
    notes: list[str] = []
    if spec.get("grouped"):
        table = in_groups(table, words)
        notes.append(words.word("words.grouped").format(sheet=spec[f"sheet_{words.lang}"]))
    columns = [entry for entry in _columns(name, table, words.lang) if not entry.get("sheet")]
    keys = [entry for entry in columns if not entry.get("rest")]
    values = [entry for entry in columns if entry.get("rest")]
    if values:
        table, values, left_out = _amounts_only(table, values)
        notes += [words.word("words.nil")] if left_out else []
    most = limit or spec.get("limit", len(table))
    if most < len(table):
        text = words.word("words.limited")
        notes.append(text.format(shown=most, all=len(table), sheet=spec[f"sheet_{words.lang}"]))
    if own := spec.get(f"note_{words.lang}"):
        notes.append(own)
    for start in range(0, max(len(values), 1), _WIDE):
        part = _table(name, table, keys + values[start : start + _WIDE], words, most)
        more = words.word("words.continued") if start else ""
        noted = _noted((*part.notes, *notes), words)
        yield replace(part, caption=part.caption + more, notes=noted)


def _noted(notes: tuple[str, ...], words: Words) -> tuple[str, ...]:
    """Notes as one text, with the word that leads them in."""
    if not notes:
        return ()
    between = words.word("words.notes_between")
    return (words.word("words.note") + between.join(note.rstrip() for note in notes),)


def source_line(names: Iterable[str], words: Words) -> str:
    """Where a table comes from, in words: roles of inputs and ways of working out.

    >>> source_line(["stands", "parameters"], Words("en"))
    'Source: Stands, closing; table of parameters. '
    """
    told = words.group("roles") | words.group("sources")
    listed = words.word("words.source_between").join(str(told[name]) for name in names)
    return f"{words.word('words.source')}{listed}{words.word('words.source_end')}"


def _amounts_only(
    table: pd.DataFrame, values: list[dict[str, Any]]
) -> tuple[pd.DataFrame, list[dict[str, Any]], bool]:
    """An account without the lines and columns that hold nothing, and whether there were any."""
    amounts = table[[entry["name"] for entry in values]].fillna(0).ne(0)
    rows, columns = amounts.any(axis=1), amounts.any(axis=0)
    kept = [entry for entry in values if columns[entry["name"]] or entry["name"] == "total"]
    return table[rows], kept, not (rows.all() and len(kept) == len(values))


def _columns(name: str, table: pd.DataFrame, lang: str) -> list[dict[str, Any]]:
    """The columns of this table, each with its source in the language and its heading."""
    spec = table_specs()[name]
    entries = [dict(entry) for entry in spec["columns"]]
    for entry in entries:
        twin, entry["known"] = entry.get("name_en", ""), entry["name"]
        if twin and lang == "zh" and entry["as"] == "text":
            entry["as"] = "prose"
        if lang == "en" and twin in table.columns:
            entry["name"] = twin
    optional = {entry["name"] for entry in entries if entry.get("need") is False}
    require(table, [e["name"] for e in entries if e["name"] not in optional], where=name)
    entries = [entry for entry in entries if entry["name"] in table.columns]
    if kind := spec.get("rest"):
        taken = {source for e in spec["columns"] for source in (e["name"], e.get("name_en", ""))}
        taken |= set(spec.get("skip", ()))
        further = [name for name in table.columns if name not in taken]
        entries += [{"name": name, "as": kind, "rest": True} for name in further]
    for entry in entries:
        entry["column"] = _heading(entry, lang)
    return entries


def _heading(entry: Mapping[str, Any], lang: str) -> Column:
    kind = KINDS.get(entry["as"])
    title = entry.get(lang) or _known(str(entry.get("known", entry["name"])), lang)
    return Column(
        title=title,
        unit=kind.unit(lang) if kind else "",
        numeric=kind is not None or entry["as"] in {"number", "by_unit"},
    )


def column_titles(name: str, lang: str) -> dict[str, str]:
    """What people read instead of the column names of a table, with units."""
    heads = {entry["name"]: _heading(entry, lang) for entry in table_specs()[name]["columns"]}
    return {
        source: f"{head.title} ({head.unit})" if head.unit else head.title
        for source, head in heads.items()
    }


def _known(name: str, lang: str) -> str:
    """What a source column is called: a word of the vocabulary, a code of it, or as it stands."""
    if name.startswith(GROUP):
        return Words(lang).word(f"land_groups.{name.removeprefix(GROUP)}")
    if name in _MARGINS:
        return Words(lang).word(_MARGINS[name])
    if name in terms():
        term = terms()[name]
        return term.zh if lang == "zh" else term.en[:1].upper() + term.en[1:]
    for listed in ("land_class", "age_group", "origin", "forest_category"):
        if name in codes(listed):
            label = code_label(listed, name, lang)
            return label if lang == "zh" else label[:1].upper() + label[1:]
    return clean(name)


def _table(
    name: str, rows: pd.DataFrame, entries: list[dict[str, Any]], words: Words, most: int
) -> Table:
    """At most so many rows; totals are of all rows."""
    sums: dict[int, str] = {}
    cells: list[list[str]] = []
    for place, entry in enumerate(entries):
        values = rows[entry["name"]].tolist()
        if entry.get("sum") and len(rows) > 1:
            texts, sums[place] = adding_up(values, entry["as"])
        else:
            pairs = zip(values[:most], _kinds(entry, rows), strict=False)
            texts = [_text(value, kind, words) for value, kind in pairs]
        cells.append(texts[:most])
    body = [tuple(row) for row in zip(*cells, strict=True)]
    if sums:
        body.append(_total(sums, len(entries), words))
    dashes = any(DASH in row for row in body)
    return Table(
        name=name,
        caption=table_specs()[name][words.lang],
        columns=tuple(entry["column"] for entry in entries),
        rows=tuple(body),
        notes=(words.word("words.dash_note"),) if dashes else (),
        total=bool(sums),
        source=source_line(table_specs()[name].get("from", ()), words),
    )


def _kinds(entry: Mapping[str, Any], rows: pd.DataFrame) -> list[str]:
    """How each cell of a column is shown; a column of several units asks the row's unit."""
    if entry["as"] != "by_unit":
        return [entry["as"]] * len(rows)
    return [_BY_UNIT[unit] for unit in rows["unit"]]


def _total(sums: Mapping[int, str], width: int, words: Words) -> tuple[str, ...]:
    row = [sums.get(place, "") for place in range(width)]
    return (words.word("words.total"), *row[1:])


def _text(value: Any, kind: str, words: Words) -> str:
    if is_missing(value):
        return DASH
    name, _, listed = kind.partition(":")
    special: dict[str, Callable[[], str]] = {
        "prose": lambda: chinese(clean(value)),
        "message": lambda: words.spoken(clean(value)),
        "word": lambda: str(words.group(listed).get(str(value), clean(value))),
        "flag": lambda: words.word("words.yes") if value else "",
        "unit": lambda: KINDS[_BY_UNIT[str(value)]].unit(words.lang),
        "term": lambda: _known(str(value), words.lang),
        "codes": lambda: _several(str(value), listed, words),
    }
    return special[name]() if name in special else cell(value, kind, words.lang)


def _several(value: str, listed: str, words: Words) -> str:
    """Codes joined by semicolons, in words."""
    parts = (part.strip() for part in value.split(";"))
    named = (cell(part, f"code:{listed}", words.lang) for part in parts if part)
    return words.word("words.joint").join(named)


def facts_table(
    name: str,
    caption: str,
    columns: tuple[Column, ...],
    rows: Iterable[tuple[str, ...]],
    source: str,
) -> Table:
    """A printed table of headline results, made of texts."""
    return Table(name=name, caption=caption, columns=columns, rows=tuple(rows), source=source)


def sheet(name: str, table: pd.DataFrame, words: Words) -> Sheet:
    """A result table as a sheet of the workbook: all rows, all columns, source values."""
    spec = table_specs()[name]
    entries = _columns(name, table, words.lang)
    sources = [entry["name"] for entry in entries]
    frame = pd.DataFrame({source: table[source] for source in sources})
    for entry in entries:
        if entry["as"] == "by_unit":
            pairs = zip(table[entry["name"]], _kinds(entry, table), strict=True)
            frame[entry["name"]] = [float(exact(value, KINDS[kind])) for value, kind in pairs]
            entry["as"] = "amount"
        elif entry["as"] == "number":
            frame[entry["name"]] = [_numeric(value) for value in frame[entry["name"]]]
        elif entry["as"] not in KINDS and entry["as"] not in {"date", "text"}:
            frame[entry["name"]] = _texts(frame[entry["name"]], entry["as"], words)
    return Sheet(
        name=name,
        title=spec[f"sheet_{words.lang}"],
        caption=spec[words.lang],
        table=frame,
        columns=tuple((entry["name"], entry["as"], entry["column"]) for entry in entries),
        totals=frozenset(entry["name"] for entry in entries if entry.get("sum")),
    )


def _texts(values: pd.Series, kind: str, words: Words) -> list[str]:
    found = memo(lambda value: _text(value, kind, words), values)
    return [DASH if text is None else text for text in found]


def _numeric(value: Any) -> Any:
    """A number that was given as text, as a number; any other text as it is."""
    try:
        return value if is_missing(value) else float(value)
    except ValueError:
        return value
