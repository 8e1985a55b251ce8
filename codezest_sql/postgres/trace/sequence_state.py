"""Keeps sequences where they are while something is tried and rolled back: a rollback does not reset them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Mapping

    import psycopg

# The last value is NULL while the sequence was never used.
_READ = "SELECT s.seqrelid::bigint, pg_catalog.pg_sequence_last_value(s.seqrelid) FROM pg_catalog.pg_sequence AS s"
_RESTORE = """
SELECT pg_catalog.setval(s.seqrelid::pg_catalog.regclass, coalesce(%(value)s, s.seqstart), %(value)s IS NOT NULL)
FROM pg_catalog.pg_sequence AS s WHERE s.seqrelid = %(oid)s
"""


def read_sequences(connection: psycopg.Connection[Any]) -> Mapping[int, int | None]:
    """Return the last value of every sequence by its OID; None for one that was never used."""
    with connection.cursor(row_factory=tuple_row) as cursor:
        return {int(oid): value for oid, value in cursor.execute(_READ).fetchall()}


def restore_sequences(connection: psycopg.Connection[Any], before: Mapping[int, int | None]) -> None:
    """Set each sequence that moved since ``before`` back to where it was."""
    for oid, value in read_sequences(connection).items():
        if oid in before and value != before[oid]:
            connection.execute(_RESTORE, {"oid": oid, "value": before[oid]})
