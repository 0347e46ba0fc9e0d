"""Each methodology by hand: the page's numbers, plain arithmetic and the package's run agree."""

import re
import sys
from datetime import date
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pandas as pd
import pytest
import xarray as xr

from ecogis import carbon, crediting, growth
from ecogis.core.errors import ConfigError
from ecogis.core.findings import Findings
from ecogis.core.periods import add_years
from ecogis.crediting.deduction import deduction, deduction_table
from ecogis.methods import Given, editions, methodology, parameters, supplied_numbers

sys.path.insert(0, str(Path(__file__).parent))
from methodology_pages import (
    OWN,
    PAGES,
    STANDS,
    changes,
    crediting_sum,
    issued,
    read_page,
    shares,
    stocks,
)

DAY = date(2026, 8, 31)
EVERY = [*PAGES, OWN]
EVERY_PAGE = pytest.mark.parametrize(
    "page", [read_page(path) for path in EVERY], ids=[path.stem for path in EVERY]
)
OF_THE_CDM = next(path for path in PAGES if path.stem == "ar-acm0003-v02")
EXAMPLE = (
    r"(\d+) ± (\d+) t d\.m\.[^$]*\$U=15\$ %, \$d=25\$ %, and \$60 - ([\d.]+)\\cdot 9 = ([\d.]+)\$"
)
BAMBOO = "growth-bamboo-shrub@2026-1"
BIOMASS = {
    "wood density D": "wood_density",
    "expansion BEF": "bef",
    "root to shoot R": "root_shoot_ratio",
    "carbon fraction CF": "carbon_fraction",
}
CULMS = {"mass of a culm": "culm_mass", "carbon fraction of a culm": "culm_carbon_fraction"}


def method_of(page):
    """The edition a page is about: of the library, or the one printed on it."""
    if not page.own:
        return methodology(page.edition)
    with TemporaryDirectory() as folder:
        (Path(folder) / "own.toml").write_text(page.own, encoding="utf-8")
        return methodology("own.toml", folder=folder)


def numbers_of(page):
    given = {name: Given(**fields) for name, fields in page.supplied.items()}
    return supplied_numbers(method_of(page), given, file="project.toml")


def land_of(page):
    """The two stands as the package has them."""
    table = pd.DataFrame({"stand": list(STANDS), "piece": list(STANDS)})
    for name in ("species", "land_class", "forest_category", "origin", "age_group"):
        if name in page.rows(""):
            table[name] = [page.column("given", stand)[name] for stand in STANDS]
    if "planting_year" in page.rows(""):
        table["planting_year"] = [int(page.of("planting_year", stand)) for stand in STANDS]
    table["area_ha"] = [float(page.of("area", stand)) for stand in STANDS]
    table["area_dm2"] = [int(page.of("area", stand) * 1_000_000) for stand in STANDS]
    return table


def stand_kg(page, land):
    """Stocks by the package's own way: trees by volume, bamboo by culms, coasts by area."""
    method = method_of(page)
    if page.rows("volume"):
        found = carbon.coefficients(land, parameters(method.parameters["biomass"]), DAY, Findings())
        return carbon.stocks(by_day(page, "volume"), found, land["area_dm2"])["co2e_kg"]
    if page.rows("culms"):
        return by_culms(page, land)
    days = [date.fromisoformat(day) for day in page.days]
    return crediting.area_stocks(
        land, method, numbers_of(page), instants=days, start=days[0], date=DAY,
        findings=Findings(),
    )  # fmt: skip


def by_day(page, row):
    values = [[float(page.of(f"{row} {day}", stand)) for day in page.days] for stand in STANDS]
    return labelled(page, np.array(values))


def labelled(page, values):
    stands = np.array(STANDS, dtype=object)
    instants = np.array(page.days, dtype="datetime64[ns]")
    return xr.DataArray(values, {"stand": stands, "instant": instants}, ("stand", "instant"))


def by_culms(page, land):
    library = parameters(BAMBOO)
    columns = []
    for day in page.days:
        culms = [
            [float(page.of(f"culms {d} {day}", s)) for d in ("I", "II", "III")] for s in STANDS
        ]
        columns.append(growth.bamboo_carbon(culms, library, DAY) * 44 / 12 * land["area_ha"] * 1000)
    return labelled(page, np.rint(np.array(columns).T).astype(np.int64))


def run(page):
    land = land_of(page)
    kg = stand_kg(page, land)
    pieces = crediting.piece_stocks(land, kg, land.set_index("stand")["area_dm2"])
    start, end = (date.fromisoformat(day) for day in (page.days[0], page.days[-1]))
    years = end.year - start.year
    schedule = crediting.Schedule(
        start, years, end, tuple(add_years(start, gone + 1) for gone in range(years))
    )
    found = crediting.credits(
        pieces, land, method_of(page), schedule=schedule, numbers=numbers_of(page),
        date=DAY, findings=Findings(),
    )  # fmt: skip
    return kg, found


def test_every_methodology_has_its_page():
    labels = (editions().query("kind == 'methodology'")[["id", "edition"]]).agg("@".join, axis=1)
    assert sorted(read_page(path).edition for path in PAGES) == sorted(labels)
    for path in PAGES:
        assert path.stem == read_page(path).edition.partition("@")[0].lower()


@EVERY_PAGE
def test_the_page_says_what_the_edition_says(page):
    method = method_of(page)
    assert page.column("clause", "mark") == {c.clause: c.confidence for c in method.clauses}
    assert page.column("clause", "in our words") == {c.clause: c.en for c in method.clauses}
    said = [row for row in page.tables["line"] if row["rule"]]
    assert [(row["line"], row["rule"], row["clause"]) for row in said] == [
        (line.id, line.rule, line.clause) for line in method.lines
    ]


@EVERY_PAGE
def test_every_number_of_a_line_is_the_librarys_and_so_is_its_mark(page):
    numbers, method = numbers_of(page), method_of(page)
    for row, line in zip(page.tables["line"], method.lines, strict=False):
        if line.rule in ("removal", "baseline_by_class"):
            assert row["mark"] == ("" if line.rule == "removal" else "supplied")
            continue
        entry = numbers.entry(line.parameter, DAY)
        assert float(row["number"]) == entry.value
        accepted = page.supplied.get(line.parameter, {}).get("accept", False)
        own = line.parameter in method.supplied and not accepted
        assert row["mark"] == ("supplied" if own else entry.confidence), line.id


@EVERY_PAGE
def test_every_number_given_from_the_library_is_its_own(page):
    for row in page.tables["given"]:
        name, stands = row["given"], [row[stand] for stand in STANDS]
        start, _, degree = name.rpartition(" ")
        if name in BIOMASS:
            library, asked = parameters("biomass-inventory@2014"), BIOMASS[name]
            keys = [page.column("given", stand)["species"] for stand in STANDS]
        elif start in CULMS:
            library, asked, keys = parameters(BAMBOO), CULMS[start], [degree, degree]
        else:
            assert row["mark"] in ("example", "supplied", "")
            continue
        entries = [library.entry(asked, DAY, key) for key in keys]
        assert row["unit"] == library.parameter(asked).unit
        assert [float(cell) for cell in stands] == [entry.value for entry in entries]
        assert {row["mark"]} == {entry.confidence for entry in entries}


@EVERY_PAGE
def test_what_is_left_to_the_project_has_no_default(page):
    method = method_of(page)
    assert set(method.supplied) <= set(page.supplied)
    given = {name: Given(**fields) for name, fields in page.supplied.items()}
    for name in method.supplied:
        without = {each: number for each, number in given.items() if each != name}
        with pytest.raises(ConfigError, match=rf"methodology\.parameters\.{name}\]") as caught:
            supplied_numbers(method, without, file="project.toml")
        assert caught.value.code == "E700"


def test_the_tools_own_example_of_a_deduction_is_met():
    text = OF_THE_CDM.read_text(encoding="utf-8")
    mean, half, cut, left = map(Decimal, re.search(EXAMPLE, text).groups())
    assert mean - cut * half == left
    table = deduction_table(parameters("uncertainty-deductions-ar-tool14"), DAY)
    share = Decimal(str(deduction(float(half / mean), table)))
    assert mean * (1 - share) == left
    handed_in = read_page(OF_THE_CDM).supplied["uncertainty_deduction"]["value"]
    assert Decimal(str(handed_in)) == share


@EVERY_PAGE
def test_stocks_are_as_printed_by_hand_and_by_the_package(page):
    printed = {row["stock"]: [int(row[day]) for day in page.days] for row in page.tables["stock"]}
    assert printed == stocks(page)
    kg, _ = run(page)
    assert {stand: kg.sel(stand=stand).to_numpy().tolist() for stand in STANDS} == printed


@EVERY_PAGE
def test_the_sum_is_as_printed_by_hand_and_by_the_package(page):
    by_hand = [crediting_sum(page, change) for change in changes(stocks(page))]
    rows = [row for row in page.tables["line"] if row["line"] != "issued"]
    for position, vintage in enumerate(page.vintages):
        assert {row["line"]: int(row[vintage]) for row in rows} == by_hand[position]
    _, found = run(page)
    table = found.waterfall.lines.pivot_table(index="vintage", columns="line", values="kg")
    for position, vintage in enumerate(page.vintages):
        line = {name: int(kg) for name, kg in table.loc[int(vintage)].items()}
        credit = int(found.vintages.set_index("vintage").loc[int(vintage), "credit_kg"])
        assert line | {"credit": credit} == by_hand[position]


@EVERY_PAGE
def test_stands_and_tonnes_are_as_printed_by_hand_and_by_the_package(page):
    steps = changes(stocks(page))
    credit = [crediting_sum(page, change)["credit"] for change in steps]
    by_hand = [shares(kg, change) for kg, change in zip(credit, steps, strict=True)]
    printed = {row["stand"]: [int(row[v]) for v in page.vintages] for row in page.tables["stand"]}
    assert printed == {stand: [part[stand] for part in by_hand] for stand in STANDS}
    _, found = run(page)
    parts = found.piece_vintages["credit_kg"].to_numpy().tolist()
    assert dict(zip(STANDS, parts, strict=True)) == printed
    tonnes = page.tables["line"][-1]
    assert [int(tonnes[v]) for v in page.vintages] == issued(credit)
    assert found.issuances["issued_t"].tolist() == issued(credit)
