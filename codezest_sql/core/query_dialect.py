"""The ways to spell a query file."""

from __future__ import annotations

from enum import StrEnum


class Dialect(StrEnum):
    """How a query file spells parameters and names."""

    NATIVE = "native"
    SQLC = "sqlc"
