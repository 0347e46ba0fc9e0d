"""Package data: templates of the report."""
