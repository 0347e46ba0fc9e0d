"""What is still plausible: our own policy, not a rule of any survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Limits", "ShiftLimits", "TopologyLimits"]


@dataclass(frozen=True, slots=True)
class Limits:
    """Thresholds of the checks, each a policy of ours; ranges of columns are the vocabulary's.

    Parameters
    ----------
    volume_high : float
        Standing volume no stand should pass. [m3 ha-1]
    mean_increment_high : float
        Standing volume by year of age no stand should pass. [m3 ha-1 yr-1]
    mean_increment_by_species : mapping
        The same for species that grow faster. [m3 ha-1 yr-1]
    young_age : float
        Age a younger stand is given when its volume is judged by its increment. [yr]
    area_share : float
        Difference between stated and measured area that survey practice explains. [1]
    guess_share : float
        How near a ratio of areas must be to a known slip to be named. [1]
    volume_share : float
        Difference between volume per hectare and in all. [1]
    age_years : float
        Difference between age and years since planting: nursery years, replanting. [yr]
    share_sum : float
        Difference of a sum of shares from one. [1]
    """

    volume_high: float = 600.0
    mean_increment_high: float = 30.0
    mean_increment_by_species: Mapping[str, float] = field(
        default_factory=lambda: MappingProxyType({"桉树": 50.0})
    )
    young_age: float = 5.0
    area_share: float = 0.05
    guess_share: float = 0.02
    volume_share: float = 0.05
    age_years: float = 3.0
    share_sum: float = 1e-6


@dataclass(frozen=True, slots=True)
class TopologyLimits:
    """Thresholds of `topology` and of the repairs, each a policy of ours.

    Parameters
    ----------
    same_m : float
        Two polygons whose borders are nowhere farther apart, on average, are the same one. [m]
    gap_m2 : float
        A hole in the coverage up to this size is a gap; a larger one may be a lake or a village
        and is not told. By default one mu, the least land a survey gives a stand of its own. [m2]
    least_m2 : float
        Gaps below this are told as a sum. [m2]
    width_m : float
        Mean width (twice the area by the perimeter) below which a polygon or a gap is a sliver,
        and width at its base below which a thorn is a spike. [m]
    part_m : float
        Distance between parts of one feature that digitising seldom explains. [m]
    stated_share : float
        How near the sum of polygons must be to a value stated for each of them. [1]
    spike_degrees : float
        Angle below which a corner is a spike. [degrees]
    spike_m : float
        Least length of a spike. [m]
    near_m : float
        Vertices nearer than this are one corner when spikes are looked for. [m]
    outside_share : float
        Share of a feature that may lie outside the boundary. [1]
    moved_share : float
        Change of area a feature may see by a repair other than of its rings. [1]
    """

    same_m: float = 0.01
    gap_m2: float = 2000.0 / 3.0
    least_m2: float = 1.0
    width_m: float = 1.0
    part_m: float = 1_000.0
    stated_share: float = 0.05
    spike_degrees: float = 3.0
    spike_m: float = 1.0
    near_m: float = 0.1
    outside_share: float = 0.5
    moved_share: float = 0.01


@dataclass(frozen=True, slots=True)
class ShiftLimits:
    """Thresholds of `shifted`, each a policy of ours.

    Parameters
    ----------
    contrast : float
        How much the best shift in a window must stand out to count; layers that have nothing in
        common reach 1.3 by chance. [1]
    match : float
        How much of the lines of the one with fewer must then fall on the other's. [1]
    agree_m : float
        How near shifts must be to one another, or to GCJ-02, to agree. [m]
    least_m : float
        Shift below which two layers lie on one another. [m]
    apart_km : float
        Distance between layers from which the coordinate system is in doubt. [km]
    zone_degrees : float
        How near a difference of longitude must be to whole zones to be named. [degrees]
    """

    contrast: float = 1.5
    match: float = 0.4
    agree_m: float = 25.0
    least_m: float = 20.0
    apart_km: float = 1.0
    zone_degrees: float = 0.5
