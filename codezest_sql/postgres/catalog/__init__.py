"""Reads the system catalogs."""
