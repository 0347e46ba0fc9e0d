"""libcbm_py stepped over stands another process wrote down; run by ``benchmarks/libcbm.py``.

``python -I cbm_steps.py INPUT.npz OUTPUT.npz increments|volumes`` in an environment with libcbm.
Only the calls of ``step`` are timed, with the disturbance types of each year set beforehand.
"""

from __future__ import annotations

import importlib.metadata
import sys
import time
import warnings
from typing import Any

import numpy as np

warnings.filterwarnings("ignore")

CLEAR_CUT, WILDFIRE = "Clearcut harvesting with salvage", "Wildfire"
ADMIN, ECO, SPECIES = "British Columbia", "Pacific Maritime", "Spruce"
AGES = 5  # years between the points of a volume curve


def increments(given: Any) -> dict[str, Any]:
    """The model for external increments, from the pools and increments given."""
    import pandas as pd
    from libcbm.model.cbm_exn import cbm_exn_model, cbm_exn_variables
    from libcbm.model.model_definition.model_variables import ModelVariables
    from libcbm.storage.backends import BackendType

    curves, cls, age = given["parts"], given["cls"], given["age"].copy()  # (part, class, age)
    events, years = given["events"], given["events"].shape[1]
    with cbm_exn_model.initialize() as cbm:
        made = cbm_exn_variables.init_cbm_vars(
            cls.size, cbm.pool_names, cbm.flux_names, BackendType.numpy
        ).to_pandas()
        pools, state, asked = made["pools"], made["state"], made["parameters"]
        root = {k: float(v) for k, v in cbm.parameters.get_root_parameters().items() if k != "id"}
        start = curves[:, cls, age]
        total = root["sw_a"] * start.sum(axis=0) / root["biomass_to_carbon_rate"]
        fine = root["frp_a"] + root["frp_b"] * np.exp(root["frp_c"] * total)
        total *= root["biomass_to_carbon_rate"]
        pools["Input"] = 1.0
        for name, values in zip(("Merch", "Foliage", "Other"), start, strict=True):
            pools[name] = values
        pools["CoarseRoots"], pools["FineRoots"] = total * (1 - fine), total * fine
        state["area"], state["spatial_unit_id"], state["age"] = 1.0, 42, age
        state["species"], state["sw_hw"], state["enabled"] = 1, 0, 1
        asked["mean_annual_temperature"] = 8.0
        frames = {k: pd.DataFrame(v) for k, v in made.items()}
        variables = ModelVariables.from_pandas(frames)
        types = np.array([0, 4, 1])  # none, clear cut with salvage, wildfire
        cpu, above, below = 0.0, [], []
        for year in range(years):
            age[events[:, year] > 0] = 0
            for k, name in enumerate(("merch_inc", "foliage_inc", "other_inc")):
                grown = curves[k, cls, age + 1] - curves[k, cls, age]
                variables["parameters"][name].assign(grown)
            variables["parameters"]["disturbance_type"].assign(
                types[events[:, year]].astype(np.int32)
            )
            before = time.process_time()
            variables = cbm.step(variables)
            cpu += time.process_time() - before
            age += 1
            frame = variables["pools"].to_pandas()
            above.append(frame[["Merch", "Foliage", "Other"]].sum(axis=1).to_numpy())
            below.append(frame[["CoarseRoots", "FineRoots"]].sum(axis=1).to_numpy())
        found = variables["state"].to_pandas()["age"].to_numpy()
    return {
        "cpu_s": cpu,
        "above": np.array(above),
        "below": np.array(below),
        "age": found,
        "root_ratio": root["sw_a"],
    }


def volumes(given: Any) -> dict[str, Any]:
    """The standard model, from volume curves; a shortened spin-up, which is not timed."""
    import pandas as pd
    from libcbm.model.cbm import cbm_variables
    from libcbm.model.cbm.stand_cbm_factory import StandCBMFactory
    from libcbm.storage import dataframe, series
    from libcbm.storage.backends import BackendType

    table, cls, age, events = given["volume"], given["cls"], given["age"], given["events"]
    names = [f"c{k}" for k in range(len(table))]
    points = range(0, table.shape[1], AGES)
    factory = StandCBMFactory(
        classifiers={"curve": names},
        merch_volumes=[
            {
                "classifier_set": [name],
                "merch_volumes": [
                    {"species": SPECIES, "age_volume_pairs": [[a, row[a]] for a in points]}
                ],
            }
            for name, row in zip(names, table, strict=True)
        ],
    )
    size = cls.size
    inventory = dataframe.from_pandas(
        pd.DataFrame(
            {
                "curve": np.array(names)[cls],
                "admin_boundary": ADMIN,
                "eco_boundary": ECO,
                "age": age,
                "area": 1.0,
                "delay": 0,
                "land_class": "UNFCCC_FL_R_FL",
                "afforestation_pre_type": "None",
                "historic_disturbance_type": WILDFIRE,
                "last_pass_disturbance_type": WILDFIRE,
            }
        )
    )
    columns, stands = factory.prepare_inventory(inventory)
    kind = {name: number for number, name in factory.disturbance_types.items()}
    types = np.array([0, kind[CLEAR_CUT], kind[WILDFIRE]], dtype=np.int32)
    with factory.initialize_cbm() as cbm:

        def value(name: str, number: int) -> Any:
            return series.allocate(name, size, number, "int32", BackendType.numpy)

        asked = cbm_variables.initialize_spinup_parameters(
            size, BackendType.numpy, value("return_interval", 10), value("min_rotations", 1),
            value("max_rotations", 1),
        )  # fmt: skip
        run = cbm_variables.initialize_simulation_variables(
            columns, stands, cbm.pool_codes, cbm.flux_indicator_codes, BackendType.numpy
        )
        before = time.process_time()
        cbm.spinup(cbm_variables.initialize_spinup_variables(run, BackendType.numpy, asked))
        spun = time.process_time() - before
        run = cbm.init(run)
        cpu, above = 0.0, []
        for year in range(events.shape[1]):
            run.parameters["disturbance_type"].assign(types[events[:, year]])
            before = time.process_time()
            run = cbm.step(run)
            cpu += time.process_time() - before
            live = run.pools.to_pandas()
            kept = [c for c in live if c.startswith("Softwood") and "Root" not in c]
            above.append(live[kept].sum(axis=1).to_numpy())
        found = run.state["age"].to_numpy()
    return {"cpu_s": cpu, "spinup_cpu_s": spun, "above": np.array(above), "age": found}


def main() -> None:
    """Run the steps asked for; the files are named by the caller."""
    """Read the stands, step them, write what came of them."""
    source, target, mode = sys.argv[1:]
    with np.load(source) as loaded:
        given = dict(loaded)
    found = {"increments": increments, "volumes": volumes}[mode](given)
    np.savez(target, version=importlib.metadata.version("libcbm"), **found)


if __name__ == "__main__":
    main()
