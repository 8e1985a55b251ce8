"""Text, its places, and small pieces of messages."""
