"""Asks the server for the types and the query tree of a statement."""
