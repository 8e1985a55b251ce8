"""Asks the server for the plan of a statement, with statistics that are set."""
