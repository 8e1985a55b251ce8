"""Names of generated modules, classes and fields."""
