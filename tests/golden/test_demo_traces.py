"""Every figure of the demo report is explained down to clause, parameter, edition and source."""

import json
import re

import pytest

from ecogis.core.errors import ConfigError, InputError
from ecogis.methods import CONFIDENCES
from ecogis.pipeline.explaining import explain_run
from ecogis.pipeline.manifest import manifest
from ecogis.pipeline.tracing import open_record, printed, trace
from ecogis.report import compose
from ecogis.report.model import Table
from ecogis.report.parameters import in_short, quantities
from ecogis.report.present import KINDS
from ecogis.report.words import table_specs


@pytest.fixture(scope="module")
def result(township):
    return township


@pytest.fixture(scope="module")
def run(result, tmp_path_factory):
    """A folder with the manifest of the demo run and nothing else."""
    folder = tmp_path_factory.mktemp("run")
    text = json.dumps(manifest(result.record, 0.0), ensure_ascii=False, default=str)
    (folder / "run.json").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def record(run):
    return open_record(run)


@pytest.fixture(scope="module")
def figures(result, record):
    """Names of every headline result and of every numeric column the report or workbook prints."""
    report = compose(result._content(), lang="en")
    found = [name for name, text in printed(record).items() if re.search(r"\d", text)]
    printed_tables = {block.name for block in report.blocks() if isinstance(block, Table)}
    for name, spec in table_specs().items():
        if name in printed_tables:
            found += [f"{name}.{each['name']}" for each in spec["columns"] if each["as"] in KINDS]
    for sheet in report.sheets:
        rest = "rest" in table_specs()[sheet.name]
        for name, _, column in sheet.columns:
            if column.numeric:
                found.append(f"{sheet.name}.rest" if rest else f"{sheet.name}.{name}")
    return sorted({name for name in found if not name.startswith("project.name")})


def test_every_figure_has_a_trace_that_ends_somewhere(record, figures):
    assert len(figures) > 120
    assert [name for name in figures if trace(record, name) is None] == []
    for name in figures:
        found = trace(record, name)
        assert found.zh
        assert found.en
        assert found.name == name
        assert found.uses or found.clauses or found.inputs or found.keys, name
        assert found.confidence in {*CONFIDENCES, ""}


CARBON = re.compile(
    r"(removal|emission|baseline|leakage|uncertainty|buffer|credit|pledgeable)_(kg|t)$|issued_t$"
    r"|^waterfall\.kg$|^valuation\.(npv|p5|p50|p95|mean|pledge_value)_|^cash_flow\.(net|gross)_fen$"
)


def test_figures_of_carbon_and_money_lead_to_clause_parameter_edition_and_source(record, figures):
    asked = [name for name in figures if CARBON.search(name)]
    assert len(asked) > 25
    for name in asked:
        found = trace(record, name)
        assert found.clauses, name
        assert found.uses, name
        for use in found.uses:
            assert "@" in use["set"]
            assert use["source_zh"]
            assert use["source_en"]
            assert use["confidence"] in CONFIDENCES


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_what_a_figure_rests_on_is_explained_by_a_second_command(run, record, figures, lang):
    """The line ``... -> set`` names what to ask next; clauses are named by their number."""
    nexts, clauses = set(), set()
    for name in figures:
        told = explain_run(run, name, lang=lang)
        nexts |= set(re.findall(r"-> ([\w-]+)$", told, flags=re.MULTILINE))
        clauses |= {clause.clause for _, clause in trace(record, name).clauses}
    assert {"biomass-inventory", "growth-south-china"} <= nexts
    for name in (*nexts, *clauses):
        told = explain_run(run, name, lang=lang)
        assert ("来源: " if lang == "zh" else "source: ") in told
        assert ("可信度: " if lang == "zh" else "confidence: ") in told


def test_every_parameter_of_the_report_is_explained(run, result):
    parameters = result.tables["parameters"]
    for name in parameters["name"].unique():
        assert "confidence: " in explain_run(run, f"{_set_of(parameters, name)}.{name}")
    one = explain_run(run, "bef", key="杉木")
    assert one.startswith("bef [杉木] = 1.634\n")
    assert one.count("source: ") == 1


def _set_of(parameters, name):
    return parameters.loc[parameters["name"].eq(name), "edition"].iloc[0].partition("@")[0]


def test_the_value_is_the_one_the_report_prints(run, record, result):
    total = result.summary["totals"]
    assert explain_run(run, "issued_t").startswith(
        f"totals.issued_t = {total['issued_t']:,} t CO2e"
    )
    assert trace(record, "totals.buffer_kg").value == f"{total['buffer_kg']:,}"
    assert trace(record, "creditable_ha").value == f"{total['creditable_ha']:,.2f}"
    assert trace(record, "vintages.buffer_kg").value == ""


def test_every_value_that_was_not_read_in_a_source_is_on_the_parameter_page(result, record):
    """What the run asked for is in the table of parameters, and the report prints all of it."""
    weak = [use for use in record.uses if use["confidence"] != "quoted"]
    assert weak
    table = result.tables["parameters"]
    listed = set(zip(table["edition"], table["name"], table["key"], strict=True))
    assert {(use["set"], use["name"], use["key"]) for use in weak} <= listed
    report = compose(result._content(), lang="zh")
    page = next(b for b in report.blocks() if isinstance(b, Table) and b.name == "parameters_used")
    short, _ = in_short(table)
    assert len(page.rows) == len(short)  # none is cut off in print
    values = short["values_en"].str.split("; ").str.len().sum()
    assert values == len(quantities(table))


def test_what_is_not_there_is_refused_with_names_like_it(run, tmp_path):
    with pytest.raises(ConfigError, match=r"E733.*totals\.credit_t"):
        explain_run(run, "credit_tt")
    with pytest.raises(InputError, match="E550"):
        explain_run(tmp_path, "credit_t")


def test_an_edition_the_library_does_not_have_is_refused(run, tmp_path):
    content = json.loads((run / "run.json").read_text(encoding="utf-8"))
    content["methodology"]["sha256"] = "0" * 64
    (tmp_path / "run.json").write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(ConfigError, match="E734"):
        explain_run(tmp_path / "run.json", "credit_t")
