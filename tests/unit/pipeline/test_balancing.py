"""The accounts of the demo: by two surveys, by events, and refused where records are gone."""

import shutil
from dataclasses import replace

import msgspec
import numpy as np
import pandas as pd
import pytest

import ecogis as eg
from ecogis import accounts, demo
from ecogis.core.errors import ConfigError, StageRefusedError
from ecogis.core.findings import Findings
from ecogis.pipeline.balancing import _SURVEYS, _look, _pieces, account
from ecogis.pipeline.balancing_events import grown_stands
from ecogis.pipeline.run import Run
from ecogis.pipeline.stages import STAGES

DEMO = (demo.folder() / "project.toml").read_text(encoding="utf-8")
EVENTS = {"harvest", "fire", "disaster", "land_take", "afforestation", "natural_regeneration"}


def _run(path):
    """Read, looked at and overlaid, and no finding of the accounts yet."""
    run = Run(eg.open(path))
    for stage in STAGES:
        if stage.name in {"read", "look", "overlay"}:
            stage.function(run)
    return run


@pytest.fixture(scope="module")
def surveyed():
    run = _run(demo.folder() / "project.toml")
    account(run)
    return run


def records(run):
    """Event records that say what the two surveys of the demo say."""
    rows, closing = run.left["balance"].rows, run.layers["stands"].set_index("stand")
    rows = rows[rows["left"].notna() & rows["right"].notna()]
    moved = rows["from_land_class"].astype(object).ne(rows["to_land_class"].astype(object))
    cause = rows["right"].map(closing["change_cause"]).astype(object)
    table = pd.DataFrame(
        {
            "stand": rows["left"],
            "event_kind": cause.where(cause.notna(), "reclassification"),
            "date": pd.to_datetime(
                rows["right"].map(closing["change_year"]).astype("float64").fillna(2022)
                .astype(int).astype(str) + "-06-30"
            ),
            "area_record_ha": rows["area_dm2"] * 1e-6,
            "fall": (rows["opening_volume_dm3"] - rows["closing_volume_dm3"]) * 1e-3,
            "land_class": rows["to_land_class"].astype(object).where(moved, None),
        }
    )  # fmt: skip
    table = table[moved | cause.isin(EVENTS)]
    keys = ["stand", "event_kind", "date", "land_class"]
    made = table.groupby(keys, dropna=False, as_index=False).sum()
    planted = made["event_kind"].isin(["afforestation", "natural_regeneration"])
    made["standing_volume_m3"] = made["fall"].where(~planted, -made["fall"]).clip(lower=0)
    made["event"] = [f"S{at:04d}" for at in range(len(made))]
    return made.drop(columns="fall").assign(residue_share=np.nan, document=None)


@pytest.fixture(scope="module")
def by_events(surveyed):
    """The same run, asked to go by records."""
    asked = surveyed.config.accounts
    config = _replaced(surveyed.config, accounts=_replaced(asked, route="events"))
    run = replace(surveyed, project=replace(surveyed.project, config=config), left={})
    run.left["rights"] = surveyed.left["rights"]
    run.tables["events"] = records(surveyed)
    return run


def _replaced(struct, **values):
    return msgspec.structs.replace(struct, **values)


def _accounted(run, events):
    left, tables = {"rights": run.left["rights"]}, run.tables | {"events": events}
    asked = replace(run, findings=Findings(), left=left, tables=tables)
    account(asked)
    return asked


def test_two_surveys_close_within_the_limits(surveyed):
    balance = surveyed.left["balance"]
    assert surveyed.findings.count("E401") == 0
    assert balance.limits["found"].le(balance.limits["allowed"]).all()
    accounts.check(balance.postings)


def test_sources_carry_role_and_hash(surveyed):
    sources = set(surveyed.left["balance"].postings["source"])
    assert any(source.startswith("stands_opening@") for source in sources)
    digest = next(entry["sha256"] for entry in surveyed.inputs if entry["role"] == "stands")
    assert f"stands@{digest[:12]}" in sources


def test_owners_of_the_demo_are_on_record_where_rights_are(surveyed):
    table = accounts.line_table(surveyed.left["balance"].postings, "land", by="owner")
    whole = table[table["township"].eq("")].set_index("line_code").loc["A90"]
    named = [name for name in table.columns[6:-1] if name != "not_on_record"]
    assert {"state", "household", "transferred", "disputed"} <= set(named)
    assert int(whole[table.columns[6:-1]].sum()) == int(whole["total"])
    assert int(whole["not_on_record"]) < 0.2 * int(whole["total"])


def test_other_land_without_a_table_is_missing(surveyed):
    postings = surveyed.left["balance"].postings
    other = ~postings["land_class"].eq("forest_land")  # which is that of the surveys
    mine = postings[postings["account"].isin(["extent", "water"]) & other]
    assert set(mine["status"]) == {"missing"}
    assert mine["amount"].eq(0).all()


def test_events_explain_the_demo(by_events, surveyed):
    run = _accounted(by_events, by_events.tables["events"])
    balance = run.left["balance"]
    assert balance.route == "events"
    assert run.findings.count("E401") == run.findings.count("E413") == 0
    run.refuse()
    ends = {}
    for name, made in (("events", balance), ("surveys", surveyed.left["balance"])):
        whole = made.volume[made.volume["township"].eq("")].set_index("line_code")["total"]
        ends[name] = whole[["T00", "T90"]].tolist()
    assert ends["events"] == ends["surveys"]


@pytest.mark.parametrize("seed", range(5))
def test_with_five_percent_of_the_harvest_records_gone_it_refuses(by_events, seed):
    events = by_events.tables["events"]
    harvest = events.index[events["event_kind"].eq("harvest")]
    gone = np.random.default_rng(seed).choice(harvest, round(0.05 * len(harvest)), replace=False)
    run = _accounted(by_events, events.drop(index=gone).reset_index(drop=True))
    told = run.findings.table().query("code == 'E413'")
    assert set(told["feature"]) <= set(events.loc[gone, "stand"])  # a stand may have two records
    assert len(told) >= len(gone) - 1
    assert "T91" in told["message_zh"].iloc[0]
    with pytest.raises(StageRefusedError, match="E413"):
        run.refuse()


def test_growth_is_of_the_years_of_the_account_whatever_day_stands_were_surveyed(surveyed):
    """Surveyed a year before the opening: still five years of growth, not six; and it is told."""
    asked = surveyed.config.accounts
    days = asked.opening, asked.closing
    stands = surveyed.layers["stands_opening"]
    sooner = stands.assign(survey_date=stands["survey_date"] - pd.DateOffset(years=1))
    grown = {}
    for name, layer in (("on the day", stands), ("a year sooner", sooner)):
        run = replace(
            surveyed, layers=surveyed.layers | {"stands_opening": layer}, findings=Findings()
        )
        made = grown_stands(run, days)
        volume = stands["standing_volume"] * stands["area_dm2"] * 1e-3
        grown[name] = (made["volume_dm3"] - volume).sum()
        told = run.findings.table().query("code == 'E464'")
        assert len(told) == (name == "a year sooner")
    assert "5.0 years" in told["message_en"].iloc[0]
    ratio = grown["a year sooner"] / grown["on the day"]
    assert 0.85 < ratio < 1.0  # a year older, so a little slower; six years would be above one


def test_owners_on_the_route_by_events_are_those_of_the_surveys(by_events, surveyed):
    """Owners come from the same records; stands of both surveys lie on the same parcels."""
    run = _accounted(by_events, by_events.tables["events"])
    ends = {}
    for name, made in (("events", run.left["balance"]), ("surveys", surveyed.left["balance"])):
        table = accounts.line_table(made.postings, "land", by="owner", townships=False)
        ends[name] = table.set_index("line_code")
    for line in ("A00", "A90"):
        for owner in ("state", "household", "transferred", "disputed"):
            one, other = (int(ends[name].loc[line, owner]) for name in ("events", "surveys"))
            assert one == pytest.approx(other, rel=0.02), (line, owner)


def test_one_survey_and_records_lead_to_a_modelled_closing(by_events, surveyed):
    """The survey of 2019 alone: its stands open, records and the kernel close."""
    layers = dict(surveyed.config.layers)
    layers["stands"] = layers.pop("stands_opening")
    accounts_asked = _replaced(surveyed.config.accounts, route="events")
    config = _replaced(surveyed.config, accounts=accounts_asked, layers=layers)
    run = replace(
        surveyed,
        project=replace(surveyed.project, config=config),
        left={"rights": surveyed.left["rights"]},
        layers=surveyed.layers
        | {
            "stands": surveyed.layers["stands_opening"],
            "pieces": _pieces(surveyed, "stands_opening"),
        },
        tables=by_events.tables,
        findings=Findings(),
    )  # fmt: skip
    account(run)
    made, two = run.left["balance"], surveyed.left["balance"]
    whole = made.volume[made.volume["township"].eq("")].set_index("line_code")["total"]
    before = two.volume[two.volume["township"].eq("")].set_index("line_code")["total"]
    assert whole["T00"] == before["T00"]
    assert whole["T91"] == 0
    assert whole["T90"] == pytest.approx(before["T90"], rel=0.02)
    closing = made.postings[made.postings["line_code"].isin(["T90", "A90"])]
    assert "observed" not in set(closing["status"])


@pytest.mark.parametrize(
    ("asked", "layers", "codes"),
    [
        ({"platforms": ("没有这个人",)}, ("stands_opening", "stands"), {"E427"}),
        ({}, ("stands", "stands_opening"), {"E432"}),
        ({}, ("stands", "stands"), {"E432", "E433"}),
    ],
)
def test_what_the_layers_and_the_records_do_not_bear_out_is_told(surveyed, asked, layers, codes):
    """A platform without rights; layers the wrong way round; one layer for both ends."""
    config = _replaced(surveyed.config, accounts=_replaced(surveyed.config.accounts, **asked))
    inputs = {entry["role"]: entry for entry in surveyed.inputs}
    run = replace(
        surveyed,
        project=replace(surveyed.project, config=config),
        findings=Findings(),
        layers={role: surveyed.layers[name] for role, name in zip(_SURVEYS, layers, strict=True)},
        inputs=[inputs[name] | {"role": role} for role, name in zip(_SURVEYS, layers, strict=True)],
    )
    _look(run, config.accounts)
    assert set(run.findings.table()["code"]) == codes


def test_extents_and_water_are_read_and_balanced(tmp_path):
    folder = tmp_path / "demo"
    shutil.copytree(demo.folder(), folder, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (folder / "extents.csv").write_text(
        "乡镇代码,土地类型,期初面积,增加面积,减少面积,期末面积\n"
        "441899101,耕地,100,5,10,95\n441899101,建设用地,20,10,5,25\n", encoding="utf-8",
    )  # fmt: skip
    (folder / "water.csv").write_text(
        "乡镇代码,账户行,水量,水质等级\n441899101,W00,5000,\n441899101,W11,800,\n"
        "441899101,W90,5800,\n441899101,W95,5800,II\n", encoding="utf-8",
    )  # fmt: skip
    text = DEMO.replace(
        "[rasters]",
        'extents = { path = "extents.csv", profile = "demo-extents" }\n'
        'water = { path = "water.csv", profile = "demo-water" }\n\n[rasters]',
    )
    (folder / "project.toml").write_text(text, encoding="utf-8")
    run = Run(eg.open(folder / "project.toml"))
    STAGES[0].function(run)
    made = accounts.extent_postings(run.tables["extents"])
    crop = made[made["land_class"].eq("cropland") & made["line_code"].eq("E90")]
    assert crop["amount"].tolist() == [95_000_000]
    water = accounts.water_postings(run.tables["water"])
    assert water.loc[water["line_code"].eq("W90"), "amount"].tolist() == [5_800]
    accounts.check(accounts.joined([made, water]))


@pytest.mark.parametrize(
    ("before", "after", "code"),
    [
        ("difference_area_share = 0.003\nbecause =", "difference_area_share = 0.003\n# because =",
         "E410"),
        ("difference_area_share = 0.003", 'route = "events"', "E411"),
        ("opening = 2019-12-31", "opening = 2025-12-31", "E554"),
    ],
)  # fmt: skip
def test_keys_that_contradict_one_another(tmp_path, before, after, code):
    assert before in DEMO
    path = tmp_path / "project.toml"
    path.write_text(DEMO.replace(before, after, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=code):
        eg.open(path)
