"""Volume by stand and day: published curves, scaled to what the survey found.

In: stands with species, age, survey date and volume; curves of one library edition.
Out: standing volume (stand, instant) [m3 ha-1], or the plain arrays a fused kernel follows
(`trajectories`). A stand that cannot be projected keeps its volume, with a finding.
"""

from ecogis.growth.curves import AgeTable, Curve, CurveSet, age_table
from ecogis.growth.library import curve_set
from ecogis.growth.stands import stand_curves
from ecogis.growth.volume import Trajectories, standing_volume, trajectories

__all__ = [
    "AgeTable",
    "Curve",
    "CurveSet",
    "Trajectories",
    "age_table",
    "curve_set",
    "stand_curves",
    "standing_volume",
    "trajectories",
]
