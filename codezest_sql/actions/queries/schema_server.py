"""A temporary server that starts with the schema of some migrations, and whose data is never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.actions.queries.database import kept_key, run_migrations
from codezest_sql.postgres.server.extensions import choose_binaries
from codezest_sql.postgres.server.temporary_database import TemporaryDatabase
from codezest_sql.postgres.server.temporary_server import TemporaryServer

if TYPE_CHECKING:
    from contextlib import ExitStack

    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.settings import Settings
    from codezest_sql.postgres.server.extensions import Choice


def start_with_schema(
    stack: ExitStack, settings: Settings, folder: MigrationFolder | None, extensions: frozenset[str]
) -> tuple[TemporaryServer, TemporaryDatabase]:
    """Return a server of the stack's and its database, empty without a folder.

    Raises what ``run_migrations`` raises.
    """
    choice = choose_binaries(extensions)
    key = kept_key(choice.binaries, settings, folder) if folder else None
    server, database = _start(stack, settings, key, choice)
    if folder and key and not server.is_kept:
        run_migrations(database, settings, folder)
        # For the next command: what comes now must not be kept.
        server.stop_and_keep(key)
        server, database = _start(stack, settings, key, choice)
        if not server.is_kept:
            run_migrations(database, settings, folder)
    return server, database


def _start(
    stack: ExitStack, settings: Settings, key: str | None, choice: Choice
) -> tuple[TemporaryServer, TemporaryDatabase]:
    server = TemporaryServer(choice.binaries, choice.settings, kept=key, confined=not settings.trust_migrations)
    stack.callback(server.stop)
    return server, TemporaryDatabase(server.url(), server)
