"""Clients of pymongo, from ``MONGODB_URI``: bounded in time, aware of time zones, silent about passwords."""

from __future__ import annotations

import os
from importlib import import_module
from typing import TYPE_CHECKING, Any

from codezest_sql.errors import ConnectionUnusableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pymongo import AsyncMongoClient, MongoClient
    from pymongo.monitoring import CommandListener

TIMEOUT_MS = 5_000
_OPTIONS: dict[str, Any] = {
    "tz_aware": True,
    "uuidRepresentation": "standard",
    "serverSelectionTimeoutMS": TIMEOUT_MS,
    "connectTimeoutMS": TIMEOUT_MS,
    "appname": "codezest-sql",
}


def connect(uri: str | None = None, *, listeners: Sequence[CommandListener] = ()) -> MongoClient[dict[str, Any]]:
    """Return a client, that of ``MONGODB_URI`` by default. It connects at the first command.

    Raises ``ConnectionUnusableError`` where no address is named or it cannot be read, and where pymongo is missing.
    """
    pymongo = _pymongo()
    try:
        client: MongoClient[dict[str, Any]] = pymongo.MongoClient(
            mongodb_uri(uri), event_listeners=[*listeners], **_OPTIONS
        )
    except (pymongo.errors.PyMongoError, ValueError):
        raise _unreadable() from None
    return client


def connect_async(
    uri: str | None = None, *, listeners: Sequence[CommandListener] = ()
) -> AsyncMongoClient[dict[str, Any]]:
    """Return a client for asyncio, otherwise as ``connect``."""
    pymongo = _pymongo()
    try:
        client: AsyncMongoClient[dict[str, Any]] = pymongo.AsyncMongoClient(
            mongodb_uri(uri), event_listeners=[*listeners], **_OPTIONS
        )
    except (pymongo.errors.PyMongoError, ValueError):
        raise _unreadable() from None
    return client


def mongodb_uri(given: str | None = None) -> str:
    """Return the address to connect to. Raises ``ConnectionUnusableError``, never with the address in its message."""
    uri = given or os.environ.get("MONGODB_URI", "")
    if not uri:
        raise ConnectionUnusableError(
            "no document store is named", hint="set MONGODB_URI, as mongodb://user:password@host:27017/codezest"
        )
    return uri


def _unreadable() -> ConnectionUnusableError:
    return ConnectionUnusableError(
        "the address of the document store cannot be read",
        hint="write mongodb://user:password@host:27017/database, in the password %40 for @ and %2F for /",
    )


def _pymongo() -> Any:
    try:
        return import_module("pymongo")
    except ImportError:
        raise ConnectionUnusableError(
            "pymongo is not installed", hint='install it with "pip install codezest-sql[mongo]"'
        ) from None
