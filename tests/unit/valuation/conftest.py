"""One small project: three issuances of whole tonnes, one cost, stated terms."""

import datetime as dt

import pandas as pd
import pytest

from ecogis.core.findings import Findings
from ecogis.valuation import PriceModel, SaleTerms, price_path, reference_price

DAY = dt.date(2026, 8, 31)


@pytest.fixture
def day():
    return DAY


@pytest.fixture
def findings():
    return Findings()


@pytest.fixture
def observed():
    """Build a price table from (date, kind, price, volume) rows."""

    def build(*rows, instrument="CCER", confidence="quoted"):
        table = pd.DataFrame(rows, columns=["date", "price_kind", "price_cny_t", "volume_t"])
        table["date"] = pd.to_datetime(table["date"])
        table["volume_t"] = table["volume_t"].astype("float64")
        return table.assign(
            market="示例市场", instrument=instrument, source="示例来源", confidence=confidence,
            row=range(1, len(table) + 1),
        )  # fmt: skip

    return build


@pytest.fixture
def reference(observed):
    """A reference price of 80.00 at the valuation date."""
    weights = {"acquisition": 0.0, "market": 1.0, "regulated": 0.0}
    table = observed(("2026-08-31", "market", 80.0, 100))
    return reference_price(table, DAY, weights=weights, lookback_days=1, findings=Findings())


@pytest.fixture
def flat():
    return PriceModel("flat", because="example", confidence="assumed")


@pytest.fixture
def no_terms():
    return SaleTerms(0.0, 0.0, 0.0, 0.0, because="example", confidence="assumed")


@pytest.fixture
def issuances():
    """1000 t one year of 365 days ahead, 2000 t two such years ahead."""
    dates = pd.to_datetime(["2027-08-31", "2028-08-30"])
    return pd.DataFrame(
        {"verification_date": dates, "issuance_date": dates, "issued_t": [1000, 2000]}
    )


@pytest.fixture
def prices(reference, flat, issuances):
    return price_path(reference, flat, issuances["issuance_date"])
