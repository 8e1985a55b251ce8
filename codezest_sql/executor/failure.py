"""The server's errors as errors of ours, with the place in the file they come from."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg
from psycopg import errors as pg

from codezest_sql.errors import ConnectionLostError, DatabaseError, LockTimeoutError, MigrationFailedError
from codezest_sql.place import excerpt

if TYPE_CHECKING:
    from codezest_sql.core.migrations.files.script import Script

# Undone whole by the server, and likely to succeed when tried again: lock_timeout, deadlock, serialisation.
RETRYABLE = (pg.LockNotAvailable, pg.DeadlockDetected, pg.SerializationFailure)

_HINTS = {
    "42501": "the role that migrates lacks a right: see the message, and GRANT it",
    "25006": "the server is read-only, perhaps a replica: migrate on the primary",
    "53100": "the server's disk is full: make room, and run the command again",
    "53200": "the server is out of memory: run the command again when it has some",
    "25P04": "a transaction_timeout ended it: SET transaction_timeout = 0 at the top of the file, or raise it",
    "57014": "a statement_timeout ended it: SET statement_timeout = 0 at the top of the file, or raise the role's",
    "55P04": "a new enum value is usable only after its transaction: use it in a later migration",
}


# The server parses the body of a function in SQL when it is made, as pg_dump's own files turn off.
_OF_MISSING_OBJECTS = frozenset({"42P01", "42703", "42883"})
_FUNCTION = re.compile(r"CREATE\s+(?:OR\s+REPLACE\s+)?(?:FUNCTION|PROCEDURE)\b", re.IGNORECASE)
_BODY_HINT = (
    "a function's body is checked when the function is created: create what it uses first, "
    "or SET check_function_bodies = off at the top of the file"
)


def is_lost(connection: psycopg.Connection[tuple[object, ...]], error: psycopg.Error) -> bool:
    """Whether the error means that the connection is gone, and with it the transaction."""
    # The server reports the end of a session first, as FATAL; the client notices the closed socket only later.
    return connection.closed or connection.broken or error.diag.severity_nonlocalized in {"FATAL", "PANIC"}


def failure_in(script: Script, error: psycopg.Error, *, offset: int, start: int | None = 0) -> DatabaseError:
    """Return the failure of a statement of ``script`` that begins at ``offset``.

    ``start`` is where in the script's text the text that was sent begins: the server counts its
    ``statement_position`` from there, in characters from 1. None where it was not the script that was sent, but what
    we write into the ledger after it.
    """
    diagnosis = error.diag
    state = error.sqlstate or "connection"
    of_body = state in _OF_MISSING_OBJECTS and _FUNCTION.match(script.text, offset) is not None
    if diagnosis.statement_position and start is not None:
        offset = start + int(diagnosis.statement_position) - 1
    place = script.place(offset)
    message = diagnosis.message_primary or str(error).strip() or error.__class__.__name__
    details = [text for text in (diagnosis.message_detail, _context(diagnosis.context)) if text]
    if details:
        message = f"{message} ({'; '.join(details)})"
    # Ours, as all, end without a full stop.
    hints = [(diagnosis.message_hint or "").rstrip("."), _BODY_HINT if of_body else _HINTS.get(state)]
    failure = LockTimeoutError if isinstance(error, RETRYABLE) else MigrationFailedError
    found = failure(
        f"{message} [{state}]",
        place=place,
        hint="; ".join(hint for hint in hints if hint) or None,
        source=excerpt(script.text, place),
    )
    if isinstance(found, MigrationFailedError):
        found.sqlstate, found.reason = error.sqlstate or "", diagnosis.message_primary or ""
    return found


def lost_in(script: Script, error: psycopg.Error, *, offset: int, committed: bool | None = False) -> DatabaseError:
    """Return the loss of the connection; ``committed`` None means unknown.

    A ``transaction_timeout`` ends the session too, and is the file's failure, not the network's.
    """
    if error.sqlstate == "25P04" and committed is not None:
        return failure_in(script, error, offset=offset)
    reason = (error.diag.message_primary or str(error)).strip().split("\n")[0]
    outcome = {
        False: "nothing of this file was kept",
        None: "whether its transaction was committed is unknown",
    }.get(committed, "its finished statements are kept in the journal")
    return ConnectionLostError(
        f"the connection was lost: {reason}",
        place=script.place(offset),
        hint=f"{outcome}; run the command again: it continues where this one stopped",
    )


def _context(context: str | None) -> str | None:
    """Return the innermost line of a PL/pgSQL call stack: the rest adds little."""
    return context.split("\n")[0] if context else None
