"""Database URLs: read, checked, and shown without their password. Opens no connection."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from codezest_sql.errors import ConnectionUnusableError, PooledConnectionError

if TYPE_CHECKING:
    from collections.abc import Mapping

_EXAMPLE = "postgresql://user:password@host:5432/database"
DIRECT_URL_HINT = "migrate over a direct connection: set DIRECT_URL to the server's own address"


def normalise_url(url: str) -> str:
    """Return a URL that libpq takes; ``postgresql+psycopg://`` and the like, of SQLAlchemy and yoyo, are as well.

    A ``key=value`` connection string of libpq is returned as it is. Raises ``ConnectionUnusableError`` for
    anything else; the message never repeats the URL, which may hold a password.
    """
    url = re.sub(r"(?i)^postgres(ql)?(\+\w+)?://", "postgresql://", url.strip())
    scheme, found, _ = url.partition("://")
    if found and scheme != "postgresql" and re.fullmatch(r"[A-Za-z][A-Za-z0-9+.-]*", scheme):
        raise ConnectionUnusableError(f"{scheme}:// is not PostgreSQL", hint=f"write {_EXAMPLE}")
    try:
        parameters = conninfo_to_dict(url)
    except (ProgrammingError, UnicodeError):
        # libpq's own message repeats the text, password and all.
        raise _unreadable() from None
    if not url or not parameters:
        raise ConnectionUnusableError("the database URL is empty", hint=f"write {_EXAMPLE}")
    if "\0" in url or (found and _is_misread(parameters, url)):
        raise _unreadable()
    return url


def _unreadable() -> ConnectionUnusableError:
    return ConnectionUnusableError(
        "the database URL cannot be read",
        hint=f"write {_EXAMPLE}; percent-encode special characters of the password: @ is %40, / is %2F",
    )


def _is_misread(parameters: Mapping[str, object], url: str) -> bool:
    """Whether libpq took a part of the password for something else, which it would show in its messages.

    An @ or / that is not percent-encoded ends the password early (``conninfo_uri_parse_options`` in fe-connect.c).
    """
    host, port, name = (str(parameters.get(key) or "") for key in ("host", "port", "dbname"))
    return (
        ("@" in host and not host.startswith("/"))
        or re.fullmatch(r"[0-9,]*", port) is None
        or ("@" in name and "%40" not in url)
    )


def refuse_pooler_host(url: str) -> None:
    """Raise ``PooledConnectionError`` where the host's name states that it is a pooler, as Neon's do."""
    host = str(conninfo_to_dict(url).get("host") or "")
    if any(name.split(".")[0].endswith("-pooler") for name in host.split(",")):
        raise PooledConnectionError(
            f"{host} is a connection pooler: through it two deployers can hold the same lock", hint=DIRECT_URL_HINT
        )


def describe(parameters: Mapping[str, object]) -> str:
    """Return ``database on host:port`` for messages, never a password."""
    host = str(parameters.get("host") or "localhost")
    port = str(parameters.get("port") or "")
    where = host if host.startswith("/") or not port else f"{host}:{port}"
    name = parameters.get("dbname") or parameters.get("user") or "postgres"
    return f"{name} on {where}"


def describe_url(url: str) -> str:
    """Return the description of a URL, with only what the URL itself contains."""
    return describe(conninfo_to_dict(normalise_url(url)))


def with_database(url: str, name: str) -> str:
    """Return a connection string to another database of the same server."""
    return make_conninfo(url, dbname=name)
