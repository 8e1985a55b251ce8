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
    deed = look.deed
    if isinstance(deed, CreateIndex) and not deed.concurrently and not look.is_new(deed.table):
        if _is_partitioned(look, deed.table):
            if not deed.only:
                yield Found(
                    deed.offset,
                    f"the index is built on every partition of {deed.table} while none can be written",
                    "CREATE INDEX … ON ONLY the parent, CREATE INDEX CONCURRENTLY on each partition, then ALTER "
                    "INDEX "
                    "… ATTACH PARTITION.",
                )
            return
        if deed.table in look.state.views:  # a materialized view, which only REFRESH writes
            return
        yield Found(deed.offset, f"nobody can write {deed.table} while the index is built")


def _concurrently_on_partitioned(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, CreateIndex) and deed.concurrently and not deed.only and _is_partitioned(look, deed.table):
        yield Found(deed.offset, f"PostgreSQL refuses CONCURRENTLY on {deed.table}, which is partitioned")
    if isinstance(deed, Drop) and deed.what == "INDEX" and deed.concurrently:
        for name in deed.names:
            table = look.state.indexes.get(name, ("", ""))[0]
            if _is_partitioned(look, table):
                yield Found(deed.offset, f"PostgreSQL refuses to drop the partitioned index {name} CONCURRENTLY")


def _left_behind(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, CreateIndex) and deed.concurrently and deed.if_not_exists:
        yield Found(
            deed.offset,
            "a build that failed leaves an invalid index of this name, which IF NOT EXISTS takes for the wanted one",
        )


def _drop_index(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, Drop) and deed.what == "INDEX" and not deed.concurrently:
        for name in deed.names:
            table = look.state.indexes.get(name, ("", ""))[0]
            if not table or not look.is_new(table):
                what = table or "its table"
                yield Found(
                    deed.offset, f"DROP INDEX locks {what}: it waits for every query on it, and all wait behind"
                )


def _reindex(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, Rebuild) and deed.deed == "REINDEX" and not deed.concurrently:
        yield Found(deed.offset, f"REINDEX of {deed.name or 'everything'} blocks writes, and reads that plan with it")


def _refresh(look: Look) -> Iterator[Found]:
    deed = look.deed
    if isinstance(deed, Rebuild) and deed.deed == "REFRESH" and not deed.concurrently:
        if deed.name in look.state.views and look.state.views[deed.name] in [each.deed for each in look.before]:
            return
        yield Found(deed.offset, f"nobody can read {deed.name} while it is refreshed")


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
        "A build that is interrupted leaves an invalid index behind: it costs every write and serves no query. IF "
        "NOT "
        "EXISTS then says that all is done.",
        "Leave IF NOT EXISTS out: migrate itself drops the invalid rest of its own run and builds anew.",
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
        "It needs ACCESS EXCLUSIVE on the table: it waits for the longest query, and every other one waits behind "
        "it.",
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
        "The view is written anew under ACCESS EXCLUSIVE for as long as its query takes.",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index, and better by a job than a migration.",
        Severity.ERROR,
        "REFRESH MATERIALIZED VIEW shop.totals;",
        "REFRESH MATERIALIZED VIEW CONCURRENTLY shop.totals;",
        _VIEW,
        _refresh,
        squawk=("require-concurrent-refresh-materialized-view",),
    ),
)
