"""Check queries and generate code."""
