"""Connections for tools: autocommit, named in pg_stat_activity, their failures in words."""

from __future__ import annotations

import logging
import os
import socket
from contextlib import contextmanager
from typing import TYPE_CHECKING, LiteralString, TypeAlias

import psycopg
from psycopg import errors as pg
from psycopg.adapt import Loader
from psycopg.conninfo import conninfo_to_dict

from codezest_sql.errors import (
    ConnectionUnusableError,
    DatabaseError,
    LockTimeoutError,
    PooledConnectionError,
)
from codezest_sql.postgres.url import DIRECT_URL_HINT, describe_url, normalise_url

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from psycopg.abc import Buffer

Connection: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

# psycopg logs a connection that it cannot close in order, and Python prints that to stderr without a handler. A
# command prints its own error. A handler that an application has set still gets it.
logging.getLogger("psycopg").addHandler(logging.NullHandler())

# Neon needs up to some seconds to wake a database that scaled to zero (operations.md: at least 10 s).
_CONNECT_TIMEOUT = 15
_OLDEST_SERVER = 150000
_POOLER_REFUSALS = ("unsupported startup parameter", "no such database: ", "pgbouncer")
# How often a busy backend looks whether its client is still there (PostgreSQL documentation, 20.3.3). A killed
# deployer's transaction ends, and its locks are free, this much later.
_CHECK_INTERVAL = "250ms"


def connect(url: str, *, purpose: str) -> Connection:
    """Open a connection in autocommit mode; ``purpose`` is shown to DBAs in ``pg_stat_activity``.

    Raises ``ConnectionUnusableError`` where the server cannot be reached, refuses, or is older than 15.
    """
    url = normalise_url(url)
    given = conninfo_to_dict(url)
    # Keepalives detect within a minute that a guard's idle connection is dead.
    defaults: dict[str, str | int] = {
        "connect_timeout": _CONNECT_TIMEOUT,
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "tcp_user_timeout": 60_000,  # milliseconds; keepalives are not sent while something is unacknowledged
        "application_name": f"codezest-sql {purpose} ({socket.gethostname()[:24]} {os.getpid()})"[:63],
    }
    if str(given.get("host") or "").startswith("/"):
        # PGHOSTADDR of the environment would send a URL with a socket's folder to another server.
        defaults["hostaddr"] = ""
    try:
        connection = psycopg.connect(
            url,
            autocommit=True,
            prepare_threshold=None,
            client_encoding="UTF8",  # files are sent as they are, regardless of PGCLIENTENCODING
            **{key: value for key, value in defaults.items() if key not in given},  # type: ignore[arg-type]
        )
    except psycopg.Error as error:
        raise _refusal(url, error) from None
    if connection.info.server_version < _OLDEST_SERVER:
        version = connection.info.server_version // 10000
        connection.close()
        raise ConnectionUnusableError(
            f"the server is PostgreSQL {version}", hint="codezest-sql needs PostgreSQL 15 or newer"
        )
    if connection.info.parameter_status("server_encoding") == "SQL_ASCII":
        for name in ("text", "varchar", "bpchar", "name", '"char"'):
            connection.adapters.register_loader(name, _AnyBytes)
    return connection


class _AnyBytes(Loader):
    """Reads a text of an SQL_ASCII database, which the server does not convert: it may hold any bytes."""

    def load(self, data: Buffer) -> str:
        return bytes(data).decode("utf-8", "backslashreplace")


@contextmanager
def server_errors(what: str, *, way_out: str = "nothing was started") -> Generator[None]:
    """Turn psycopg's errors into ours, saying that the server refused to ``what``.

    Missing rights and a read-only server are ``ConnectionUnusableError``, a lock that was not got is
    ``LockTimeoutError``, an error of a pooler is ``PooledConnectionError``, all else ``DatabaseError``
    with the hint ``way_out``.
    """
    try:
        yield
    except psycopg.Error as error:
        reason = error.diag.message_primary or str(error).strip().split("\n")[0]
        message = f"cannot {what}: {reason}"
        if isinstance(error, pg.InsufficientPrivilege):
            raise ConnectionUnusableError(message, hint="GRANT the role that migrates what it lacks") from None
        if isinstance(error, pg.ReadOnlySqlTransaction):
            hint = "migrate on the primary, with a role that may write"
            raise ConnectionUnusableError(message, hint=hint) from None
        if isinstance(error, pg.LockNotAvailable):
            raise LockTimeoutError(message, hint="another session holds it: run the command again") from None
        # PgBouncer's own words: "transaction blocks not allowed in statement pooling mode", "query_wait_timeout".
        if isinstance(error, pg.ProtocolViolation) or "query_wait_timeout" in reason:
            raise PooledConnectionError(
                f"{message}: the connection goes through a pooler", hint=DIRECT_URL_HINT
            ) from None
        raise DatabaseError(message, hint=way_out) from None


def live_with_client(connection: Connection, *, lock_timeout: float | None = None) -> None:
    """Let the session live as long as its client does: it never idles out, and ends soon after its client.

    A role or database may have an ``idle_session_timeout``, while a session waits for another one, or between two
    attempts. A client that is killed closes its socket; one that vanishes with its machine or network leaves the
    session, with its locks, to TCP: to the keepalives while it idles, else to the resending of what it answers
    (PostgreSQL documentation, 19.3.2; the kernel's own defaults let a lock stay for two hours).

    With ``lock_timeout``, in seconds, set that as well, in the same round trip.
    """
    settings = {
        "idle_session_timeout": "0",
        "tcp_keepalives_idle": "15s",
        "tcp_keepalives_interval": "5s",
        "tcp_keepalives_count": "3",
        "tcp_user_timeout": "30s",
    }
    if lock_timeout is not None:
        settings["lock_timeout"] = _milliseconds(lock_timeout)
    try:
        _set(connection, {**settings, "client_connection_check_interval": _CHECK_INTERVAL})
    except psycopg.Error:
        # Only some platforms can poll for a closed socket; elsewhere the keepalives do it later.
        if connection.closed:
            raise
        _set(connection, settings)


def _set(connection: Connection, settings: Mapping[str, str]) -> None:
    """Set settings for the session, all or none, in one round trip."""
    connection.execute(
        """
        SELECT pg_catalog.set_config(s.name, s.value, false)
        FROM ROWS FROM (pg_catalog.unnest(%s::text []), pg_catalog.unnest(%s::text [])) AS s (name, value)
        """,
        [[*settings], [*settings.values()]],
    )


def bound_waiting(connection: Connection, seconds: float, *, local: bool = False) -> None:
    """Set ``lock_timeout``, in whole milliseconds, for the session or with ``local`` for the transaction."""
    connection.execute("SELECT pg_catalog.set_config('lock_timeout', %s, %s)", [_milliseconds(seconds), local])


def _milliseconds(seconds: float) -> str:
    return f"{max(1, round(seconds * 1000))}ms"


def _refusal(url: str, error: psycopg.Error) -> ConnectionUnusableError:
    reason = str(error).strip().replace("\n", "; ")
    where = describe_url(url)
    if any(words in reason.lower() for words in _POOLER_REFUSALS):
        return PooledConnectionError(f"cannot connect to {where}: {reason}", hint=DIRECT_URL_HINT)
    hints: dict[str, LiteralString] = {
        "password authentication failed": "check user and password",
        "no password supplied": "put the password into the URL, or into PGPASSWORD or ~/.pgpass",
        "does not exist": "create the database (codezest-sql db create) or the role first, or check the name",
        "connection refused": "is the server running there, and listening on that address?",
        "no such file or directory": "is the server running?",
        "could not translate host name": "check the host's name",
        "name or service not known": "check the host's name",
        "timeout": "is the server running, and does a firewall let you reach it?",
        "too many": "wait, or raise max_connections",
    }
    lowered = reason.lower()
    hint = next((hint for words, hint in hints.items() if words in lowered), None)
    return ConnectionUnusableError(f"cannot connect to {where}: {reason}", hint=hint or "check the database URL")
