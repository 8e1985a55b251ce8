"""Transactions and savepoints of both APIs: what counts, what does not, and what is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.errors import (
    ArgumentError,
    CheckViolation,
    CommitUnknown,
    ConnectionLostError,
    ExclusionViolation,
    ForeignKeyViolation,
    NotNullViolation,
    QueryError,
    SerializationConflict,
    StatementTimeout,
    TooManyRows,
    UniqueViolation,
)
from codezest_sql.runtime import Column, Exec, ExecRows, Many, Model, One, Parameter, Statement
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

pytestmark = pytest.mark.every_postgres


class NumberRow(Model):
    n: int


N = (Column("n", "integer", None, nullable=False),)
ADD = Statement("add", "INSERT INTO t (n) VALUES ($1)", (Parameter("n", "integer"),))
ALL = Statement("all", "SELECT n FROM t ORDER BY n", (), N, NumberRow)

SLEEP = Statement("sleep", "SELECT 1 AS n FROM pg_sleep($1)", (Parameter("s", "double precision"),), N, NumberRow)
KILL = Statement("kill", "SELECT 1 AS n FROM pg_terminate_backend(pg_backend_pid())", (), N, NumberRow)


KILL_OTHERS = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()
"""


class TextRow(Model):
    n: str


SHOW = Statement(
    "show",
    "SELECT current_setting($1) AS n",
    (Parameter("name", "text"),),
    (Column("n", "text", None, nullable=False),),
    TextRow,
)


@pytest.fixture
def table(execute: Callable[[str], None]) -> None:
    execute("CREATE TABLE t (n int4 PRIMARY KEY)")


def numbers(db: Face) -> list[int]:
    return [row.n for row in db.run(Many(ALL))]


def test_what_a_transaction_wrote_counts_at_its_end_and_not_after_an_error(db: Face, table: None) -> None:
    with db.transaction() as tx:
        tx.run(Exec(ADD, (1,)))
        tx.batch(Exec(ADD, (2,)), Exec(ADD, (3,)))
        assert numbers(tx) == [1, 2, 3]
    with pytest.raises(ZeroDivisionError), db.transaction() as tx:
        tx.run(Exec(ADD, (4,)))
        raise ZeroDivisionError
    assert numbers(db) == [1, 2, 3]


def test_an_inner_transaction_is_a_savepoint(db: Face, table: None) -> None:
    with db.transaction() as tx:
        tx.run(Exec(ADD, (1,)))
        with pytest.raises(UniqueViolation), tx.transaction() as inner:
            inner.run(Exec(ADD, (2,)))
            with inner.transaction() as innermost:
                innermost.run(Exec(ADD, (3,)))
            inner.run(Exec(ADD, (1,)))
        with tx.transaction() as inner:
            inner.run(Exec(ADD, (4,)))
    assert numbers(db) == [1, 4]


def test_a_transaction_whose_error_was_swallowed_says_that_nothing_counts(db: Face, table: None) -> None:
    """The server answers such a COMMIT with ROLLBACK, without an error."""
    with pytest.raises(ArgumentError, match="rolled back"), db.transaction() as tx:
        tx.run(Exec(ADD, (1,)))
        with pytest.raises(UniqueViolation):
            tx.run(Exec(ADD, (1,)))
    assert numbers(db) == []


def test_isolation_and_read_only_are_those_of_the_transaction(db: Face, table: None) -> None:
    with db.transaction(isolation="serializable", read_only=True, deferrable=True) as tx:
        assert tx.run(One(SHOW, ("transaction_isolation",))).n == "serializable"
        assert tx.run(One(SHOW, ("transaction_read_only",))).n == "on"
        assert tx.run(One(SHOW, ("transaction_deferrable",))).n == "on"
    assert db.run(One(SHOW, ("transaction_isolation",))).n == "read committed"
    with pytest.raises(QueryError, match="read-only"), db.transaction(read_only=True) as tx:
        tx.run(Exec(ADD, (1,)))


def test_an_inner_transaction_cannot_change_the_isolation(db: Face) -> None:
    with (
        db.transaction() as tx,
        pytest.raises(ArgumentError, match="outermost"),
        tx.transaction(isolation="serializable"),
    ):
        pass


def test_a_transaction_is_not_usable_after_its_end(db: Face, table: None) -> None:
    with db.transaction() as tx:
        pass
    with pytest.raises(ArgumentError, match="the transaction is over"):
        tx.run(Exec(ADD, (1,)))


def test_a_timeout_ends_a_query_and_stays_on_no_session(db: Face) -> None:
    with pytest.raises(StatementTimeout, match="sleep"):
        db.run(One(SLEEP, (30.0,)), timeout=0.05)
    with pytest.raises(StatementTimeout, match="sleep"), db.transaction(timeout=0.05) as tx:
        tx.run(One(SLEEP, (30.0,)))
    with pytest.raises(StatementTimeout, match="sleep"), db.transaction() as tx:
        assert tx.run(One(SLEEP, (0.0,)), timeout=PATIENCE) == NumberRow(n=1)
        assert tx.run(One(SHOW, ("statement_timeout",))).n == "0"
        tx.run(One(SLEEP, (30.0,)), timeout=0.05)
    assert db.run(One(SHOW, ("statement_timeout",))).n == "0"
    assert db.run(One(SLEEP, (0.0,)), timeout=PATIENCE) == NumberRow(n=1)


def test_a_violated_constraint_is_named_with_its_table_and_columns(db: Face, execute: Callable[[str], None]) -> None:
    execute("""
        CREATE SCHEMA s;
        CREATE TABLE s.parent (id int4 CONSTRAINT parent_pk PRIMARY KEY);
        CREATE TABLE s.child (
            a int4 NOT NULL, b int4, "Odd, name" int4 CONSTRAINT positive CHECK ("Odd, name" > 0),
            parent int4 CONSTRAINT has_parent REFERENCES s.parent,
            CONSTRAINT pair UNIQUE (a, "Odd, name"),
            CONSTRAINT apart EXCLUDE USING btree (b WITH =)
        )
    """)
    names = ("a", "b", "c", "d")
    add = Statement(
        "child.add",
        "INSERT INTO s.child VALUES ($1, $2, $3, $4)",
        tuple(Parameter(name, "integer", nullable=True) for name in names),
    )
    db.run(Exec(add, (1, 1, 1, None)))
    expected: list[tuple[type[QueryError], tuple[object, ...], str, tuple[str, ...]]] = [
        (UniqueViolation, (1, 2, 1, None), "pair", ("a", "Odd, name")),
        (ForeignKeyViolation, (2, 2, 2, 7), "has_parent", ("parent",)),
        (NotNullViolation, (None, 3, 3, None), "", ("a",)),
        (CheckViolation, (4, 4, -1, None), "positive", ()),
        (ExclusionViolation, (5, 1, 5, None), "apart", ("b",)),
    ]
    for kind, arguments, constraint, columns in expected:
        with pytest.raises(kind) as caught:
            db.run(Exec(add, arguments))
        error = caught.value
        assert isinstance(error.__cause__, psycopg.errors.IntegrityError)
        assert vars(error)["table"] == "s.child"
        assert (vars(error)["constraint"], vars(error)["columns"]) == (constraint, columns)
        assert error.query == "child.add"


def test_a_lost_connection_is_replaced_and_a_read_runs_again(db: Face, table: None) -> None:
    """The kill itself continues being one, so it fails in the end."""
    with pytest.raises(ConnectionLostError, match="kill"):
        db.run(One(KILL))
    assert numbers(db) == []


def test_a_read_is_repeated_after_its_connection_was_lost(
    db: Face, table: None, execute: Callable[[str], None]
) -> None:
    assert numbers(db) == []
    execute(KILL_OTHERS)
    assert numbers(db) == []


def test_a_write_is_repeated_only_where_the_caller_says_it_may_be(
    db: Face, table: None, execute: Callable[[str], None]
) -> None:
    db.run(Exec(ADD, (1,)))
    execute(KILL_OTHERS)
    with pytest.raises(ConnectionLostError, match="add"):
        db.run(Exec(ADD, (2,)))
    db.run(Exec(ADD, (2,)))
    execute(KILL_OTHERS)
    db.run(Exec(ADD, (3,)), idempotent=True)
    assert numbers(db) == [1, 2, 3]


def test_a_connection_lost_during_commit_is_reported_as_unknown(
    db: Face, table: None, execute: Callable[[str], None]
) -> None:
    execute("""
        CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
        CREATE CONSTRAINT TRIGGER die AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED FOR EACH ROW
        EXECUTE FUNCTION die()
    """)
    with pytest.raises(CommitUnknown, match="not known"), db.transaction() as tx:
        tx.run(Exec(ADD, (1,)))
    assert numbers(db) == []


def test_a_serialization_conflict_is_named(db: Face, table: None, execute: Callable[[str], None]) -> None:
    bump = Statement("bump", "UPDATE t SET n = n + 10 WHERE n = $1", (Parameter("n", "integer"),))
    db.run(Exec(ADD, (1,)))
    with pytest.raises(SerializationConflict, match="bump"), db.transaction(isolation="repeatable read") as tx:
        numbers(tx)
        execute("UPDATE t SET n = n + 1")
        tx.run(ExecRows(bump, (1,)))


def test_a_timeout_changes_nothing_about_what_a_wrong_number_of_rows_means(db: Face, table: None) -> None:
    """The rows are counted when they have come, and the statement has been done by then."""
    add = Statement(
        "add",
        "INSERT INTO t (n) VALUES ($1), ($2) RETURNING n",
        (Parameter("a", "integer"), Parameter("b", "integer")),
        N,
        NumberRow,
    )
    for timeout, pair in ((None, (1, 2)), (PATIENCE, (3, 4))):
        with pytest.raises(TooManyRows, match="add"):
            db.run(One(add, pair), timeout=timeout)
    assert numbers(db) == [1, 2, 3, 4]
