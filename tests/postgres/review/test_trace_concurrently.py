"""Statements outside of transactions are stopped where they wait, and nothing waits for ever."""

from __future__ import annotations

import threading
from contextlib import ExitStack, closing
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.core.review.trace.measured import LockMode
from codezest_sql.place import Place
from codezest_sql.postgres.trace.tracer import Tracer
from tests.postgres.review.traces import traced

if TYPE_CHECKING:
    from collections.abc import Callable

PLACE = Place("1.sql", 1, 1)
INDEX = "CREATE INDEX CONCURRENTLY books_title ON lib.books (title)"


@pytest.mark.every_postgres
@pytest.mark.parametrize(
    ("change", "stops"),
    [
        (INDEX, 2),  # for writers that know no index yet, and for snapshots from before it was filled
        ("DROP INDEX CONCURRENTLY lib.books_pages", 2),  # for those that read it, and for those that write it
        ("ALTER TABLE lib.visits DETACH PARTITION lib.visits_1 CONCURRENTLY", 2),
        ("REINDEX INDEX CONCURRENTLY lib.books_pages", 4),
    ],
)
def test_each_wait_is_seen(own_library: str, change: str, stops: int) -> None:
    (found,) = traced(own_library, change)
    assert found.stops == stops
    assert f"waits {stops} times for the transactions of others to end" in found.words()


@pytest.mark.every_postgres
def test_a_wait_for_another_session_is_not_counted(own_library: str) -> None:
    waiting = "SELECT FROM pg_locks WHERE relation = 'lib.books'::regclass AND NOT granted"
    with (
        closing(psycopg.connect(own_library)) as other,
        closing(psycopg.connect(own_library, autocommit=True)) as watching,
    ):
        other.execute("LOCK TABLE lib.books IN SHARE UPDATE EXCLUSIVE MODE")

        def let_go() -> None:
            pause = threading.Event()
            while watching.execute(waiting).fetchone() is None:
                pause.wait(0.02)
            pause.wait(0.3)  # the tracer looks meanwhile
            other.rollback()

        thread = threading.Thread(target=let_go)
        thread.start()
        (found,) = traced(own_library, INDEX)
        thread.join()
    assert found.stops == 2


@pytest.mark.every_postgres
def test_the_locks_are_read_where_it_stands_still(own_library: str) -> None:
    (found,) = traced(own_library, INDEX)
    assert [(each.relation, each.mode) for each in found.locks] == [("lib.books", LockMode.SHARE_UPDATE_EXCLUSIVE)]
    assert found.blocked == ()


def test_a_statement_that_fails_raises_its_error(own_library: str) -> None:
    with pytest.raises(psycopg.errors.DivisionByZero):
        traced(own_library, "CREATE INDEX CONCURRENTLY x ON lib.visits_2 ((id / (id - id)))")


def test_a_statement_is_cancelled_when_the_watching_session_breaks_off(own_library: str) -> None:
    """The holder of the statement would keep it for ever otherwise."""
    with ExitStack() as stack:

        def connect() -> psycopg.Connection[Any]:
            return stack.enter_context(closing(psycopg.connect(own_library, autocommit=True)))

        def connect_once(left: list[Callable[[], psycopg.Connection[Any]]]) -> psycopg.Connection[Any]:
            return left.pop()()

        sessions = [connect]
        migrating = connect()
        tracer = Tracer(migrating, connect(), lambda: connect_once(sessions))
        with pytest.raises(IndexError):
            tracer.measure_alone(PLACE, INDEX, concurrently=True)
        assert migrating.execute("SELECT 1").fetchone() == (1,)
