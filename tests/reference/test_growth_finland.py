"""A real growth check: Finnish strata as first surveyed, projected to 2022 and compared.

The figures of the method note: run pytest on this file with ``--log-cli-level=INFO``.
"""

import logging
from datetime import date

import numpy as np
import pandas as pd
import pyogrio
import pytest

from ecogis.core.findings import Findings
from ecogis.growth import fit, stand_curves, standing_volume, trajectories

LOG = logging.getLogger(__name__)
CUTTING = [2, 3, 5]  # first thinning, thinning, clear felling
DAYS = [date(2022, 1, 1), date(2022, 7, 31)]


def read(folder, layer):
    path = folder / "fi_metsi_smk" / "fi_pieksamaki_60.gpkg"
    return pyogrio.read_dataframe(path, layer=layer, read_geometry=False)


@pytest.fixture(scope="module")
def first_survey(shared_data):
    """Stands with a volume at their first survey, their state of 2022 and whether they were cut."""
    strata = read(shared_data, "treestratum").query("ts_type == 1")
    strata = strata.assign(aged=strata["Volume"] * strata["Age"])
    old = strata.groupby("stand_id").agg(
        volume=("Volume", "sum"), aged=("aged", "sum"), day=("ts_date", "first")
    )
    old = old[old["volume"] > 0].reset_index()
    summary = read(shared_data, "treestandsummary").set_index("stand_id").loc[old["stand_id"]]
    stand = read(shared_data, "stand").set_index("stand_id").loc[old["stand_id"]]
    done = read(shared_data, "operation").dropna(subset="CompletionDate")
    cut = done.loc[done["OperationType"].isin(CUTTING), "stand_id"]
    return pd.DataFrame(
        {
            "stand": old["stand_id"].astype(str),
            "species": stand["MainTreeSpecies"].astype(int).astype(str).to_numpy(),
            "all": "all",
            "land_class": "arbor_forest",
            "age_yr": (old["aged"] / old["volume"]).round().astype(int),
            "standing_volume": old["volume"],
            "survey_date": pd.to_datetime(old["day"]),
            "area_ha": stand["Area"].to_numpy(),
            "later": summary["Volume"].to_numpy(),
            "later_on": pd.to_datetime(summary["ts_date"].to_numpy()),
            "uncut": ~old["stand_id"].isin(cut),
        }
    )


def projected(stands, curves, scaling):
    findings = Findings()
    assigned = stand_curves(stands, curves, findings, scaling=scaling)
    paths = trajectories(stands, DAYS, curves=curves, findings=findings, assigned=assigned)
    volume = standing_volume(paths).to_numpy()
    on = (stands["later_on"] == pd.Timestamp(DAYS[1])).astype(int)
    return volume[np.arange(len(stands)), on], assigned["usable"].to_numpy()


def check(stands, scaling):
    fits = fit(stands, Findings(), by=["all"])
    volume, usable = projected(stands, fits.curve_set(), scaling)
    use = stands["uncut"].to_numpy() & usable
    off, seen = (volume - stands["later"])[use], stands["later"][use]
    start = stands["standing_volume"][use]
    return {
        "stands": int(use.sum()),
        "years": float(((stands["later_on"] - stands["survey_date"]).dt.days / 365.25)[use].mean()),
        "start": float(start.mean()),
        "seen": float(seen.mean()),
        "bias": float(off.mean()),
        "rmse": float(np.sqrt((off**2).mean())),
        "increment": float((volume[use] - start).sum() / (seen - start).sum()),
        "unchanged_rmse": float(np.sqrt(((start - seen) ** 2).mean())),
    }


@pytest.mark.parametrize(
    ("scaling", "bias", "rmse", "increment"),
    [("ratio", -40.6, 48.3, 0.48), ("age", -35.6, 43.2, 0.54)],
)
def test_projection_to_2022_is_low_and_better_than_no_growth(
    first_survey, scaling, bias, rmse, increment
):
    found = check(first_survey, scaling)
    LOG.info("%s %s", scaling, {name: round(value, 2) for name, value in found.items()})
    assert found["stands"] == 23
    assert found["bias"] == pytest.approx(bias, abs=0.1)
    assert found["rmse"] == pytest.approx(rmse, abs=0.1)
    assert found["increment"] == pytest.approx(increment, abs=0.01)
    assert found["rmse"] < 0.6 * found["unchanged_rmse"]


def test_the_fit_to_the_first_survey(first_survey):
    row = fit(first_survey, Findings(), by=["all"]).table.iloc[0]
    LOG.info("%s", row.to_dict())
    assert row["stands"] == 46
    assert row["rmse_held_out"] == pytest.approx(50.9, abs=0.1)
    assert row["rmse_mean"] == pytest.approx(85.2, abs=0.1)


def test_the_fit_to_the_state_of_2022(shared_data):
    summary = read(shared_data, "treestandsummary")
    stands = pd.DataFrame(
        {
            "stand": summary["stand_id"].astype(str),
            "all": "all",
            "age_yr": summary["MeanAge"],
            "standing_volume": summary["Volume"],
        }
    )
    row = fit(stands, Findings(), by=["all"]).table.iloc[0]
    LOG.info("%s", row.to_dict())
    assert row["refused"] == ""
    assert row["rmse_held_out"] == pytest.approx(43.5, abs=0.1)
    assert row["rmse_mean"] == pytest.approx(101.2, abs=0.1)


def test_species_with_too_few_stands_are_refused(first_survey):
    findings = Findings()
    fits = fit(first_survey, findings, by=["species"])
    refused = dict(zip(fits.table["species"], fits.table["refused"], strict=True))
    assert refused == {"1": "E657", "2": "E659", "29": "E657"}


def test_stands_of_one_age_are_refused(shared_data):
    """Oregon: 37 stands of 31 to 35 years carry no curve, of carbon or of volume."""
    path = shared_data / "us_or_forestplanner" / "testdata" / "test_stands.shp"
    oregon = pyogrio.read_dataframe(path, read_geometry=False)
    stands = pd.DataFrame(
        {
            "stand": [str(row) for row in range(len(oregon))],
            "all": "all",
            "age_yr": oregon["AVERAGE_AG"],
            "standing_volume": oregon["CO2E_2008"] / oregon["ACRES"],
        }
    )
    findings = Findings()
    assert fit(stands, findings, by=["all"]).table["refused"].tolist() == ["E657"]


def test_stands_of_two_cohorts_are_refused(shared_data):
    """British Columbia: 190 stands, nine tenths of them of 73 to 155 years."""
    folder = shared_data / "ca_bc_tsa24" / "data"
    layer = pyogrio.read_dataframe(
        folder / "shp" / "tsa24_clipped.shp" / "stands.shp", read_geometry=False
    )
    points = pd.read_csv(folder / "curve_points_table.csv").set_index(["curve_id", "x"])["y"]
    pairs = pd.MultiIndex.from_arrays([layer["curve1"], layer["age"]])
    stands = pd.DataFrame(
        {
            "stand": [f"{row:03d}" for row in range(len(layer))],
            "all": "all",
            "age_yr": layer["age"],
            "standing_volume": points[~points.index.duplicated()].reindex(pairs).to_numpy(),
        }
    )
    findings = Findings()
    fits = fit(stands, findings, by=["all"])
    assert fits.table[["stands", "refused"]].to_numpy().tolist() == [[190, "E657"]]
