"""A database that is not the one the types were verified on is named, and never gives a wrong value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.errors import ConnectionUnusableError, SchemaMismatchError
from codezest_sql.runtime import Column, Database, Exec, Many, Model, One, Parameter, Statement
from codezest_sql.runtime.pg_types import FIRST_USER_OID, TYPES_QUERY, Catalog
from tests.patience import PATIENCE
from tests.runtime.faces import connecting

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres


class ThingRow(Model):
    a: Any


def thing(text: str, column: str = "integer", *parameters: Parameter) -> Statement:
    return Statement("thing", text, parameters, (Column("a", column),), ThingRow)


@pytest.fixture
def table(execute: Callable[[str], None]) -> None:
    execute("CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (a int4, m mood)")
    execute("INSERT INTO t VALUES (1, 'sad')")


@pytest.mark.parametrize(
    ("statement", "message"),
    [
        (thing("SELECT a FROM t", "text"), "the column a was generated as text, and the server reports integer"),
        (thing("SELECT a, a FROM t"), "generated with 1 columns, and the server reports 2"),
        (thing("SELECT m AS a FROM t", "app.mood"), "generated as app.mood, and the server reports public.mood"),
        (
            thing("SELECT a FROM t WHERE a = $1", "integer", Parameter("x", "bigint")),
            "the parameter x was generated as bigint, and the server reports integer",
        ),
        (thing("SELECT a FROM t WHERE a = $1"), "generated with 0 parameters, and the server reports 1"),
        (thing("SELECT b AS a FROM t"), 'thing: column "b" does not exist'),
        (thing("SELECT a FROM gone"), 'thing: relation "gone" does not exist'),
        (thing("SELECT gone(a) AS a FROM t"), "thing: function gone"),
    ],
)
def test_a_difference_is_named_before_the_query_runs(
    db: Face, table: None, statement: Statement, message: str
) -> None:
    arguments = (1,) * len(statement.parameters)
    with pytest.raises(SchemaMismatchError, match=message) as caught:
        db.run(Many(statement, arguments))
    assert "codezest-sql generate" in str(caught.value.hint)
    assert db.run(One(thing("SELECT a FROM t"))) == ThingRow(a=1)


def test_a_column_that_changes_its_type_later_is_named_too(
    db: Face, table: None, execute: Callable[[str], None]
) -> None:
    query: One[ThingRow] = One(thing("SELECT a FROM t"))
    assert db.run(query) == ThingRow(a=1)
    execute("ALTER TABLE t ALTER a TYPE text USING 'x' || a")
    with pytest.raises(SchemaMismatchError, match="thing"):
        db.run(query)
    execute("ALTER TABLE t ALTER a TYPE int4 USING 7")
    assert db.run(query) == ThingRow(a=7)


def test_a_type_that_is_made_anew_is_found_again(db: Face, table: None, execute: Callable[[str], None]) -> None:
    """It has the same name and another number."""
    query: One[ThingRow] = One(thing("SELECT m AS a FROM t", "public.mood"))
    assert db.run(query) == ThingRow(a="sad")
    execute("DROP TABLE t; DROP TYPE mood; CREATE TYPE mood AS ENUM ('glad'); CREATE TABLE t (m mood)")
    execute("INSERT INTO t VALUES ('glad')")
    assert db.run(query) == ThingRow(a="glad")


def test_statements_that_somebody_deallocated_are_prepared_again(db: Face, table: None) -> None:
    query: One[ThingRow] = One(thing("SELECT a FROM t"))
    assert db.run(query) == ThingRow(a=1)
    away = Exec(Statement("away", "DEALLOCATE ALL"))
    db.run(away)
    assert db.run(query) == ThingRow(a=1)
    db.run(away)
    assert db.batch(query, query) == (ThingRow(a=1), ThingRow(a=1))
    db.run(away)
    assert db.run(query, timeout=PATIENCE) == ThingRow(a=1)
    db.run(away)
    assert db.stream(Many(query.statement)) == [ThingRow(a=1)]


def test_two_databases_of_one_process_do_not_share_numbers(
    connect: Callable[..., Face], server: Any, database: str, table: None
) -> None:
    other = database.replace("/test_", "/other_")
    name = psycopg.conninfo.conninfo_to_dict(other)["dbname"]
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}".encode())
        try:
            with psycopg.connect(server.url(str(name)), autocommit=True) as connection:
                connection.execute("CREATE TYPE filler AS (a int4)")
                connection.execute("CREATE TYPE mood AS ENUM ('glad')")
            statement = thing("SELECT enum_first(NULL::mood) AS a", "public.mood")
            first, second = connect(database), connect(server.url(str(name)))
            assert first.run(One(statement)) == ThingRow(a="sad")
            assert second.run(One(statement)) == ThingRow(a="glad")
            assert first.run(One(statement)) == ThingRow(a="sad")
        finally:
            admin.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())


@pytest.mark.parametrize("setting", ["client_encoding=LATIN1", "DateStyle=SQL"])
def test_a_session_that_writes_text_otherwise_is_refused(database: str, setting: str) -> None:
    with psycopg.connect(database, options=f"-c {setting}") as connection:
        if setting.startswith("client"):
            connection.execute("SET client_encoding = 'LATIN1'")
        with pytest.raises(ConnectionUnusableError, match=f"needs {setting.partition('=')[0]} = "):
            Database.on(connection).run(One(thing("SELECT current_date AS a", "date")))


def test_every_type_that_psycopg_knows_has_the_servers_number_and_name(database: str) -> None:
    """The built-in ones are not read from the server, so that most applications never read any."""
    catalog = Catalog()
    with psycopg.connect(database) as connection:
        rows = connection.execute(
            "SELECT oid::int8, format_type(oid, NULL) FROM pg_type WHERE oid < %s", [FIRST_USER_OID]
        ).fetchall()
        assert connection.execute(TYPES_QUERY.encode()).fetchall()
    known = {oid: kind.name for oid, kind in catalog.by_oid.items()}
    assert {oid: name for oid, name in rows if oid in known} == known
    assert len(known) > 100


@pytest.mark.parametrize("mode", ["autocommit", "transaction", "prepared"])
def test_a_connection_of_the_caller_keeps_its_transaction(database: str, table: None, mode: str) -> None:
    """A query joins the transaction that psycopg began, and begins one where psycopg would."""
    add = Exec(Statement("add", "INSERT INTO t (a) VALUES ($1)", (Parameter("a", "integer"),)), (5,))
    with psycopg.connect(database, autocommit=mode == "autocommit") as connection:
        db = Database.on(connection, prepare=mode == "prepared")
        db.run(add)
        db.run(add)
        assert len(db.run(Many(thing("SELECT a FROM t")))) == 3
        with db.transaction() as tx:
            tx.run(add)
        connection.rollback()
        left = connection.execute("SELECT count(*) FROM t").fetchone()
    assert left == ((4,) if mode == "autocommit" else (1,))


def test_a_query_runs_in_a_pipeline_that_the_caller_opened(database: str, table: None) -> None:
    query: One[ThingRow] = One(thing("SELECT a + $1 AS a FROM t", "integer", Parameter("x", "integer")), (1,))
    with psycopg.connect(database) as connection:
        for prepare in (False, True):
            db = Database.on(connection, prepare=prepare)
            with connection.pipeline():
                assert db.run(query) == ThingRow(a=2)
                assert db.run(query) == ThingRow(a=2)
            assert db.run(query) == ThingRow(a=2)


def test_arguments_are_never_sql(db: Face, table: None) -> None:
    evil = "'; DROP TABLE t; --"
    query: One[ThingRow] = One(thing("SELECT $1 AS a", "text", Parameter("x", "text")), (evil,))
    assert db.run(query) == ThingRow(a=evil)
    assert db.run(One(thing("SELECT a FROM t"))) == ThingRow(a=1)


def test_both_faces_have_the_same_methods_with_the_same_signatures() -> None:
    """Side by side in one file, so that neither is forgotten."""
    import inspect  # noqa: PLC0415

    from codezest_sql.runtime.database import AsyncDatabase, AsyncTransaction, Transaction  # noqa: PLC0415

    for sync, other in ((Database, AsyncDatabase), (Transaction, AsyncTransaction)):
        names = {name for name in dir(sync) if not name.startswith("_")}
        assert names == {name for name in dir(other) if not name.startswith("_")}
        for name in names - {"on"}:
            ours, theirs = (inspect.signature(getattr(face, name)) for face in (sync, other))
            assert [(one.name, one.kind, one.default) for one in ours.parameters.values()] == [
                (one.name, one.kind, one.default) for one in theirs.parameters.values()
            ], name
            # Hooks get the connection of their face, and are awaited in the asynchronous one.
            hooks = {"configure", "reset"} if name == "connect" else set[str]()
            assert all(
                ours.parameters[one].annotation == theirs.parameters[one].annotation
                for one in ours.parameters
                if one not in hooks
            ), name


def test_a_thousand_threads_of_work_share_one_database(database: str) -> None:
    from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415

    with connecting("sync-fast") as connect, ThreadPoolExecutor(8) as threads:
        db = connect(database)
        query = thing("SELECT $1 + 0 AS a", "integer", Parameter("x", "integer"))
        got = list(threads.map(lambda n: db.run(One(query, (n,))).a, range(1000)))
        assert got == list(range(1000))
