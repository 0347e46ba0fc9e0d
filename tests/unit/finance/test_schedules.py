"""Schedules of payments: whole fen that add up, on the days agreed."""

from datetime import date

import pytest

from ecogis.core.errors import ConfigError
from ecogis.finance import (
    dividend,
    instalments,
    profit_part,
    split,
    to_parties,
    tonne_price,
    yearly,
)


def test_rent_of_a_leap_day_term():
    days = [day for day, _ in yearly(100, date(2024, 2, 29), date(2027, 2, 28))]
    assert days == [date(2024, 2, 29), date(2025, 2, 28), date(2026, 2, 28)]


@pytest.mark.parametrize(
    "call",
    [
        lambda: yearly(100, date(2026, 1, 1), date(2026, 1, 1)),
        lambda: yearly(-1, date(2026, 1, 1), date(2027, 1, 1)),
        lambda: instalments(100, []),
        lambda: instalments(100, [date(2026, 2, 1), date(2026, 1, 1)]),
        lambda: split(100, {"A": 999_999}),
        lambda: split(100, {"A": 1_000_001, "B": -1}),
        lambda: split(100, {}),
        lambda: profit_part(100, 1.2),
    ],
)
def test_what_cannot_be_paid_is_refused(call):
    with pytest.raises(ConfigError, match="E900"):
        call()


def test_parts_of_nothing_are_no_payments():
    paid = to_parties([(date(2026, 1, 1), 1)], "price", "P", {"A": 500_000, "B": 500_000})
    assert [(payment.payee, payment.amount_fen) for payment in paid] == [("A", 1)]


def test_a_floor_is_paid_without_profit_and_a_share_beyond_it():
    assert [dividend(profit, 300, 0.4) for profit in (0, 300, 301, 1_300)] == [300, 300, 300, 700]


def test_kilograms_are_paid_by_the_part():
    assert [tonne_price(kg, 1_000) for kg in (0, 1, 500, 1_000)] == [0, 1, 500, 1_000]
