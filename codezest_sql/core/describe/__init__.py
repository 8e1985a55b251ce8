"""What the server reports about a statement."""
