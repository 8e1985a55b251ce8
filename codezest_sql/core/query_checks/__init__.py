"""Policies, server errors at their place, and the snapshot of a check."""
