"""Apply, undo, adopt, dump, prove and verify migrations."""
