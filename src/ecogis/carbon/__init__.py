"""Volume to biomass to carbon to CO2e, by the constants of the species.

In: stands with a species, standing volume by stand and instant, areas in whole 0.01 m2.
Out: pools [t C ha-1] and CO2e in whole kilograms, rounded per stand and instant before any sum.
"""

from ecogis.carbon.per_volume import coefficients
from ecogis.carbon.stocks import Paths, group_kg, stand_kg, stocks

__all__ = ["Paths", "coefficients", "group_kg", "stand_kg", "stocks"]
