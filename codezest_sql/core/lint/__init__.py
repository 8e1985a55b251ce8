"""Errors in the SQL of a project, found without a server: rules as data, and their findings."""
