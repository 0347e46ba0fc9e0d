"""Owners on the route by event records: parts and stands split over those who hold the land."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from ecogis.accounts.events import Changes
from ecogis.accounts.parts import holders, over_owners
from ecogis.accounts.rows import QUANTITIES

__all__ = ["by_owner", "stands_by_owner"]

Ints = npt.NDArray[np.int64]


def by_owner(
    made: Changes, dead: dict[str, Ints], stands: pd.Index, owners: pd.DataFrame | None
) -> tuple[Changes, dict[str, Ints]]:
    """Changes and what died, split over the owners of the opening stands.

    What stayed, rose, was taken out, stayed as residue, passed and died is split apart by largest
    remainder, so that owners add up to the part and nothing is below nothing.

    Parameters
    ----------
    made : Changes
        As `changes` gives them, owners not told apart.
    dead : mapping of str to array
        By quantity: what died, part by part.
    stands : Index
        Stands of the opening survey.
    owners : DataFrame or None
        As `stand_owners` gives them, of the opening stands; without it owners are not on record.

    Returns
    -------
    tuple of Changes and mapping
    """
    land = made.parts
    held, row = holders(owners, stands, land.left)
    columns = [land.area]
    for name in QUANTITIES:
        out = land.fall[name] - made.residues[name]
        columns += [land.kept[name], land.rise[name], out, made.residues[name]]
        columns += [made.passing[name], dead[name]]
    split = over_owners(np.stack(columns, axis=1), row, held["area_dm2"].to_numpy(np.int64))
    kinds = ("kept", "rise", "out", "residues", "passing", "dead")
    found: dict[str, dict[str, Ints]] = {
        kind: {name: split[:, 1 + place + len(kinds) * at] for at, name in enumerate(QUANTITIES)}
        for place, kind in enumerate(kinds)
    }
    before, after = (
        {name: codes[row] for name, codes in side.items()} for side in (land.before, land.after)
    )
    for side, name in ((before, "owner_opening"), (after, "owner_closing")):
        side["owner"] = np.asarray(held[name].cat.codes, dtype=np.int64)
    parts = replace(
        land,
        names={**land.names, "owner": [str(name) for name in held["owner_opening"].cat.categories]},
        before=before,
        after=after,
        has_left=land.has_left[row],
        has_right=land.has_right[row],
        left=land.left[row],
        right=land.right[row],
        cause=land.cause[row],
        area=split[:, 0],
        kept=found["kept"],
        rise=found["rise"],
        fall={name: found["out"][name] + found["residues"][name] for name in QUANTITIES},
        status_before=land.status_before[row],
        status_after=land.status_after[row],
    )
    return Changes(parts, found["residues"], found["passing"]), found["dead"]


def stands_by_owner(stands: pd.DataFrame, owners: pd.DataFrame | None) -> pd.DataFrame:
    """Stands of the closing survey with their owner at the closing, a row for each.

    Parameters
    ----------
    stands : DataFrame
        Of a `Survey`.
    owners : DataFrame or None
        As `stand_owners` gives them, of these stands.

    Returns
    -------
    DataFrame
        The stands, ``owner`` (category), and area, volume and carbon of each owner's part; rows of
        a stand add up to it.
    """
    held, row = holders(owners, stands.index, np.arange(len(stands)))
    names = ["area_dm2", *QUANTITIES]
    weights = held["area_dm2"].to_numpy(dtype=np.int64)
    made = stands.iloc[row].assign(owner=held["owner_closing"].to_numpy())
    made["owner"] = pd.Categorical(made["owner"], categories=held["owner_closing"].cat.categories)
    made[names] = over_owners(stands[names].to_numpy(dtype=np.int64), row, weights)
    return made
