"""What is read of a database, and what is left out."""

from __future__ import annotations

from importlib.resources import files
from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg.rows import dict_row

from codezest_sql.core.schema.diff import diff
from codezest_sql.core.schema.diff_text import render_text
from codezest_sql.core.schema.drift import as_every_version
from codezest_sql.core.schema.objects import Ignored, ObjectKey, ObjectKind, Schema
from codezest_sql.postgres.catalog.reader import read_schema
from tests.postgres.catalog.catalog_cases import EVERY_KIND, database_with

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conftest import Server

pytestmark = pytest.mark.every_postgres
IDENTITY = {"kind", "name", "parent kind", "parent", "position"}

# Columns of the queries that no object of every_kind.sql fills, and why.
NOT_SHOWN = {
    "aggregate: moving final extra arguments": "no function of the server fits",
    "collation: locale": "only ICU collations have one, and the wheels' servers are built without ICU",
    "collation: rules": "the same",
    "column: not null comment": "since 18; changes/postgres18.sql",
    "constraint: index tablespace": "a tablespace is a folder of the server",
    "constraint: index valid": "test_an_index_that_could_not_be_built_is_not_valid",
    "constraint: triggers": "changes/constraints.sql",
    "extension: comment": "plpgsql has the one of its control file",
    "foreign_server: handler": "no function of the server fits",
    "index: tablespace": "a tablespace is a folder of the server",
    "publication: generated columns": "since 18; changes/postgres18.sql",
    "subscription: comment": "a subscription would hold up DROP DATABASE",
    "subscription: enabled": "changes/operators.sql",
    "subscription: owner": "the same",
    "subscription: publications": "the same",
    "subscription: slot": "the same",
    "subscription: synchronous commit": "the same",
    "table: detach pending": "stands while a DETACH CONCURRENTLY waits",
    "table: tablespace": "a tablespace is a folder of the server",
    "type: modifiers": "changes/types.sql",
    "view: tablespace": "a tablespace is a folder of the server",
}
# What the edits of test_catalog_against_dump.py show.
EDITED = frozenset({
    *(f"subscription: {name}" for name in (
        "binary", "connection", "disable on error", "failover", "origin", "password required", "run as owner",
        "streaming", "two phase",
    )),
    *(f"type: {name}" for name in (
        "collatable", "delimiter", "element", "modifiers out", "not null comment", "not null constraint",
        "passed by value", "preferred",
    )),
    *(f"{name}: depends on extension" for name in ("function", "index", "trigger", "view")),
    "column: not null constraint", "column: not null declared again", "constraint: index depends on extension",
    "security_label: label", "view: toast options",
})  # fmt: skip


@pytest.fixture(scope="module")
def every_kind(server: Server) -> Iterator[str]:
    """Make a database that holds one of everything, which the tests only read."""
    with database_with(server, EVERY_KIND) as url:
        yield url


def schema_of(url: str) -> Schema:
    with psycopg.connect(url) as connection:
        return read_schema(connection)


def names(schema: Schema) -> set[str]:
    return {str(each.key) for each in schema.objects}


def test_every_kind_of_object_is_read(every_kind: str) -> None:
    """All but subscriptions, which hold up DROP DATABASE, and labels, for which there is no provider."""
    assert {each.kind for each in schema_of(every_kind).objects} == set(ObjectKind) - {
        ObjectKind.SUBSCRIPTION, ObjectKind.SECURITY_LABEL,
    }  # fmt: skip


def test_every_fact_of_every_query_is_shown_by_an_example(every_kind: str) -> None:
    """A column that no object fills would be a fact that no test looks at."""
    folder = files("codezest_sql.postgres").joinpath("catalog")
    scope = folder.joinpath("scope.sql").read_bytes()
    parameters = {"schemas": [], "tables": [], "partitions": True, "owners": True, "migrator": None}
    empty: set[str] = set()
    with psycopg.connect(every_kind, row_factory=dict_row) as connection:
        for path in folder.iterdir():
            if path.name.endswith(".sql") and path.name != "scope.sql":
                cursor = connection.execute(scope + path.read_bytes(), parameters)
                facts = {column.name for column in cursor.description or ()} - IDENTITY
                filled = {name for row in cursor for name, value in row.items() if value is not None}
                empty |= {f"{path.name.removesuffix('.sql')}: {name}" for name in facts - filled}
    assert empty - EDITED == set(NOT_SHOWN)


def test_what_was_dropped_and_made_again_is_the_same(every_kind: str, database: str) -> None:
    """Other oids, another history, holes of dropped columns: none of it counts."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE gone (a integer, b text); DROP TABLE gone")
        connection.execute(EVERY_KIND)
        connection.execute("DROP SUBSCRIPTION IF EXISTS nowhere")
        connection.execute("DROP EVENT TRIGGER note_ddl; DROP LANGUAGE mumble CASCADE")
        connection.execute("DROP ACCESS METHOD pile CASCADE; DROP FOREIGN DATA WRAPPER elsewhere CASCADE")
        connection.execute("DROP FOREIGN DATA WRAPPER checked; DROP PUBLICATION some_tables, whole_schema")
        connection.execute('DROP SCHEMA app CASCADE; DROP SCHEMA "Mixed Case" CASCADE')
        connection.execute("ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor GRANT EXECUTE ON FUNCTIONS TO PUBLIC")
        connection.execute("ALTER DEFAULT PRIVILEGES FOR ROLE pg_monitor REVOKE ALL ON SCHEMAS FROM pg_read_all_data")
        assert names(read_schema(connection)) == {"extension plpgsql", "schema public"}
        connection.execute(EVERY_KIND)
    assert render_text(diff(schema_of(every_kind), schema_of(database))) == ""
    assert schema_of(every_kind) == schema_of(database)


def test_ignored_tables_and_schemas_leave_no_part_of_themselves(every_kind: str) -> None:
    """Neither their columns, constraints, indexes, sequences, triggers, policies, statistics nor grants."""
    with psycopg.connect(every_kind) as connection:
        whole = read_schema(connection)
        ignored = Ignored(schemas=frozenset({"Mixed Case"}), tables=frozenset({"users", "posts", "ticket_numbers"}))
        rest = read_schema(connection, ignore=ignored)
    removed = diff(whole, rest)
    assert {str(change.key) for change in removed.roots()} == {
        'schema "Mixed Case"', "sequence app.ticket_numbers", "table app.posts", "table app.users",
    }  # fmt: skip
    for gone in ("app.users", "app.posts", "app.ticket_numbers", "app.users_number_seq", '"Mixed Case"."Table"'):
        assert not [name for name in names(rest) if f" {gone} " in f"{name} " or f" {gone}." in name]


def test_partitions_can_be_left_out_with_all_that_is_theirs(every_kind: str) -> None:
    """The partitioned tables stay, and a new partition is then no difference."""
    with psycopg.connect(every_kind) as connection:
        whole = read_schema(connection)
        rest = read_schema(connection, partitions=False)
        partitions = {each.key for each in whole.of_kind(ObjectKind.TABLE) if each.get("partition of")}
        assert {change.key for change in diff(whole, rest).roots()} == partitions
        assert len(partitions) == 6
        assert not [name for name in names(rest) if "events_20" in name or "hashed_0" in name]
        connection.execute("CREATE TABLE app.events_2030 PARTITION OF app.events DEFAULT")
        assert read_schema(connection, partitions=False) == rest
        connection.rollback()


def test_owners_can_be_left_out(every_kind: str) -> None:
    """As when a shadow database was made by another role: nobody's name is left but those that were granted to."""
    with psycopg.connect(every_kind) as connection:
        before = read_schema(connection, owners=False)
        assert not [each for each in before.objects if each.get("owner")]
        assert "default privileges on functions of pg_monitor to public" in names(before)
        read = read_schema(connection, owners=False, migrator="pg_monitor")
        assert "default privileges on functions to public" in names(read)
        connection.execute("ALTER TABLE app.parent OWNER TO pg_checkpoint; ALTER SCHEMA app OWNER TO pg_checkpoint")
        connection.execute("ALTER FUNCTION app.touch() OWNER TO pg_checkpoint")
        assert read_schema(connection, owners=False) == before
        connection.rollback()


def test_members_of_an_extension_are_the_extensions(database: str) -> None:
    """The extension is one object; what it brought is not read, what people made with it is."""
    with psycopg.connect(database, autocommit=True) as connection:
        available = {row[0] for row in connection.execute("SELECT name FROM pg_available_extensions")}
        name = next((each for each in ("vector", "citext", "hstore") if each in available), None)
        if name is None:
            pytest.skip("this server has no extension to try")
        before = read_schema(connection)
        connection.execute("CREATE SCHEMA ext")
        connection.execute(f"CREATE EXTENSION {name} SCHEMA ext".encode())
        connection.execute(f"CREATE TABLE public.uses (it ext.{name})".encode())
        after = read_schema(connection)
    added = {str(change.key) for change in diff(before, after).changes}
    assert added == {f"extension {name}", "schema ext", "table public.uses", "column public.uses.it"}


def test_an_index_that_could_not_be_built_is_not_valid(database: str) -> None:
    """What a failed CREATE INDEX CONCURRENTLY leaves behind, and a key of a partitioned table without its parts."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.t (a integer); INSERT INTO public.t VALUES (1), (1)")
        connection.execute("CREATE TABLE public.p (a integer) PARTITION BY LIST (a)")
        connection.execute("CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES IN (1)")
        before = read_schema(connection)
        with pytest.raises(psycopg.errors.UniqueViolation):
            connection.execute("CREATE UNIQUE INDEX CONCURRENTLY t_a_idx ON public.t (a)")
        connection.execute("ALTER TABLE ONLY public.p ADD CONSTRAINT p_key UNIQUE (a)")
        found = read_schema(connection).by_key()
    added = {key for key in found if key not in before.by_key()}
    assert {str(key) for key in added} == {"index public.t_a_idx", "constraint p_key on public.p"}
    assert found[ObjectKey(ObjectKind.INDEX, "public.t_a_idx")].get("valid") == "no"
    assert found[ObjectKey(ObjectKind.CONSTRAINT, "p_key on public.p")].get("index valid") == "no"


def test_the_name_of_a_not_null_constraint_is_no_fact_beside_an_older_version(database: str) -> None:
    """15 has no such name, so the same DDL must not differ by it; a renamed table keeps the old default one."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("CREATE TABLE public.t (a integer CONSTRAINT given NOT NULL)")
        before = as_every_version(read_schema(connection))
        connection.execute("DROP TABLE public.t; CREATE TABLE public.s (a integer NOT NULL)")
        connection.execute("ALTER TABLE public.s RENAME TO t")
        assert as_every_version(read_schema(connection)) == before


def test_a_foreign_key_to_a_partitioned_table_is_one_constraint(every_kind: str) -> None:
    """The server's own constraints to each partition are its bookkeeping."""
    found = [name for name in names(schema_of(every_kind)) if name.endswith(" on app.event_notes")]
    assert found == ["constraint event_notes_fkey on app.event_notes"]


def test_no_secret_is_read(every_kind: str) -> None:
    """Options of servers that sound like one are named without their value, those of user mappings not at all."""
    values = [value for each in schema_of(every_kind).objects for _, value in each.properties]
    assert "host=example.org, password=(hidden)" in values
    assert not [value for value in values if "hunter2" in value]


def test_temporary_tables_are_not_the_schemas(database: str) -> None:
    """They live in a schema of the server and go with the session."""
    with psycopg.connect(database) as connection:
        before = read_schema(connection)
        connection.execute("CREATE TEMPORARY TABLE mine (id serial PRIMARY KEY)")
        assert read_schema(connection) == before
