"""What speaks to a PostgreSQL server, or starts one. Never reads a project file, never prints."""
