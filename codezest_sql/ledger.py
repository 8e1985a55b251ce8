"""The ledger: what was applied, kept in yoyo's tables and two of ours. The only importer of yoyo.

yoyo owns ``_yoyo_migration``, ``_yoyo_log``, ``_yoyo_version`` and ``yoyo_lock``: it makes and upgrades them, and we
write into them what it would. Two tables of ours stand next to them: ``_codezest_migration`` (content
hashes, which yoyo does not keep) and ``_codezest_journal`` (how far a non-transactional migration came). yoyo's
executor and lock are not used: see ARCHITECTURE.md. Reading needs no yoyo, no lock and no right to write.
"""

# yoyo has no types, and this is the one place where that is met.
# pyright: reportMissingTypeStubs=false, reportUnknownMemberType=false, reportUnknownVariableType=false

from __future__ import annotations

import hashlib
import socket
import unicodedata
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, TypeAlias

import psycopg
from psycopg import sql
from psycopg.rows import tuple_row

from codezest_sql.core.migrations.history import Applied, Direction, History, JournalEntry, StatementState
from codezest_sql.core.sql.session_options import path_names
from codezest_sql.core.text.decode import composed
from codezest_sql.errors import ConnectionUnusableError, DatabaseError, LedgerElsewhereError

if TYPE_CHECKING:
    from collections.abc import Generator

    from codezest_sql.core.migrations.files.script import Migration

Connection: TypeAlias = "psycopg.Connection[tuple[object, ...]]"

MIGRATIONS = "_yoyo_migration"
LOG = "_yoyo_log"
VERSION = "_yoyo_version"
CONTENT = "_codezest_migration"
JOURNAL = "_codezest_journal"
_NO_CONTENT = "(SELECT NULL::text AS migration_id, NULL AS sha256, NULL::timestamptz AS applied_at)"
_NOT_ON_PATH = 2**31
LEDGER_TABLES = frozenset({MIGRATIONS, VERSION, LOG, "yoyo_lock", CONTENT, JOURNAL})


@dataclass(frozen=True, slots=True)
class LedgerTables:
    """Where the ledger is: its schema, and which of its tables exist."""

    schema: str
    found: frozenset[str]

    def name(self, table: str) -> sql.Identifier:
        """Return a table's name with its schema: a migration's search_path must not matter."""
        return sql.Identifier(self.schema, table)


def find_tables(connection: Connection) -> LedgerTables:
    """Return where the ledger is, or would be.

    ``--schema`` names the schema (``codezest.schema``). Else it is the first of the search path, as for yoyo. Where
    that has no ledger and another schema has one, it depends on who set the search path. The path of a role, a
    database or a server never moves a ledger: it is the first one on the path, or the only one. A path that the URL
    or PGOPTIONS gives is meant for this run: ``LedgerElsewhereError`` asks which schema is meant.

    Raises ``ConnectionUnusableError`` where several ledgers exist and none is on the search path, or where there is
    none and no schema to make it in.
    """
    rows = connection.execute(
        """
        SELECT n.nspname, c.relname, pg_catalog.array_position(pg_catalog.current_schemas(false), n.nspname)
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = ANY (%s) AND c.relkind IN ('r', 'p')
            AND n.nspname !~ '^pg_(temp|toast)'
        UNION ALL
        SELECT pg_catalog.current_schema(), 'current', 0
        UNION ALL
        SELECT pg_catalog.current_setting('codezest.schema', true), 'named', 0
        UNION ALL
        SELECT pg_catalog.current_setting('search_path'), 'path', 0
        """,
        [sorted(LEDGER_TABLES)],
    ).fetchall()
    said = {str(what): _text(value) for value, what, _ in rows if what not in LEDGER_TABLES}
    found: dict[str, set[str]] = {}
    places: dict[str, int] = {}
    for schema, table, place in rows:
        if table in LEDGER_TABLES:
            found.setdefault(str(schema), set()).add(str(table))
        if table == MIGRATIONS:
            places[str(schema)] = _NOT_ON_PATH if place is None else int(str(place))
    schema = said["named"] or _choose(connection, said["current"], said["path"] or "", places)
    if schema is None:
        raise ConnectionUnusableError(
            "the ledger has no place: no schema of the role's search_path exists",
            hint='create the schema "public", or set the role\'s search_path',
        )
    return LedgerTables(schema, frozenset(found.get(schema, set())))


def other_ledgers(connection: Connection, schema: str | None) -> frozenset[str]:
    """Return the schemas that hold a ledger which is not that of ``schema``: others' tables."""
    rows = connection.execute(
        """
        SELECT n.nspname
        FROM pg_catalog.pg_class AS c
        JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace
        WHERE c.relname = %s AND c.relkind IN ('r', 'p') AND n.nspname !~ '^pg_(temp|toast)'
        """,
        [MIGRATIONS],
    ).fetchall()
    return frozenset(str(name) for (name,) in rows) - {schema}


def _choose(connection: Connection, current: str | None, path: str, places: dict[str, int]) -> str | None:
    """Return the schema whose ledger is meant, or would be; ``places`` are those with one, and where on the path."""
    missing = _before(path, current)
    if not places or (current in places and not missing):
        return current
    ledgers = ", ".join(sorted(places))
    first = min(places, key=lambda schema: (places[schema], schema))
    if _given_for_this_run(connection):
        if current in places and not _has_rows(connection, str(current)):
            return current  # the first run, whose files make the missing schema, failed
        if current is not None:
            reason = "does not exist or may not be used" if missing else "has no ledger"
            raise LedgerElsewhereError(
                f"the first schema of the search path, {missing or current}, {reason}, and a ledger is in {ledgers}",
                hint=f"name the schema that is meant: --schema {first} continues with the ledger there, "
                f"--schema {missing or current} begins one of its own",
            )
    if current in places:
        return current
    if len(places) > 1 and places[first] == _NOT_ON_PATH:
        raise ConnectionUnusableError(
            f"several schemas hold a ledger: {ledgers}",
            hint="name one with --schema, or put it on the search_path of the role that migrates",
        )
    return first


def _before(path: str, current: str | None) -> str | None:
    """Return the first schema of a search path that is not there; None where the current one is before it."""
    for name in path_names(path):
        if name == current:
            return None
        if name != "$user" and not name.startswith("pg_"):
            return name
    return None


def _given_for_this_run(connection: Connection) -> bool:
    """Whether the search path is from the URL or PGOPTIONS, and not from a role, a database or the server."""
    row = connection.execute(
        "SELECT s.source FROM pg_catalog.pg_settings AS s WHERE s.name = 'search_path'"
    ).fetchone()
    return row == ("client",)


def _has_rows(connection: Connection, schema: str) -> bool:
    query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(sql.Identifier(schema, MIGRATIONS))
    try:
        return connection.execute(query).fetchone() == (True,)
    except psycopg.errors.InsufficientPrivilege as error:
        raise _may_not_read(error) from None


def _may_not_read(error: psycopg.Error) -> ConnectionUnusableError:
    return ConnectionUnusableError(
        f"this role may not read the ledger: {error.diag.message_primary}",
        hint=f"GRANT USAGE ON SCHEMA and SELECT on the tables {MIGRATIONS}, {CONTENT} and {JOURNAL} to it",
    )


def read_history(connection: Connection, tables: LedgerTables | None = None) -> History:
    """Return the whole ledger. Takes no lock and writes nothing: a read-only role may ask.

    A run that has found the ledger's ``tables`` passes them: what its files do to the search path does not move it.
    Raises what ``find_tables`` raises, and ``ConnectionUnusableError`` where the role may not read the ledger.
    """
    tables = tables or find_tables(connection)
    if MIGRATIONS not in tables.found:
        return History()
    has_content, has_journal = CONTENT in tables.found, JOURNAL in tables.found
    content = tables.name(CONTENT) if has_content else sql.SQL(_NO_CONTENT)
    migrations: sql.Composable = tables.name(MIGRATIONS)
    if VERSION not in tables.found:
        # The layout of a yoyo older than 6, which ``prepare`` upgrades before anything is written.
        migrations = sql.SQL("(SELECT id AS migration_id, ctime AS applied_at_utc FROM {})").format(migrations)
    try:
        rows = connection.execute(
            sql.SQL(
                """
                SELECT m.migration_id, c.sha256, m.applied_at_utc
                FROM {migrations} AS m
                -- Only what was recorded with it: yoyo may have rolled it back and applied another content since.
                LEFT JOIN {content} AS c
                    ON c.migration_id = m.migration_id AND c.applied_at = m.applied_at_utc AT TIME ZONE 'UTC'
                ORDER BY m.applied_at_utc, m.migration_id
                """
            ).format(migrations=migrations, content=content)
        ).fetchall()
        journal = _read_journal(connection, tables) if has_journal else ()
    except psycopg.errors.UndefinedColumn:
        raise DatabaseError(
            f"{tables.schema}.{MIGRATIONS} is not a table of yoyo's: it lacks columns",
            hint="compare it with what `yoyo list` makes in an empty database",
        ) from None
    except psycopg.errors.InsufficientPrivilege as error:
        raise _may_not_read(error) from None
    applied = tuple(Applied(composed(str(row[0])), _text(row[1]), _utc(row[2])) for row in rows)
    return History(tables.schema, applied, journal)


def qualified_name(history: History) -> str:
    """Return the name of the table of applied migrations, qualified and quoted, as ``to_regclass`` reads it."""
    return sql.Identifier(history.schema or "public", MIGRATIONS).as_string()


def prepare(connection: Connection, tables: LedgerTables | None = None) -> LedgerTables:
    """Make the ledger's tables where they are missing, in one transaction, and return where they are.

    The caller holds the deployer lock. An older yoyo's tables are upgraded by yoyo itself.
    """
    tables = tables or find_tables(connection)
    if tables.found >= LEDGER_TABLES - {"yoyo_lock"}:
        return tables
    with connection.transaction():
        _upgrade_yoyo_tables(connection, tables.schema)
        connection.execute(
            sql.SQL(
                """
                CREATE TABLE IF NOT EXISTS {content} (
                    migration_id text PRIMARY KEY,
                    sha256 text NOT NULL,
                    applied_at timestamptz NOT NULL,
                    duration_ms bigint NOT NULL
                );
                CREATE TABLE IF NOT EXISTS {journal} (
                    migration_id text NOT NULL,
                    direction text NOT NULL,
                    number integer NOT NULL,
                    statement text NOT NULL,
                    state text NOT NULL,
                    started_at timestamptz NOT NULL DEFAULT pg_catalog.now(),
                    known_oids oid [],
                    PRIMARY KEY (migration_id, direction, number)
                );
                COMMENT ON TABLE {content} IS
                'codezest-sql: the SHA-256 of each applied migration file, next to yoyo''s ledger.';
                COMMENT ON TABLE {journal} IS
                'codezest-sql: how far a non-transactional migration came. Empty unless one is half run.';
                """
            ).format(content=tables.name(CONTENT), journal=tables.name(JOURNAL))
        )
    return LedgerTables(tables.schema, tables.found | (LEDGER_TABLES - {"yoyo_lock"}))


class Recorder:
    """Writes what was done into the ledger, in the transaction that its connection is in.

    The columns are those that yoyo's ``mark_one``, ``unmark_one`` and ``log_migration`` write (held by a contract
    test), all in one statement: yoyo would take a round trip for each.
    """

    def __init__(self, connection: Connection, tables: LedgerTables) -> None:
        self._connection = connection
        self._user = _user_name()
        # yoyo asks the resolver for the host's full name, which can hang without a network.
        self._host = socket.gethostname()
        names = {
            "log": tables.name(LOG),
            "migrations": tables.name(MIGRATIONS),
            "content": tables.name(CONTENT),
        }
        self._mark, self._unmark, self._keep = (sql.SQL(text).format(**names) for text in (_MARK, _UNMARK, _KEEP))

    def record(self, migration: Migration, direction: Direction, *, seconds: float) -> None:
        """Mark one migration as applied or as not applied; ``seconds`` is how long its script took."""
        if direction is Direction.UP:
            self._write(self._mark, migration, "apply", seconds=seconds)
        else:
            self._write(self._unmark, migration, "rollback", seconds=seconds)

    def mark(self, migration: Migration) -> None:
        """Mark one migration as applied that was not run, as ``yoyo mark`` does, with its content hash."""
        self._write(self._mark, migration, "mark", seconds=0)

    def add_hash(self, migration: Migration) -> None:
        """Keep the content hash of a migration that yoyo itself applied."""
        self._connection.execute(
            self._keep, {**_names(migration.id), "id": migration.id, "sha256": migration.up.sha256}
        )

    def _write(self, statement: sql.Composed, migration: Migration, operation: str, *, seconds: float) -> None:
        import uuid  # noqa: PLC0415  # start-up time of a run with nothing to do

        self._connection.execute(
            statement,
            {
                "log": str(uuid.uuid1()),
                **_names(migration.id),
                "hash": migration_hash(migration.id),
                "id": migration.id,
                "operation": operation,
                "user": self._user,
                "host": self._host,
                "now": datetime.now(UTC).replace(tzinfo=None),
                "sha256": migration.up.sha256,
                "ms": round(seconds * 1000),
            },
        )


def migration_hash(migration_id: str) -> str:
    """Return yoyo's "hash" of a migration, which is one of its id (``yoyo.migrations.get_migration_hash``)."""
    return hashlib.sha256(migration_id.encode()).hexdigest()


def _names(migration_id: str) -> dict[str, list[str]]:
    """Return the ids that the ledger may have of a migration, and their hashes: yoyo keeps the name of the disk."""
    # Only hashes of the decomposed form: a database in LATIN1 takes no text of it.
    forms = {composed(migration_id), unicodedata.normalize("NFD", migration_id)}
    return {"ids": [composed(migration_id)], "hashes": [migration_hash(each) for each in sorted(forms)]}


# Each parameter has a cast: the column is varchar in one ledger and text in the other.
_LOGGED = """
    WITH logged AS (
        INSERT INTO {log} (id, migration_hash, migration_id, operation, username, hostname, created_at_utc)
        VALUES (
            %(log)s::text, %(hash)s::text, %(id)s::text, %(operation)s::text, %(user)s::text, %(host)s::text, %(now)s
        )
    ),
"""
_MARK = (  # two constants
    _LOGGED  # noqa: S608
    + """
    marked AS (
        INSERT INTO {migrations} (migration_hash, migration_id, applied_at_utc)
        VALUES (%(hash)s::text, %(id)s::text, %(now)s)
        RETURNING applied_at_utc
    )
    INSERT INTO {content} (migration_id, sha256, applied_at, duration_ms)
    SELECT %(id)s::text, %(sha256)s::text, m.applied_at_utc AT TIME ZONE 'UTC', %(ms)s
    FROM marked AS m
    ON CONFLICT (migration_id) DO UPDATE
    SET sha256 = excluded.sha256, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms
"""
)
_UNMARK = (
    _LOGGED  # noqa: S608
    + """
    unmarked AS (
        DELETE FROM {migrations} WHERE migration_hash = ANY(%(hashes)s::text[])
    )
    DELETE FROM {content} WHERE migration_id = ANY(%(ids)s::text[])
"""
)
# A hash is known to belong to one application by its time, which is NULL after upgrades of an old yoyo.
_KEEP = """
    WITH timed AS (
        UPDATE {migrations} SET applied_at_utc = coalesce(applied_at_utc, 'epoch')
        WHERE migration_hash = ANY(%(hashes)s::text[])
        RETURNING applied_at_utc, migration_id
    )
    INSERT INTO {content} (migration_id, sha256, applied_at, duration_ms)
    SELECT m.migration_id, %(sha256)s::text, m.applied_at_utc AT TIME ZONE 'UTC', 0
    FROM timed AS m
    ON CONFLICT (migration_id) DO UPDATE
    SET sha256 = excluded.sha256, applied_at = excluded.applied_at, duration_ms = excluded.duration_ms
"""


def write_journal(connection: Connection, tables: LedgerTables, entry: JournalEntry) -> None:
    """Write how far one statement came; a later word on the same statement replaces it."""
    connection.execute(
        sql.SQL(
            """
            INSERT INTO {journal} (migration_id, direction, number, statement, state, known_oids)
            VALUES (%s, %s, %s, %s, %s, %s)
            ON CONFLICT (migration_id, direction, number) DO UPDATE
            SET statement = excluded.statement, state = excluded.state, known_oids = excluded.known_oids
            """
        ).format(journal=tables.name(JOURNAL)),
        [
            entry.migration_id,
            entry.direction.value,
            entry.number,
            entry.statement,
            entry.state.value,
            None if entry.known_oids is None else list(entry.known_oids),
        ],
    )


def clear_journal(
    connection: Connection,
    tables: LedgerTables,
    migration_id: str,
    direction: Direction,
    *,
    number: int | None = None,
) -> None:
    """Forget the journal of one migration in one direction, or of one of its statements."""
    connection.execute(
        sql.SQL(
            "DELETE FROM {journal} WHERE migration_id = ANY(%s) AND direction = %s AND number = coalesce(%s, number)"
        ).format(journal=tables.name(JOURNAL)),
        [_names(migration_id)["ids"], direction.value, number],
    )


def _read_journal(connection: Connection, tables: LedgerTables) -> tuple[JournalEntry, ...]:
    rows = connection.execute(
        sql.SQL(
            """
            SELECT migration_id, direction, number, statement, state, started_at,
                known_oids::bigint []
            FROM {journal}
            ORDER BY migration_id, direction, number
            """
        ).format(journal=tables.name(JOURNAL))
    ).fetchall()
    return tuple(_journal_entry(row) for row in rows)


def _journal_entry(row: tuple[Any, ...]) -> JournalEntry:
    migration_id, direction, number, statement, state, started_at, known = row
    return JournalEntry(
        migration_id=composed(migration_id),
        direction=Direction(direction),
        number=number,
        statement=statement,
        state=StatementState(state),
        started_at=started_at.astimezone(UTC),
        known_oids=None if known is None else tuple(known),
    )


def _text(value: object) -> str | None:
    return None if value is None else str(value)


def _utc(value: object) -> datetime:
    """Return yoyo's time: it keeps UTC in a ``timestamp`` without time zone; NULL after old upgrades."""
    return value.replace(tzinfo=UTC) if isinstance(value, datetime) else datetime(1970, 1, 1, tzinfo=UTC)


# --- yoyo ------------------------------------------------------------------------------------------------
# Imported late: only a ledger that is not there yet, or is an old one, needs it, and yoyo's import costs 60 ms.


def _upgrade_yoyo_tables(connection: Connection, schema: str) -> None:
    """Make or upgrade yoyo's tables by yoyo's own steps, in the transaction that ``connection`` is in."""
    from yoyo import internalmigrations  # noqa: PLC0415

    backend = _backend(connection, schema)
    if internalmigrations.needs_upgrading(backend):
        internalmigrations.upgrade(backend)


def _backend(connection: Connection, schema: str) -> Any:
    """Return yoyo's own psycopg backend, working on this connection and in this schema."""
    from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend  # noqa: PLC0415
    from yoyo.connections import parse_uri  # noqa: PLC0415

    class LedgerBackend(PostgresqlPsycopgBackend):  # type: ignore[misc]  # yoyo has no types
        """yoyo's backend with qualified table names, without its lock, connection and transactions."""

        _internal_schema_updated = True  # by _upgrade_yoyo_tables: yoyo would ask again for each migration

        def connect(self, dburi: object) -> Connection:  # noqa: ARG002
            return connection

        def init_connection(self, connection: Connection) -> None:
            """Nothing: yoyo would set a search_path here."""

        def cursor(self) -> object:
            return connection.cursor(row_factory=tuple_row)

        @contextmanager
        def lock(self, timeout: float = 0) -> Generator[None]:  # noqa: ARG002
            """The deployer lock is held already; yoyo's is a row that a crash leaves behind."""
            yield

        def begin(self) -> None:
            """The caller's transaction is the only one."""

        commit = rollback = begin

        def quote_identifier(self, s: str) -> str:
            quoted: str = super().quote_identifier(s)
            return f"{super().quote_identifier(schema)}.{quoted}" if s in LEDGER_TABLES else quoted

        def list_tables(self, **_: object) -> list[str]:
            rows = connection.execute(
                "SELECT tablename FROM pg_catalog.pg_tables WHERE schemaname = %s", [schema]
            ).fetchall()
            return [str(row[0]) for row in rows]

    return LedgerBackend(parse_uri("postgresql+psycopg:///"), MIGRATIONS)


def _user_name() -> str:
    import getpass  # noqa: PLC0415

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown"
