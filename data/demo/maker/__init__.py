"""The maker of the demo county: seeded land, seeded forest, seeded titles, and planted faults."""
