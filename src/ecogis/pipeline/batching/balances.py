"""Accounts of areas added up: posting by posting, and their identities checked anew."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from ecogis import accounts, io
from ecogis.core.errors import EcogisError
from ecogis.pipeline.batching.areas import LEVELS, WHOLE
from ecogis.pipeline.batching.figures import fits
from ecogis.pipeline.batching.tasks import POSTINGS

__all__ = ["postings"]

_PLACES: Final = ("township", "farm")
_SOURCE: Final = "areas"


def postings(out: Path, done: pd.DataFrame, folder: Path) -> dict[str, pd.DataFrame]:
    """Add up the postings of areas by county, by province and in all, and write them.

    The smallest level there is tells townships and farms apart; above it they are added up. Not
    more than the areas of two of its places are in memory at a time.

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
        E399 an account of a place does not close; E519 a sum might pass what int64 holds.
    EcogisError
        E516 the postings of an area cannot be read.
    """
    files = {
        str(area): file
        for area, rows in done.groupby("area", sort=True)
        if (file := _left_by(out, rows)) is not None
    }
    if not files:
        return {}
    places = done.drop_duplicates("area").set_index("area").loc[list(files)]
    io.write_parquet_parts(folder / POSTINGS, _parts(files, places))
    whole = pd.read_parquet(folder / POSTINGS, filters=[("level", "==", WHOLE)])
    names = whole["account"].drop_duplicates().tolist()
    return {str(name): accounts.line_table(whole, str(name), townships=False) for name in names}


def _left_by(out: Path, rows: pd.DataFrame) -> Path | None:
    """Postings an area left: those of its balance rather than those of its assessment."""
    ranked = rows.assign(rank=rows["task"].ne("balance")).sort_values(["rank", "task"])
    files = (out / folder / POSTINGS for folder in ranked["folder"])
    return next((file for file in files if file.is_file()), None)


def _parts(files: dict[str, Path], places: pd.DataFrame) -> Iterator[pd.DataFrame]:
    """Postings of each place, the smaller level first; a larger one is made of the smallest."""
    smallest, *above = [level for level in LEVELS if places[level].ne("").any()] + [WHOLE]
    folded: dict[str, pd.DataFrame] = {}
    for place, areas in _places_of(smallest, places):
        sums = _added([_read(files[area]) for area in areas])
        yield _told(smallest, place, sums)
        if above:
            folded[place] = accounts.summed(sums, without=_PLACES)
    for level in above:
        for place, areas in _places_of(level, places):
            within = places.loc[areas, smallest].unique()
            yield _told(level, place, _added([folded[part] for part in within]))


def _places_of(level: str, places: pd.DataFrame) -> Iterator[tuple[str, list[str]]]:
    """Places of a level and the areas of each."""
    name = places[level] if level in LEVELS else pd.Series("", index=places.index)
    for place, part in places.groupby(name.to_numpy(), sort=True):
        yield str(place), part.index.tolist()


def _read(file: Path) -> pd.DataFrame:
    """Postings of an area; a disk that gives none is not mistaken for one that takes none."""
    try:
        return pd.read_parquet(file)
    except OSError as fault:
        raise EcogisError("E516", file=file, detail=fault.strerror or fault) from None


def _added(tables: list[pd.DataFrame]) -> pd.DataFrame:
    """Postings of one place added up; it closes by itself."""
    every = accounts.joined(tables)
    fits(every["amount"])
    sums = accounts.summed(every)
    accounts.check(sums)
    return sums


def _told(level: str, place: str, sums: pd.DataFrame) -> pd.DataFrame:
    about = {"level": level, "place": place, "source": _SOURCE}
    named = {name: pd.Categorical([text] * len(sums)) for name, text in about.items()}
    return sums.assign(**named)[["level", "place", *accounts.POSTING_COLUMNS]]
