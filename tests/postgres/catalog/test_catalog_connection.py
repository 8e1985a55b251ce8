"""What reading does to the connection it is given, and what the connection, the role and others have to say in it."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import IsolationLevel
from psycopg.pq import TransactionStatus

from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.drift import find_drift
from codezest_sql.errors import CatalogUnreadableError
from codezest_sql.postgres.catalog.reader import read_schema
from tests.postgres.catalog.catalog_cases import EVERY_KIND, database_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from codezest_sql.core.schema.objects import Schema
    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres


@pytest.fixture(scope="module")
def every_kind(server: Server) -> Iterator[str]:
    """Make a database that holds one of everything, which the tests only read."""
    with database_with(server, EVERY_KIND) as url:
        yield url


def schema_of(url: str, *settings: str) -> Schema:
    """Read a database after these settings of the session."""
    with psycopg.connect(url) as connection:
        for setting in settings:
            connection.execute(setting.encode())
        connection.commit()
        return read_schema(connection)


def names(schema: Schema) -> set[str]:
    return {str(each.key) for each in schema.objects}


def test_the_session_the_role_and_the_database_have_no_say_in_what_is_read(every_kind: str) -> None:
    """Search path, time zone, formats and quoting change how the server prints expressions."""
    settings = (
        "SET search_path = app, public",
        "SET TimeZone = 'Asia/Kathmandu'",
        "SET DateStyle = 'SQL, DMY'",
        "SET IntervalStyle = 'iso_8601'",
        "SET extra_float_digits = -5",
        "SET bytea_output = 'escape'",
        "SET quote_all_identifiers = on",
        "SET client_encoding = 'LATIN9'",
        "SET standard_conforming_strings = on",
    )
    assert schema_of(every_kind) == schema_of(every_kind, *settings)


def test_a_role_without_any_right_reads_the_same(every_kind: str) -> None:
    """pg_signal_backend owns nothing and was granted nothing."""
    found = find_drift(schema_of(every_kind), schema_of(every_kind, "SET ROLE pg_signal_backend"))
    assert not found.diff, render_text(found.diff)
    assert found.notes == (
        (
            "not compared, as this role may not read it: foreign options of user mapping for pg_monitor server far, "
            "foreign options of user mapping for public server far"
        ),
    )


@pytest.mark.parametrize("autocommit", [True, False])
def test_the_connection_is_left_as_it_was_found(every_kind: str, *, autocommit: bool) -> None:
    """No setting, no transaction, no prepared statement stays, and no transaction characteristic is lost."""
    with psycopg.connect(every_kind, autocommit=autocommit) as connection:
        connection.isolation_level = IsolationLevel.SERIALIZABLE
        connection.execute("SET search_path = app; SET TimeZone = 'Asia/Kathmandu'")
        connection.commit()
        jit = connection.execute("SHOW jit").fetchone()
        connection.commit()
        for _ in range(6):  # psycopg prepares a statement of its own accord when it runs for the sixth time
            read_schema(connection)
        assert connection.info.transaction_status is TransactionStatus.IDLE
        assert connection.autocommit is autocommit
        assert connection.isolation_level is IsolationLevel.SERIALIZABLE
        assert connection.read_only is None
        shown = connection.execute(
            "SELECT current_setting('search_path'), current_setting('TimeZone'),"
            " (SELECT count(*) FROM pg_prepared_statements)"
        ).fetchone()
        assert shown == ("app", "Asia/Kathmandu", 0)
        assert connection.execute("SHOW jit").fetchone() == jit


def test_within_a_transaction_its_own_changes_are_seen_and_kept(database: str) -> None:
    """So that a migration can be looked at before it is committed."""
    with psycopg.connect(database) as connection:
        connection.execute("SET LOCAL search_path = public; CREATE TABLE fresh (a integer)")
        assert "table public.fresh" in names(read_schema(connection))
        assert connection.info.transaction_status is TransactionStatus.INTRANS
        assert connection.execute("SHOW search_path").fetchone() == ("public",)
        connection.commit()
    assert "table public.fresh" in names(schema_of(database))


def read_while_a_view_is_dropped(url: str, reader: psycopg.Connection) -> Schema:
    """Read with ``reader``, which comes upon a view that another session is dropping and waits for it."""
    with psycopg.connect(url) as dropper, psycopg.connect(url, autocommit=True) as watcher:
        with ThreadPoolExecutor(1) as pool:
            dropper.execute("DROP VIEW public.going")
            reading = pool.submit(read_schema, reader)
            waits = "SELECT count(*) FROM pg_locks WHERE pid = %s AND NOT granted"
            while watcher.execute(waits, [reader.info.backend_pid]).fetchone() != (1,):
                time.sleep(0.01)
            dropper.commit()
        return reading.result()


def test_an_object_that_goes_while_it_is_read_is_read_again(database: str) -> None:
    """The server's printing functions look past the transaction's snapshot and fail on what is gone."""
    with psycopg.connect(database) as reader:
        before = read_schema(reader)
        with psycopg.connect(database) as maker:
            maker.execute("CREATE VIEW public.going AS SELECT 1 AS one")
        assert read_while_a_view_is_dropped(database, reader) == before


def test_within_a_transaction_nothing_is_read_again(database: str) -> None:
    """Its owner decides; the transaction itself is kept."""
    with psycopg.connect(database) as reader:
        reader.execute("CREATE VIEW public.going AS SELECT 1 AS one")
        reader.commit()
        reader.isolation_level = IsolationLevel.REPEATABLE_READ
        assert reader.execute("SELECT 1").fetchone() == (1,)
        with pytest.raises(CatalogUnreadableError, match="could not open relation"):
            read_while_a_view_is_dropped(database, reader)
        assert reader.info.transaction_status is TransactionStatus.INTRANS


def test_a_refusal_of_the_server_is_an_error_with_a_way_out(database: str) -> None:
    """In a failed transaction, and on a closed connection."""
    with psycopg.connect(database) as connection:
        with pytest.raises(psycopg.errors.UndefinedTable):
            connection.execute("SELECT * FROM missing")
        with pytest.raises(CatalogUnreadableError, match="cannot read the catalog") as caught:
            read_schema(connection)
        assert caught.value.hint
        connection.close()
        with pytest.raises(CatalogUnreadableError):
            read_schema(connection)
