"""The life of a pledge as data: every state is reached, every life can end, files are checked."""

from importlib.resources import files

import pytest

from ecogis.core.errors import ConfigError
from ecogis.core.vocabulary import codes
from ecogis.registry.lifecycle import lifecycle

TEXT = files("ecogis.registry").joinpath("lifecycle.toml").read_text(encoding="utf-8")
LIFE = lifecycle()


def _reached(first, backwards=False):
    seen, found = {first}, [first]
    while found:
        state = found.pop()
        for rule in LIFE.steps.values():
            ways = [(start, rule.to or start) for start in rule.froms or ("",)]
            for way in ways:
                a, b = reversed(way) if backwards else way
                if a == state and b not in seen:
                    seen.add(b)
                    found.append(b)
    return seen


def test_every_state_is_reached():
    assert _reached("") == {"", *LIFE.states}


def test_every_state_can_come_to_an_end():
    final = {name for name, state in LIFE.states.items() if state.final}
    ends = set().union(*(_reached(name, backwards=True) for name in final))
    assert ends == {"", *LIFE.states}


def test_nothing_follows_a_final_state():
    final = {name for name, state in LIFE.states.items() if state.final}
    assert final == {"released", "refused", "withdrawn", "written_off"}
    assert not any(final & set(rule.froms) for rule in LIFE.steps.values())


def test_every_state_that_is_not_final_waits_for_a_step_it_allows():
    for name, state in LIFE.states.items():
        duties = [duty for duty in LIFE.duties if name in duty.states]
        assert bool(duties) is not state.final, name
        assert all(name in LIFE.steps[duty.step].froms for duty in duties)


def test_a_release_of_the_pledge_is_always_shown_in_the_ledger():
    ends = {n for n, rule in LIFE.steps.items() if rule.to in {"released", "written_off"}}
    assert {LIFE.steps[name].claim for name in ends} == {"release"}


def test_every_number_of_days_says_how_sure_it_is():
    limits = [duty for duty in LIFE.duties if duty.confidence != "assumed"]
    assert all(all(duty.source) for duty in limits)
    assert {duty.confidence for duty in LIFE.duties} <= set(codes("confidence"))


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_everything_has_a_label(lang):
    names = [*LIFE.actors, *LIFE.dates, *LIFE.documents]
    assert all(LIFE.label(name, lang) != name or lang == "en" for name in names)
    assert len({LIFE.state_label(name, lang) for name in LIFE.states}) == len(LIFE.states)
    assert len({LIFE.step_label(name, lang) for name in LIFE.steps}) == len(LIFE.steps)
    assert LIFE.label("strange", lang) == LIFE.step_label("strange", lang) == "strange"


def test_documents_the_vocabulary_knows_are_called_the_same():
    shared = set(LIFE.documents) & set(codes("document_kind"))
    assert shared >= {"certificate", "pledge_search", "project_search", "third_party_report"}
    for name in shared:
        assert LIFE.label(name, "zh") == codes("document_kind")[name].zh


def test_a_lender_keeps_days_of_its_own(tmp_path):
    own = tmp_path / "own.toml"
    own.write_text(TEXT.replace("days = 15", "days = 7"), encoding="utf-8")
    assert [duty.days for duty in lifecycle(own).duties if duty.step == "examine"] == [7]


@pytest.mark.parametrize(
    ("old", "new", "key"),
    [
        ('from = ["applied"]', 'from = ["aplied"]', "steps.examine.from"),
        ('to = "valued"', 'to = "prized"', "steps.value.to"),
        ('actors = ["appraiser"]', 'actors = ["oracle"]', "steps.value.actors"),
        ('[["credit_approval"]]', '[["nod"]]', "steps.approve.documents"),
        ('dates = ["loan_due"]\nregistered', 'dates = ["someday"]\nregistered', "steps.draw.dates"),
        ('not_by = ["transfer"', 'not_by = ["sell"', "steps.write_off.not_by"),
        ('state = "collected", days', 'state = "kept", days', "steps.redeem.within.state"),
        ('in = ["approved"]', 'in = ["aproved"]', "duties[3].in"),
        ('step = "release"', 'step = "relase"', "duties[14].step"),
        ('after = "loan_due"', 'after = "payday"', "duties[7].after"),
        ('claim = "confirm"', 'claim = "sing"', "-"),
        ("reason = true", "raison = true", "-"),
        ("[actors]", "[actors", "-"),
    ],
)
def test_a_wrong_file_is_refused_with_its_key(tmp_path, old, new, key):
    own = tmp_path / "own.toml"
    assert old in TEXT
    own.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match="E832") as fault:
        lifecycle(own)
    assert fault.value.where["key"] == key


def test_a_file_that_cannot_be_read_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"E831.*none\.toml"):
        lifecycle(tmp_path / "none.toml")
    (tmp_path / "gbk.toml").write_bytes("[贷款]".encode("gb18030"))
    with pytest.raises(ConfigError, match=r"E831.*gbk\.toml"):
        lifecycle(tmp_path / "gbk.toml")
