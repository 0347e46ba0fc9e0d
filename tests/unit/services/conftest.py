"""Land units of one hectare, and an account made of a few of them."""

import numpy as np
import pandas as pd
import pytest

from ecogis import services
from ecogis.core.findings import Findings
from ecogis.methods import parameters
from ecogis.methods.gep_standard import gep_standard
from ecogis.services import Deflator, LandInputs, PriceSet

HECTARE = 1_000_000  # dm2


@pytest.fixture
def findings():
    return Findings()


@pytest.fixture
def units():
    """Two hectares of forest and one of shrubland, in two townships."""
    return pd.DataFrame(
        {
            "township": ["T1", "T1", "T2"],
            "ecosystem": ["forest", "forest", "shrubland"],
            "land_class": ["arbor_forest", "arbor_forest", "shrub_special"],
            "area_dm2": np.full(3, HECTARE, dtype=np.int64),
        },
        index=["S1", "S2", "S3"],
    )


@pytest.fixture
def everywhere(units):
    """A value for every unit, as a table has it."""

    def made(**values):
        return {name: {"table": pd.Series(v, index=units.index)} for name, v in values.items()}

    return made


@pytest.fixture
def land(units, findings):
    """Quantities of land from values by variable and source."""

    def made(given, wanted=None, **constants):
        inputs = LandInputs(units, given, findings)
        items = set(services.items()) if wanted is None else wanted
        needed = {n for p in services.parts().values() for n in p.constants}
        numbers = dict.fromkeys(needed, 1.0) | constants
        return services.land_quantities(inputs, items, numbers, findings)

    return made


@pytest.fixture
def price_set():
    """A price set of the library by its id; that of Garze for 2026 unless another is asked for."""

    def made(name="gep-prices-garze", year=2026, index=None, own=None):
        return PriceSet(parameters(name), year, Deflator(index or {}, "index"), own)

    return made


@pytest.fixture
def accounted(findings, price_set):
    """An account of quantities under the guide of 2025."""

    def made(quantities, *, year=2026, standard="gep-gbt-46869", prices=None, sets=()):
        return services.account(
            quantities,
            year=year,
            standard=gep_standard(standard),
            prices=prices or price_set(year=year),
            sets=sets,
            findings=findings,
        )

    return made


@pytest.fixture
def record(findings):
    """Records from lists of item, part, quantity, unit, and more by name."""

    def made(*rows, constants=None):
        lines = [
            {"service_item": item, "service_part": part, "quantity": quantity, "unit_text": unit,
             "row": at} | more
            for at, (item, part, quantity, unit, more) in enumerate(rows, start=1)
        ]  # fmt: skip
        table = pd.DataFrame(lines).reindex(columns=list(services.RECORD_COLUMNS))
        return services.recorded(table, constants or {}, findings)

    return made


@pytest.fixture
def codes():
    """Codes found, each once."""
    return lambda findings: sorted(set(findings.table()["code"]))
