"""Rules about the schema as a whole, read from the system catalogs."""
