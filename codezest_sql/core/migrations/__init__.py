"""Migrations: their order, their history, and the plan of a run."""
