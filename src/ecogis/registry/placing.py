"""Whether other rights with live claims lie on the same land: index first, then the shapes."""

from typing import Any, Final, NamedTuple

from sqlalchemy import Connection, text

from ecogis.core.errors import StageRefusedError
from ecogis.registry.claims import Policy
from ecogis.registry.held import LIVE
from ecogis.registry.places import LEVELS, Copy, Place, copied, shared_m2, stored

__all__ = ["Neighbours"]

_IN_CELLS: Final = " UNION ALL ".join(
    f"SELECT sha256 FROM place WHERE level = {level}"  # noqa: S608 - no outside text
    f" AND column_no BETWEEN :west_{level} AND :east_{level}"
    f" AND row_no BETWEEN :south_{level} AND :north_{level}"
    " AND west <= :east AND east >= :west AND south <= :north AND north >= :south"
    for level in range(LEVELS)
)
_LIVE: Final = ", ".join(f"'{state}'" for state in LIVE)
_ABOUT: Final = (
    f"SELECT place.sha256 FROM ({_IN_CELLS}) AS near"  # noqa: S608 - no outside text
    " JOIN place ON place.sha256 = near.sha256"
    " WHERE (west < :own_east AND east > :own_west AND south < :own_north AND north > :own_south)"
    " OR (area_m2 BETWEEN :least_area AND :most_area"
    " AND perimeter_m BETWEEN :least_perimeter AND :most_perimeter"
    " AND east - west BETWEEN :least_width AND :most_width"
    " AND north - south BETWEEN :least_height AND :most_height)"
)
# A right lies where its newest survey says, and each live claim where it was claimed.
_NEAR: Final = text(
    f"WITH about AS ({_ABOUT})"  # noqa: S608 - no outside text
    " SELECT place.*, lies.right_id, lies.newest FROM ("
    "SELECT rights.right_id, rights.place, 1 AS newest"
    " FROM about JOIN rights ON rights.place = about.sha256"
    " WHERE rights.right_id <> :right AND EXISTS (SELECT 1 FROM claim"
    f" WHERE claim.right_id = rights.right_id AND claim.state IN ({_LIVE}))"
    " UNION SELECT claim.right_id, claim.place, 0 AS newest"
    " FROM about JOIN claim ON claim.place = about.sha256"
    " JOIN rights ON rights.right_id = claim.right_id AND rights.place <> claim.place"
    f" WHERE claim.right_id <> :right AND claim.state IN ({_LIVE})"
    ") AS lies JOIN place ON place.sha256 = lies.place"
    " ORDER BY lies.right_id, lies.newest DESC, lies.place"
)
_HOLDER: Final = text(
    "SELECT MIN(claim) FROM claim WHERE right_id = :right AND vintage = :vintage"  # noqa: S608
    f" AND state IN ({_LIVE}) AND (1 = :newest OR place = :place)"
)


class _Found(NamedTuple):
    """A place of another right: land in common, what is tolerated, and whether it is a copy."""

    right: str
    place: str
    newest: int
    shared_m2: float
    tolerated_m2: float
    copy: Copy | None


class Neighbours:
    """Rights with live claims on or about one place, compared with it once for all vintages.

    Another right lies where its newest survey says, and each of its live claims also where the
    right lay when it was claimed: a survey that takes land off a right frees none of it.

    Parameters
    ----------
    connection : Connection
        Inside the transaction that is to write.
    right : str
        Key of the right at the place.
    place : Place
        Its land.
    policy : Policy
        What counts as an overlap or a copy.
    """

    def __init__(self, connection: Connection, right: str, place: Place, policy: Policy) -> None:
        self._connection, self._right, self._policy = connection, right, policy
        wanted = place.around(policy.copy_reach_m) | place.about() | {"right": right}
        near = connection.execute(_NEAR, wanted)
        self._found = [self._compared(place, row) for row in near.mappings()]

    def _compared(self, place: Place, row: Any) -> _Found:
        other = stored(dict(row))
        shared = shared_m2(place, other)
        tolerated = self._policy.tolerated_m2(min(place.area_m2, other.area_m2))
        copy = None if shared > tolerated else copied(place, other, self._policy)
        return _Found(row["right_id"], other.sha256, row["newest"], shared, tolerated, copy)

    def alerts(self, vintage: int) -> list[dict[str, Any]]:
        """What there is to tell about a vintage: slight overlaps, shifted copies.

        Parameters
        ----------
        vintage : int
            Calendar year that is to be claimed.

        Raises
        ------
        StageRefusedError
            E803 another right with a live claim on the vintage lies on the same land.
        """
        slight: dict[str, dict[str, Any]] = {}
        copies: dict[str, dict[str, Any]] = {}
        for found in self._found:
            shared, copy = found.shared_m2, found.copy
            if shared <= self._policy.notice_m2 and copy is None:
                continue
            where = {"right": found.right, "newest": found.newest, "place": found.place}
            claim = self._connection.scalar(_HOLDER, where | {"vintage": vintage})
            if claim is None:
                continue
            if shared > found.tolerated_m2:
                self._refuse(found, vintage, claim)
            area = round(shared, 1)
            known = slight.get(found.right, {"area_m2": 0.0})
            if shared > self._policy.notice_m2 and area > known["area_m2"]:
                slight[found.right] = {"code": "E820", "right": found.right, "area_m2": area}
            if copy is not None:
                alert = {"how": copy.how, "distance_m": copy.distance_m}
                copies.setdefault(found.right, {"code": "E821", "right": found.right} | alert)
        return [*slight.values(), *copies.values()]

    def _refuse(self, found: _Found, vintage: int, claim: int) -> None:
        raise StageRefusedError(
            "E803",
            right=self._right,
            other=found.right,
            vintage=vintage,
            claim=claim,
            area=round(found.shared_m2, 1),
            limit=round(found.tolerated_m2, 1),
        )
