"""Settings of a session that change the text of values: the value is right, or one error names the setting."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg.types.range import Range

from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.runtime import Column, CopyFrom, Database, Exec, Model, One, Parameter, Statement
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.runtime.faces import Face

UTC = dt.UTC
SETTINGS = {
    "DateStyle": ("German", "SQL, DMY", "Postgres, MDY", "ISO, DMY"),
    "IntervalStyle": ("iso_8601", "sql_standard", "postgres_verbose"),
    "TimeZone": ("America/St_Johns", "Asia/Kolkata", "<+05>-05"),
    "bytea_output": ("escape",),
    "extra_float_digits": ("0", "-15", "3"),
    "array_nulls": ("off",),
    "quote_all_identifiers": ("on",),
    "standard_conforming_strings": ("off",),
    "xmloption": ("document",),
    "xmlbinary": ("hex",),
    "backslash_quote": ("off",),
    "escape_string_warning": ("off",),
    "transform_null_equals": ("on",),
    "search_path": ("pg_catalog", "public, pg_catalog"),
    "client_encoding": ("LATIN1", "SQL_ASCII"),
    "lc_monetary": ("C",),
    "default_text_search_config": ("pg_catalog.simple",),
}
CASES = [(name, value) for name, values in SETTINGS.items() for value in values]
NOW = dt.datetime(2024, 2, 1, 3, 4, 5, 678901, UTC)
FLOAT = 0.1 + 0.2


class Row(Model):
    d: Any
    t: Any
    n: Any
    i: Any
    b: Any
    f: Any
    x: Any
    text: Any
    ds: Any
    ts: Any
    i_s: Any
    bs: Any
    fs: Any
    xs: Any
    texts: Any
    r: Any
    c: Any
    cs: Any
    k: Any


TYPES = (
    "date", "timestamp with time zone", "timestamp without time zone", "interval", "bytea", "double precision",
    "time with time zone", "text", "date[]", "timestamp with time zone[]", "interval[]", "bytea[]",
    "double precision[]", "integer[]", "text[]", "tstzrange", "public.part", "public.part[]", "public.kept",
)  # fmt: skip
INTERVAL = dt.timedelta(days=-3, seconds=5, microseconds=7)
BYTES = b"a\\b\0,\"{}\xff'"
PART = (dt.date(2024, 2, 1), NOW, INTERVAL, BYTES, FLOAT, "x'\\", [None, 1])
VALUES = (
    dt.date(2024, 2, 1), NOW, NOW.replace(tzinfo=None), INTERVAL, BYTES, FLOAT, dt.time(1, 2, 3, 4, UTC),
    "\u00e9 \\ '\u20ac", [dt.date(2024, 12, 1), None], [NOW, None], [INTERVAL, None], [BYTES, b"abc", b"", None],
    [FLOAT, None], [None, 7], ["NULL", None], Range(NOW, None, "[)"), PART, [PART, None], BYTES,
)  # fmt: skip
NAMES = tuple(Row.model_fields)
PARAMETERS = tuple(Parameter(name, kind) for name, kind in zip(NAMES, TYPES, strict=True))
COLUMNS = tuple(
    Column(name, "bytea" if kind == "public.kept" else kind) for name, kind in zip(NAMES, TYPES, strict=True)
)
PARTS = [f"${place}::{kind} AS {name}" for place, (name, kind) in enumerate(zip(NAMES, TYPES, strict=True), 1)]
ECHO = Statement(
    "echo",
    f"SELECT {', '.join(PARTS)}",
    PARAMETERS, COLUMNS, Row,
)  # fmt: skip
SINGLE = [
    (
        Statement(f"echo_{name}", f"SELECT $1::{kind} AS a", (Parameter("v", kind),), (Column("a", column.type),)),
        value,
    )
    for name, kind, column, value in zip(NAMES, TYPES, COLUMNS, VALUES, strict=True)
    if name in {"d", "i", "b", "f", "bs", "c"}
]
BACKSLASH = Statement("backslash", r"SELECT 'a\\b' AS a", (), (Column("a", "text"),))
FILL = Statement("fill", "", PARAMETERS, copy=("public.stored", NAMES))
READ = Statement("read", f"SELECT {', '.join(NAMES)} FROM public.stored", (), COLUMNS, Row)


@pytest.fixture
def stored(execute: Callable[[str], None]) -> None:
    execute("CREATE DOMAIN kept AS bytea")
    execute(
        "CREATE TYPE part AS (d date, t timestamptz, i interval, b bytea, f float8, s text, n integer[]);"
        f"CREATE TABLE stored ({', '.join(f'{name} {kind}' for name, kind in zip(NAMES, TYPES, strict=True))})"
    )


def require_right(db: Any, setting: str) -> None:
    """Require each value to be right, or an error that names the setting; and that nothing wrong was written."""
    refusals = 0
    for statement, value in [*SINGLE, (BACKSLASH, r"a\\b")]:
        arguments = (value,) if statement.parameters else ()
        try:
            (got,) = db.run(One(statement, arguments))
        except ConnectionUnusableError as error:
            assert setting.lower() in str(error).lower(), (statement.name, error)  # noqa: PT017
            refusals += 1
        else:
            assert got == value, statement.name
    echo: One[Row] = One(ECHO, VALUES)
    works: list[Callable[[], Any]] = [
        lambda: db.run(echo),
        lambda: db.batch(echo, echo)[1],
        lambda: db.run(echo, timeout=PATIENCE),
        lambda: copied(db),
    ]
    for work in works:
        try:
            row = work()
        except ConnectionUnusableError as error:
            assert setting.lower() in str(error).lower(), error  # noqa: PT017
            refusals += 1
        else:
            assert tuple(getattr(row, name) for name in NAMES) == VALUES


def copied(db: Any) -> Any:
    db.run(Exec(Statement("empty", "DELETE FROM public.stored")))
    db.copy(CopyFrom(FILL, [VALUES]))
    return db.run(One(READ))


def set_by(name: str, value: str) -> str:
    """Return SQL after which the setting has the value."""
    return f"SELECT set_config('{name}', '{value}', false)"


@pytest.mark.parametrize("way", ["sync-fast", "async-cursor"])
@pytest.mark.parametrize("place", ["database", "options", "hook"])
def test_connections_of_ours_give_right_values_whatever_the_defaults_are(
    connect: Callable[..., Face], database: str, stored: None, way: str, place: str
) -> None:
    """What the database, the role or the URL sets is set as the runtime needs it, on our connections alone."""
    name = psycopg.conninfo.conninfo_to_dict(database)["dbname"]
    with psycopg.connect(database, autocommit=True) as admin:
        for setting, value in CASES:
            if setting == "client_encoding" and place != "hook":
                continue  # a connection of ours asks for UTF8 when it is made
            url, options = database, {}
            if place == "database":
                admin.execute(f"ALTER DATABASE {name} SET {setting} = {quoted(setting, value)}".encode())
            elif place == "options":
                escaped = value.replace(" ", r"\ ")
                url = psycopg.conninfo.make_conninfo(database, options=f"-c {setting}={escaped}")
            else:
                text = set_by(setting, value)

                async def configure_async(connection: Any, text: str = text) -> None:
                    await connection.execute(text)

                def configure(connection: Any, text: str = text) -> None:
                    connection.execute(text)

                options = {"configure": configure_async if way.startswith("async") else configure}
            db = connect(url, **options)
            if setting == "client_encoding":
                require_right(db, setting)
            else:
                require_all_right(db)
            db.close()
            if place == "database":
                admin.execute(f"ALTER DATABASE {name} RESET {setting}".encode())


def quoted(setting: str, value: str) -> str:
    return value if setting in {"search_path", "DateStyle"} else f"'{value}'"


def require_all_right(db: Any) -> None:
    for statement, value in [*SINGLE, (BACKSLASH, r"a\\b")]:
        arguments = (value,) if statement.parameters else ()
        assert db.run(One(statement, arguments)) == (value,), statement.name
    assert tuple(getattr(copied(db), name) for name in NAMES) == VALUES


@pytest.mark.parametrize("prepare", [True, False])
@pytest.mark.parametrize("autocommit", [True, False])
def test_a_connection_of_the_callers_gives_right_values_or_names_the_setting(
    database: str,
    stored: None,
    prepare: bool,  # noqa: FBT001
    autocommit: bool,  # noqa: FBT001
) -> None:
    """In autocommit mode set after queries have run, else before."""
    for setting, value in CASES:
        with psycopg.connect(database, autocommit=autocommit) as connection:
            db = Database.on(connection, prepare=prepare)
            if autocommit:
                require_all_right(db)
            connection.execute(set_by(setting, value))
            require_right(db, setting)
            connection.rollback()


@pytest.mark.parametrize("way", ["async-fast", "sync-cursor"])
def test_a_query_that_changes_a_setting_is_seen(connect: Callable[..., Face], database: str, stored: None) -> None:
    for setting in (
        "DateStyle",
        "IntervalStyle",
        "bytea_output",
        "extra_float_digits",
        "array_nulls",
        "client_encoding",
    ):
        value = SETTINGS[setting][0]
        for text in (f"SET {setting} = {quoted(setting, value)}", set_by(setting, value)):
            if "set_config" in text:
                change: Any = One(Statement("set", text, (), (Column("a", "text"),)))
            else:
                change = Exec(Statement("set", text))
            db = connect(database)
            require_all_right(db)
            db.run(change)
            require_right(db, setting)
            db.close()


@pytest.fixture
def sql_ascii(server: Any) -> Iterator[str]:
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute("CREATE DATABASE plain_bytes ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C'")
        try:
            yield server.url("plain_bytes")
        finally:
            admin.execute("DROP DATABASE plain_bytes WITH (FORCE)")


def test_decimals_and_texts_come_right_from_a_database_without_an_encoding(
    connect: Callable[..., Face], sql_ascii: str
) -> None:
    statement = Statement(
        "both",
        "SELECT $1::text AS a, $2::numeric AS b",
        (Parameter("t", "text"), Parameter("d", "numeric")),
        (Column("a", "text"), Column("b", "numeric")),
    )
    assert connect(sql_ascii).run(One(statement, ("\u20ac", Decimal("1.10")))) == ("\u20ac", Decimal("1.10"))
