"""Lint the files of a project."""
