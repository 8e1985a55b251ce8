"""Databases that exist for the length of one command: to prove rollback files, and to be what the files make.

On a temporary server of our own such a database is the live one's double: it has its name, and its roles exist, so
that files which GRANT to them or name the database run as they did. On a server that is given it is one more
database, with a random name, that is dropped afterwards.
"""

from __future__ import annotations

import secrets
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from codezest_sql.errors import DatabaseError
from codezest_sql.postgres.connection import connect
from codezest_sql.postgres.server.migrator_role import ADMIN, OWNER, login_role_statements
from codezest_sql.postgres.server.sockets import SUPERUSER
from codezest_sql.postgres.server.temporary_database import TemporaryDatabase
from codezest_sql.postgres.server.temporary_server import TemporaryServer
from codezest_sql.postgres.session_defaults import (
    SessionDefaults,
    create_database,
    make_tablespaces,
    prepare_shadow,
    shadow_url,
    without_user,
)
from codezest_sql.postgres.url import normalise_url, with_database

if TYPE_CHECKING:
    from collections.abc import Generator
    from typing import Any

    from codezest_sql.postgres.connection import Connection
    from codezest_sql.postgres.server.extensions import Choice

_ALWAYS_THERE = frozenset({"postgres", "template0", "template1"})


@dataclass(frozen=True, slots=True)
class Double:
    """What a temporary server takes over of a live one.

    ``database`` is the name of its database, ``roles`` the names of its roles, ``migrator`` the one of them that the
    files run as: what they GRANT TO current_user, or make for it, bears its name. ``defaults`` are what its sessions
    begin with.
    """

    database: str = SUPERUSER
    migrator: str = SUPERUSER
    roles: tuple[str, ...] = ()
    defaults: SessionDefaults = field(default_factory=SessionDefaults)


def read_double(connection: Connection, *, ledger: str | None) -> Double:
    """Return what a shadow of the connected database takes over.

    ``ledger`` is the qualified and quoted name of the ledger's table, whose owner is the role that migrates; where
    there is none, that is the role connected.
    """
    row = connection.execute(
        """
        SELECT pg_catalog.current_database(), coalesce(
            (SELECT c.relowner FROM pg_catalog.pg_class AS c WHERE c.oid = pg_catalog.to_regclass(%s)),
            (SELECT r.oid FROM pg_catalog.pg_roles AS r WHERE r.rolname = CURRENT_USER)
        )
        """,
        [ledger],
    ).fetchone()
    database, migrator = row or (SUPERUSER, None)
    rows = connection.execute("SELECT r.oid, r.rolname FROM pg_catalog.pg_roles AS r").fetchall()
    names = {oid: str(name) for oid, name in rows}
    # pg_… are the server's own: the shadow has them, or has no need of them.
    roles = sorted(name for name in names.values() if not name.startswith("pg_"))
    return Double(str(database), names.get(migrator, SUPERUSER), tuple(roles))


@contextmanager
def own_database(choice: Choice, double: Double | None = None, *, confined: bool) -> Generator[TemporaryDatabase]:
    """Give a database on a temporary server of our own.

    Where the server is not ``confined`` every role is a superuser there: what a DBA granted apart from the migrations
    is not known here, and a file with SET ROLE needs it. On a confined one the migrator is a member of every
    role instead. Raises ``ServerError`` where the server cannot be started, ``DatabaseError`` where it refuses a
    name.
    """
    double = double or Double()
    with TemporaryServer(choice.binaries, choice.settings, confined=confined) as server:
        try:
            with closing(server.superuser()) as admin:
                database = _make_double(admin, double, confined=confined, major=choice.binaries.major)
            with closing(server.superuser(database)) as within:
                prepare_shadow(within, double.defaults, migrator=double.migrator)
            # As the role of the files: a setting that only a superuser may set would refuse its sessions.
            url = server.url(database)
            with closing(connect(make_conninfo(url, user=double.migrator), purpose="shadow")) as session:
                url = shadow_url(session, url, double.defaults)
        except psycopg.Error as error:
            raise DatabaseError(
                f"cannot make the shadow database: {error.diag.message_primary}",
                hint="name another server for it with --shadow-url",
            ) from None
        yield TemporaryDatabase(make_conninfo(url, user=double.migrator), server, migrator=double.migrator)


def _make_double(admin: psycopg.Connection[Any], double: Double, *, confined: bool, major: int) -> str:
    """Make the roles, the tablespaces and the database; return the database's name."""
    roles = sorted({*double.roles, double.migrator} - {SUPERUSER, ADMIN, OWNER})
    if confined:
        if double.migrator in roles:
            for statement in login_role_statements(double.migrator, major):
                admin.execute(statement)
        migrator = sql.Identifier(double.migrator)
        for name in sorted({*roles, SUPERUSER} - {double.migrator}):
            role = sql.Identifier(name)
            if name != SUPERUSER:  # every confined cluster has it
                admin.execute(sql.SQL("CREATE ROLE {}").format(role))
            admin.execute(sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(role, migrator))
    else:
        for role in map(sql.Identifier, roles):
            admin.execute(sql.SQL("CREATE ROLE {} SUPERUSER LOGIN").format(role))
    make_tablespaces(admin, double.defaults)
    database = double.database
    if database in _ALWAYS_THERE:
        # A server of our own is in UTF-8, and these with it.
        database = SUPERUSER if double.defaults.encoding == "UTF8" else "shadow"
    if database != SUPERUSER:
        create_database(admin, database, double.defaults, owner=OWNER if confined else double.migrator)
    return database


@contextmanager
def database_beside(server_url: str, *, option: str, double: Double | None = None) -> Generator[TemporaryDatabase]:
    """Give a new database on the server of ``server_url``, and drop it afterwards.

    ``option`` is what named that server, for the hint. Of a ``double`` only the defaults of sessions count: roles and
    the database's name are the server's own.

    Raises ``ConnectionUnusableError``, and ``DatabaseError`` where the role may not make a database.
    """
    server_url = normalise_url(server_url)
    name = f"codezest_test_{secrets.token_hex(6)}"
    with closing(connect(server_url, purpose="shadow")) as admin:
        try:
            if double is None:
                admin.execute(sql.SQL("CREATE DATABASE {} TEMPLATE template0").format(sql.Identifier(name)))
            else:
                create_database(admin, name, double.defaults)
        except psycopg.Error as error:
            raise DatabaseError(
                f"cannot make a temporary database: {error.diag.message_primary}",
                hint=f"give the role CREATEDB, or leave out {option} to use a temporary embedded server",
            ) from None
        try:
            url = with_database(server_url, name)
            if double is not None:
                defaults = without_user(double.defaults, double.migrator)
                with closing(connect(url, purpose="shadow")) as within:
                    prepare_shadow(within, defaults)
                    url = shadow_url(within, url, defaults)
            yield TemporaryDatabase(url)
        finally:
            admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
