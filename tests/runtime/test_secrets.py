"""A value of a row or an argument is in no error: not in its message, nor in what it chains, logs or pickles."""

from __future__ import annotations

import logging
import pickle
import traceback
from functools import partial
from typing import TYPE_CHECKING, Any

import psycopg
import pytest

from codezest_sql.errors import CodezestError, InvalidValue, UniqueViolation
from codezest_sql.runtime import Column, CopyFrom, Exec, Many, Model, One, Parameter, Statement
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.runtime.faces import Face

SECRET = "huntersesames"
TABLES = """
CREATE TYPE mood AS ENUM ('sad');
CREATE DOMAIN mail AS text CONSTRAINT has_at CHECK (VALUE LIKE '%@%');
CREATE DOMAIN needed AS text NOT NULL;
CREATE TABLE parent (secret text PRIMARY KEY);
CREATE TABLE t (
    secret text NOT NULL CONSTRAINT t_secret_key UNIQUE, n integer NOT NULL CONSTRAINT positive CHECK (n > 0),
    parent text CONSTRAINT t_parent_fkey REFERENCES parent DEFERRABLE, short varchar(3),
    EXCLUDE USING hash (secret WITH =)
);
CREATE TABLE p (secret text) PARTITION BY LIST (secret);
CREATE FUNCTION loud(v text) RETURNS integer LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'refused' USING DETAIL = 'value ' || v, HINT = 'not ' || v; END $$;
CREATE FUNCTION inner_cast(v text) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE i integer; BEGIN EXECUTE 'SELECT ' || quote_literal(v) || '::integer' INTO i; RETURN i; END $$;
"""


class Row(Model):
    a: Any


TEXT = Parameter("v", "text")


def selecting(expression: str) -> Statement:
    return Statement("q", f"SELECT {expression} AS a", (TEXT,), (), None)


def writing(text: str) -> Statement:
    return Statement("w", text, (TEXT,))


EXPRESSIONS = """
$1::text::integer
$1::text::date
$1::text::timestamptz
$1::text::interval
$1::text::uuid
$1::text::boolean
$1::text::numeric
$1::text::float8
$1::text::inet
$1::text::json
$1::text::jsonb
$1::text::integer[]
$1::text::int4range
$1::text::mood
$1::text::regclass
$1::text::regtype
$1::text::regproc
$1::text::regrole
$1::text::regconfig
$1::text::point
$1::text::money
$1::text::macaddr
$1::text::bit(3)
($1::text || ' & (')::tsquery
$1::text::jsonpath
$1::text::xml
$1::text::mail
$1::text::pg_lsn
('1' || length($1::text) || '99999999999')::integer
now() AT TIME ZONE $1::text
decode($1::text, 'hex')
to_date($1::text, 'Mon')
loud($1::text)
date_trunc($1::text, now())
extract(epoch from $1::text::time)
inner_cast($1::text)
current_setting($1::text)
set_config('TimeZone', $1::text, false)
chr(length($1::text) - 99)
substring($1::text from 1 for -1)
('{"a": ' || $1::text || '}')::json
1 / (length($1::text) - 13)
convert_from(convert_to($1::text, 'UTF8') || '\\xff'::bytea, 'UTF8')
($1::text || '(')::regclass
regexp_replace('x', $1::text || '(', '')
$1::text::nameless
format($1::text || '%z', 1)
jsonb_path_query('[]', ($1::text || '[')::jsonpath)
nextval($1::text)
pg_get_serial_sequence($1::text, 'a')
""".strip().split("\n")
CASES = [
    *[selecting(expression) for expression in EXPRESSIONS],
    *[
        writing(text)
        for text in (
            "INSERT INTO t (secret, n) VALUES ($1, 1), ($1, 1)",
            "INSERT INTO t (secret, n) VALUES ($1, 0)",
            "INSERT INTO t (secret, n) VALUES ($1, NULL)",
            "INSERT INTO t (secret, n, parent) VALUES ($1, 1, $1)",
            "INSERT INTO t (secret, n, short) VALUES ($1, 1, $1)",
            "INSERT INTO p VALUES ($1)",
            "SELECT ROW($1)::text::needed, NULL::needed",
            "DO $$ BEGIN RAISE EXCEPTION 'x'; END $$; -- two statements",
        )
    ],
]  # fmt: skip


def everything(error: BaseException, caplog_text: str) -> str:
    """Return all that is read of an error, or could be, by whoever keeps errors."""
    found = [caplog_text, "".join(traceback.format_exception(error)), repr(error), str(error)]
    seen: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is None or one in seen:
            continue
        seen.append(one)
        waiting += [one.__cause__, one.__context__]
        found += [repr(one.args), repr(vars(one)), repr(getattr(one, "object", "")), repr(getattr(one, "doc", ""))]
        if isinstance(one, psycopg.Error):
            assert one.pgresult is None
            found += [repr(getattr(one.diag, name)) for name in dir(one.diag) if not name.startswith("__")]
    found.append(repr(vars(pickle.loads(pickle.dumps(error)))))
    return "\n".join(found)


@pytest.fixture
def tables(execute: Callable[[str], None]) -> None:
    execute(TABLES)


def refused(work: Callable[[], object], caplog: pytest.LogCaptureFixture) -> CodezestError:
    with caplog.at_level(logging.DEBUG), pytest.raises(CodezestError) as caught:
        work()
    text = everything(caught.value, caplog.text)
    assert SECRET not in text, text
    return caught.value


def test_no_error_of_the_server_repeats_a_value(
    db: Face, tables: None, caplog: pytest.LogCaptureFixture, subtests: pytest.Subtests
) -> None:
    """Alone, in a batch, in a transaction, with a timeout and in a stream."""
    for statement in CASES:
        kind = Many if statement.name == "q" else Exec
        query: Any = kind(statement, (SECRET,))
        with subtests.test(statement.text):
            refused(partial(db.run, query), caplog)
            refused(partial(db.batch, query), caplog)
            refused(partial(db.run, query, timeout=PATIENCE), caplog)
            with pytest.raises(CodezestError), db.transaction() as tx:
                refused(partial(tx.run, query), caplog)
                raise CodezestError("over")
            if kind is Many:
                refused(partial(db.stream, query), caplog)


def test_a_constraint_that_fails_at_commit_repeats_no_value(
    db: Face, tables: None, caplog: pytest.LogCaptureFixture
) -> None:
    def work() -> None:
        with db.transaction() as tx:
            tx.run(Exec(Statement("defer", "SET CONSTRAINTS ALL DEFERRED")))
            tx.run(Exec(writing("INSERT INTO t (secret, n, parent) VALUES ($1, 1, $1)"), (SECRET,)))

    refused(work, caplog)


@pytest.mark.parametrize("column", ["secret", "n", "short", "mood"])
def test_copy_repeats_no_value(
    db: Face, tables: None, execute: Callable[[str], None], caplog: pytest.LogCaptureFixture, column: str
) -> None:
    """By the server, whose CONTEXT has the line, and by us, who have the row."""
    execute("ALTER TABLE t ADD mood text, ADD CONSTRAINT is_mood CHECK (mood::mood = 'sad'), ALTER n DROP NOT NULL")
    names = ("secret", "n", "short", "mood")
    statement = Statement(
        "fill",
        "",
        (TEXT, Parameter("n", "integer"), Parameter("s", "character varying"), Parameter("m", "text")),
        copy=("public.t", names),
    )
    rows: dict[str, Any] = {
        "secret": [(SECRET, 1, "x", "sad")] * 2,
        "n": [(SECRET, -1, "x", "sad")],
        "short": [("x", 1, SECRET, "sad")],
        "mood": [("x", 1, "x", SECRET)],
    }
    refused(lambda: db.copy(CopyFrom(statement, rows[column])), caplog)
    refused(lambda: db.copy(CopyFrom(statement, [("x", SECRET, "x", "sad")])), caplog)


@pytest.mark.parametrize(
    ("expression", "kind", "python"),
    [
        (f"ROW('{SECRET}')::text::json", "json", int),
        (f"to_json('{SECRET}'::text)", "json", int),
        (f"'{SECRET}'::text", "text", int),
    ],
)
@pytest.mark.parametrize("validate", [True, False])
def test_a_value_that_python_cannot_hold_is_not_repeated(
    connect: Callable[..., Face],
    database: str,
    caplog: pytest.LogCaptureFixture,
    expression: str,
    kind: str,
    python: Any,
    validate: bool,  # noqa: FBT001
) -> None:
    statement = Statement("bad", f"SELECT {expression} AS a", (), (Column("a", kind, python),), Row)
    refused(lambda: connect(database, validate=validate).run(One(statement)), caplog)


def test_an_argument_that_is_refused_is_not_repeated(db: Face, caplog: pytest.LogCaptureFixture) -> None:
    refused(lambda: db.run(One(Statement("q", "SELECT $1 AS a", (Parameter("v", "integer"),)), (SECRET,))), caplog)
    refused(
        lambda: db.run(One(Statement("q", "SELECT $1::json AS a", (Parameter("v", "json", int),)), (SECRET,))), caplog
    )


def test_what_an_application_raises_is_its_own_and_stays(db: Face, execute: Callable[[str], None]) -> None:
    execute(
        "CREATE FUNCTION refuse(v text) RETURNS integer LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'seat \"%\" is taken', v; END $$"
    )
    with pytest.raises(CodezestError, match='seat "12A" is taken'):
        db.run(One(selecting("refuse($1::text)"), ("12A",)))


def test_names_of_the_query_stay_in_messages(db: Face, tables: None) -> None:
    with pytest.raises(CodezestError, match='column "gone" does not exist'):
        db.run(One(selecting("gone, $1::text"), ("x",)))
    with pytest.raises(InvalidValue, match="type integer: \\(a value\\)"):
        db.run(One(selecting("$1::text::integer"), (SECRET,)))


def test_show_arguments_leaves_all_of_it(connect: Callable[..., Face], database: str, tables: None) -> None:
    db = connect(database, show_arguments=True)
    with pytest.raises(UniqueViolation) as caught:
        db.run(Exec(CASES[-8], (SECRET,)))
    assert isinstance(caught.value.__cause__, psycopg.Error)
    assert SECRET in str(caught.value.__cause__.diag.message_detail)


def test_the_exception_that_was_handled_before_stays_in_the_chain(db: Face) -> None:
    before = LookupError("the caller's own")
    with pytest.raises(CodezestError) as caught:
        try:
            raise before
        except LookupError:
            db.run(One(selecting("$1::text::integer"), (SECRET,)))
    assert caught.value.__context__ is before
