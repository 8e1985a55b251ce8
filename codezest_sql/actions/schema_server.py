"""A throw-away server that begins with the schema of some migrations, and whose data is never kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.actions.query_database import kept_key, run_migrations
from codezest_sql.postgres.extensions import choose_binaries
from codezest_sql.postgres.throwaway import ThrowawayServer

if TYPE_CHECKING:
    from contextlib import ExitStack

    from codezest_sql.core.migration_folder import MigrationFolder
    from codezest_sql.core.settings import Settings
    from codezest_sql.postgres.extensions import Choice


def start_with_schema(
    stack: ExitStack, settings: Settings, folder: MigrationFolder | None, extensions: frozenset[str]
) -> ThrowawayServer:
    """Return a server of the stack's, empty without a folder. Raises what ``run_migrations`` raises."""
    choice = choose_binaries(extensions)
    if folder is None:
        return _start(stack, None, choice)
    key = kept_key(choice.binaries, folder)
    server = _start(stack, key, choice)
    if not server.is_kept:
        run_migrations(server.url(), settings, folder)
        # For the next command: what comes now must not be kept.
        server.stop_and_keep(key)
        server = _start(stack, key, choice)
        if not server.is_kept:
            run_migrations(server.url(), settings, folder)
    return server


def _start(stack: ExitStack, key: str | None, choice: Choice) -> ThrowawayServer:
    server = ThrowawayServer(choice.binaries, choice.settings, kept=key)
    stack.callback(server.stop)
    return server
