"""Look at what came in and say what is wrong with it; repairs by name, bounded, never silent.

In: canonical layers and tables. Out: rows of findings. A row with an excluded finding keeps its
area in every total and earns nothing.
"""

from ecogis.quality.boundary import outside
from ecogis.quality.limits import Limits, ShiftLimits, TopologyLimits
from ecogis.quality.look import look
from ecogis.quality.repair import REPAIRS, repair
from ecogis.quality.rings import repair_rings
from ecogis.quality.shifted import shifted
from ecogis.quality.topology import topology

__all__ = [
    "REPAIRS",
    "Limits",
    "ShiftLimits",
    "TopologyLimits",
    "look",
    "outside",
    "repair",
    "repair_rings",
    "shifted",
    "topology",
]
