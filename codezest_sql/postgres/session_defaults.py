"""What a session of the live database begins with, and what its shadow needs to begin alike.

A file that names no schema, no tablespace or no time zone depends on the settings of the database, of the role and of
the URL, and on the encoding of the database. Read here, given to the shadow by its connection string.
"""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import psycopg
from psycopg import sql

from codezest_sql.core.sql.created_schemas import made_schemas, made_settings
from codezest_sql.core.sql.session_options import path_names, read_options
from codezest_sql.postgres.scope import with_settings

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from codezest_sql.postgres.connection import Connection

# Settings that change what a statement of a migration makes, or whether it runs.
_SHAPING = (
    "array_nulls", "backslash_quote", "bytea_output", "check_function_bodies", "createrole_self_grant", "datestyle",
    "default_table_access_method", "default_tablespace", "default_text_search_config", "default_toast_compression",
    "escape_string_warning", "extra_float_digits", "intervalstyle", "lc_monetary", "lc_numeric", "lc_time",
    "quote_all_identifiers", "row_security", "search_path", "standard_conforming_strings", "timezone",
    "timezone_abbreviations", "transform_null_equals", "xmlbinary", "xmloption",
)  # fmt: skip
_OF_THE_SERVER = frozenset({"configuration file", "command line", "environment variable", "global"})
_OF_THE_SESSION = frozenset({"client", "database", "user", "database user"})


@dataclass(frozen=True, slots=True)
class SessionDefaults:
    """What a shadow takes over of a live database, so that its sessions begin as the live ones do.

    ``schemas`` are there before the first file runs, ``tablespaces`` are names of the server's.
    """

    encoding: str = "UTF8"
    collate: str = ""
    ctype: str = ""
    settings: tuple[tuple[str, str], ...] = ()
    schemas: tuple[str, ...] = ()
    tablespaces: tuple[str, ...] = ()


def read_defaults(
    connection: Connection, *, migrator: str, ledger_schema: str | None, texts: Iterable[str]
) -> SessionDefaults:
    """Return what a session of ``migrator`` begins with, without what the files (``texts``) themselves make.

    The session that is asked may be another role's: then its URL's settings count, and its role's do not.
    """
    texts = tuple(texts)
    own = frozenset[str]().union(*map(made_settings, texts))
    settings = _settings(connection, migrator, own)
    row = connection.execute(
        """
        SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype
        FROM pg_catalog.pg_database AS d WHERE d.datname = pg_catalog.current_database()
        """
    ).fetchone()
    encoding, collate, ctype = map(str, row or ("UTF8", "", ""))
    path = [migrator if name == "$user" else name for name in path_names(settings.get("search_path", ""))]
    made = frozenset[str]().union(*(made_schemas(text, if_not_exists=True) for text in texts))
    wanted = {name for name in path if name not in made}
    # The ledger is made before the first file runs: so this schema was there, unless a baseline put the ledger there.
    if ledger_schema and not any(ledger_schema in made_schemas(text, if_not_exists=False) for text in texts):
        wanted.add(ledger_schema)
    schemas = connection.execute(
        "SELECT n.nspname FROM pg_catalog.pg_namespace AS n WHERE n.nspname = ANY (%s) AND n.nspname !~ '^pg_'",
        [sorted(wanted - {"public", "information_schema"})],
    ).fetchall()
    tablespaces = connection.execute(
        "SELECT t.spcname FROM pg_catalog.pg_tablespace AS t WHERE t.spcname !~ '^pg_' ORDER BY 1"
    ).fetchall()
    return SessionDefaults(
        encoding,
        collate,
        ctype,
        tuple(sorted(settings.items())),
        tuple(sorted(str(name) for (name,) in schemas)),
        tuple(str(name) for (name,) in tablespaces),
    )


def create_database(admin: Connection, name: str, defaults: SessionDefaults, *, owner: str | None = None) -> None:
    """Make a database with the encoding, and where this server has it the locale, of the live one."""
    command = sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name))
    if owner is not None:
        command += sql.SQL(" OWNER {}").format(sql.Identifier(owner))
    locales = [(defaults.collate, defaults.ctype)] * bool(defaults.collate) + [("C", "C")]
    for collate, ctype in locales:
        with suppress(
            psycopg.errors.WrongObjectType, psycopg.errors.InvalidParameterValue, psycopg.errors.SyntaxError
        ):
            admin.execute(
                command
                + sql.SQL(" ENCODING {} LOCALE_PROVIDER libc LC_COLLATE {} LC_CTYPE {} TEMPLATE template0").format(
                    defaults.encoding, collate, ctype
                )
            )
            return
    admin.execute(command + sql.SQL(" TEMPLATE template0"))


def make_tablespaces(admin: Connection, defaults: SessionDefaults) -> None:
    """Make the tablespaces within the data directory of a server of our own. ``admin`` is a superuser."""
    if not defaults.tablespaces:
        return
    admin.execute("SET allow_in_place_tablespaces = on")
    for name in map(sql.Identifier, defaults.tablespaces):
        admin.execute(sql.SQL("CREATE TABLESPACE {} LOCATION ''").format(name))
        admin.execute(sql.SQL("GRANT CREATE ON TABLESPACE {} TO PUBLIC").format(name))


def prepare_shadow(connection: Connection, defaults: SessionDefaults, *, migrator: str | None = None) -> None:
    """Make the schemas in the shadow database that are there before the first file; ``migrator`` owns them."""
    for name in map(sql.Identifier, defaults.schemas):
        command = sql.SQL("CREATE SCHEMA {}").format(name)
        if migrator is not None:
            command += sql.SQL(" AUTHORIZATION {}").format(sql.Identifier(migrator))
        connection.execute(command)


def shadow_url(connection: Connection, url: str, defaults: SessionDefaults) -> str:
    """Return the URL of sessions of the shadow that begin as the live ones do.

    ``connection`` is to the shadow's server: what that does not take, such as a locale that it lacks, is left out.
    """
    taken: list[tuple[str, str]] = []
    for name, value in defaults.settings:
        with suppress(psycopg.Error):
            connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
            taken.append((name, value))
    connection.execute("RESET ALL")
    # Not those of PGOPTIONS: they are meant for the live database, and read from it.
    return with_settings(url, tuple(taken), environment={})


def without_user(defaults: SessionDefaults, migrator: str) -> SessionDefaults:
    """Return the defaults for another role's sessions: "$user" of the search path is spelled out."""
    if migrator not in defaults.schemas:
        return defaults
    role = sql.Identifier(migrator).as_string()
    settings = tuple(
        (name, value.replace('"$user"', role) if name == "search_path" else value)
        for name, value in defaults.settings
    )
    return replace(defaults, settings=settings)


def _settings(connection: Connection, migrator: str, own: frozenset[str]) -> dict[str, str]:
    """Return the settings of a session of ``migrator``; what files set (``own``) counts only as the URL has it."""
    rows = connection.execute(
        """
        SELECT pg_catalog.lower(s.name), pg_catalog.current_setting(s.name), s.source
        FROM pg_catalog.pg_settings AS s WHERE pg_catalog.lower(s.name) = ANY (%s)
        """,
        [list(_SHAPING)],
    ).fetchall()
    session = {str(name): (str(value), str(source)) for name, value, source in rows}
    found = {name: value for name, (value, source) in session.items() if source in _OF_THE_SERVER}
    # ALTER ROLE ... SET role makes a session another role's from its start: that one owns the ledger then.
    ours = connection.execute("SELECT %s IN (SESSION_USER, CURRENT_USER)", [migrator]).fetchone() == (True,)
    if ours:
        found |= {name: value for name, (value, source) in session.items() if source in _OF_THE_SESSION}
    stored = _stored(connection, migrator)
    found |= {name: value for name, value in stored.items() if "." in name or not ours}
    found = {name: value for name, value in found.items() if name not in own and (name in _SHAPING or "." in name)}
    found |= {name: value for name, (value, source) in session.items() if source == "client"}
    given = connection.info.get_parameters().get("options") or os.environ.get("PGOPTIONS", "")
    found |= {name: value for name, value in read_options(given) if "." in name}
    found.pop("codezest.schema", None)
    if "search_path" not in own:
        found.setdefault("search_path", '"$user", public')  # the server's own default
    return found


def _stored(connection: Connection, migrator: str) -> Mapping[str, str]:
    """Return what ALTER DATABASE and ALTER ROLE give a session of ``migrator``, the stronger ones last."""
    rows = connection.execute(
        """
        SELECT pg_catalog.unnest(s.setconfig)
        FROM pg_catalog.pg_db_role_setting AS s
        LEFT JOIN pg_catalog.pg_roles AS r ON r.oid = s.setrole
        LEFT JOIN pg_catalog.pg_database AS d ON d.oid = s.setdatabase
        WHERE (s.setrole = 0 OR r.rolname = %s) AND (s.setdatabase = 0 OR d.datname = pg_catalog.current_database())
        ORDER BY s.setrole <> 0, s.setdatabase <> 0
        """,
        [migrator],
    ).fetchall()
    pairs = (str(text).partition("=") for (text,) in rows)
    return {name.lower(): value for name, _, value in pairs}
