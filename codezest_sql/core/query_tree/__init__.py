"""The query tree that the server prints."""
