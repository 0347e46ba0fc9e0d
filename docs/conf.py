"""Sphinx configuration."""

from importlib.metadata import version as installed

project = "ecogis"
language = "en"
version = release = installed("ecogis")
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "sphinx.ext.viewcode"]
source_suffix = {".md": "myst-nb", ".rst": "restructuredtext"}
exclude_patterns = ["_build"]
html_theme = "furo"
nb_execution_mode = "off"
myst_enable_extensions = ["dollarmath", "deflist"]
myst_heading_anchors = 3
autodoc_typehints = "none"
napoleon_custom_sections = ["Findings"]
suppress_warnings = ["myst.header"]
