"""The objects of a schema, their differences and their dump."""
