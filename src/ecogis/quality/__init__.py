"""Look at what came in and say what is wrong with it; one bounded repair, never silent.

In: canonical layers and tables. Out: rows of findings. A row with an excluded finding keeps its
area in every total and earns nothing.
"""

from ecogis.quality.boundary import outside
from ecogis.quality.limits import Limits
from ecogis.quality.look import look
from ecogis.quality.repair import repair_rings

__all__ = ["Limits", "look", "outside", "repair_rings"]
