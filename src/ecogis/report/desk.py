"""The desk a report is put together at: what there is to say, and what is missing."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import pandas as pd

from ecogis.report.adjusting import (
    adjusted_amounts,
    adjusted_facts,
    adjustments,
    contradictions,
)
from ecogis.report.model import Block, Column, Content, Figure, Paragraph, Table
from ecogis.report.present import DASH, is_missing
from ecogis.report.seal import qr_png
from ecogis.report.tables import facts_table, printed, source_line
from ecogis.report.words import Words, fill, table_specs

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
        self._pictures = {**content.pictures, **pictures}
        self._facts = adjusted_facts(self._with_totals(content.summary), words)
        self._adjusted = adjusted_amounts(self._with_totals(content.summary))
        self._source["adjustments"] = adjustments(self._with_totals(content.summary), words)

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

    def concluded(self, key: str) -> Any:
        """A headline result as the signatories conclude it: adjusted where they adjust it."""
        return self._adjusted.get(key, self.amount(key))

    def is_adjusted(self, *keys: str) -> bool:
        """Whether one of these headline results is adjusted."""
        return any(key in self._adjusted for key in keys)

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
        """A list of texts, one item each, filled with the headline results."""
        for line in self.words.lines(f"say.{key}"):
            yield Paragraph(fill(line, self._facts), "item")

    def signatures(self, *names: str) -> Iterator[tuple[str, str]]:
        """Who has to sign, each with a blank."""
        for name in names:
            yield self.words.word(f"signatures.{name}"), self.words.word("words.to_sign")

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
                alt = self._alt(name)
                crs = self.fact("project.crs_label")
                filled = alt.format(caption=caption, crs=crs)
                yield Figure(name, caption, filled, self._pictures[name])

    def adjusted(self) -> Iterator[Block]:
        """What the appraiser has adjusted, with reason and name; nothing where nothing is."""
        if self.has("adjustments"):
            yield self.heading("adjusted")
            yield self.say("adjusted")
            yield from self.tables("adjustments")
            for name in contradictions(self.concluded, self._adjusted):
                yield self.say(f"adjusted_{name}", "notice")

    def seal(self) -> Iterator[Block]:
        """The fingerprint of the run as a QR code, where the run has one."""
        if fingerprint := self.amount("manifest.sha256"):
            caption = self.words.word("figures.manifest_qr")
            alt = self._alt("manifest_qr").format(sha256=fingerprint)
            yield Figure("manifest_qr", caption, alt, qr_png(str(fingerprint)), width=3.2)

    def _alt(self, name: str) -> str:
        """What a figure shows, in its own words or in those of all maps or all charts."""
        own = self.words.group("alts").get(name)
        kind = "alt.map" if name.startswith("map_") else "alt.chart"
        return str(own or self.words.word(kind))

    def headline(self, name: str, rows: Iterable[tuple[str, ...]]) -> Table:
        """A table of headline results: what, how much, unit."""
        word = self.words.word
        columns = (
            Column(word("words.item")),
            Column(word("words.value"), numeric=True),
            Column(word("words.unit")),
        )
        source = source_line(("run",), self.words)
        return facts_table(name, word(f"{name}.caption"), columns, rows, source)
