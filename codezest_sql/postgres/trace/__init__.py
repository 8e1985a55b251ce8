"""Watches what a migration does on a server."""
