"""Standards of ecosystem services: an edition on record never changes."""

import re
from importlib.resources import files

import pytest

from ecogis.methods.gep_standard import gep_standard, gep_standards

CJK = re.compile("[\u4e00-\u9fff]")
STANDARDS = sorted(gep_standards())


@pytest.mark.parametrize("label", STANDARDS)
def test_items_are_named_in_both_languages_with_a_place(label):
    found = gep_standard(label)
    for entry in (*found.items.values(), *found.deductions.values()):
        assert CJK.search(entry.zh)
        assert entry.en
        assert CJK.search(entry.locator_zh)
        assert not CJK.search(entry.locator_en)
    assert CJK.search(found.note_zh)
    assert found.note_en


def test_what_is_quoted_of_the_guide_of_2025():
    found = gep_standard("gep-gbt-46869")
    quoted = {name for name, entry in found.items.items() if entry.confidence == "quoted"}
    assert quoted == {"flood_mitigation", "carbon_fixation", "local_climate"}
    assert found.deductions["outside"].confidence == "quoted"
    assert found.carbon_methods == ("biomass", "rate", "nep")


def test_files_are_part_of_the_package():
    folder = files("ecogis.methods").joinpath("library").joinpath("gep")
    assert len([file for file in folder.iterdir() if file.name.endswith(".toml")]) == len(STANDARDS)
