"""Stands laid over parcels: pieces of land, and an area that adds up to the hundredth of a m2.

In: layers on CGCS2000 with unique identifiers. Out: tables `piece, stand, parcel, area_dm2 ...`,
what of each stand and parcel is in no piece, and what two neighbours both claim.
"""

from ecogis.overlay.areas import areas
from ecogis.overlay.cover import parcel_cover
from ecogis.overlay.ids import unique_ids
from ecogis.overlay.ownership import exact_shares, share_sums, share_timeline
from ecogis.overlay.pieces import Overlay, pieces
from ecogis.overlay.placing import right_parcels
from ecogis.overlay.rights import piece_rights, without_right
from ecogis.overlay.shared_land import common
from ecogis.overlay.touching import touching_groups
from ecogis.overlay.unallocated import unallocated

__all__ = [
    "Overlay",
    "areas",
    "common",
    "exact_shares",
    "parcel_cover",
    "piece_rights",
    "pieces",
    "right_parcels",
    "share_sums",
    "share_timeline",
    "touching_groups",
    "unallocated",
    "unique_ids",
    "without_right",
]
