"""What a run offers the pledge registry: whose right each pledgeable tonne belongs to."""

from typing import Final

import pandas as pd

from ecogis.core.identifiers import among
from ecogis.pipeline.judging import rights_held
from ecogis.pipeline.run import Run

__all__ = ["COLUMNS", "offered"]

COLUMNS: Final = (
    "piece",
    "unit_code",
    "right_kind",
    "certificate_no",
    "vintage",
    "pledgeable_kg",
)


def offered(run: Run) -> pd.DataFrame:
    """Pledgeable reductions by right, piece and vintage.

    Co-owners of one right are one row: the ledger holds rights, not shares. A piece whose yield
    belongs to several rights has a row for each, and one whose certificate is not on record an
    empty cell; the registry refuses both until they are settled.

    Parameters
    ----------
    run : Run
        A run that has credited its pieces.

    Returns
    -------
    DataFrame, one row per right, piece and vintage
        ``piece unit_code right_kind certificate_no vintage pledgeable_kg``; nothing where nothing
        can be pledged. [kg CO2e]
    """
    project = run.left["project"]
    if project is None:
        return pd.DataFrame(columns=list(COLUMNS))
    kg = project.piece_vintages["pledgeable_kg"].to_series().rename("pledgeable_kg").reset_index()
    kg = kg[kg["pledgeable_kg"].gt(0)]
    pieces = run.left["project_pieces"]
    held = rights_held(run, pieces[among(pieces["piece"], kg["piece"])])
    mine = held[held["gives_yield"].fillna(False).astype(bool)]
    rights = mine[list(COLUMNS[:4])].drop_duplicates()
    found: pd.DataFrame = kg.merge(rights, on="piece", how="left")[list(COLUMNS)]
    order = ["unit_code", "right_kind", "certificate_no", "piece", "vintage"]
    return found.sort_values(order, ignore_index=True)
