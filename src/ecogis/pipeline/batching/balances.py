"""Accounts of areas added up: posting by posting, and their identities checked anew."""

from pathlib import Path
from typing import Final

import pandas as pd

from ecogis import accounts, io
from ecogis.pipeline.batching.areas import LEVELS, WHOLE
from ecogis.pipeline.batching.figures import added
from ecogis.pipeline.batching.tasks import POSTINGS

__all__ = ["postings"]

_NOT_KEYS: Final = ("amount", "source")
_SOURCE: Final = "areas"


def postings(out: Path, done: pd.DataFrame, folder: Path) -> dict[str, pd.DataFrame]:
    """Add up the postings of areas by county, by province and in all, and write them.

    Parameters
    ----------
    out : Path
        Folder of the batch.
    done : DataFrame, one row per area and task that is done
        ``area task county province folder``.
    folder : Path
        ``postings.parquet`` is written to it where any area has postings.

    Returns
    -------
    dict of str to DataFrame
        Table of each account of the whole batch; empty where no area has postings.

    Raises
    ------
    IdentityError
        E399 an account of a place does not close; E446 a sum passes what int64 holds.
    """
    parts = [part for _, rows in done.groupby("area") for part in _of_area(out, rows)]
    if not parts:
        return {}
    every = pd.concat(parts, ignore_index=True)
    found = [
        _at(every, level)
        for level in (WHOLE, *reversed(LEVELS))
        if level == WHOLE or every[level].ne("").any()
    ]
    io.write_parquet(folder / POSTINGS, pd.concat(found, ignore_index=True))
    whole = _posted(found[0])
    names = whole["account"].drop_duplicates().tolist()
    return {str(name): accounts.line_table(whole, str(name), townships=False) for name in names}


def _of_area(out: Path, rows: pd.DataFrame) -> list[pd.DataFrame]:
    """Postings an area left: those of its balance rather than those of its assessment."""
    ranked = rows.assign(rank=rows["task"].ne("balance")).sort_values(["rank", "task"])
    for row in ranked.to_dict("records"):
        file = out / str(row["folder"]) / POSTINGS
        if file.is_file():
            found = pd.read_parquet(file)
            text = found.select_dtypes("category").columns
            found = found.astype(dict.fromkeys(text, "string"))
            return [found.assign(**{str(name): row[name] for name in LEVELS})]
    return []


def _at(every: pd.DataFrame, level: str) -> pd.DataFrame:
    """Postings added up for each place of a level; each place closes by itself."""
    keys = [name for name in accounts.POSTING_COLUMNS if name not in _NOT_KEYS]
    place = every[level] if level in LEVELS else ""
    sums = added(every.assign(place=place), ["place", *keys]).assign(source=_SOURCE)
    for _, part in sums.groupby("place"):
        accounts.check(_posted(part))
    return sums.assign(level=level)[["level", "place", *accounts.POSTING_COLUMNS]]


def _posted(sums: pd.DataFrame) -> pd.DataFrame:
    text = [name for name in accounts.POSTING_COLUMNS if name != "amount"]
    found = sums[list(accounts.POSTING_COLUMNS)].reset_index(drop=True)
    return found.astype(dict.fromkeys(text, "category"))
