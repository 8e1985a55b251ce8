"""What a DDL statement does to the schema."""
