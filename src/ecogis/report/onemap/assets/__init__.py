"""Template, style and scripts of the page."""
