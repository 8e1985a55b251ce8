"""Collects the server's messages about its work in one session: DEBUG1 lines, and an event trigger of ours."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from codezest_sql.core.review.trace.server_messages import REWRITE, ServerWords, read_words

if TYPE_CHECKING:
    from collections.abc import Collection

    import psycopg
    from psycopg.errors import Diagnostic

# It sends messages and writes nothing: rows of it would be locks and changes of the migration's transaction. It runs
# with the
# rights of the session that migrates, on names of pg_catalog alone; a schema of its name that a migration made, with
# a function in it that the migration's role could replace, goes first.
_TRIGGER = f"""
DROP EVENT TRIGGER IF EXISTS codezest_trace;
DROP SCHEMA IF EXISTS codezest_trace CASCADE;
CREATE SCHEMA codezest_trace;
CREATE FUNCTION codezest_trace.report() RETURNS event_trigger LANGUAGE plpgsql
SECURITY INVOKER SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE DEBUG '{REWRITE} % %', pg_catalog.pg_event_trigger_table_rewrite_oid()::bigint,
        pg_catalog.pg_event_trigger_table_rewrite_reason();
END $$;
CREATE EVENT TRIGGER codezest_trace ON table_rewrite EXECUTE FUNCTION codezest_trace.report();
ALTER EVENT TRIGGER codezest_trace ENABLE ALWAYS;
"""


class Listener:
    """Collects the server's messages to ``connection``, which is in no transaction; ``admin`` is a superuser's."""

    def __init__(self, connection: psycopg.Connection[Any], *, admin: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._heard: list[str] = []
        admin.execute(_TRIGGER)
        connection.add_notice_handler(self._hear)

    def listen(self) -> None:
        """Make the server send all messages from now on, regardless of what a migration has set."""
        self._connection.execute("SET client_min_messages = debug1")
        self._heard.clear()

    def heard(self, names: Collection[str]) -> ServerWords:
        """Return the messages since ``listen``; ``names`` are the bare names of the tables that others know."""
        return read_words(self._heard, names)

    def _hear(self, said: Diagnostic) -> None:
        self._heard.append(said.message_primary or "")
