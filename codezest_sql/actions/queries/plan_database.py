"""A database that seems to hold millions of rows: the schema of the migrations with statistics, for EXPLAIN alone.

It is made on a copy of the database that queries are checked on, and never kept: its files are longer than what is in
them.
"""

from __future__ import annotations

from contextlib import ExitStack, closing
from typing import TYPE_CHECKING

import psycopg

from codezest_sql.actions.queries.schema_server import start_with_schema
from codezest_sql.core.query_plans.assumed_sizes import sized
from codezest_sql.errors import StatisticsError
from codezest_sql.postgres.catalog_cursor import catalog_cursor
from codezest_sql.postgres.connection import server_errors
from codezest_sql.postgres.explain.explain import Explainer
from codezest_sql.postgres.explain.foreign_keys import read_foreign_keys
from codezest_sql.postgres.explain.sparse_files import lengthen
from codezest_sql.postgres.explain.statistics import give_statistics, read_relations

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any, Self

    from codezest_sql.actions.migrations.sources import MigrationSources
    from codezest_sql.core.query_plans.assumed_sizes import Sized
    from codezest_sql.core.query_plans.explain import Explained
    from codezest_sql.core.query_plans.foreign_keys import ForeignKey, KeyIndex
    from codezest_sql.core.query_plans.statistics import Statistics
    from codezest_sql.core.settings import Settings
    from codezest_sql.postgres.server.temporary_server import TemporaryServer

_FILES = """
SELECT c.oid, pg_catalog.pg_relation_filepath(c.oid) FROM pg_catalog.pg_class AS c WHERE c.oid = ANY(%s)
"""
_SIZES = (
    "SELECT pg_catalog.current_setting('block_size')::int, setting::int FROM pg_catalog.pg_settings WHERE name = %s"
)


class PlanDatabase:
    """The database, ready to explain. Use it as a context manager, or close it.

    Raises ``ShadowError`` where the migrations do not run, ``ServerError`` where no server starts or its files cannot
    be made that long, ``StatisticsError`` where the server refuses a setting of the planner, and ``DatabaseError``.
    """

    def __init__(self, settings: Settings, sources: MigrationSources, statistics: Statistics) -> None:
        self._stack = ExitStack()
        try:
            server, _ = start_with_schema(self._stack, settings, sources.folder, sources.extensions)
            with server_errors("give statistics to the database for plans"):
                self.tables = self._prepare(server, settings, statistics)
                # A session of its own: one that has looked at a relation may know its length.
                connection = self._connect(server)
                _set_planner(connection, statistics)
                self._explainer = Explainer(connection)
                keys = read_foreign_keys(connection, ignore_schemas=settings.ignore_schemas)
            self.foreign_keys: tuple[tuple[ForeignKey, ...], tuple[KeyIndex, ...]] = keys
        except BaseException:
            self._stack.close()
            raise

    def explain(self, text: str, parameters: int) -> Explained | str:
        """Return the generic plan of a statement, or why there is none."""
        with server_errors("explain a query"):
            return self._explainer.explain(text, parameters)

    def close(self) -> None:
        """End the server."""
        self._stack.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _connect(self, server: TemporaryServer) -> psycopg.Connection[Any]:
        return self._stack.enter_context(closing(psycopg.connect(server.url(), autocommit=True)))

    def _prepare(self, server: TemporaryServer, settings: Settings, statistics: Statistics) -> Mapping[int, Sized]:
        with (
            closing(psycopg.connect(server.url(), autocommit=True)) as connection,
            closing(server.superuser()) as admin,
        ):
            relations = tuple(sized(read_relations(connection), statistics, settings.assumed_rows))
            give_statistics(connection, relations, catalog=admin)
            by_oid = {each.relation.oid: each for each in relations}
            with catalog_cursor(connection) as cursor:
                block, segment = cursor.execute(_SIZES, ["segment_size"]).fetchone() or (0, 0)
                files = cursor.execute(_FILES, [[*by_oid]]).fetchall()
            for oid, path in files:
                if path is not None:
                    lengthen(server.data, path, by_oid[oid].pages, block=block, segment_blocks=segment)
        return by_oid


def _set_planner(connection: psycopg.Connection[Any], statistics: Statistics) -> None:
    for name, value in statistics.planner.items():
        try:
            connection.execute("SELECT pg_catalog.set_config(%s, %s, false)", [name, value])
        except psycopg.errors.DataError as error:
            reason = error.diag.message_primary
            raise StatisticsError(f"planner: {reason}", hint="write it as SHOW does, such as 4GB") from None
