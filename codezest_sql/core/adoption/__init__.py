"""What other migration tools say they applied, and which of our migrations that is. Rules and values, no I/O."""
