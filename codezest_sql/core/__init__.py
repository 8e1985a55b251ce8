"""Values in, values out: no file, socket, process, clock or database is touched below here."""
