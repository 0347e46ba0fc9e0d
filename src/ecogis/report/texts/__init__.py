"""Package data: texts of the report."""
