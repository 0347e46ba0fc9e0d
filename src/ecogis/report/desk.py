"""The desk a report is put together at: what there is to say, and what is missing."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pandas as pd

from ecogis.report.model import Block, Column, Content, Figure, Paragraph, Table
from ecogis.report.present import DASH, is_missing
from ecogis.report.tables import facts_table, printed
from ecogis.report.words import Words, facts, table_specs

__all__ = ["Desk"]

# totals a summary may leave to the table of vintages
_FROM_VINTAGES: Final = ("baseline_kg", "leakage_kg", "uncertainty_kg", "buffer_kg")


class Desk:
    """Content, words and pictures of one report, with the few ways to turn them into blocks.

    Parameters
    ----------
    content : Content
        Headline results and tables.
    words : Words
        Texts of the report's language.
    pictures : mapping of str to bytes
        PNG by figure name; a figure that is not there is left out.
    """

    def __init__(self, content: Content, words: Words, pictures: Mapping[str, bytes]) -> None:
        self.summary = content.summary
        self.words = words
        self._source = dict(content.tables)
        self._pictures = pictures
        self._facts = facts(self._with_totals(content.summary), words.lang)

    def _with_totals(self, summary: Mapping[str, Any]) -> dict[str, Any]:
        totals = dict(summary.get("totals", {}))
        vintages = self.source("vintages")
        for name in _FROM_VINTAGES:
            if name not in totals and name in vintages.columns:
                totals[name] = int(vintages[name].sum())
        return {**summary, "totals": totals}

    def source(self, name: str) -> pd.DataFrame:
        """A result table; empty when the run has none."""
        found = self._source.get(name)
        return pd.DataFrame() if found is None else found

    def has(self, *names: str) -> bool:
        """Whether each of these tables has a row."""
        return all(len(self.source(name)) for name in names)

    def amount(self, key: str) -> Any:
        """A headline result as it is, None when the run has none."""
        group, _, name = key.partition(".")
        value = self.summary.get(group)
        if name:
            value = value.get(name) if isinstance(value, Mapping) else None
        return None if is_missing(value) else value

    def fact(self, key: str) -> str:
        """A headline result as text, a dash when the run has none."""
        return self._facts.get(key, DASH)

    def text(self, key: str, **more: str) -> str:
        """One text, filled with the headline results."""
        return self.words.say(key, {**self._facts, **more})

    def say(self, key: str, style: str = "body", **more: str) -> Paragraph:
        """One paragraph."""
        return Paragraph(self.text(f"say.{key}", **more), style)

    def heading(self, key: str) -> Paragraph:
        """A heading within a section."""
        return Paragraph(self.words.word(f"headings.{key}"), "heading")

    def items(self, key: str) -> Iterator[Paragraph]:
        """A list of texts, one item each."""
        for line in self.words.lines(f"say.{key}"):
            yield Paragraph(line, "item")

    def tables(self, *names: str) -> Iterator[Block]:
        """Result tables; one without rows becomes a sentence that says so."""
        for name in names:
            if self.has(name):
                yield from printed(name, self.source(name), self.words)
            else:
                caption = table_specs()[name][self.words.lang]
                yield self.say("no_table", "note", caption=caption)

    def derived(self, name: str, rows: pd.DataFrame) -> Iterator[Block]:
        """A table made of rows of another one."""
        yield from printed(name, rows, self.words)

    def figures(self, *names: str) -> Iterator[Block]:
        """Figures that could be drawn."""
        for name in names:
            if name in self._pictures:
                caption = self.words.word(f"figures.{name}")
                alt = self.words.word("alt.map" if name.startswith("map_") else "alt.chart")
                crs = self.fact("project.crs_label")
                filled = alt.format(caption=caption, crs=crs)
                yield Figure(name, caption, filled, self._pictures[name])

    def headline(self, name: str, rows: list[tuple[str, str, str]]) -> Table:
        """A table of headline results: what, how much, unit."""
        word = self.words.word
        columns = (
            Column(word("words.item")),
            Column(word("words.value"), numeric=True),
            Column(word("words.unit")),
        )
        return facts_table(name, word(f"{name}.caption"), columns, rows)  # type: ignore[arg-type]
