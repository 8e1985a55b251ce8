"""Asks a server for the plan of a statement whose parameters have no values yet: the one plan for all of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
from psycopg.rows import tuple_row

from codezest_sql.core.query_plans.explain import Explained, read_plan

if TYPE_CHECKING:
    from typing import LiteralString

_WITH_GENERIC_PLAN = 160000
_STATEMENT = "codezest_plan"
_OPTIONS = "VERBOSE, FORMAT JSON"
_SETTINGS = "SET plan_cache_mode = force_generic_plan"


class Explainer:
    """Explains statements on a connection in autocommit mode, and changes its settings: give it one of its own."""

    def __init__(self, connection: psycopg.Connection[Any]) -> None:
        self._connection = connection
        self._is_direct = connection.info.server_version >= _WITH_GENERIC_PLAN
        if not self._is_direct:
            connection.execute(_SETTINGS)

    def explain(self, text: str, parameters: int) -> Explained | str:
        """Return the plan of a statement with ``$1 … $parameters``, or why there is none.

        A statement that has no plan, such as REFRESH MATERIALIZED VIEW, is refused as one with a mistake is.
        """
        try:
            if self._is_direct:
                return read_plan(self._ask(f"EXPLAIN (GENERIC_PLAN, {_OPTIONS}) {text}"))
            return self._by_prepare(text, parameters)
        except psycopg.OperationalError:
            raise
        except psycopg.Error as error:
            return error.diag.message_primary or str(error)

    def _by_prepare(self, text: str, parameters: int) -> Explained:
        """Explain the generic plan of a prepared statement: PostgreSQL 15 has no other way.

        EXECUTE hides the partitions that its values rule out, and a NULL rules out all of them: where it does, the
        statement is explained once more with every partition.
        """
        values = f"({', '.join(['NULL'] * parameters)})" if parameters else ""
        plan = self._execute(text, values)
        if plan.is_pruned:
            self._run("SET enable_partition_pruning = off")
            try:
                plan = self._execute(text, values)
            finally:
                self._run("RESET enable_partition_pruning")
        return plan

    def _execute(self, text: str, values: str) -> Explained:
        self._run(f"PREPARE {_STATEMENT} AS {text}")
        try:
            return read_plan(self._ask(f"EXPLAIN ({_OPTIONS}) EXECUTE {_STATEMENT}{values}"))
        finally:
            self._run(f"DEALLOCATE {_STATEMENT}")

    def _run(self, text: str | LiteralString) -> None:
        self._connection.execute(text.encode())

    def _ask(self, text: str) -> Any:
        with self._connection.cursor(row_factory=tuple_row) as cursor:
            row = cursor.execute(text.encode()).fetchone()
            return row[0] if row else None
