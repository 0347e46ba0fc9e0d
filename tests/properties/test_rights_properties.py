"""Laws of the rights join: no right is lost, order is nothing, sums are exact."""

from datetime import date
from fractions import Fraction

import pandas as pd
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ecogis.core.findings import Findings
from ecogis.overlay.ownership import SHARE_TOLERANCE, share_sums, share_timeline
from ecogis.overlay.placing import right_parcels
from ecogis.overlay.rights import piece_rights, without_right

DAY = date(2026, 8, 31)
AREA = "441899101207"
NAMES = [f"{AREA}JE{number:05d}" for number in (1, 2, 38, 39)]
PARCELS = pd.DataFrame({"parcel": NAMES, "certificate_no": ["证1", None, "证3", None]})
PIECES = pd.DataFrame(
    {
        "piece": [f"P{number}" for number in range(6)],
        "parcel": [NAMES[0], NAMES[0], NAMES[1], NAMES[2], NAMES[2], None],
        "area_dm2": [100, 200, 300, 400, 500, 600],
    }
).astype({"piece": "string", "parcel": "string"})
SOME_DAYS = ["1990-01-01", "2005-06-01", "2026-08-31", "2029-12-31", "2070-01-01"]
LOST = {"E620", "E621", "E622", "E623", "E624", "E625"}
QUICK = settings(
    max_examples=settings.default.max_examples * 3 // 5,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)

codes = st.one_of(
    st.sampled_from([f"{name}{tail}" for name in NAMES for tail in ("L00000001", "W00000000", "")]),
    st.sampled_from([None, "4.41E+27", f"{AREA}JE99999L00000001", f"{AREA}000038L00000001"]),
    st.builds(lambda name, size: name[:size], st.sampled_from(NAMES), st.integers(0, 18)),
)
days = st.sampled_from([None, "2000-01-01", "2010-01-01", "2026-08-31", "2030-01-01", "2060-01-01"])
right = st.fixed_dictionaries(
    {
        "unit_code": codes,
        "parcel": st.sampled_from([None, None, None, *NAMES]),
        "right_kind": st.sampled_from(["management", "forest_ownership", "land_ownership", None]),
        "holder": st.sampled_from(["甲", "乙", None]),
        "co_ownership": st.sampled_from(["sole", "joint", "shares", "shares", None]),
        "share": st.sampled_from(["1/3", "2/3", "1/2", "0.25", None]),
        "certificate_no": st.sampled_from([None, "证1", "证2", "证3"]),
        "start": days,
        "end": days,
    }
)
tables = st.lists(right, max_size=12).map(
    lambda rows: pd.DataFrame(
        [{"right": f"R{number:02d}"} | row for number, row in enumerate(rows)],
        columns=["right", *list(right.wrapped_strategy.mapping)],
    ).astype({"start": "datetime64[us]", "end": "datetime64[us]"})
)


def joined(table):
    findings = Findings()
    laid = right_parcels(table, PARCELS, findings)
    return laid, piece_rights(PIECES, laid, DAY, findings=findings), findings.table()


@QUICK
@given(tables)
def test_every_right_is_joined_or_told(table):
    laid, held, findings = joined(table)
    told = findings[findings["code"].isin(LOST)]
    assert sorted([*held["right"].unique(), *told["feature"]]) == table["right"].tolist()
    assert set(laid["right"]) == set(table["right"])
    unplaced = laid[laid["joined_by"].isna()]
    assert set(unplaced["right"]) == set(told.loc[told["code"].ne("E625"), "feature"])
    assert not unplaced["parcel"].isin(NAMES).any()


@QUICK
@given(tables)
def test_every_piece_has_its_parcels_rights_or_is_told_bare(table):
    laid, held, findings = joined(table)
    lying = laid[laid["joined_by"].notna()].groupby("parcel")["right"].agg(sorted).to_dict()
    by_piece = held.groupby("piece")["right"].agg(list).to_dict()
    for piece, parcel in PIECES[["piece", "parcel"]].itertuples(index=False):
        assert by_piece.get(piece, []) == ([] if pd.isna(parcel) else lying.get(parcel, []))
    bare = without_right(PIECES, held)
    assert set(bare["piece"]) | set(held["piece"]) == set(PIECES["piece"])
    told = findings.loc[findings["code"].eq("E626"), "area_ha"].sum()
    assert round(told * 1e6) == bare["area_dm2"].sum()


@QUICK
@given(tables, st.randoms(use_true_random=False))
def test_the_order_of_rows_is_nothing(table, chance):
    order = list(range(len(table)))
    chance.shuffle(order)
    table = table.assign(row=range(1, len(table) + 1))
    one, other = joined(table), joined(table.iloc[order])
    for left, other_side in zip(one, other, strict=True):
        pd.testing.assert_frame_equal(left, other_side)


def part(row, day):
    """What a right adds on a day, in plain Python; None where it is not known."""
    start, end = row.start, row.end
    if pd.notna(end) and (pd.isna(start) or start <= end) and end < day:
        return Fraction(0)
    if pd.notna(start) and (pd.isna(end) or start <= end) and start > day:
        return Fraction(0)
    known = pd.notna(start) and not (pd.notna(end) and end < start)
    if not known or row.co_ownership == "joint":
        return None
    if row.co_ownership == "sole" and pd.isna(row.share):
        return Fraction(1)
    by_shares = row.co_ownership == "shares" and pd.notna(row.share)
    return Fraction(row.share) if by_shares else None


@QUICK
@given(tables, st.sampled_from(SOME_DAYS))
def test_sums_are_those_of_plain_arithmetic(table, day):
    laid = right_parcels(table, PARCELS).assign(land_only=False)
    lying = laid[laid["joined_by"].notna()]
    found = share_sums(laid, date.fromisoformat(day))
    keys = ["parcel", "unit", "right_kind"]
    found = found.astype(dict.fromkeys(keys, object)).fillna("?").set_index(keys)
    assert found.index.is_unique
    groups = lying.astype(dict.fromkeys(keys, object)).fillna(dict.fromkeys(keys, "?"))
    for key, rows in groups.groupby(keys):
        parts = [part(row, pd.Timestamp(day)) for row in rows.itertuples()]
        if rows["co_ownership"].eq("joint").any() or None in parts:
            continue
        total, state = found.loc[key, ["sum", "state"]]
        assert abs(total - float(sum(parts))) <= SHARE_TOLERANCE
        good = {Fraction(1): "whole", Fraction(0): "none"}
        nothing_owned = sum(parts) == 0 and key[2].endswith("_ownership")
        assert state == ("broken" if nothing_owned else good.get(sum(parts), "broken"))


@QUICK
@given(tables)
def test_the_timeline_is_the_sum_of_every_day(table):
    laid = right_parcels(table, PARCELS)
    timeline = share_timeline(laid)
    keys = ["parcel", "unit", "right_kind"]
    for _, steps in timeline.groupby(keys, dropna=False):
        inner = steps["until"].iloc[:-1] + pd.Timedelta(days=1)
        assert inner.tolist() == steps["since"].iloc[1:].tolist()
        assert pd.isna(steps["until"].iloc[-1])
    for day in ("2004-05-06", "2026-08-31", "2026-09-01", "2040-01-01"):
        at = pd.Timestamp(day)
        since, until = timeline["since"], timeline["until"]
        now = timeline[(since.isna() | since.le(at)) & (until.isna() | until.ge(at))]
        sums = share_sums(laid, date.fromisoformat(day))
        both = sums.merge(now, on=keys, how="left", suffixes=("", "_then"))
        there = both["sum_then"].notna()
        assert both.loc[~there, "sum"].eq(0).all()
        assert both.loc[there, "sum"].eq(both.loc[there, "sum_then"]).all()
        assert both.loc[there, "state"].eq(both.loc[there, "state_then"]).all()


@QUICK
@given(tables)
def test_a_right_that_cannot_be_placed_never_stands_on_its_candidates(table):
    laid, held, _ = joined(table)
    open_land = laid[laid["may_lie_on"].ne("")]
    assert open_land["joined_by"].isna().all()
    for row in open_land.itertuples():
        assert set(row.may_lie_on.split(";")) <= set(NAMES)
        assert row.right not in set(held["right"])
