"""Laws of the account of services: nothing appears, nothing vanishes, order changes nothing."""

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from ecogis import services
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.methods.gep_standard import gep_standard
from ecogis.services import Deflator, LandInputs, PriceSet

SETS = ("gep-prices-garze", "gep-prices-youyang", "gep-prices-tax-floor", "gep-prices-lyt1721")
STANDARD = gep_standard("gep-gbt-46869")
PRICES = [PriceSet(parameters(name), 2026, Deflator({}, "")) for name in SETS]
PARTS = [part for part in services.parts().values() if part.kind == "land" and part.price != "own"]

amounts = st.integers(0, 10**12)
rows = st.lists(
    st.tuples(st.sampled_from(PARTS), amounts, st.sampled_from(["T1", "T2", ""])),
    min_size=1,
    max_size=20,
)


def table(lines):
    return pd.DataFrame(
        [
            {"item": part.item, "part": part.part, "product": "", "unit_id": f"S{at}",
             "township": township, "ecosystem": "forest", "quantity_milli": milli,
             "unit": part.unit, "own_price": np.nan, "origin": "stand", "formula": part.formula}
            for at, (part, milli, township) in enumerate(lines)
        ],
        columns=list(services.COLUMNS),
    )  # fmt: skip


def account(quantities, main=0, year=2026, *, all_sets=False):
    others = [each for at, each in enumerate(PRICES) if at != main and all_sets]
    return services.account(
        quantities,
        year=year,
        standard=STANDARD,
        prices=PRICES[main],
        sets=others,
        findings=Findings(),
    )


@given(rows, st.integers(0, 3))
def test_totals_agree_over_items_townships_parts_and_sets(lines, main):
    made = account(table(lines), main, all_sets=True)
    counted = made.items["counted"]
    assert made.items.loc[counted, "value_fen"].sum() == made.total_fen
    assert made.townships["value_fen"].sum() == made.total_fen
    by_set = made.by_set.groupby("price_set")["value_fen"].sum()
    for row in made.sets.itertuples():
        assert by_set.get(row.price_set, 0) == row.total_fen
    flows = services.supply_use(made)
    assert flows.supply["value_fen"].sum() == flows.use["value_fen"].sum() == made.total_fen


@given(rows, st.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nothing(lines, random):
    mixed = list(lines)
    random.shuffle(mixed)
    first, second = account(table(lines)), account(table(mixed))
    assert first.total_fen == second.total_fen
    assert first.items.equals(second.items)
    assert first.sets.equals(second.sets)


@given(rows, rows)
def test_the_change_between_two_years_is_split_exactly(before, after):
    first, last = account(table(before), year=2025), account(table(after))
    found = services.compared(first, last)
    effects = found[["quantity_effect_fen", "price_effect_fen", "coverage_fen"]].sum()
    assert effects.sum() == last.total_fen - first.total_fen


@given(
    st.lists(st.integers(0, 3_000_000), min_size=1, max_size=8),
    st.lists(st.integers(0, 3_000_000), min_size=1, max_size=8),
    st.integers(0, 10_000_000),
)
def test_what_counts_once_never_exceeds_what_there_is(water, storm, load):
    size = min(len(water), len(storm))
    parts = services.parts()
    lines = [(parts["water_retention", "water"], milli, "T") for milli in water[:size]]
    lines += [(parts["flood_mitigation", "storm"], milli, "T") for milli in storm[:size]]
    lines += [(parts["air_purification", "so2"], milli, "T") for milli in water[:size]]
    made = table(lines).assign(unit_id=[f"S{at % size}" for at in range(3 * size)])
    found, cut = services.once(made, {("air_purification", "so2"): load})
    after = found.groupby("part")["quantity_milli"].sum()
    taken = cut.groupby("part")["cut_milli"].sum()
    before = made.groupby("part")["quantity_milli"].sum()
    assert (found["quantity_milli"] >= 0).all()
    assert after["so2"] == min(before["so2"], load)
    for part in before.index:
        assert after[part] + taken.get(part, 0) == before[part]
    both = made["part"].isin(["water", "storm"])
    most = made[both].groupby("unit_id")["quantity_milli"].max()
    assert after["water"] + after["storm"] == most.sum()


@given(
    st.lists(st.integers(1, 50_000_000), min_size=1, max_size=6),
    st.floats(0.0, 12_000.0, allow_nan=False),
)
def test_splitting_a_unit_changes_no_quantity_by_more_than_its_rounding(areas, depth):
    def total(sizes):
        units = pd.DataFrame(
            {"township": "T", "ecosystem": "forest", "area_dm2": np.array(sizes, dtype=np.int64)},
            index=[f"S{at}" for at in range(len(sizes))],
        )
        given = {"retention_mm": {"table": pd.Series(depth, index=units.index)}}
        inputs = LandInputs(units, given, Findings())
        found = services.land_quantities(inputs, {"water_retention"}, {}, Findings())
        return int(found["quantity_milli"].sum())

    assert abs(total(areas) - total([sum(areas)])) <= len(areas)
