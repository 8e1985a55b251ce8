"""What maintainers run in a checkout; no part of the wheel."""
