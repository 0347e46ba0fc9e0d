"""Libraries that draw the page: MapLibre GL JS 5.24.1 and pmtiles 4.5.0, with their licences."""
