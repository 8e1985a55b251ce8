"""Queries with their types."""
