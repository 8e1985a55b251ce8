"""Measure what the migrations of a branch do to a running application."""
