"""Create and drop the database that a URL names, over another database of the same server."""

from __future__ import annotations

from contextlib import closing
from typing import TYPE_CHECKING, Final

from psycopg import errors as pg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from codezest_sql.errors import (
    ConnectionUnusableError,
    DatabaseExistsError,
    DatabaseInUseError,
    DatabaseMissingError,
    PooledConnectionError,
    UsageError,
)
from codezest_sql.postgres.connection import connect, server_errors
from codezest_sql.postgres.url import normalise_url, with_database

if TYPE_CHECKING:
    from codezest_sql.postgres.connection import Connection

# As createdb and dropdb of PostgreSQL do, where --maintenance-db is not given.
_MAINTENANCE: Final = ("postgres", "template1")
_OF_THE_SERVER: Final = frozenset({"postgres", "template0", "template1"})
_NAME_BYTES: Final = 63  # NAMEDATALEN - 1: the server cuts off what is longer


def name_of(url: str) -> str:
    """Return the name of the database that a URL names. Raises ``UsageError`` where it names none."""
    # Not what libpq would take in its place, the user's name: a database is made or dropped only by its own name.
    name = str(conninfo_to_dict(normalise_url(url)).get("dbname") or "")
    if not name:
        raise UsageError("the URL names no database", hint="write it behind the host: postgresql://host/NAME")
    if len(name.encode(errors="surrogateescape")) > _NAME_BYTES:
        raise UsageError(
            f"the name of the database is longer than {_NAME_BYTES} bytes", hint="PostgreSQL would cut it off"
        )
    return name


def create_database(url: str) -> None:
    """Create the database that a URL names. Raises ``DatabaseExistsError`` and ``ConnectionUnusableError``."""
    name = name_of(url)
    with closing(_beside(url)) as connection, server_errors(f"create the database {name}"):
        try:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        except (pg.DuplicateDatabase, pg.UniqueViolation):  # the latter where two create it at once
            raise DatabaseExistsError(
                f"the database {name} exists already", hint="nothing was done: codezest-sql migrate works on it"
            ) from None
        except pg.InsufficientPrivilege as error:
            raise ConnectionUnusableError(
                f"cannot create the database {name}: {error.diag.message_primary}",
                hint="name a role with CREATEDB in --database-url, or GRANT it: ALTER ROLE … CREATEDB",
            ) from None
        except pg.ObjectInUse as error:
            raise _in_use(f"cannot create the database {name}", error) from None


def refuse_drop(name: str) -> None:
    """Raise ``UsageError`` for a database that every server has."""
    if name in _OF_THE_SERVER:
        raise UsageError(f"{name} belongs to the server and is never dropped", hint="name your own database")


def drop_database(url: str) -> None:
    """Drop the database that a URL names, unless a session uses it.

    Raises ``DatabaseMissingError``, ``DatabaseInUseError``, ``ConnectionUnusableError``, and ``UsageError`` for a
    template or a database that every server has.
    """
    name = name_of(url)
    refuse_drop(name)
    with closing(_beside(url)) as connection, server_errors(f"drop the database {name}"):
        query = "SELECT datistemplate FROM pg_catalog.pg_database WHERE datname = %s"
        found = connection.execute(query, [name]).fetchone()
        if found is None:
            raise _missing(name)
        if found[0]:
            raise UsageError(
                f"{name} is a template for new databases and is not dropped",
                hint=f"if it is to go: ALTER DATABASE … IS_TEMPLATE false, then drop {name} again",
            )
        try:
            connection.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(name)))
        except pg.InvalidCatalogName:  # another session was faster
            raise _missing(name) from None
        except pg.InsufficientPrivilege as error:
            raise ConnectionUnusableError(
                f"cannot drop the database {name}: {error.diag.message_primary}",
                hint="name its owner in --database-url",
            ) from None
        except pg.ObjectInUse as error:
            raise _in_use(f"cannot drop the database {name}", error) from None


def _beside(url: str) -> Connection:
    """Connect to a database of the same server that is there for such work."""
    url, (first, second) = normalise_url(url), _MAINTENANCE
    try:
        return connect(with_database(url, first), purpose="db")
    except PooledConnectionError:
        raise
    except ConnectionUnusableError as error:
        if f'"{first}"' not in error.message:  # nothing is wrong with that database: the server is out of reach
            raise
        try:
            return connect(with_database(url, second), purpose="db")
        except ConnectionUnusableError:
            raise error from None


def _missing(name: str) -> DatabaseMissingError:
    return DatabaseMissingError(f"there is no database {name}", hint="nothing was done: check the name in the URL")


def _in_use(what: str, error: pg.ObjectInUse) -> DatabaseInUseError:
    detail = f" ({error.diag.message_detail})" if error.diag.message_detail else ""
    return DatabaseInUseError(
        f"{what}: {error.diag.message_primary}{detail}",
        hint="end what uses it (pg_stat_activity lists the sessions), and run the command again",
    )
