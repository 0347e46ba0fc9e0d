"""Events, rules and hazards as data, and the arrays made of them."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError, UnitError
from ecogis.core.findings import Findings
from ecogis.growth.events import LAST_AGE, YEAR, Event, Felling, Hazards, Rule
from ecogis.growth.hazards import annual_mortality, disaster_hazards
from ecogis.growth.schedules import schedule
from ecogis.methods import parameters

DAY = date(2026, 8, 31)
CLEAR = Event("clear cut", "final_felling", 1.0, restart=True, stem_out=1.0)
THIN = Event("thinning", "thinning", 0.25, stem_out=1.0)
FIRE = Event("fire", "fire", 0.5, above_air=0.4, above_dead=0.3, litter_air=0.8)
PEST = Event("pest", "pest", 0.1, above_dead=1.0)


def stands(*rules, **more):
    names = [f"S{k}" for k in range(len(rules))]
    return pd.DataFrame({"stand": names, "rule": pd.array(rules, dtype="string"), **more})


def test_a_year_has_an_order():
    assert YEAR.index("disturbance") < YEAR.index("felling") < YEAR.index("growth")


def test_a_rule_by_age_the_first_felling_holds():
    rule = Rule("fir", [Felling(THIN, 10, 20, 5), Felling(CLEAR, 20)])
    made = schedule(stands("fir", None, "fir"), [rule])
    ages = made.felling[1]
    assert np.flatnonzero(ages == made.named("thinning")).tolist() == [10, 15, 20]
    assert np.flatnonzero(ages == made.named("clear cut")).tolist() == list(range(21, LAST_AGE))
    assert made.rule.tolist() == [1, 0, 1]
    assert made.felling[0].any() == np.False_
    assert made.felling.dtype == made.rule.dtype == np.int32


def test_effects_are_the_events_in_their_order():
    made = schedule(stands("a"), [Rule("a", [Felling(CLEAR, 30)])], events=[FIRE])
    assert made.effects[0].tolist() == [0.0] * 9
    assert made.effects[made.named("fire")].tolist() == [0.5, 0, 0.4, 0.3, 0, 0, 0.8, 0, 1]
    assert made.effects[made.named("clear cut"), 7:].tolist() == [1, 0]


def test_a_plan_names_stand_year_and_event():
    plan = pd.DataFrame({"stand": ["S1", "S0"], "year": [0, 2], "event": ["fire", "thinning"]})
    rules = [Rule("a", [Felling(THIN, 10)])]
    made = schedule(stands("a", "a"), rules, plan=plan, events=[FIRE], years=3)
    assert made.given.tolist() == [[0, 0, made.named("thinning")], [made.named("fire"), 0, 0]]
    assert made.given.dtype == np.int8


@pytest.mark.parametrize(
    "plan",
    [
        {"stand": ["S9"], "year": [0], "event": ["thinning"]},
        {"stand": ["S0"], "year": [3], "event": ["thinning"]},
        {"stand": ["S0"], "year": [-1], "event": ["thinning"]},
        {"stand": ["S0"], "year": [0], "event": ["flood"]},
        {"stand": ["S0", "S0"], "year": [0, 0], "event": ["thinning", "thinning"]},
    ],
)
def test_a_plan_that_does_not_fit(plan):
    rules = [Rule("a", [Felling(THIN, 10)])]
    with pytest.raises(ConfigError) as caught:
        schedule(stands("a"), rules, plan=pd.DataFrame(plan), years=3)
    assert caught.value.code == "E670"


@pytest.mark.parametrize(
    "make",
    [
        lambda: Event("x", "flood", 0.5),
        lambda: Event("x", "fire", 0.5, restart=True),
        lambda: Event("x", "fire", 0.5, above_air=0.7, above_dead=0.7),
        lambda: Felling(THIN, 20, 10).ages(),
        lambda: Felling(THIN, -1).ages(),
        lambda: Felling(THIN, 5, 10, 0).ages(),
        lambda: Rule("x", replant="fir"),
        lambda: Rule("x", delay_yr=-1),
        lambda: schedule(stands("b"), [Rule("a")]),
        lambda: schedule(stands("a"), [Rule("a"), Rule("a")]),
        lambda: schedule(stands("a"), [Rule("a", [Felling(THIN, 5)])], events=[
            Event("thinning", "thinning", 0.5)]),
        lambda: schedule(stands("a"), [Rule("a")]).named("flood"),
        lambda: Hazards(("a",), np.array([[0.1]]), (CLEAR,), np.array([[1.0]])),
        lambda: Hazards(("a",), np.array([[1.1]]), (FIRE,), np.array([[1.0]])),
        lambda: Hazards(("a",), np.array([[0.1]]), (FIRE,), np.array([[0.9]])),
        lambda: Hazards(("a", "b"), np.array([[0.1]]), (FIRE,), np.array([[1.0]])),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused(make):
    with pytest.raises(ConfigError) as caught:
        make()
    assert caught.value.code == "E670"


def test_shares_are_shares():
    with pytest.raises(UnitError):
        Event("x", "fire", 50.0)


def test_the_expected_loss_is_weighted_by_what_is_taken():
    hazards = Hazards(("a",), np.array([[0.02]]), (FIRE, PEST), np.array([[0.25, 0.75]]))
    lost, stem, burnt, dead, roots, old_dead, old_litter = hazards.expected[0]
    # fire takes 0.125, pest 0.075 of a disturbed stand
    assert lost == pytest.approx(0.2)
    assert burnt == pytest.approx(0.125 * 0.4 / 0.2)
    assert dead == pytest.approx((0.125 * 0.3 + 0.075) / 0.2)
    assert (stem, roots, old_dead) == (0, 0, 0)
    assert old_litter == pytest.approx(0.25 * 0.8)  # by how often, not by what is taken
    assert hazards.annual_loss("a", 77) == pytest.approx(0.004)


def test_a_stand_of_no_class_is_never_struck():
    hazards = Hazards(("fir",), np.full((1, 5), 0.1), (FIRE,), np.array([[1.0]]))
    made = schedule(stands("", "", species=["fir", "oak"]), hazards=hazards)
    assert made.hazard.tolist() == [1, 0]
    assert made.hazards.chance[0].tolist() == [0.0] * 5
    assert made.hazards.chance[1].tolist() == [0.1] * 5


def test_mortality_of_a_year():
    library = parameters("mortality-guangdong")
    by_species = annual_mortality(library, DAY, "species")
    # 7.45 % in five years
    assert by_species["马尾松"] == pytest.approx(1 - 0.9255**0.2)
    assert annual_mortality(library, DAY, "age_group")["young"] == pytest.approx(1 - 0.9797**0.2)
    with pytest.raises(ConfigError):
        annual_mortality(library, DAY, "slope")


def test_hazards_hold_the_disasters_share_of_mortality_only():
    library, findings = parameters("mortality-guangdong"), Findings()
    table = pd.DataFrame({"stand": ["A", "B", "C"], "species": ["马尾松", "木荷", None]})
    hazards = disaster_hazards(
        table, library, DAY, findings, disaster_share=0.4, agents=[FIRE, PEST], mix=(0.25, 0.75)
    )
    dead = annual_mortality(library, DAY, "species")
    assert hazards.annual_loss("马尾松", 10) == pytest.approx(0.4 * dead["马尾松"])
    assert hazards.annual_loss("木荷", 10) == pytest.approx(0.4 * dead["all"])
    found = findings.table()[["code", "feature", "observed"]].to_numpy().tolist()
    assert found == [["E672", "B", "木荷"]]
    by_age = disaster_hazards(
        pd.DataFrame({"stand": ["A"], "age_group": ["mature"]}), library, DAY, Findings(),
        disaster_share=0.4, agents=[FIRE], by="age_group",
    )  # fmt: skip
    assert by_age.names == ("mature",)


def test_agents_that_take_too_little_for_the_mortality():
    table = pd.DataFrame({"stand": ["A"], "species": ["马尾松"]})
    faint = Event("pest", "pest", 0.001)
    for agents, mix in (([faint], (1.0,)), ([FIRE], (0.5,)), ([FIRE], (0.5, 0.5))):
        with pytest.raises(ConfigError) as caught:
            disaster_hazards(
                table, parameters("mortality-guangdong"), DAY, Findings(),
                disaster_share=0.4, agents=agents, mix=mix,
            )  # fmt: skip
        assert caught.value.code == "E670"
