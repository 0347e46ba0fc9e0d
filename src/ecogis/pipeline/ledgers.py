"""Claims of our own pledge ledger, as clause 4.1 d asks for them."""

from dataclasses import asdict
from pathlib import Path

import pandas as pd

from ecogis import eligibility
from ecogis.core.errors import ConfigError
from ecogis.io import LayerInfo
from ecogis.pipeline.run import Run

__all__ = ["own_claims"]

_PARCEL = slice(0, 19)


def own_claims(run: Run) -> pd.DataFrame | None:
    """Live claims at the end of the valuation date; nothing where the project tells of no ledger.

    Returns
    -------
    DataFrame or None
        ``claim right parcel vintage lender``, one row per claim and right of the run it is on. A
        claim on a right that is not in the run names its parcel alone.

    Raises
    ------
    ConfigError
        E773 the section names neither a ledger and who reads it, nor why it holds no claim, or
        both.
    InputError, StageRefusedError
        There is no such ledger, or the reader has no role in it.
    """
    asked = run.config.registry
    if asked is None:
        return None
    named = bool(asked.ledger) and bool(asked.reader)
    if named is bool(asked.no_claims_because) or bool(asked.ledger) is not bool(asked.reader):
        raise ConfigError("E773", file=run.project.file.name)
    if not named:
        return eligibility.no_claims()
    from ecogis.registry import Ledger

    file = Path(asked.ledger)
    remote = "://" in asked.ledger
    address = asked.ledger if remote else str(run.project.folder / file)
    with Ledger.open(address, asked.reader) as ledger:
        live, head = ledger.claims(run.date), ledger.head()
    name = "ledger" if remote else file.name  # an address may hold a password
    info = LayerInfo(name, "", len(live), "", "", head.hash)
    run.inputs.append({"role": "ledger"} | asdict(info))
    return _on_rights(live, run.left["rights"])


def _on_rights(live: pd.DataFrame, rights: pd.DataFrame) -> pd.DataFrame:
    """Claims with the rights of the run of the same unit code, kind and registration number."""
    named = {"unit_code": "unit_code", "right_kind": "right_kind", "registration_no": "number"}
    claims = live.rename(columns={"party": "lender", "right": "key"} | named)
    mine = rights[["right", "unit_code", "right_kind"]].assign(number=rights["certificate_no"])
    keys = ["unit_code", "right_kind", "number"]
    for table in (claims, mine):
        for name in keys:
            table[name] = _folded(table[name])
    found = claims.merge(mine.dropna().drop_duplicates(), on=keys, how="left")
    found["parcel"] = found["unit_code"].str[_PARCEL].where(found["right"].isna())
    columns = ["claim", "right", "parcel", "vintage", "lender"]
    return found[columns].astype({"claim": "string"})


def _folded(texts: pd.Series) -> pd.Series:
    """As the ledger folds them: a change of spelling is no other right."""
    plain = texts.astype("string").str.normalize("NFKC").str.upper()
    return plain.str.replace(r"\s+", "", regex=True)
