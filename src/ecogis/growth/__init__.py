"""Volume by stand and day: curves published, fitted or given, scaled to what the survey found.

In: stands with species, age, survey date and volume; curves of a library edition, a file, a yield
table or a fit. Out: standing volume (stand, instant) [m3 ha-1], or the plain arrays a fused kernel
follows (`trajectories`); and the events of a year (`schedule`). A stand that cannot be projected
keeps its volume, with a finding.
"""

from typing import TYPE_CHECKING

from ecogis.core.loading import on_first_use

if TYPE_CHECKING:
    from ecogis.growth.bamboo_shrub import bamboo_carbon, carbon_density, shrub_carbon
    from ecogis.growth.curves import FORMS, AgeTable, Curve, CurveSet, age_table
    from ecogis.growth.events import Event, Felling, Hazards, Rule
    from ecogis.growth.fellings import Stock, felling_ages, permitted_rules, within_quota
    from ecogis.growth.fit_figure import fit_plot
    from ecogis.growth.fitting import Demands, Fits, fit
    from ecogis.growth.hazards import annual_mortality, disaster_hazards
    from ecogis.growth.library import curve_set
    from ecogis.growth.missing import age_limits, filled, tree_volume
    from ecogis.growth.own_curves import own_volume
    from ecogis.growth.rates import grown, pressler, rate_curves, rate_set, spans_of_groups
    from ecogis.growth.reading import read_curves
    from ecogis.growth.schedules import Schedule, schedule
    from ecogis.growth.site import site_class, site_index
    from ecogis.growth.stands import stand_curves
    from ecogis.growth.volume import Trajectories, standing_volume, trajectories
    from ecogis.growth.yield_tables import YieldTable, yield_table

__all__ = [
    "FORMS",
    "AgeTable",
    "Curve",
    "CurveSet",
    "Demands",
    "Event",
    "Felling",
    "Fits",
    "Hazards",
    "Rule",
    "Schedule",
    "Stock",
    "Trajectories",
    "YieldTable",
    "age_limits",
    "age_table",
    "annual_mortality",
    "bamboo_carbon",
    "carbon_density",
    "curve_set",
    "disaster_hazards",
    "felling_ages",
    "filled",
    "fit",
    "fit_plot",
    "grown",
    "own_volume",
    "permitted_rules",
    "pressler",
    "rate_curves",
    "rate_set",
    "read_curves",
    "schedule",
    "shrub_carbon",
    "site_class",
    "site_index",
    "spans_of_groups",
    "stand_curves",
    "standing_volume",
    "trajectories",
    "tree_volume",
    "within_quota",
    "yield_table",
]

_MODULES = {
    "bamboo_shrub": ("bamboo_carbon", "carbon_density", "shrub_carbon"),
    "curves": ("FORMS", "AgeTable", "Curve", "CurveSet", "age_table"),
    "events": ("Event", "Felling", "Hazards", "Rule"),
    "fellings": ("Stock", "felling_ages", "permitted_rules", "within_quota"),
    "fit_figure": ("fit_plot",),
    "fitting": ("Demands", "Fits", "fit"),
    "hazards": ("annual_mortality", "disaster_hazards"),
    "library": ("curve_set",),
    "missing": ("age_limits", "filled", "tree_volume"),
    "own_curves": ("own_volume",),
    "rates": ("grown", "pressler", "rate_curves", "rate_set", "spans_of_groups"),
    "reading": ("read_curves",),
    "schedules": ("Schedule", "schedule"),
    "site": ("site_class", "site_index"),
    "stands": ("stand_curves",),
    "volume": ("Trajectories", "standing_volume", "trajectories"),
    "yield_tables": ("YieldTable", "yield_table"),
}

on_first_use(__name__, _MODULES)
