"""One schema of a database as the place of a run: ``--schema NAME``.

The schema is first on the session's search path, and holds the ledger. The connection string sets both, so that every
session of a command has them from its start.
"""

from __future__ import annotations

import os
from contextlib import closing
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from codezest_sql.core.sql.session_options import write_option
from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.postgres.connection import connect, server_errors
from codezest_sql.postgres.url import normalise_url

if TYPE_CHECKING:
    from collections.abc import Mapping

# A setting of our own that names the schema of the ledger; ``ledger.find_tables`` reads it.
LEDGER_SCHEMA = "codezest.schema"


def scoped_url(url: str, schema: str, *, ledger: str) -> str:
    """Return the URL of sessions that work in ``schema``: it is followed by the rest of the search path.

    Other schemas that hold a ledger (a table ``ledger``) are taken from the path: a name that is missing in one
    tenant's schema must not be found in another's. Raises ``ConnectionUnusableError`` where there is no such schema.
    """
    with closing(connect(url, purpose="schema")) as connection, server_errors("read the search path"):
        rows = connection.execute(
            """
            SELECT n.nspname, p.number
            FROM pg_catalog.unnest(pg_catalog.current_schemas(false)) WITH ORDINALITY AS p (name, number)
            INNER JOIN pg_catalog.pg_namespace AS n ON n.nspname = p.name
            WHERE n.nspname !~ '^pg_temp' AND NOT EXISTS (
                SELECT FROM pg_catalog.pg_class AS c WHERE c.relnamespace = n.oid AND c.relname = %(ledger)s
            )
            UNION ALL
            SELECT n.nspname, 0 FROM pg_catalog.pg_namespace AS n WHERE n.nspname = %(schema)s
            ORDER BY 2
            """,
            {"ledger": ledger, "schema": schema},
        ).fetchall()
    path = [str(name) for name, _ in rows]
    if schema not in path:
        raise ConnectionUnusableError(
            f"the database has no schema {schema}",
            hint="create it first, or correct --schema; a name is written as the server keeps it, without quotes",
        )
    names = ", ".join(sql.Identifier(name).as_string() for name in dict.fromkeys((schema, *path)))
    return with_settings(url, (("search_path", names), (LEDGER_SCHEMA, schema)))


def with_settings(
    url: str, settings: tuple[tuple[str, str], ...], *, environment: Mapping[str, str] = os.environ
) -> str:
    """Return the URL of sessions that begin with these settings, whatever else it and the environment give them."""
    parameters = dict(conninfo_to_dict(normalise_url(url)))
    # libpq takes PGOPTIONS where a connection string has no options of its own.
    given = str(parameters.get("options") or environment.get("PGOPTIONS", ""))
    parameters["options"] = " ".join((given, *(write_option(name, value) for name, value in settings))).strip()
    return make_conninfo("", **parameters)
