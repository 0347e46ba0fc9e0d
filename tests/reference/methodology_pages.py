"""A methodology's page in the docs as data, and its example in plain arithmetic.

Nothing here asks the package: numbers come from the page, sums are those of `decimal`.
"""

import re
import tomllib
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal
from itertools import pairwise
from pathlib import Path

DOCS = Path(__file__).parents[2] / "docs"
PAGES = sorted((DOCS / "methodologies").glob("*.md"))
OWN = DOCS / "how-to" / "own-methodology.md"
STANDS = ("A", "B")
CO2_PER_C = Decimal(44) / Decimal(12)
KG_PER_T = 1000
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True)
class Page:
    """What a page says: its edition, its tables by their first head cell, and its TOML.

    `project` is what a project file hands in, `own` the text of a methodology of one's own.
    """

    edition: str
    tables: dict[str, list[dict[str, str]]]
    project: dict
    own: str

    def column(self, table: str, name: str) -> dict[str, str]:
        """A column of a table by the first cell of each row."""
        return {row[table]: row[name] for row in self.tables[table]}

    def of(self, row: str, stand: str) -> Decimal:
        """A number given for a stand."""
        return Decimal(self.column("given", stand)[row])

    def rows(self, start: str) -> dict[str, str]:
        """Rows of what is given that begin with a word, by what follows it."""
        names = (row["given"] for row in self.tables["given"])
        return {name.removeprefix(start).strip(): name for name in names if name.startswith(start)}

    @property
    def supplied(self) -> dict:
        """Numbers the project file hands in."""
        return self.project.get("methodology", {}).get("parameters", {})

    @property
    def days(self) -> list[str]:
        """First day, every 1 January and last day of the example."""
        return [name for name in self.tables["stock"][0] if DAY.fullmatch(name)]

    @property
    def vintages(self) -> list[str]:
        """Years of the example, as the head of the sum has them."""
        return [name for name in self.tables["line"][0] if name.isdigit()]


def read_page(path: Path) -> Page:
    """The tables and the TOML of a page."""
    text = path.read_text(encoding="utf-8")
    edition = re.search(r"`([\w-]+@[\w.-]+)`", text)[1]
    tables = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", text, re.MULTILINE):
        head, _, *rows = [
            [cell.strip().strip("`") for cell in line.strip("|\n").split("|")]
            for line in block.splitlines()
        ]
        tables[head[0]] = [dict(zip(head, row, strict=True)) for row in rows]
    code = re.findall(r"^```toml\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    own = [block for block in code if "[[clauses]]" in block]
    handed_in = [block for block in code if "[methodology.parameters." in block]
    return Page(edition, tables, tomllib.loads("\n".join(handed_in)), "\n".join(own))


def stocks(page: Page) -> dict[str, list[int]]:
    """Whole kilograms of each stand at each day: by volume, by culms, or by area and rate."""
    if page.rows("volume"):
        return {stand: [_by_volume(page, stand, day) for day in page.days] for stand in STANDS}
    if page.rows("culms"):
        return {stand: [_by_culms(page, stand, day) for day in page.days] for stand in STANDS}
    return {stand: [_by_rate(page, stand, day) for day in page.days] for stand in STANDS}


def _by_volume(page: Page, stand: str, day: str) -> int:
    biomass = page.of(f"volume {day}", stand) * page.of("wood density D", stand)
    biomass *= page.of("expansion BEF", stand) * (1 + page.of("root to shoot R", stand))
    carbon = biomass * page.of("carbon fraction CF", stand)
    return _kilograms(carbon * CO2_PER_C * page.of("area", stand))


def _by_culms(page: Page, stand: str, day: str) -> int:
    carbon = sum(
        page.of(f"culms {degree} {day}", stand)
        * page.of(f"mass of a culm {degree}", stand)
        * page.of(f"carbon fraction of a culm {degree}", stand)
        for degree in ("I", "II", "III")
    )
    return _kilograms(carbon / KG_PER_T * CO2_PER_C * page.of("area", stand))


def _by_rate(page: Page, stand: str, day: str) -> int:
    first = int(page.days[0][:4])
    if "planting_year" in page.rows(""):
        first = max(first, int(page.of("planting_year", stand)))
    years = max(int(day[:4]) - first, 0)
    rate = sum(page.of(row, stand) for row in page.rows("rate").values())
    area = page.of("area in 亩" if "area in 亩" in page.rows("") else "area", stand)
    return _kilograms(rate * years * area)


def _kilograms(tonnes: Decimal) -> int:
    return int((tonnes * KG_PER_T).to_integral_value(rounding=ROUND_HALF_EVEN))


def changes(kg: dict[str, list[int]]) -> list[dict[str, int]]:
    """What each stand gains or loses, vintage by vintage."""
    steps = {stand: [b - a for a, b in pairwise(row)] for stand, row in kg.items()}
    count = len(next(iter(steps.values())))
    return [{stand: row[i] for stand, row in steps.items()} for i in range(count)]


def crediting_sum(page: Page, change: dict[str, int]) -> dict[str, int]:
    """Each line of a vintage in order, deductions rounded up, and what is left as ``credit``."""
    lines: dict[str, int] = {}
    for row in page.tables["line"]:
        rule, left = row["rule"], sum(lines.values())
        if rule == "removal":
            lines[row["line"]] = _gained(change)
        elif rule:
            lines[row["line"]] = -_deduction(rule, row["number"], page, change, left)
    return lines | {"credit": sum(lines.values())}


def _deduction(rule: str, number: str, page: Page, change: dict[str, int], left: int) -> int:
    area = {stand: page.of("area", stand) for stand in STANDS}
    if rule == "baseline_by_class":
        return _up(sum(page.of("baseline rate", s) * area[s] for s in STANDS) * KG_PER_T)
    if rule in ("uncertainty", "buffer", "leakage_share"):
        return _up(Decimal(number) * max(left, 0))
    if rule == "baseline_share":
        return _up(Decimal(number) * _gained(change))
    by_area = Decimal(number) * sum(area.values()) * KG_PER_T
    if rule == "cap":
        return max(left - int(by_area.to_integral_value(rounding=ROUND_FLOOR)), 0)
    lost = sum(max(-kg, 0) for kg in change.values()) if rule == "emission" else 0
    return lost + _up(by_area)


def _gained(change: dict[str, int]) -> int:
    return sum(max(kg, 0) for kg in change.values())


def _up(kg: Decimal) -> int:
    return int(kg.to_integral_value(rounding=ROUND_CEILING))


def shares(credit: int, change: dict[str, int]) -> dict[str, int]:
    """A vintage's credits by stand: by what each gained (a loss by what each lost)."""
    sign = 1 if credit >= 0 else -1
    gained = {stand: max(sign * kg, 0) for stand, kg in change.items()}
    exact = {s: Decimal(credit) * kg / sum(gained.values()) for s, kg in gained.items()}
    whole = {stand: int(kg.to_integral_value(rounding=ROUND_FLOOR)) for stand, kg in exact.items()}
    order = sorted(STANDS, key=lambda stand: (whole[stand] - exact[stand], stand))
    for stand in order[: credit - sum(whole.values())]:
        whole[stand] += 1
    return whole


def issued(credits_kg: list[int]) -> list[int]:
    """Whole tonnes of each vintage: the floor of the running sum less what was issued before."""
    total, before, tonnes = 0, 0, []
    for kg in credits_kg:
        total += kg
        tonnes.append(max(total // KG_PER_T - before, 0))
        before += tonnes[-1]
    return tonnes
