"""One module per thing a user can ask for: read, then think (in ``core``), then write."""
