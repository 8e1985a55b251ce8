"""Which functions have bodies of SQL that no longer fit the schema: a server looks only when they are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

# A body after BEGIN ATOMIC is kept as a tree, and follows what it names.
_WRITTEN = """
SELECT p.oid, pg_catalog.format('%%I.%%I', n.nspname, p.proname), pg_catalog.pg_get_functiondef(p.oid)
FROM pg_catalog.pg_proc AS p
JOIN pg_catalog.pg_namespace AS n ON n.oid = p.pronamespace
JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
WHERE p.oid = ANY(%s) AND l.lanname = 'sql' AND p.prosqlbody IS NULL AND n.nspname <> 'pg_catalog'
AND p.prokind IN ('f', 'p')
ORDER BY p.oid
"""


def read_broken_bodies(connection: psycopg.Connection[Any], functions: Iterable[int]) -> Mapping[int, str]:
    """Return, for each of these functions whose body the server refuses, its name and the reason. Changes nothing.

    ``connection`` is in autocommit mode and in no transaction. A body in another language is not looked at.
    """
    found: dict[int, str] = {}
    with connection.transaction(force_rollback=True), connection.cursor(row_factory=tuple_row) as cursor:
        cursor.execute("SET LOCAL check_function_bodies = on")
        for oid, name, definition in cursor.execute(_WRITTEN, [[*functions]]).fetchall():
            try:
                with connection.transaction(force_rollback=True):
                    cursor.execute(definition.encode())
            except psycopg.OperationalError:
                raise
            except psycopg.Error as error:
                found[oid] = f"{name}, whose body no longer runs: {error.diag.message_primary or error}"
    return found
