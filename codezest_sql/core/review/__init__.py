"""What a DBA reads before a migration runs: values and their texts. Pure."""
