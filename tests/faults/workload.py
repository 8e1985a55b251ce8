"""A folder of migrations that takes half a second and can be killed anywhere, and the check of what is left.

Each statement has a probe: a query that counts its effect, 0 or 1. So after a kill the ledger and the journal can be
compared with the schema, statement by statement: nothing recorded may be missing, nothing else may be there, and
nothing may have happened twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from codezest_sql import ledger
from codezest_sql.core.migrations.history import Direction, StatementState
from codezest_sql.core.text.decode import content_hash
from tests.faults.deployments import invalid_indexes, value

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.migrations.history import History
    from tests.faults.deployments import Connection, Project

# Made before the first migration, so that probes can always be asked.
PREPARATION = """
CREATE SCHEMA probe;
CREATE TABLE probe.effect (migration text, number int);
CREATE FUNCTION probe.slow(a int) RETURNS int LANGUAGE plpgsql IMMUTABLE AS
$$ BEGIN PERFORM pg_sleep(0.001); RETURN a; END $$;
"""


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement, and the query that counts its effect; None where nothing can be seen of it."""

    sql: str
    probe: str | None = None


@dataclass(frozen=True, slots=True)
class Work:
    """One migration: what it does and how that is undone."""

    id: str
    transactional: bool
    up: tuple[Statement, ...]
    down: tuple[Statement, ...]

    def text(self, direction: Direction) -> str:
        """Return the content of its file."""
        statements = self.up if direction is Direction.UP else self.down
        header = "" if self.transactional else "-- transactional: false\n"
        return header + "".join(f"{statement.sql};\n" for statement in statements)


def _relation(name: str) -> str:
    return f"SELECT count(*) FROM pg_class WHERE oid = to_regclass('{name}')"


def _gone(name: str) -> str:
    return f"SELECT 1 - count(*) FROM pg_class WHERE oid = to_regclass('{name}')"


def _valid(name: str) -> str:
    return f"SELECT count(*) FROM pg_index WHERE indexrelid = to_regclass('{name}') AND indisvalid AND indisready"


def _indexes_of(table: str) -> str:
    return f"SELECT count(*) FROM pg_index WHERE indrelid = to_regclass('{table}') AND indisvalid"


def _column(table: str, name: str) -> str:
    return (
        f"SELECT count(*) FROM pg_attribute WHERE attrelid = to_regclass('{table}') "
        f"AND attname = '{name}' AND NOT attisdropped"
    )


def _sleep(seconds: float) -> Statement:
    return Statement(f"SELECT pg_sleep({seconds})")


def _effect(migration: str, number: int) -> Statement:
    return Statement(
        f"INSERT INTO probe.effect VALUES ('{migration}', {number})",
        f"SELECT count(*) FROM probe.effect WHERE migration = '{migration}' AND number = {number}",
    )


def _no_effect(migration: str, number: int) -> Statement:
    where = f"WHERE migration = '{migration}' AND number = {number}"
    return Statement(f"DELETE FROM probe.effect {where}", f"SELECT 1 - count(*) FROM probe.effect {where}")


def _transactional(identifier: str, table: str) -> Work:
    """A table, a new column of the busy table, and rows, with pauses between them."""
    return Work(
        identifier,
        transactional=True,
        up=(
            Statement(f"CREATE TABLE {table} (a int PRIMARY KEY, b text)", _relation(table)),
            _effect(identifier, 1),
            _sleep(0.02),
            Statement(f"ALTER TABLE busy ADD COLUMN {table} int", _column("busy", table)),
            Statement(f"INSERT INTO {table} SELECT i, 'x' FROM generate_series(1, 50) AS i"),
            _sleep(0.01),
            _effect(identifier, 2),
        ),
        down=(
            _no_effect(identifier, 2),
            Statement(f"ALTER TABLE busy DROP COLUMN {table}"),
            _sleep(0.02),
            Statement(f"DROP TABLE {table}", _gone(table)),
            _no_effect(identifier, 1),
        ),
    )


WORK = (
    Work(
        "0001_base",
        transactional=True,
        up=(
            Statement("CREATE TABLE busy (a int, b text, c text)", _relation("busy")),
            Statement("INSERT INTO busy SELECT i, 'x', 'y' FROM generate_series(1, 30) AS i"),
            Statement("CREATE TABLE lone (a int)", _relation("lone")),
            Statement("CREATE TABLE parted (a int) PARTITION BY LIST (a)", _relation("parted")),
            Statement("CREATE TABLE parted_1 PARTITION OF parted FOR VALUES IN (1)", _relation("parted_1")),
            Statement("CREATE TABLE parted_2 PARTITION OF parted FOR VALUES IN (2)", _relation("parted_2")),
            Statement("CREATE INDEX parted_a ON parted (a)", _relation("parted_a")),
            Statement("CREATE INDEX old ON busy (b)"),  # dropped by 0005_rebuild
            Statement("CREATE SCHEMA side", "SELECT count(*) FROM pg_namespace WHERE nspname = 'side'"),
        ),
        down=(),
    ),
    _transactional("0002_table", "first"),
    Work(
        "0003_indexes",
        transactional=False,
        up=(
            Statement("CREATE INDEX CONCURRENTLY busy_slow ON busy (probe.slow(a))", _valid("busy_slow")),
            _effect("0003_indexes", 2),
            Statement("CREATE UNIQUE INDEX CONCURRENTLY busy_once ON busy (a, b)", _valid("busy_once")),
            Statement("CREATE INDEX CONCURRENTLY ON lone (a)", _indexes_of("lone")),
        ),
        down=(
            Statement("DROP INDEX CONCURRENTLY lone_a_idx", _gone("lone_a_idx")),
            Statement("DROP INDEX CONCURRENTLY busy_once", _gone("busy_once")),
            _no_effect("0003_indexes", 2),
            Statement("DROP INDEX CONCURRENTLY busy_slow", _gone("busy_slow")),
        ),
    ),
    _transactional("0004_table", "second"),
    Work(
        "0005_rebuild",
        transactional=False,
        up=(
            Statement("REINDEX INDEX CONCURRENTLY busy_once"),
            _effect("0005_rebuild", 2),
            Statement(
                "DROP INDEX CONCURRENTLY old",
                "SELECT count(*) FROM pg_class WHERE oid = to_regclass('busy') AND to_regclass('old') IS NULL",
            ),
            Statement("REINDEX TABLE CONCURRENTLY parted"),
            Statement("VACUUM busy"),
        ),
        down=(
            Statement("CREATE INDEX CONCURRENTLY IF NOT EXISTS old ON busy (b)", _valid("old")),
            _no_effect("0005_rebuild", 2),
            Statement("REINDEX TABLE CONCURRENTLY busy"),
        ),
    ),
    Work(
        "0006_side",
        transactional=False,
        up=(
            Statement("SET search_path = side"),
            Statement("CREATE TABLE here (a int)", _relation("side.here")),
            _sleep(0.03),
            Statement("CREATE INDEX CONCURRENTLY here_a ON here (a)", _valid("side.here_a")),
            Statement("SET search_path = public"),
            _effect("0006_side", 6),
        ),
        down=(
            _no_effect("0006_side", 6),
            Statement("SET search_path = side"),
            Statement("DROP INDEX CONCURRENTLY here_a", _gone("side.here_a")),
            Statement("DROP TABLE here", _gone("side.here")),
        ),
    ),
    Work(
        "0007_detach",
        transactional=False,
        up=(
            Statement(
                "ALTER TABLE parted DETACH PARTITION parted_2 CONCURRENTLY",
                "SELECT count(*) FROM pg_class WHERE oid = to_regclass('parted_2') AND NOT relispartition",
            ),
            _effect("0007_detach", 2),
        ),
        down=(
            _no_effect("0007_detach", 2),
            Statement(
                "ALTER TABLE parted ATTACH PARTITION parted_2 FOR VALUES IN (2)",
                "SELECT count(*) FROM pg_inherits WHERE inhrelid = to_regclass('parted_2')",
            ),
        ),
    ),
    _transactional("0008_table", "third"),
)


def write_folder(project: Project) -> None:
    """Write the files of all migrations but the first one's rollback: everything is undone down to the first."""
    for work in WORK:
        project.write(work.id, work.text(Direction.UP), work.text(Direction.DOWN) if work.down else None)


def mismatches(connection: Connection, direction: Direction) -> tuple[str, ...]:
    """Return every way in which ledger, journal and schema differ; nobody may be at work meanwhile."""
    history = ledger.read_history(connection)
    found = [*_whole(connection, history)]
    for work in WORK:
        found.extend(_of_migration(connection, history, work, direction))
    return tuple(found)


def _whole(connection: Connection, history: History) -> Iterator[str]:
    ids = [work.id for work in WORK]
    done = sorted(entry.id for entry in history.applied)
    if done != ids[: len(done)]:
        yield f"the ledger has {done}, which is not a beginning of the folder"
    content = {entry.id: entry.sha256 for entry in history.applied}
    for work in WORK:
        if work.id in content and content[work.id] != content_hash(work.text(Direction.UP)):
            yield f"{work.id}: the ledger has the content hash {content[work.id]}"
    if history.schema is not None:
        counts = connection.execute(
            "SELECT migration_id, sum(CASE operation WHEN 'apply' THEN 1 ELSE -1 END) FROM public._yoyo_log "
            "WHERE migration_id IS NOT NULL GROUP BY 1"
        ).fetchall()
        logged = sorted(str(row[0]) for row in counts if row[1] == 1)
        if logged != done:
            yield f"the ledger has {done}, yoyo's log {logged}"
    running = [entry for entry in history.journal if entry.state is StatementState.RUNNING]
    invalid = invalid_indexes(connection)
    if invalid and not running:
        yield f"INVALID and nothing unfinished: {invalid}"
    if len({entry.migration_id for entry in history.journal}) > 1 or len(running) > 1:
        yield f"the journal is of several migrations: {history.journal}"


def _of_migration(connection: Connection, history: History, work: Work, direction: Direction) -> Iterator[str]:
    applied = history.has(work.id)
    half = {entry.number: entry.state for entry in history.half_run(work.id, direction)}
    if half and (work.transactional or applied is not (direction is Direction.DOWN)):
        yield f"{work.id}: journal {half} while {'applied' if applied else 'not applied'}"
    if not half or direction is Direction.UP:
        for number, statement in enumerate(work.up, start=1):
            yield from _of_statement(connection, work, number, statement, half, finished=applied)
        return
    for number, statement in enumerate(work.down, start=1):
        yield from _of_statement(connection, work, number, statement, half, finished=False)


def _of_statement(
    connection: Connection,
    work: Work,
    number: int,
    statement: Statement,
    half: dict[int, StatementState],
    *,
    finished: bool,
) -> Iterator[str]:
    if statement.probe is None:
        return
    state = half.get(number)
    expected = {0, 1} if state is StatementState.RUNNING else {int(finished or state is StatementState.DONE)}
    count = value(connection, statement.probe)
    if count not in expected:
        recorded = state or ("applied" if finished else "not applied")
        yield f"{work.id}: statement {number} is {recorded}, effect {count}"
