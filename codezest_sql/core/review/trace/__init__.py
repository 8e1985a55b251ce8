"""What was measured of the statements of a migration, and what follows from it. Pure."""
