"""Finds and reads the ledgers of other migration tools. Writes nothing, and takes no lock but a reader's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from psycopg import sql

from codezest_sql.core.adoption.tables import FoundTable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from codezest_sql.core.adoption.tools import Tool
    from codezest_sql.postgres.connection import Connection


def find_ledgers(connection: Connection, names: Iterable[str]) -> tuple[FoundTable, ...]:
    """Return the tables of these names in all schemas, with their columns.

    The catalog is open to every role: what the role may not read is found all the same, and refused on reading.
    """
    rows = connection.execute(
        """
        SELECT n.nspname::text, c.relname::text,
            array(
                SELECT a.attname::text
                FROM pg_catalog.pg_attribute AS a
                WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            )
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = ANY (%s) AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_(temp|toast)'
        ORDER BY n.nspname, c.relname
        """,
        [sorted(set(names))],
    ).fetchall()
    return tuple(FoundTable(str(row[0]), str(row[1]), frozenset(cast("list[str]", row[2]))) for row in rows)


def read_ledger(connection: Connection, tool: Tool, table: FoundTable) -> list[tuple[Any, ...]]:
    """Return the rows of a ledger. A row-level policy that would hide some of them is an error, not fewer rows."""
    connection.execute("SET LOCAL row_security = off")
    return connection.execute(
        sql.SQL("SELECT {columns} FROM {table}").format(
            columns=sql.SQL(", ").join(sql.Identifier(column) for column in tool.columns),
            table=sql.Identifier(table.schema, table.name),
        )
    ).fetchall()


def has_tables(connection: Connection, *, besides: Iterable[str]) -> bool:
    """Whether the database has a table or view that is no ledger (``besides``), no extension's, not the server's."""
    row = connection.execute(
        """
        SELECT EXISTS (
            SELECT FROM pg_catalog.pg_class AS c
            JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
            WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND c.relname <> ALL (%s)
                AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
                AND NOT EXISTS (
                    SELECT FROM pg_catalog.pg_depend AS d
                    WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid
                        AND d.deptype = 'e'
                )
        )
        """,
        [sorted(set(besides))],
    ).fetchone()
    return bool(row and row[0])
