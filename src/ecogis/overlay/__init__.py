"""Stands laid over parcels: pieces of land, and an area that adds up to the hundredth of a m2.

In: layers in EPSG:4490 with unique identifiers. Out: tables `piece, stand, parcel, area_dm2 ...`,
what of each stand and parcel is in no piece, and what two neighbours both claim.
"""

from ecogis.overlay.areas import areas
from ecogis.overlay.cover import parcel_cover
from ecogis.overlay.ids import unique_ids
from ecogis.overlay.pieces import Overlay, pieces
from ecogis.overlay.touching import touching_groups

__all__ = ["Overlay", "areas", "parcel_cover", "pieces", "touching_groups", "unique_ids"]
