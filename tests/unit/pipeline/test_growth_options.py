"""Options of [growth] and [policy.repairs]: fitted and own curves, scaling, filling, repairs."""

import shutil

import pytest

import ecogis as eg
from ecogis import demo
from ecogis.core.errors import ConfigError

HEAD = "curve,species,age_yr,standing_volume,source,confidence\n"
OWN = HEAD + "".join(f"own,杉木,{age},{age * 8},样地,quoted\n" for age in (5, 20, 40))


@pytest.fixture
def assessed(tmp_path):
    """The demo with lines added to a section, assessed without outputs."""

    def run(section, lines):
        folder = tmp_path / "project"
        shutil.copytree(demo.folder(), folder)
        (folder / "own.csv").write_text(OWN, encoding="utf-8")
        text = (folder / "project.toml").read_text(encoding="utf-8")
        start = text.index(f"[{section}]") + len(section) + 2
        text = text[:start] + "\n" + lines + text[start:]
        text = text.replace('"html", "xlsx", "gpkg"]', '"html"]')
        (folder / "project.toml").write_text(text, encoding="utf-8")
        return eg.assess(folder / "project.toml")

    return run


def test_fitted_curves_come_before_the_librarys(assessed):
    result = assessed("growth", 'fit = { by = ["species"], form = "schumacher" }\n')
    assert "E657" in set(result.findings["code"])  # a species with too few stands is refused
    credit = result.summary["totals"]["credit_kg"]
    assert credit != 32_384_000
    assert credit > 0


def test_own_curves_and_filling_are_told(assessed):
    result = assessed("growth", 'own_curves = "own.csv"\nfill = ["planting_year", "canopy"]\n')
    assert any(entry["role"] == "own_curves" for entry in result.record["inputs"])
    assert {"E667"} <= set(result.findings["code"])


def test_a_repair_parcels_may_not_have_is_refused(assessed):
    with pytest.raises(ConfigError, match="parcels"):
        assessed("policy", 'repairs = { parcels = ["gaps_to_neighbour"] }\n')
