"""Biomass of Finnish strata by tree equations, beside the source's own biomass components.

The source (Finnish Forest Centre, state of 2022) gives leaves, branches, stem and stump with roots
of 163 strata by its own way. Here each stratum's mean tree goes through the equations of Repola
(2008 birch, 2009 pine and spruce; basic models of diameter and height), so a difference is one of
method: the mean tree stands for all trees. The bounds are the differences found, with a margin.
"""

import numpy as np
import pandas as pd
import pyogrio
import pytest

from ecogis.carbon import tree_biomass
from ecogis.core.findings import Findings

# Repola, Silva Fennica 42(4) and 43(4): ln w = a + b s/(s+k) + c h/(h+m) + e ln h + g h, half the
# variances added to a; f corrects dead branches, which have no variance term
COLUMNS = ("component", "a", "b", "k", "c", "m", "e", "g", "f")
PINE = [
    ("stem_wood", -3.721 + 0.0055, 8.103, 14, 5.066, 12, 0, 0, 1),
    ("bark", -4.548 + 0.038, 7.997, 12, 0, 1, 0.357, 0, 1),
    ("branches", -6.162 + 0.065, 15.075, 12, -2.618, 12, 0, 0, 1),
    ("dead_branches", -5.201, 10.574, 16, 0, 1, 0, 0, 0.911),
    ("leaves", -6.303 + 0.1135, 14.472, 6, -3.976, 1, 0, 0, 1),
    ("stump", -6.753 + 0.027, 12.681, 12, 0, 1, 0, 0, 1),
    ("roots", -5.550 + 0.0395, 13.408, 15, 0, 1, 0, 0, 1),
]
SPRUCE = [
    ("stem_wood", -3.555 + 0.009, 8.042, 14, 0, 1, 0.869, 0.015, 1),
    ("bark", -4.548 + 0.032, 9.448, 18, 0, 1, 0.436, 0, 1),
    ("branches", -4.214 + 0.060, 14.508, 13, -3.277, 5, 0, 0, 1),
    ("dead_branches", -4.850, 7.702, 18, 0, 1, 0.513, 0, 1.343),
    ("leaves", -2.994 + 0.098, 12.251, 10, -3.415, 1, 0, 0, 1),
    ("stump", -3.964 + 0.0615, 11.730, 26, 0, 1, 0, 0, 1),
    ("roots", -2.294 + 0.1095, 10.646, 24, 0, 1, 0, 0, 1),
]
BIRCH = [
    ("stem_wood", -4.879 + 0.004035, 9.651, 12, 0, 1, 1.012, 0, 1),
    ("bark", -5.401 + 0.02743, 10.061, 12, 2.657, 20, 0, 0, 1),
    ("branches", -4.152 + 0.051975, 15.874, 16, -4.407, 10, 0, 0, 1),
    ("dead_branches", -8.335, 12.402, 16, 0, 1, 0, 0, 2.0737),
    ("leaves", -29.566 + 0.0385, 33.372, 2, 0, 1, 0, 0, 1),
    ("stump", -3.574 + 0.03348, 11.304, 26, 0, 1, 0, 0, 1),
    ("roots", -3.223 + 0.037385, 6.497, 22, 0, 1, 1.033, 0, 1),
]
PARTS = {  # the source's component: ours
    "LeafBiomass": ["leaves"],
    "BranchBiomass": ["branches", "dead_branches"],
    "StemBiomass": ["stem_wood", "bark"],
    "StumpBiomass": ["stump", "roots"],
}


def repola():
    """The equations as a caller's own table."""
    tables = {"pine": PINE, "spruce": SPRUCE, "birch": BIRCH}
    found = pd.concat(
        [pd.DataFrame(rows, columns=COLUMNS).assign(species=name) for name, rows in tables.items()]
    )
    found = found.assign(form="saturating")
    found.attrs = {"parameter_set": "Repola 2008, 2009"}
    return found


@pytest.fixture(scope="module")
def strata(shared_data):
    path = shared_data / "fi_metsi_smk" / "fi_pieksamaki_60.gpkg"
    table = pyogrio.read_dataframe(path, layer="treestratum")
    table = table[(table["ts_type"].astype(int) == 2) & (table["MeanDiameter"] >= 5.0)]
    species = table["TreeSpecies"].astype(int)
    names = np.select([species == 1, species.isin([2, 8])], ["pine", "spruce"], "birch")
    # the mean diameter is weighted by basal area: stems that give the basal area, not the count
    stems = table["BasalArea"] / (np.pi / 4.0 * (table["MeanDiameter"] / 100.0) ** 2)
    ours = pd.DataFrame(
        {
            "stand": table["stratum_id"].astype(str).to_numpy(),
            "species": names,
            "dbh_cm": table["MeanDiameter"].to_numpy(),
            "height_m": table["MeanHeight"].to_numpy(),
            "stems_ha": stems.to_numpy(),
        }
    )
    return ours, table.reset_index(drop=True)


def components(strata):
    ours, source = strata
    findings = Findings()
    made = tree_biomass(ours, repola(), findings)
    assert findings.count() == 0
    sums = {
        part: made[[f"{name}_t" for name in names]].sum(axis=1) for part, names in PARTS.items()
    }
    return pd.DataFrame(sums), source[list(PARTS)]


def compared(strata):
    mine, theirs = components(strata)
    off = mine - theirs
    return pd.DataFrame(
        {
            "strata": len(mine),
            "ours_t_ha": mine.sum(),
            "source_t_ha": theirs.sum(),
            "bias": mine.sum() / theirs.sum() - 1.0,
            "rmse_t_ha": np.sqrt((off**2).mean()),
            "correlation": [np.corrcoef(mine[part], theirs[part])[0, 1] for part in PARTS],
        }
    )


EXPECTED = {  # bias of the sum over the strata, as found
    "LeafBiomass": -0.138,
    "BranchBiomass": -0.098,
    "StemBiomass": 0.019,
    "StumpBiomass": -0.017,
}


def test_the_difference_from_the_source_by_component(strata, record_property):
    found = compared(strata)
    record_property("biomass_finland", found.round(4).to_dict())
    assert (found["strata"] == 134).all()
    assert found["bias"].to_dict() == pytest.approx(EXPECTED, abs=0.001)
    assert (found["correlation"] > 0.985).all()
    assert (found["rmse_t_ha"] < 2.1).all()


def test_the_whole_trees_agree_within_two_percent(strata):
    mine, theirs = components(strata)
    assert mine.sum().sum() / theirs.sum().sum() == pytest.approx(1.0, abs=0.02)


def test_a_pine_by_hand():
    # stump diameter 27 cm: ln w = -3.7155 + 8.103 27/41 + 5.066 15/27 = 4.43507; 84.36 kg of wood
    tree = pd.DataFrame(
        {
            "stand": ["S"],
            "species": ["pine"],
            "dbh_cm": [20.0],
            "height_m": [15.0],
            "stems_ha": [1.0],
        }
    )
    found = tree_biomass(tree, repola(), Findings())
    assert found["stem_wood_kg"][0] == pytest.approx(84.36, abs=0.01)
