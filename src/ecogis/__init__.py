"""ecogis."""
