"""PostgreSQL types to Python types."""
