"""A database of the migrations that queries are checked on: made once for a schema, kept for the next command."""

from __future__ import annotations

import hashlib
import json
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psycopg

import codezest_sql
from codezest_sql.actions.migrations.temporary_run import run_step
from codezest_sql.actions.queries.schema_key import schema_sha256
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import Step
from codezest_sql.errors import DatabaseError, MigrationFailedError, ShadowError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from codezest_sql.postgres.describe.describe import Analyst
from codezest_sql.postgres.describe.model_facts import read_model_facts
from codezest_sql.postgres.server.extensions import choose_binaries
from codezest_sql.postgres.server.migrator_role import cluster_statements
from codezest_sql.postgres.server.shadow_database import database_beside
from codezest_sql.postgres.server.temporary_database import TemporaryDatabase
from codezest_sql.postgres.server.temporary_server import TemporaryServer

if TYPE_CHECKING:
    from typing import Self

    from codezest_sql.actions.migrations.sources import MigrationSources
    from codezest_sql.core.describe.model_facts import ModelFacts
    from codezest_sql.core.migrations.files.folder import MigrationFolder
    from codezest_sql.core.settings import Settings
    from codezest_sql.postgres.server.binaries import Binaries


class QueryDatabase:
    """The database of one schema, ready for questions. Use it as a context manager, or close it.

    Raises ``ShadowError`` where the migrations do not run, ``ServerError`` where no server starts.
    """

    def __init__(self, settings: Settings, sources: MigrationSources) -> None:
        self._stack = ExitStack()
        try:
            found = self._own(settings, sources) if settings.shadow_url is None else self._beside(settings, sources)
            self.made_roles: tuple[str, ...] = found.made_roles()
            self.connection: psycopg.Connection[object] = self._stack.enter_context(
                closing(psycopg.connect(found.url, autocommit=True))
            )
            self.analyst = self._stack.enter_context(Analyst(self.connection))
            self.facts: ModelFacts = read_model_facts(self.connection, self.analyst.types)
        except BaseException:
            self._stack.close()
            raise

    def close(self) -> None:
        """Give back the connection and end the server."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _own(self, settings: Settings, sources: MigrationSources) -> TemporaryDatabase:
        binaries, options = choose_binaries(sources.extensions)
        folder = sources.folder
        key = kept_key(binaries, settings, folder)
        server = TemporaryServer(binaries, options, kept=key, confined=not settings.trust_migrations)
        self._stack.callback(server.stop)
        found = TemporaryDatabase(server.url(), server)
        if not server.is_kept:
            run_migrations(found, settings, folder)
            self._stack.callback(server.stop_and_keep, key)
        return found

    def _beside(self, settings: Settings, sources: MigrationSources) -> TemporaryDatabase:
        found = self._stack.enter_context(database_beside(settings.shadow_url or "", option="shadow_url"))
        run_migrations(found, settings, sources.folder)
        return found


def kept_key(binaries: Binaries, settings: Settings, folder: MigrationFolder) -> str:
    """Return under which key the data directory of this schema is kept."""
    facts = [
        codezest_sql.__version__,
        str(binaries.program("postgres").resolve()),
        binaries.version_text,
        settings.trust_migrations,
        *cluster_statements(binaries.major),
    ]
    return hashlib.sha256(json.dumps([*facts, schema_sha256(folder)]).encode()).hexdigest()[:32]


def run_migrations(database: TemporaryDatabase, settings: Settings, folder: MigrationFolder) -> None:
    """Run every migration on an empty database; ``ShadowError`` where the server lacks what one needs."""
    with Deployer(database.url, settings, observer=Silent(), purpose="check") as deployer:
        for migration in folder.migrations:
            try:
                run_step(deployer, Step(migration, Direction.UP), database)
            except MigrationFailedError:
                raise  # the same message as of `migrate`
            except DatabaseError as error:
                raise ShadowError(
                    f"does not run on the database for checks: {error.message}",
                    place=error.place,
                    source=error.source,
                    hint="name a server that has what the file needs with shadow_url",
                ) from None
