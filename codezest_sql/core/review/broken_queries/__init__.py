"""Queries in flight: what a migration does to the queries of the code that still runs. Pure."""
