"""Reads the system catalogs past the schemas of the project.

A search path such as ``public, pg_catalog`` puts the operators that a migration made before the server's own. Names
of tables and functions can be qualified in SQL, and are; a qualified operator is hard to read.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Generator

    import psycopg


@contextmanager
def catalog_cursor(connection: psycopg.Connection[Any]) -> Generator[psycopg.Cursor[tuple[Any, ...]]]:
    """Yield a cursor of tuples in a transaction with an empty search path: every type has its schema in its name.

    The search path is what it was afterwards, within an open transaction too.
    """
    with connection.transaction(), connection.cursor(row_factory=tuple_row) as cursor:
        before = cursor.execute("SELECT pg_catalog.current_setting('search_path')").fetchone()
        cursor.execute("SET LOCAL search_path = ''")
        yield cursor
        cursor.execute("SELECT pg_catalog.set_config('search_path', %s, true)", before)
