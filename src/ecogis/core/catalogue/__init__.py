"""Texts of findings and errors, one TOML a package; read by `ecogis.core.findings.rule`."""
