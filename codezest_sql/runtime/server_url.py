"""Which database an application means that names none: ``DATABASE_URL``, else the project's running server."""

from __future__ import annotations

import os
import re
from importlib import import_module
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from psycopg import ProgrammingError
from psycopg.conninfo import conninfo_to_dict

from codezest_sql.errors import ConnectionUnusableError

_POOLER_PORT = "6432"  # PgBouncer's own default


def database_url(given: str | None) -> str:
    """Return the URL to connect to. Raises ``ConnectionUnusableError``, never with the URL in its message."""
    url = given or os.environ.get("DATABASE_URL") or _running_server()
    if not url:
        raise ConnectionUnusableError(
            "no database is named and the project's server does not run",
            hint="set DATABASE_URL, or run codezest-sql db start",
        )
    url = re.sub(r"(?i)^postgres(ql)?(\+\w+)?://", "postgresql://", url.strip())
    if not _is_readable(url):
        raise ConnectionUnusableError(
            "the database URL cannot be read",
            hint="write postgresql://user:password@host:5432/database, in the password %40 for @ and %2F for /",
        )
    return url


def _is_readable(url: str) -> bool:
    """Whether libpq reads a URL as it was meant: a bare @ or / makes a host or a port of part of the password.

    Messages about an unknown host or a wrong port would repeat it.
    """
    try:
        known = conninfo_to_dict(url)
    except ProgrammingError:  # libpq's own message repeats the text, password and all
        return False
    host, port = str(known.get("host") or ""), str(known.get("port") or "")
    return "\0" not in url and "@" not in host and re.fullmatch(r"[\d,\s]*", port) is not None


def _running_server() -> str | None:
    """Return the URL of the server that ``codezest-sql db start`` runs for the folder we are in, or one above it.

    Looked up by name, and only here: the runtime is below the layer that knows servers, and an application that
    names its database never loads it.
    """
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / ".codezest").is_dir():
            server: Any = import_module("codezest_sql.postgres.server.project_server")
            url: str | None = server.ProjectServer(folder).running_url()
            return url
    return None


def may_prepare(url: str) -> bool:
    """Whether statements may be prepared by name: not where the URL is that of a pooler, as Neon's or PgBouncer's."""
    known = conninfo_to_dict(url)
    host, port = str(known.get("host") or ""), str(known.get("port") or urlsplit(url).port or "")
    return port != _POOLER_PORT and not any(name.split(".")[0].endswith("-pooler") for name in host.split(","))
