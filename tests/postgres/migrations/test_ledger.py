"""The ledger on its own: where its tables are, what is written into them, and how they read."""

from __future__ import annotations

import getpass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from unittest import mock

import psycopg
import pytest

from codezest_sql import ledger
from codezest_sql.core.migrations.files.script import Migration, read_script
from codezest_sql.core.migrations.history import Direction, JournalEntry, StatementState
from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.ledger import CONTENT, JOURNAL, LEDGER_TABLES, MIGRATIONS, Recorder
from codezest_sql.postgres.connection import connect
from tests.projects import execute, ledger_tables, role_of, rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.ledger import Connection

OWN = LEDGER_TABLES - {"yoyo_lock"}
# A name that needs quotes, and one that is a keyword.
SCHEMAS = ["public", 'we"ird; DROP', "select", "Été"]


def migration(name: str, text: str = "SELECT 1;") -> Migration:
    return Migration(name, read_script(text.encode(), file=f"{name}.sql").script)


@pytest.fixture
def connection(database: str) -> Iterator[Connection]:
    """Open a connection as the tools have it."""
    with connect(database, purpose="test") as opened:
        yield opened


def record(connection: Connection, *names: str, direction: Direction = Direction.UP) -> None:
    recorder = Recorder(connection, ledger.prepare(connection))
    for name in names:
        with connection.transaction():
            recorder.record(migration(name), direction, seconds=0.25)


def test_an_empty_database_has_an_empty_history(connection: Connection, database: str) -> None:
    history = ledger.read_history(connection)
    assert (history.schema, history.applied, history.journal) == (None, (), ())
    assert ledger_tables(database) == set()


def test_preparing_makes_every_table_once(connection: Connection, database: str) -> None:
    first = ledger.prepare(connection)
    assert ledger_tables(database) == OWN
    assert first.found == OWN
    assert ledger.prepare(connection) == first
    assert rows(database, "SELECT count(*) FROM _yoyo_version") == [(1,)]


def test_the_tables_say_what_they_are(connection: Connection, database: str) -> None:
    """A DBA who finds them must not have to guess."""
    ledger.prepare(connection)
    for table in (CONTENT, JOURNAL):
        (comment,) = rows(database, f"SELECT obj_description('{table}'::regclass)")[0]
        assert str(comment).startswith("codezest-sql: ")


@pytest.mark.parametrize("table", [CONTENT, JOURNAL])
def test_a_table_of_ours_that_is_missing_is_made_again(connection: Connection, database: str, table: str) -> None:
    """Such as in a ledger that yoyo made; what the others hold is kept."""
    record(connection, "0001_a")
    execute(database, f"DROP TABLE {table}")
    ledger.prepare(connection)
    assert ledger_tables(database) == OWN
    assert [entry.id for entry in ledger.read_history(connection).applied] == ["0001_a"]


def test_what_is_recorded_is_read(connection: Connection) -> None:
    before = datetime.now(UTC) - timedelta(seconds=1)
    record(connection, "0001_a", "0002_日本")
    history = ledger.read_history(connection)
    assert history.schema == "public"
    assert [(entry.id, entry.sha256) for entry in history.applied] == [
        (name, migration(name).up.sha256) for name in ("0001_a", "0002_日本")
    ]
    assert all(before <= entry.applied_at <= datetime.now(UTC) for entry in history.applied)
    assert history.applied[0].applied_at.tzinfo is UTC


def test_what_is_undone_is_gone_but_for_the_log(connection: Connection, database: str) -> None:
    record(connection, "0001_a", "0002_b")
    record(connection, "0002_b", direction=Direction.DOWN)
    assert [entry.id for entry in ledger.read_history(connection).applied] == ["0001_a"]
    assert rows(database, "SELECT migration_id FROM _codezest_migration") == [("0001_a",)]
    log = rows(database, "SELECT migration_id, operation FROM _yoyo_log ORDER BY created_at_utc")
    assert log == [("0001_a", "apply"), ("0002_b", "apply"), ("0002_b", "rollback")]


def test_a_record_belongs_to_the_transaction_that_it_is_made_in(connection: Connection) -> None:
    recorder = Recorder(connection, ledger.prepare(connection))
    with connection.transaction(force_rollback=True):
        recorder.record(migration("0001_a"), Direction.UP, seconds=1)
        assert ledger.read_history(connection).has("0001_a")
    assert ledger.read_history(connection).applied == ()


def test_a_duration_is_kept_in_milliseconds(connection: Connection, database: str) -> None:
    record(connection, "0001_a")
    assert rows(database, "SELECT duration_ms FROM _codezest_migration") == [(250,)]


def test_whoever_has_no_name_is_unknown(connection: Connection, database: str) -> None:
    """A container's user id often is in no /etc/passwd."""
    with mock.patch.object(getpass, "getuser", side_effect=OSError("no such user")):
        record(connection, "0001_a")
    assert rows(database, "SELECT username FROM _yoyo_log") == [("unknown",)]


def entry(number: int = 1, state: StatementState = StatementState.RUNNING, **changes: object) -> JournalEntry:
    values: dict[str, object] = {
        "migration_id": "0001_日本",
        "direction": Direction.UP,
        "number": number,
        "statement": "VACUUM 'é%s';\n--",
        "state": state,
        "started_at": datetime(2026, 1, 31, tzinfo=UTC),
        "known_oids": None,
        **changes,
    }
    return JournalEntry(**values)  # type: ignore[arg-type]  # the keys are fields of these types


@pytest.mark.parametrize("known", [None, (), (1, 4294967295)])
def test_a_journal_entry_comes_back(connection: Connection, known: tuple[int, ...] | None) -> None:
    tables = ledger.prepare(connection)
    written = entry(known_oids=known)
    ledger.write_journal(connection, tables, written)
    (found,) = ledger.read_history(connection).journal
    assert (found.migration_id, found.direction, found.number, found.statement, found.state, found.known_oids) == (
        written.migration_id,
        written.direction,
        written.number,
        written.statement,
        written.state,
        written.known_oids,
    )
    assert abs(datetime.now(UTC) - found.started_at) < timedelta(minutes=1)


def test_a_later_word_on_a_statement_replaces_the_earlier(connection: Connection) -> None:
    """But for when it began."""
    tables = ledger.prepare(connection)
    ledger.write_journal(connection, tables, entry())
    (first,) = ledger.read_history(connection).journal
    ledger.write_journal(connection, tables, entry(state=StatementState.DONE))
    (second,) = ledger.read_history(connection).journal
    assert second.state is StatementState.DONE
    assert second.started_at == first.started_at


def test_a_journal_is_cleared_by_migration_direction_and_number(connection: Connection) -> None:
    tables = ledger.prepare(connection)
    for written in (entry(1), entry(2), entry(1, direction=Direction.DOWN), entry(1, migration_id="0002_b")):
        ledger.write_journal(connection, tables, written)
    ledger.clear_journal(connection, tables, "0001_日本", Direction.UP, number=2)
    left = [(e.migration_id, e.direction, e.number) for e in ledger.read_history(connection).journal]
    assert left == [("0001_日本", "down", 1), ("0001_日本", "up", 1), ("0002_b", "up", 1)]
    ledger.clear_journal(connection, tables, "0001_日本", Direction.UP)
    left = [(e.migration_id, e.direction, e.number) for e in ledger.read_history(connection).journal]
    assert left == [("0001_日本", "down", 1), ("0002_b", "up", 1)]


# --- where it is -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("schema", SCHEMAS)
def test_a_ledger_in_a_schema_of_any_name_is_found_from_everywhere(
    connection: Connection, database: str, schema: str
) -> None:
    quoted = '"' + schema.replace('"', '""') + '"'
    execute(database, f"CREATE SCHEMA IF NOT EXISTS {quoted}")
    connection.execute(psycopg.sql.SQL("SET search_path = {}").format(psycopg.sql.Identifier(schema)))
    record(connection, "0001_a")
    ledger.write_journal(connection, ledger.find_tables(connection), entry())
    with connect(database, purpose="test") as elsewhere:
        elsewhere.execute("SET search_path = pg_catalog")
        history = ledger.read_history(elsewhere)
        assert history.schema == schema
        assert history.has("0001_a")
        assert len(history.journal) == 1
        record(elsewhere, "0002_b")
    assert len(ledger.read_history(connection).applied) == 2


def test_temporary_tables_and_views_of_the_name_are_no_ledger(connection: Connection) -> None:
    connection.execute(f"CREATE TEMP TABLE {MIGRATIONS} (x int)".encode())
    connection.execute(f"CREATE VIEW public.{CONTENT} AS SELECT 1".encode())
    assert ledger.find_tables(connection).found == frozenset()
    assert ledger.find_tables(connection).schema == "public"


def test_of_two_ledgers_the_one_on_the_path_is_meant(connection: Connection, database: str) -> None:
    for schema in ("one", "two"):
        execute(database, f"CREATE SCHEMA {schema}")
        with connect(f"{database}&options=-csearch_path%3D{schema}", purpose="test") as other:
            if schema == "two":
                # As two tools on one database do, each with a role of its own.
                execute(database, "ALTER TABLE one._yoyo_migration RENAME TO hidden")
            record(other, f"0001_{schema}")
    execute(database, "ALTER TABLE one.hidden RENAME TO _yoyo_migration")
    for schema in ("one", "two"):
        connection.execute(f"SET search_path = {schema}, public".encode())
        assert [found.id for found in ledger.read_history(connection).applied] == [f"0001_{schema}"]
    connection.execute("SET search_path = two, one")
    assert ledger.find_tables(connection).schema == "two"
    connection.execute("SET search_path = public")
    with pytest.raises(ConnectionUnusableError, match="several schemas hold a ledger: one, two"):
        ledger.read_history(connection)


def test_reading_needs_no_right_to_write(connection: Connection, database: str) -> None:
    record(connection, "0001_a")
    with (
        role_of(database, "reader", "GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}") as url,
        connect(url, purpose="test") as reader,
    ):
        reader.execute("SET default_transaction_read_only = on")
        assert ledger.read_history(reader).has("0001_a")


@pytest.mark.parametrize("table", [MIGRATIONS, CONTENT, JOURNAL])
def test_a_right_that_is_missing_is_told(connection: Connection, database: str, table: str) -> None:
    record(connection, "0001_a")
    grants = ("GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}", f"REVOKE SELECT ON {table} FROM {{role}}")
    with role_of(database, "reader", *grants) as url, connect(url, purpose="test") as reader:
        with pytest.raises(ConnectionUnusableError, match=f"permission denied for table {table}") as caught:
            ledger.read_history(reader)
        assert "GRANT USAGE ON SCHEMA and SELECT on the tables" in (caught.value.hint or "")


def test_a_schema_that_may_not_be_entered_is_told(connection: Connection, database: str) -> None:
    execute(database, "CREATE SCHEMA hidden")
    connection.execute("SET search_path = hidden")
    record(connection, "0001_a")
    with (
        role_of(database, "reader") as url,
        connect(url, purpose="test") as reader,
        pytest.raises(ConnectionUnusableError, match="permission denied for schema hidden"),
    ):
        ledger.read_history(reader)
