"""Credits of draws: the same lines as the central sum, and quantiles by vintage."""

from datetime import date

import numpy as np
import pandas as pd
import pytest

from ecogis.core.errors import ConfigError
from ecogis.crediting import drawn_credits, waterfall
from ecogis.methods import methodology, parameters

DAY = date(2026, 8, 31)
METHOD = methodology("CCER-14-001-V01")
NUMBERS = parameters(METHOD.parameters["crediting"])
YEARS = pd.DataFrame(
    {
        "vintage": [2024, 2025],
        "start": pd.to_datetime(["2024-01-01", "2025-01-01"]),
        "end": pd.to_datetime(["2025-01-01", "2026-01-01"]),
        "years": [1.0, 1.0],
    }
)


def drawn(draws, verifications=(date(2026, 1, 1),)):
    return drawn_credits(
        np.array(draws),
        YEARS,
        METHOD,
        NUMBERS,
        area_dm2=1_000_000,
        date=DAY,
        verifications=verifications,
    )


def test_one_draw_is_the_central_sum():
    kg = [[10_000, 3_333]]
    flows = YEARS.assign(removal_kg=kg[0], emission_kg=0)
    _, central = waterfall(flows, METHOD, NUMBERS, area_dm2=1_000_000, date=DAY)
    assert drawn(kg).credit_kg.tolist() == [central["credit_kg"].tolist()]


def test_by_hand():
    found = drawn([[10_000, 0], [20_000, 2_000], [30_000, -5_000]])
    # a tenth is held back of what is gained; a loss is whole
    assert found.credit_kg.tolist() == [[9_000, 0], [18_000, 1_800], [27_000, -5_000]]
    # of the third the loss takes the first year's tonnes: 22 in all
    assert found.tonnes.tolist() == [[9, 0], [18, 1], [22, 0]]
    table = found.table()
    assert table["vintage"].tolist() == [2024, 2025, pd.NA]
    assert table["credit_kg_p50"].tolist() == [18_000, 0, 19_800]
    assert table["credit_kg_mean"].tolist() == [18_000, -1_067, 16_933]
    assert table["issued_t_p95"].tolist() == [22, 1, 22]


def test_groups_that_lose_are_emission_before_anything_is_held_back():
    one = drawn([[10_000, 0]])
    two = drawn([[[15_000, 0], [-5_000, 0]]])
    # net 10 t, but a tenth is taken of what is left of 15 t gained less 5 t lost: the same
    assert two.credit_kg.tolist() == one.credit_kg.tolist()


def test_what_is_not_verified_is_not_issued():
    assert drawn([[10_000, 10_000]], [date(2025, 1, 1)]).tonnes.tolist() == [[9, 0]]


@pytest.mark.parametrize(
    "draws", [np.zeros((0, 2), dtype=int), [[1, 2, 3]], [[1.0, 2.0]], [1, 2]], ids=str
)
def test_draws_that_do_not_fit(draws):
    with pytest.raises(ConfigError) as caught:
        drawn(draws)
    assert caught.value.code == "E709"
