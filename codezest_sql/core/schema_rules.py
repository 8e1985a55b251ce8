"""The schema's rules, checked from the catalogue."""

from __future__ import annotations

SCHEMA_CODES: tuple[str, ...] = ()
