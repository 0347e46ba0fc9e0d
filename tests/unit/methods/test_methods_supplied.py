"""Numbers a methodology leaves to the project: given, accepted, replaced, refused."""

from datetime import date
from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError
from ecogis.methods import Given, methodology, parameters, supplied_numbers, uses_table

DAY = date(2026, 8, 31)
RATE = "t CO2e ha-1 yr-1"
FORMER = methodology("CCER-14-001-V01")
FOREST = methodology("GD-PHCER-FOREST")
TICKET = methodology("SANMING-CARBON-TICKET")
ACCEPTED = Given(accept=True, because="by analogy")


def given(value=None, **changes):
    fields = {"unit": "1", "source": "the text", "because": "read there", "confidence": "quoted"}
    return Given(value=value, **(fields | changes))


AVERAGE = given(by={"commercial": 1.5, "public_welfare": 2.0}, unit=RATE)
ALL = {name: ACCEPTED for name in FOREST.supplied if name != "average_change"}
ALL["average_change"] = AVERAGE


def test_what_is_given_stands_beside_the_set_with_its_mark():
    numbers = supplied_numbers(FOREST, ALL, file="project.toml")
    assert numbers.value("average_change", DAY, RATE, key="commercial") == 1.5
    assert numbers.value("non_permanence_risk", DAY, "1") == 0.1  # offered, accepted by name
    assert numbers.label == "crediting-by-analogy@2026-1"
    used = uses_table([numbers]).set_index("name")
    assert used.loc["average_change", ["set", "key", "confidence"]].tolist() == [
        "project.toml", "commercial", "quoted",
    ]  # fmt: skip
    assert used.loc["average_change", "source_en"] == "the text"
    assert "read there" in used.loc["average_change", "locator_en"]
    assert used.loc["non_permanence_risk", ["set", "confidence"]].tolist() == [
        "crediting-by-analogy@2026-1", "assumed",
    ]  # fmt: skip
    assert "accepted in project.toml: by analogy" in used.loc["non_permanence_risk", "locator_en"]


def test_the_library_keeps_its_own_number():
    own = supplied_numbers(FORMER, {"non_permanence_risk": given(0.2)})
    assert own.value("non_permanence_risk", DAY, "1") == 0.2
    shipped = parameters(FORMER.parameters["crediting"])
    assert shipped.value("non_permanence_risk", DAY, "1") == 0.1
    assert supplied_numbers(FORMER).value("non_permanence_risk", DAY, "1") == 0.1


def test_a_rate_for_a_mu_is_fifteen_times_that_for_a_hectare():
    asked = {name: ACCEPTED for name in TICKET.supplied if name != "rate_per_mu"}
    asked["rate_per_mu"] = given(by={"杉木": 0.39}, unit="t CO2e mu-1 yr-1")
    numbers = supplied_numbers(TICKET, asked)
    assert numbers.value("rate_per_mu", DAY, RATE, key="杉木") == pytest.approx(5.85)
    asked["rate_per_mu"] = given(by={"杉木": 5.85}, unit=RATE)
    assert supplied_numbers(TICKET, asked).entry("rate_per_mu", DAY, "杉木").value == 0.39


@pytest.mark.parametrize(
    ("name", "entry", "code", "word"),
    [
        ("average_change", None, "E700", "methodology.parameters.average_change"),
        ("averege", given(1.0), "E701", "averege"),
        ("average_change", given(1.0, unit=RATE), "E704", "forest_category"),
        ("average_change", given(unit=RATE), "E704", "by"),
        ("average_change", given(by={"commercial/a": 1.0}, unit=RATE), "E704", "by"),
        ("average_change", given(by={"commercial": 99.0}, unit=RATE), "E240", "99"),
        ("average_change", given(by={"commercial": 1.0}, unit="t C"), "E233", "unit"),
        ("average_change", ACCEPTED, "E704", "accept"),
        ("leakage", Given(accept=True), "E704", "because"),
        ("leakage", Given(accept=True, value=1.0, because="by analogy"), "E704", "accept"),
        ("leakage", given(1.0, unit=RATE, source=" "), "E704", "source"),
        ("leakage", given(1.0, unit=RATE, by={"a": 1.0}), "E704", "value"),
        ("leakage", given(1.0, unit=RATE, confidence="sure"), "E233", "confidence"),
        ("leakage", given(-1.0, unit=RATE), "E240", "-1"),
        ("leakage", given(float("nan"), unit=RATE), "E233", "methodology.parameters.leakage"),
        ("leakage", given(float("inf"), unit=RATE), "E233", "inf"),
        (
            "average_change",
            given(by={"commercial": float("nan")}, unit=RATE),
            "E233",
            "average_change.by.commercial",
        ),
    ],
)
def test_what_does_not_fit_is_named(name, entry, code, word):
    asked = {key: value for key, value in ALL.items() if key != name}
    if entry is not None:
        asked[name] = entry
    with pytest.raises(ConfigError) as caught:
        supplied_numbers(FOREST, asked, file="mine.toml")
    assert caught.value.code == code
    for text in (caught.value.zh, caught.value.en):
        assert "mine.toml" in text
        assert word in text


def by_age(folder, rates):
    """The ticket's numbers, its rates by species and age, of an own edition."""
    library = files("ecogis.methods").joinpath("library", "methodologies")
    text = library.joinpath("sanming-carbon-ticket-2021.toml").read_text("utf-8")
    text = text.replace('by = ["species"]', 'by = ["species", "age_yr"]')
    (folder / "own.toml").write_text(text.replace('edition = "2021"', 'edition = "by-age"'))
    own = methodology("own.toml", folder=folder)
    asked = {name: ACCEPTED for name in own.supplied if name != "rate_per_mu"}
    return supplied_numbers(own, asked | {"rate_per_mu": given(by=rates, unit=RATE)}, file="p.toml")


def test_ages_are_numbers(tmp_path):
    numbers = by_age(tmp_path, {"杉木/0": 1.0, "杉木/5.5": 2.0, "马尾松/0": 3.0})
    assert len(numbers.keys("rate_per_mu")) == 3


@pytest.mark.parametrize("age", ["young", "nan", "inf", "-5", "", "1e1", "0", "00", "0.0"])
def test_an_age_that_is_none_or_stands_twice_is_named(tmp_path, age):
    rates = {"杉木/0": 1.0, "马尾松/0": 1.0}
    key = f"马尾松/{age}" if age != "0" else "杉木/0.00"
    with pytest.raises(ConfigError) as caught:
        by_age(tmp_path, rates | {key: 2.0})
    assert caught.value.code == "E233"
    for text in (caught.value.zh, caught.value.en):
        assert "p.toml" in text
        assert f"methodology.parameters.rate_per_mu.by.{key}" in text


def test_the_message_says_what_is_wanted():
    with pytest.raises(ConfigError) as caught:
        supplied_numbers(FOREST, {})
    wanted = FOREST.supplied["average_change"]
    assert wanted.zh in caught.value.zh
    assert wanted.en in caught.value.en
    assert RATE in caught.value.en
