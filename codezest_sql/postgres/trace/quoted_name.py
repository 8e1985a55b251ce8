"""Puts names into statements that a server has qualified and quoted itself, by ``format('%I.%I', …)``."""

from __future__ import annotations

from psycopg import sql


def quoted_name(name: str) -> sql.SQL:
    """Return such a name as a part of a statement. Never for words of a caller's: those are ``sql.Identifier``."""
    return sql.SQL(name)  # pyright: ignore[reportArgumentType]  # no literal: the server's own words
