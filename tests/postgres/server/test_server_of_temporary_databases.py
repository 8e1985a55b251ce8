"""Which server a temporary database is on: the same rule for every command, and hints where no server fits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.extensions import choose_binaries, extensions_of
from codezest_sql.postgres.server.temporary_server import TemporaryServer
from tests.check_project import CheckProject

if TYPE_CHECKING:
    from pathlib import Path

EXTENSIONS = """
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
CREATE EXTENSION pg_trgm;
CREATE TABLE things (
    id int PRIMARY KEY, name citext NOT NULL, at tstzrange, EXCLUDE USING gist (id WITH =, at WITH &&)
);
CREATE INDEX things_name_trigrams ON things USING gist ((name::text) gist_trgm_ops);
"""
DROPPED = "DROP TABLE things; DROP EXTENSION pg_trgm; DROP EXTENSION btree_gist; DROP EXTENSION citext;"
QUERY = "-- name: thing :opt\nSELECT t.name FROM things AS t WHERE t.id = :id;\n"


def test_every_command_finds_the_server_that_has_the_extensions(tmp_path: Path) -> None:
    wanted = frozenset({"citext", "btree_gist", "pg_trgm"})
    choice = choose_binaries(wanted)
    if not wanted <= extensions_of(choice.binaries):
        pytest.skip("no server of this machine has the extensions")
    found = CheckProject(tmp_path, 'output = "generated"', schema=EXTENSIONS)
    found.write({"q.sql": QUERY})
    project = found.project
    project.write("0001_schema.rollback.sql", DROPPED)
    with TemporaryServer(choice.binaries, choice.settings) as live:
        project.url = live.url()
        project.succeed()
        for words in (
            ["check"],
            ["check", "--plans"],
            ["generate"],
            ["review"],
            ["migrate", "test"],
            ["migrate", "verify"],
        ):
            outcome = project.run(*words)
            said = outcome.out + outcome.err
            assert "is not available" not in said, words
            assert outcome.code == 0 or words == ["review"], said
            assert "migration-failed" not in said, said


@pytest.mark.parametrize(
    "version", ["", " VERSION '1.3'", " VERSION '1.4'", ' WITH SCHEMA public VERSION "1.3" CASCADE']
)
def test_a_stand_in_has_the_versions_of_the_extension(tmp_path: Path, version: str) -> None:
    if find_binaries().major < 18 or "pgcrypto" in extensions_of(find_binaries()):
        pytest.skip("no stand-in is used")
    project = CheckProject(tmp_path, schema=f"CREATE EXTENSION pgcrypto{version};\nALTER EXTENSION pgcrypto UPDATE;")
    outcome = project.check(q="-- name: hashed :one\nSELECT crypt(:word, gen_salt('bf')) AS hashed;\n")
    assert outcome.code == 0, outcome.err


@pytest.mark.parametrize(
    "schema",
    [
        "CREATE COLLATION german (provider = icu, locale = 'de-DE');",
        'CREATE TABLE words (word text COLLATE "de-x-icu");',
    ],
)
def test_a_collation_of_icu_names_where_to_get_one(tmp_path: Path, schema: str) -> None:
    """The servers of both wheels are built without it."""
    if "pgserver" not in find_binaries().source:
        pytest.skip("another server comes first")
    outcome = CheckProject(tmp_path, schema=schema).check(q="-- name: one :one\nSELECT 1 AS one;\n")
    assert outcome.code == 1
    assert "have no ICU: install PostgreSQL from your system's packages and set CODEZEST_PG_BINDIR" in outcome.err


@pytest.mark.parametrize(
    "function",
    [
        "CREATE FUNCTION all_of() RETURNS bigint LANGUAGE sql AS 'SELECT count(*) FROM later';",
        "CREATE OR REPLACE FUNCTION all_of() RETURNS bigint LANGUAGE sql AS $$ SELECT later_too() $$;",
        "CREATE PROCEDURE fill() LANGUAGE sql AS 'INSERT INTO later VALUES (1)';",
    ],
)
def test_a_function_before_its_table_says_how_to_create_it(tmp_path: Path, function: str) -> None:
    table = "CREATE TABLE later (a int);"
    project = CheckProject(tmp_path, schema=f"SELECT 1;\n{function}\n{table}")
    query = "-- name: one :one\nSELECT 1 AS one;\n"
    outcome = project.check(q=query)
    assert outcome.code == 1
    assert "migrations/0001_schema.sql:2:" in outcome.err
    assert "SET check_function_bodies = off at the top of the file" in outcome.err
    project.project.write("0001_schema.sql", f"SET check_function_bodies = off;\n{function}\n{table}")
    assert project.check(q=query).code == 0
