"""Which extensions a schema makes, and which server is chosen for them."""

from __future__ import annotations

import pytest

from codezest_sql.core.sql.created_extensions import wanted_extensions
from codezest_sql.postgres.server import extensions
from codezest_sql.postgres.server.binaries import all_binaries, find_binaries
from codezest_sql.postgres.server.extensions import choose_binaries, extensions_of


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("CREATE TABLE t (extension text);", set[str]()),
        ("CREATE EXTENSION citext;", {"citext"}),
        ('create  extension\n if not exists "uuid-ossp" WITH SCHEMA public;', {"uuid-ossp"}),
        ("CREATE EXTENSION PG_TRGM; CREATE EXTENSION IF NOT EXISTS hstore CASCADE;", {"pg_trgm", "hstore"}),
        ("CREATE EXTENSION IF NOT EXISTS plpgsql;", set[str]()),
        ("DROP EXTENSION citext; COMMENT ON EXTENSION citext IS 'x';", set[str]()),
    ],
)
def test_the_names_are_found_as_the_server_keeps_them(text: str, names: set[str]) -> None:
    assert wanted_extensions(text) == names


def test_without_extensions_the_preferred_server_is_chosen() -> None:
    assert choose_binaries(frozenset()) == (find_binaries(), {})


def test_a_server_with_all_of_them_is_chosen() -> None:
    for binaries in all_binaries():
        for name in extensions_of(binaries) - {"plpgsql"} - extensions.STAND_INS:
            chosen = choose_binaries(frozenset({name}))
            assert name in extensions_of(chosen.binaries)
            assert not chosen.settings


def test_an_unknown_one_changes_nothing() -> None:
    assert choose_binaries(frozenset({"no_such_thing"})) == (find_binaries(), {})


def test_the_stand_ins_are_there() -> None:
    folder = extensions._FOLDER / "extension"
    assert {file.name.removesuffix(".control") for file in folder.glob("*.control")} == extensions.STAND_INS
