"""The role that runs a branch's SQL on a temporary server: a login role without SUPERUSER, who owns its database.

With SUPERUSER a migration could run programs and write files as whoever runs the command (COPY … TO PROGRAM). A login
role cannot get SUPERUSER back, as a role that was SET could (DISCARD ALL, RESET SESSION AUTHORIZATION). It is named
``postgres``, as the superuser of most servers is, so that files which name that role run.

What a superuser does on such a server, and nothing else, because none of it calls code of the branch:

- before any SQL of a branch: the roles, the tablespaces, the database and its first schemas (here, in ``shadow.py``
  and in ``session_defaults.py``);
- later, in a session of ``superuser_url`` with ``search_path = pg_catalog``: CREATE ROLE and GRANT for roles that the
  files name (``make_role``), the event trigger of the tracer (``trace_words.py``), and rows of ``pg_class`` and
  ``pg_statistic`` (``statistics.py``).

Inserting rows, planning, ANALYZE, REFRESH and ``pg_dump`` run functions of the schema (triggers, defaults, index
expressions, IMMUTABLE functions while planning): the login role does these.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, LiteralString

from psycopg import errors as pg
from psycopg import sql

from codezest_sql.postgres.server.sockets import SUPERUSER

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import Any

    import psycopg

MIGRATOR = SUPERUSER
"""The login role of the cluster's own database."""
ADMIN = "codezest_superuser"
"""The superuser of a confined cluster."""
OWNER = "codezest_owner"
"""The role that owns the databases. Its members may create objects in the schema ``public``."""
MADE = "codezest_made"
"""The role whose members ``make_role`` made: a mark that no migration overwrites. It has no rights."""

_SELF_GRANT = 16  # from 16 on CREATEROLE reaches only roles that its holder made (createrole_self_grant)
# Settings of superusers that migrations set, and that reach no file and no program.
_PARAMETERS = (
    "deadlock_timeout",
    "log_duration",
    "log_lock_waits",
    "log_min_duration_statement",
    "log_min_error_statement",
    "log_min_messages",
    "log_statement",
    "session_replication_role",
    "temp_file_limit",
)
# Predefined roles that migrations grant. Not pg_execute_server_program, pg_read_server_files, pg_write_server_files,
# which are what this module is about, and not pg_create_subscription, which connects to other servers.
_PREDEFINED: dict[LiteralString, int] = {
    "pg_checkpoint": 15,
    "pg_monitor": 15,
    "pg_read_all_settings": 15,
    "pg_read_all_stats": 15,
    "pg_signal_backend": 15,
    "pg_stat_scan_tables": 15,
    "pg_use_reserved_connections": 16,
    "pg_maintain": 17,
    "pg_signal_autovacuum_worker": 18,
}
# What a superuser may do with a table whose owner has revoked its own rights.
_DATA: tuple[LiteralString, ...] = ("pg_read_all_data", "pg_write_all_data")
# In 15 a role with CREATEROLE may grant every predefined role, to itself too. Without a row in pg_authid a role
# cannot be named, and so not be granted; superusers need no membership.
_WITHOUT_DANGEROUS_ROLES: LiteralString = (
    "DELETE FROM pg_catalog.pg_authid"
    " WHERE rolname IN ('pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files')"
)
# PostgreSQL gives the extension and its language to the superuser who ran initdb; a dump comments on the extension.
_OWNED: tuple[LiteralString, ...] = (
    "UPDATE pg_catalog.pg_extension SET extowner = '{0}'::pg_catalog.regrole WHERE extname = 'plpgsql'",
    "UPDATE pg_catalog.pg_language SET lanowner = '{0}'::pg_catalog.regrole WHERE lanname = 'plpgsql'",
)


def cluster_statements(major: int) -> Iterator[str]:
    """Give the statements, each on one line, that make a new cluster of ``ADMIN`` a confined one."""
    yield f"CREATE ROLE {OWNER}"
    if major < _SELF_GRANT:
        yield _WITHOUT_DANGEROUS_ROLES
    for statement in login_role_statements(MIGRATOR, major):
        yield statement.as_string()
    yield f"ALTER DATABASE {MIGRATOR} OWNER TO {OWNER}"
    for text in _OWNED:
        yield text.format(MIGRATOR)


def login_role_statements(name: str, major: int) -> Iterator[sql.Composed]:
    """Give the statements that make a role which may run migrations."""
    role = sql.Identifier(name)
    yield sql.SQL("CREATE ROLE {} LOGIN CREATEDB CREATEROLE BYPASSRLS").format(role)
    yield sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(OWNER), role)
    parameters = sql.SQL(", ").join(map(sql.Identifier, _PARAMETERS))
    yield sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(parameters, role)
    for predefined in _DATA:
        yield sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(sql.Identifier(predefined), role)
    if major >= _SELF_GRANT:
        for predefined, since in _PREDEFINED.items():
            if major >= since:
                # To pass on, not to have: what it may read itself stays as it is.
                yield sql.SQL("GRANT {} TO {} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE").format(
                    sql.Identifier(predefined), role
                )


def server_settings(major: int) -> dict[str, str]:
    """Return the settings that a confined server starts with."""
    return {"createrole_self_grant": "set, inherit"} if major >= _SELF_GRANT else {}


def session_options(major: int) -> str:
    """Return the options of a superuser's session in a database that may hold objects of a branch."""
    triggers = " -c event_triggers=off" if major >= 17 else ""  # noqa: PLR2004  # its first version
    # A migration may have SET others for the database.
    return f"-c search_path=pg_catalog -c role=none -c default_transaction_read_only=off{triggers}"


def make_role(admin: psycopg.Connection[Any], name: str, *, member: str, marked: bool = True) -> bool:
    """Make a role without LOGIN if there is none, and let ``member`` act as it; False where that is not to be.

    A role that is ``marked`` is one of ``made_roles_of`` later.

    ``admin`` is a superuser's session, as ``session_options`` describe it. Neither a superuser nor a role of the
    server's own (``pg_…``) is made or granted: a branch could ask for pg_execute_server_program.
    """
    if name.startswith("pg_") or name in {ADMIN, OWNER, MADE, member}:
        return False
    role, who = sql.Identifier(name), sql.Identifier(member)
    row = admin.execute(
        "SELECT r.rolsuper OR r.oid < 16384 OR pg_catalog.pg_has_role(%s, r.oid, 'MEMBER')"
        " FROM pg_catalog.pg_roles AS r WHERE r.rolname = %s",
        [member, name],
    ).fetchone()
    if row is not None and row[0]:
        return False
    if row is None:
        admin.execute(sql.SQL("CREATE ROLE {}").format(role))
    if row is None and marked:
        if admin.execute("SELECT FROM pg_catalog.pg_roles AS r WHERE r.rolname = %s", [MADE]).fetchone() is None:
            admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(MADE)))
        admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(MADE), role))
    admin.execute(sql.SQL("GRANT {} TO {} WITH ADMIN OPTION").format(role, who))
    return True


def let_create(admin: psycopg.Connection[Any], migrator: str) -> None:
    """Let every role that files or ``make_role`` made create objects in the schema ``public``."""
    rows = admin.execute(
        "SELECT r.rolname::text FROM pg_catalog.pg_roles AS r"
        " WHERE r.oid >= 16384 AND NOT r.rolsuper AND r.rolname <> ALL(%s)",
        [[OWNER, MADE, migrator]],
    ).fetchall()
    for (name,) in rows:
        # Refused where the owner's role was made a member of it.
        with suppress(pg.InvalidGrantOperation):
            admin.execute(sql.SQL("GRANT {} TO {}").format(sql.Identifier(OWNER), sql.Identifier(name)))


def made_roles_of(connection: psycopg.Connection[Any]) -> tuple[str, ...]:
    """Return the roles that ``make_role`` made."""
    rows = connection.execute(
        "SELECT r.rolname::text FROM pg_catalog.pg_roles AS r"
        " JOIN pg_catalog.pg_auth_members AS m ON m.member = r.oid"
        " JOIN pg_catalog.pg_roles AS g ON g.oid = m.roleid AND g.rolname = %s ORDER BY 1",
        [MADE],
    ).fetchall()
    return tuple(str(name) for (name,) in rows)
