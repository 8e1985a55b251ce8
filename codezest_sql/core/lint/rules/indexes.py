"""Rules about indexes and materialized views: what builds them while others wait."""

from __future__ import annotations

from typing import TYPE_CHECKING

from codezest_sql.core.ddl.changes import CreateIndex, Drop, Rebuild
from codezest_sql.core.lint.finding import Severity
from codezest_sql.core.lint.rule import Found, Look, Rule

if TYPE_CHECKING:
    from collections.abc import Iterator

_TABLE = (
    "CREATE TABLE shop.orders (id bigint PRIMARY KEY, user_id bigint);\n"
    "CREATE INDEX orders_user ON shop.orders (user_id);"
)
_VIEW = (
    f"{_TABLE}\nCREATE MATERIALIZED VIEW shop.totals AS SELECT user_id, 1 AS n FROM shop.orders;\n"  # noqa: S608
    "CREATE UNIQUE INDEX totals_user ON shop.totals (user_id);"
)
_PARTITIONED = "CREATE TABLE shop.events (id bigint, at date NOT NULL) PARTITION BY RANGE (at);"


def _is_partitioned(look: Look, table: str) -> bool:
    known = look.state.table(table)
    return known is not None and known.partitioned


def _plain_index(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, CreateIndex) and not effect.concurrently and not look.is_new(effect.table):
        if _is_partitioned(look, effect.table):
            if not effect.only:
                yield Found(
                    effect.offset,
                    f"the index is built on every partition of {effect.table}, and blocks writes of them",
                    "CREATE INDEX … ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER "
                    "INDEX "
                    "… ATTACH PARTITION.",
                )
            return
        if effect.table in look.state.views:  # a materialized view, which only REFRESH writes
            return
        yield Found(effect.offset, f"building the index blocks writes of {effect.table}")


def _concurrently_on_partitioned(look: Look) -> Iterator[Found]:
    effect = look.effect
    if (
        isinstance(effect, CreateIndex)
        and effect.concurrently
        and not effect.only
        and _is_partitioned(look, effect.table)
    ):
        yield Found(effect.offset, f"PostgreSQL refuses CONCURRENTLY on {effect.table}, which is partitioned")
    if isinstance(effect, Drop) and effect.what == "INDEX" and effect.concurrently:
        for name in effect.names:
            table = look.state.indexes.get(name, ("", ""))[0]
            if _is_partitioned(look, table):
                yield Found(effect.offset, f"PostgreSQL refuses to drop the partitioned index {name} CONCURRENTLY")


def _left_behind(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, CreateIndex) and effect.concurrently and effect.if_not_exists:
        yield Found(
            effect.offset,
            "a failed build leaves an invalid index of this name, which IF NOT EXISTS accepts",
        )


def _drop_index(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Drop) and effect.what == "INDEX" and not effect.concurrently:
        for name in effect.names:
            table = look.state.indexes.get(name, ("", ""))[0]
            if not table or not look.is_new(table):
                what = table or "its table"
                yield Found(
                    effect.offset, f"DROP INDEX locks {what}: it waits for every query on it, and all wait behind"
                )


def _reindex(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Rebuild) and effect.effect == "REINDEX" and not effect.concurrently:
        yield Found(
            effect.offset, f"REINDEX of {effect.name or 'everything'} blocks writes, and reads that plan with it"
        )


def _refresh(look: Look) -> Iterator[Found]:
    effect = look.effect
    if isinstance(effect, Rebuild) and effect.effect == "REFRESH" and not effect.concurrently:
        if effect.name in look.state.views and look.state.views[effect.name] in [each.effect for each in look.before]:
            return
        yield Found(effect.offset, f"REFRESH blocks reads of {effect.name}")


INDEX_RULES = (
    Rule(
        "index-without-concurrently",
        "A new index blocks writes while it is built",
        "CREATE INDEX holds SHARE until COMMIT: every INSERT, UPDATE and DELETE waits.",
        "CREATE INDEX CONCURRENTLY, in a file of its own with the header -- transactional: false.",
        Severity.ERROR,
        "CREATE INDEX orders_number ON shop.orders (id, user_id);",
        "-- transactional: false\nCREATE INDEX CONCURRENTLY orders_number ON shop.orders (id, user_id);",
        _TABLE,
        _plain_index,
        squawk=("require-concurrent-index-creation",),
    ),
    Rule(
        "concurrently-on-partitioned",
        "CONCURRENTLY does not work on a partitioned table",
        "PostgreSQL refuses CREATE INDEX CONCURRENTLY on a partitioned parent, and to drop its index so.",
        "CREATE INDEX … ON ONLY the parent, CONCURRENTLY on each partition, then ALTER INDEX … ATTACH PARTITION.",
        Severity.ERROR,
        "-- transactional: false\nCREATE INDEX CONCURRENTLY events_id ON shop.events (id);",
        "CREATE INDEX events_id ON ONLY shop.events (id);",
        _PARTITIONED,
        _concurrently_on_partitioned,
        squawk=("ban-concurrent-index-creation-in-transaction",),
    ),
    Rule(
        "concurrently-if-not-exists",
        "IF NOT EXISTS keeps an invalid index",
        "An interrupted build leaves an invalid index: it costs every write and serves no query. IF NOT EXISTS "
        "then skips the build.",
        "Leave IF NOT EXISTS out: migrate drops the invalid index of its own run and rebuilds it.",
        Severity.WARNING,
        "-- transactional: false\nCREATE INDEX CONCURRENTLY IF NOT EXISTS orders_number ON shop.orders (id, "
        "user_id);",
        "-- transactional: false\nCREATE INDEX CONCURRENTLY orders_number ON shop.orders (id, user_id);",
        _TABLE,
        _left_behind,
    ),
    Rule(
        "drop-index-without-concurrently",
        "DROP INDEX locks its table",
        "It needs ACCESS EXCLUSIVE on the table: it waits for the longest query, and all later queries queue "
        "behind it.",
        "DROP INDEX CONCURRENTLY, in a file of its own with the header -- transactional: false.",
        Severity.WARNING,
        "DROP INDEX shop.orders_user;",
        "-- transactional: false\nDROP INDEX CONCURRENTLY shop.orders_user;",
        _TABLE,
        _drop_index,
        squawk=("require-concurrent-index-deletion",),
    ),
    Rule(
        "reindex-without-concurrently",
        "REINDEX blocks writes, and reads as well",
        "The planner locks every index of a table, so REINDEX INDEX blocks even a SELECT that would not use it.",
        "REINDEX … CONCURRENTLY, in a file of its own with the header -- transactional: false.",
        Severity.ERROR,
        "REINDEX INDEX shop.orders_user;",
        "-- transactional: false\nREINDEX INDEX CONCURRENTLY shop.orders_user;",
        _TABLE,
        _reindex,
        squawk=("require-concurrent-reindex",),
    ),
    Rule(
        "refresh-without-concurrently",
        "REFRESH MATERIALIZED VIEW blocks its readers",
        "The view is rewritten under ACCESS EXCLUSIVE for as long as its query takes.",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index; preferably in a job.",
        Severity.ERROR,
        "REFRESH MATERIALIZED VIEW shop.totals;",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY shop.totals;",
        _VIEW,
        _refresh,
        squawk=("require-concurrent-refresh-materialized-view",),
    ),
)
