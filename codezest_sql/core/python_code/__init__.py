"""Writes Python: models, rows, statements and functions, as text that ``ruff format`` leaves as it is."""
