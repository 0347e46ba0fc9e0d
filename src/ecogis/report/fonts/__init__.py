"""Vendored fonts (SIL Open Font License, see ``OFL.txt``)."""
