"""The bottom of the house: errors, findings, units, vocabulary, periods, provenance."""
