"""The balance of a project: read, look, overlay, grow, account; then tables, workbook, files."""

import time
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import pandas as pd

from ecogis import io, report
from ecogis.accounts.condition import condition
from ecogis.accounts.layout import Table
from ecogis.accounts.national import national_tables
from ecogis.accounts.net_worth import net_worth_table, value_table
from ecogis.accounts.postings import condensed
from ecogis.accounts.seea_cf import land_cover, timber_physical, timber_value
from ecogis.accounts.seea_ea import carbon_account, ecosystem_assets, extent
from ecogis.accounts.ties import Tie, check_ties, ties
from ecogis.core.errors import ConfigError
from ecogis.core.provenance import canonical_json, library_versions, sha256_text
from ecogis.pipeline.balance_money import (
    check_prices,
    liabilities,
    memos,
    money,
    services,
    variables,
)
from ecogis.pipeline.balance_notes import notes
from ecogis.pipeline.balance_report import content
from ecogis.pipeline.balancing import surveyed_twice
from ecogis.pipeline.config_absent import absent
from ecogis.pipeline.manifest import identity, manifest
from ecogis.pipeline.outputs import MANIFEST, run_folder
from ecogis.pipeline.run import Progress, Project, Run, open_project
from ecogis.pipeline.stages import STAGES
from ecogis.report import Content
from ecogis.report.balance_book import BalanceBook, book_bytes

__all__ = ["BalanceResult", "balance", "balanced"]

_NEEDED: Final = ("read", "look", "overlay", "grow", "account")
_AFTER: Final = ("present", "write")
_UNREAD: Final = frozenset({"documents", "land_history", "prices"})  # an assessment asks for them
BOOK: Final = "balance.xlsx"


@dataclass(frozen=True)
class BalanceResult:
    """The accounts of a project between two surveys.

    Attributes
    ----------
    project : Project
        The project file the run was made from.
    summary : mapping
        Headline results, as in run.json.
    tables : mapping of str to Table
        National and SEEA tables, in the order of the workbook.
    condition : DataFrame
        SEEA EA condition account.
    matrix : DataFrame
        Land class at the opening by land class at the closing. [dm2]
    postings : DataFrame
        The one table every sheet is a pivot of.
    money : DataFrame
        Every physical line of the priced assets in money. [fen]
    rows : DataFrame
        Land of both surveys by stand and owner, for further work; not in the workbook.
    findings : DataFrame
        What is wrong in the data, one row each, in both languages.
    record : mapping
        What decides the result: inputs, editions and results, by hash.
    route : str
        ``"surveys"``, ``"events"``, or ``"modelled"``: events without a closing survey.
    limits : DataFrame
        The statistical difference of each account and its limit.
    ties : sequence of Tie
        What the tables agree on with one another.
    notes : sequence of tuple
        Period, prices and policies: ``what_zh what_en text_zh text_en``.
    seconds : float
        Time the stages took. [s]
    """

    project: Project
    summary: Mapping[str, Any]
    tables: Mapping[str, Table]
    condition: pd.DataFrame
    matrix: pd.DataFrame
    postings: pd.DataFrame
    money: pd.DataFrame
    rows: pd.DataFrame
    findings: pd.DataFrame
    record: dict[str, Any]
    route: str
    limits: pd.DataFrame
    ties: Sequence[Tie]
    notes: Sequence[tuple[str, str, str, str]]
    seconds: float

    def table(self, name: str, lang: str = "zh") -> pd.DataFrame:
        """A table as it is printed, in whole units."""
        return self.tables[name].wide(lang)

    def workbook(self, path: str | Path, *, lang: str | None = None) -> Path:
        """Write the workbook alone, whole or not at all."""
        target = Path(path)
        with io.whole(target) as draft:
            draft.write_bytes(self._book(lang or self._lang))
        return target

    def report(self, path: str | Path, *, lang: str | None = None) -> Path:
        """Write one face of the report: ``.docx``, ``.pdf`` or ``.html`` by the file's name."""
        shown = self._content()
        return report.write_one(shown, Path(path), lang=lang or self._lang, form="balance")

    def write(
        self,
        folder: str | Path,
        *,
        lang: str | None = None,
        reports: Collection[str] = (),
        progress: Progress | None = None,
    ) -> list[str]:
        """Write workbook, CSV and Parquet of every table, postings, findings and run.json.

        Postings and rows by stand, which a county has by the hundred thousand, are Parquet alone.
        Whole or not at all, as `Result.write`. `reports` are faces of the report to write too:
        any of docx, pdf, html.

        Returns
        -------
        list of str
            Names of the files, the manifest last.
        """
        if progress is not None:
            count = len(_NEEDED) + len(_AFTER)
            progress("write", count, count)
        out = Path(folder)
        record = manifest(self.record, self.seconds, lang=lang or self._lang)
        with run_folder(out, record) as made:
            (made / BOOK).write_bytes(self._book(lang or self._lang))
            for name, frame in self.frames().items():
                io.write_csv(made / f"{name}.csv", frame)
                io.write_parquet(made / f"{name}.parquet", frame)
            io.write_parquet(made / "postings.parquet", self.postings)
            if len(self.rows):
                io.write_parquet(made / "stand_rows.parquet", self.rows)
            io.write_csv(made / "findings.csv", self.findings)
            if reports:
                shown = self._content()
                language = lang or self._lang
                report.write(shown, made, lang=language, formats=reports, forms=("balance",))
        return [*sorted(path.name for path in out.iterdir() if path.name != MANIFEST), MANIFEST]

    def frames(self) -> dict[str, pd.DataFrame]:
        """Every table as rows of cells, the matrix, condition and money, by name."""
        found = {name: table.long() for name, table in self.tables.items()}
        return found | {
            "condition": self.condition,
            "change_matrix": self.matrix,
            "money": self.money,
        }

    def _content(self) -> Content:
        sha256 = sha256_text(canonical_json(self.record))
        return content(
            self.summary,
            self.tables,
            condition=self.condition,
            limits=self.limits,
            notes=self.notes,
            inputs=pd.DataFrame(self.record["inputs"]),
            route=self.route,
            fingerprint={"sha256": sha256, "version": library_versions()["ecogis"]},
        )

    @property
    def _lang(self) -> str:
        return self.project.config.project.lang

    def _book(self, lang: str) -> bytes:
        asked = self.project.config
        days = asked.accounts
        if days is None:
            raise ConfigError("E425", file=self.project.file.name)
        name, when = asked.project.name, f"{days.opening} — {days.closing}"
        book = BalanceBook(
            title=(f"{name}:森林资源资产负债表", f"{name}: forest balance sheet"),
            subject=(f"{name};核算期 {when}", f"{name}; period {when}"),
            tables=self.tables,
            ties=self.ties,
            notes=self.notes,
            condition=self.condition,
            created=days.closing,
            fingerprint=sha256_text(canonical_json(self.record)),
        )
        return book_bytes(book, lang)

    def __repr__(self) -> str:
        found = self.summary["balance"]
        return (
            f"BalanceResult({self.summary['project']['name']}: "
            f"{found['forest_closing_dm2'] * 1e-6:,.2f} ha forest, "
            f"{found['timber_closing_dm3'] / 1000:,.0f} m3, {len(self.tables)} tables)"
        )

    def _repr_html_(self) -> str:
        return str(self.table("timber", self._lang).to_html(index=False))


def balance(project: Project | str | Path, *, progress: Progress | None = None) -> BalanceResult:
    """Balance the accounts of a project; nothing is judged, credited or valued for a pledge.

    Parameters
    ----------
    project : Project, str or Path
        A project, or the path of its file.
    progress : callable, optional
        Told the name of each stage, its number and how many there are.

    Returns
    -------
    BalanceResult

    Raises
    ------
    ConfigError
        E425: the project has no days of account, or one survey and no event records.
    EcogisError
        A file cannot be read, findings refuse the run, or a sum does not close.
    """
    started = time.monotonic()
    run = Run(project if isinstance(project, Project) else open_project(project))
    return balanced(run, started, progress)


def balanced(run: Run, started: float, progress: Progress | None = None) -> BalanceResult:
    """Balance the accounts of a run nothing was done in yet; `balance` for who has the run already.

    The run keeps its layers and what was found, also where the accounts are refused.

    Parameters
    ----------
    run : Run
        A new run of the project; every stage the accounts need is done in it.
    started : float
        When the work began, by the monotonic clock. [s]
    progress : callable, optional
        As for `balance`.

    Returns
    -------
    BalanceResult

    Raises
    ------
    ConfigError, EcogisError
        As `balance`.
    """
    asked = run.config.accounts
    if asked is None or not (surveyed_twice(run.config) or asked.route == "events"):
        raise ConfigError("E425", file=run.project.file.name)
    check_prices(run)
    run.unread = _UNREAD
    left_out = {"grow"} if absent(run.config) else set()  # years to forecast are the methodology's
    chosen = [stage for stage in STAGES if stage.name in _NEEDED and stage.name not in left_out]
    for number, stage in enumerate(chosen, start=1):
        if progress is not None:
            progress(stage.name, number, len(chosen) + len(_AFTER))
        stage.function(run)
        if stage.name != "read":
            run.refuse()
    if progress is not None:
        progress("present", len(chosen) + 1, len(chosen) + len(_AFTER))
    return _result(run, started)


def _result(run: Run, started: float) -> BalanceResult:
    found = run.left["balance"]
    postings = condensed(found.postings)
    valued, held, owned = money(run, postings)
    owed = liabilities(run, postings)
    tables = national_tables(postings, valued, _townships(run), route=found.route)
    tables |= {
        "value": value_table(valued, owed, memos(run), held=held),
        "net_worth": net_worth_table(valued, owed, held=held, owned=owned),
        "seea_timber": timber_physical(postings),
        "seea_timber_value": timber_value(valued),
        "seea_land_cover": land_cover(postings),
        "seea_extent": extent(postings),
    }
    tables |= {
        "seea_carbon": carbon_account(postings),
        "seea_asset": ecosystem_assets(tables["seea_extent"], services(run)),
    }
    wanted = ties(tables)
    check_ties(tables, wanted)
    run.refuse()
    headline = _summary(run, tables)
    twice = surveyed_twice(run.config)
    stands = run.layers["stands"]
    sides = (run.layers["stands_opening"], stands) if twice else (stands, stands.iloc[:0])
    return BalanceResult(
        project=run.project,
        summary=headline,
        tables=tables,
        condition=condition(*sides, variables(run)),
        matrix=found.matrix,
        postings=found.postings,
        money=valued,
        rows=found.rows,
        findings=run.findings.table(),
        record=identity(run, headline),
        route=found.route if twice else "modelled",
        limits=found.limits,
        ties=wanted,
        notes=notes(run, found),
        seconds=time.monotonic() - started,
    )


def _townships(run: Run) -> dict[str, str]:
    """Names of the townships, where the boundary layer has them."""
    layer = run.layers.get("boundary")
    if layer is None or "location" not in layer:
        return {}
    named = layer[layer["location"].notna()]
    return dict(zip(named["township"].astype(str), named["location"].astype(str), strict=True))


def _summary(run: Run, tables: Mapping[str, Table]) -> dict[str, Any]:
    asked = run.config
    days = asked.accounts
    severity = run.findings.table()["severity"].value_counts()
    timber, value = tables["timber"], tables["value"]
    units = {"forest": "dm2", "timber": "dm3", "carbon": "kg"}
    found: dict[str, int | None] = {
        f"{account}_{end}_{unit}": timber.amount(line, f"{account}..total")
        for account, unit in units.items()
        for end, line in (("opening", "T00"), ("closing", "T90"))
        if f"{account}..total" in timber.amounts
    }
    found |= {
        f"{name}_{end}_fen": value.amount(line, end)
        for name, line in (("assets", "M10"), ("liabilities", "M29"), ("net_worth", "M90"))
        for end in ("opening", "closing")
    }
    return {
        "project": {
            "name": asked.project.name,
            "valuation_date": asked.project.valuation_date,
            "opening_date": None if days is None else days.opening,
            "closing_date": None if days is None else days.closing,
        },
        "balance": found,
        "net_worth_status": str(value.status.loc["M90", "closing"]),
        "tables": len(tables),
        "findings": {name: int(severity.get(name, 0)) for name in ("note", "warning", "error")},
    }
