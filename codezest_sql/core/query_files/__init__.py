"""A .sql file to its queries."""
