"""Runs a plan against a server so that after any crash the ledger equals the schema. Decides nothing of a plan."""
