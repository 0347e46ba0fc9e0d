"""What is still plausible: our own policy, not a rule of any survey."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

__all__ = ["Limits"]


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
