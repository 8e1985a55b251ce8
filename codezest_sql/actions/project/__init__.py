"""Find a project, its settings, its database and its files."""
