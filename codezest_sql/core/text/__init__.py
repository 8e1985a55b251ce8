"""Text, its places, and words for people."""
