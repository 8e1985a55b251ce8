"""Is the database what its applied files make? Compares files with the ledger, and the catalog with a shadow's."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from typing import TYPE_CHECKING

from codezest_sql import ledger
from codezest_sql.actions.migrations.folder import read_doubtful_folder
from codezest_sql.actions.migrations.shadow_cache import ShadowCache
from codezest_sql.actions.migrations.temporary_run import run_step
from codezest_sql.core.migrations.applied_files import settle
from codezest_sql.core.migrations.history import Direction
from codezest_sql.core.migrations.plan import Step, check_history, in_order_of_application, refuse_half_run
from codezest_sql.core.schema.drift import find_drift
from codezest_sql.core.schema.drift_report import VerifyReport
from codezest_sql.core.schema.objects import Ignored
from codezest_sql.core.sql.created_extensions import wanted_extensions
from codezest_sql.core.sql.created_roles import made_roles
from codezest_sql.errors import CodezestError, DatabaseError, ShadowError, SuperuserNeededError
from codezest_sql.executor.deployer import Deployer
from codezest_sql.executor.observer import Silent
from codezest_sql.postgres.catalog.reader import read_schema
from codezest_sql.postgres.connection import bound_waiting, connect, server_errors
from codezest_sql.postgres.server.extensions import choose_binaries
from codezest_sql.postgres.server.shadow_database import database_beside, own_database, read_double
from codezest_sql.postgres.session_defaults import read_defaults

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from codezest_sql.actions.project.target import Target
    from codezest_sql.core.migrations.files.script import Migration
    from codezest_sql.core.migrations.history import History
    from codezest_sql.core.schema.objects import Schema
    from codezest_sql.postgres.connection import Connection
    from codezest_sql.postgres.server.shadow_database import Double
    from codezest_sql.postgres.server.temporary_database import TemporaryDatabase


def verify(target: Target, *, shadow_url: str | None = None) -> VerifyReport:
    """Return what differs between files, ledger and catalog. Writes nothing into the database.

    The shadow is created on a temporary server of the live server's version if that is installed, or on
    the server of ``shadow_url`` (else of the setting). Raises what ``read_folder`` raises, ``HalfRunError``,
    ``ShadowError`` where the applied files do not run on the shadow, ``CatalogUnreadableError`` and ``ServerError``.
    """
    folder = read_doubtful_folder(target.settings)
    url = target.url()
    database = target.describe(url)
    with closing(connect(url, purpose="verify")) as connection:
        with server_errors("read the ledger"), connection.transaction():
            bound_waiting(connection, target.settings.lock_timeout, local=True)
            history = ledger.read_history(connection)
        folder = settle(folder, history)
        for direction in Direction:
            refuse_half_run(folder, history, direction)
        errors = tuple(check_history(folder, history))
        applied = in_order_of_application(folder, history)
        unknown = tuple(entry.id for entry in history.applied if entry.sha256 is None)
        notes = [f"their content cannot be checked, as yoyo itself applied them: {', '.join(unknown)}"] * bool(
            unknown
        )
        pending = len(folder.migrations) - len(applied)
        if errors:
            return VerifyReport(database, len(history.applied), pending, None, errors, unknown, tuple(notes))
        with server_errors("look for other ledgers"):
            others = ledger.other_ledgers(connection, history.schema)
        if others:
            notes.append(f"left out, as they hold a ledger of their own: {', '.join(sorted(others))}")
        shadow = _Shadow(target, shadow_url or target.settings.shadow_url, connection, history, others)
        double = shadow.double(applied)
        with ThreadPoolExecutor(1) as pool:
            # The live catalog is read while the shadow's server starts and works.
            reading = pool.submit(_read, connection, shadow.ignored, migrator=shadow.migrator)
            expected, major = shadow.schema(applied, double)
            live = reading.result()
    drift = find_drift(
        expected,
        live,
        managed_partitions=target.settings.managed_partitions,
        same_major=major == shadow.live_major,
    )
    return VerifyReport(database, len(applied), pending, drift.diff, (), unknown, (*notes, *drift.notes))


class _Shadow:
    """The schema that the applied files create, from the cache or created again."""

    def __init__(
        self, target: Target, server_url: str | None, connection: Connection, history: History, others: frozenset[str]
    ) -> None:
        self._settings = target.settings
        self._server_url = server_url
        self.ignored = Ignored(
            schemas=frozenset(target.settings.ignore_schemas) | others,
            # In other schemas too: tables of these names are a ledger's in any schema.
            tables=ledger.LEDGER_TABLES,
        )
        with server_errors("read the roles"):
            table = ledger.qualified_name(history) if history.schema else None
            self._double: Double = read_double(connection, ledger=table)
        self._connection = connection
        self._ledger_schema = history.schema
        self.migrator = self._double.migrator
        self.live_major = connection.info.server_version // 10000

    def double(self, applied: tuple[Migration, ...]) -> Double:
        """Return what the shadow takes over of the live database before these migrations run."""
        texts = [migration.up.text for migration in applied]
        with server_errors("read the settings of sessions"):
            defaults = read_defaults(
                self._connection, migrator=self.migrator, ledger_schema=self._ledger_schema, texts=texts
            )
        made = frozenset[str]().union(*map(made_roles, texts))
        roles = tuple(role for role in self._double.roles if role not in made)
        return replace(self._double, roles=roles, defaults=defaults)

    def schema(self, applied: tuple[Migration, ...], double: Double) -> tuple[Schema, int]:
        """Return the catalog of a database in which these migrations ran, in this order, and its server's major."""
        if self._server_url is not None:
            making = database_beside(self._server_url, option="--shadow-url", double=double)
            return self._build(applied, making)
        wanted = frozenset[str]().union(*(wanted_extensions(migration.up.text) for migration in applied))
        choice = choose_binaries(wanted, major=self.live_major)
        confined = not self._settings.trust_migrations
        cache = ShadowCache(applied, choice.binaries, double, self.ignored, confined=confined)
        known = cache.read()
        if known is None:
            known, _ = self._build(applied, own_database(choice, double, confined=confined))
            cache.write(known)
        return known, choice.binaries.major

    def _build(
        self, applied: tuple[Migration, ...], making: AbstractContextManager[TemporaryDatabase]
    ) -> tuple[Schema, int]:
        with making as database:
            with Deployer(database.url, self._settings, observer=Silent(), purpose="shadow") as deployer:
                for migration in applied:
                    try:
                        run_step(deployer, Step(migration, Direction.UP), database)
                    except SuperuserNeededError:
                        raise
                    except DatabaseError as error:
                        raise _not_there(error) from None
            with closing(connect(database.url, purpose="shadow")) as connection:
                return _read(connection, self.ignored), connection.info.server_version // 10000


def _read(connection: Connection, ignored: Ignored, *, migrator: str | None = None) -> Schema:
    # Who owns what follows from who deploys, which differs by server: it is the deployment's, not the files'.
    return read_schema(connection, ignore=ignored, owners=False, migrator=migrator)


def _not_there(error: CodezestError) -> ShadowError:
    """Return why an applied file does not run on the shadow: most likely that lacks what the live server has."""
    return ShadowError(
        f"was applied, and does not run on the shadow database: {error.message}",
        place=error.place,
        source=error.source,
        hint="name a server that has what the file needs, such as an extension, with --shadow-url or shadow_url",
    )
