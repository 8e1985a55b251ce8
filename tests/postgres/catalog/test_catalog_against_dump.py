"""Whatever ``pg_dump --schema-only`` writes, ``verify`` compares: both see an edit, or neither does.

All edits are made in one database. An edit is seen where the statements of the dump, or the objects of the catalog,
that have its name in them differ from those before. Owners are left out of both.
"""

from __future__ import annotations

import re
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.sql.statements import split_statements
from codezest_sql.postgres.catalog.reader import read_schema
from codezest_sql.postgres.server.binaries import find_binaries
from tests.postgres.catalog.catalog_edits import COMMON, Edit, Sees, read_edits

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from codezest_sql.postgres.server.temporary_server import TemporaryServer

# Security labels and some flags are written into the catalogs: no server here has a provider, or another node.
SETTINGS = {"allow_in_place_tablespaces": "on", "allow_system_table_mods": "on"}
_NAME = re.compile(r"edit_\d{4}x")


@pytest.mark.every_postgres
def test_verify_sees_whatever_pg_dump_writes(
    new_server: Callable[[Mapping[str, str]], TemporaryServer], postgres_version: int
) -> None:
    """Each edit of the corpus, on each version that knows its syntax."""
    server = new_server(SETTINGS)
    with psycopg.connect(server.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLESPACE edit_space LOCATION ''")
        connection.execute(COMMON.encode())
        extension = connection.execute(
            "SELECT name FROM pg_available_extensions WHERE name IN ('vector', 'hstore') ORDER BY 1 DESC"
        ).fetchone()
        if extension:
            connection.execute(f"CREATE EXTENSION {extension[0]}".encode())
        edits = [
            edit
            for edit in read_edits()
            if edit.since <= postgres_version and (edit.extension is None or extension == (edit.extension,))
        ]
        _run(connection, edits, lambda edit: edit.setup)
        before = _dumped(server, postgres_version), _read(connection)
        _run(connection, edits, lambda edit: edit.edit)
        after = _dumped(server, postgres_version), _read(connection)
    seen = {edit: (_differ(edit, before[0], after[0]), _differ(edit, before[1], after[1])) for edit in edits}
    words = {
        (True, True): Sees.BOTH,
        (False, True): Sees.VERIFY,
        (True, False): Sees.DUMP,
        (False, False): Sees.NEITHER,
    }
    wrong = [
        f"{edit.where} is seen by {words[both].value}, not by {edit.sees.value}: {edit.edit}"
        for edit, both in seen.items()
        if words[both] is not edit.sees
    ]
    assert wrong == []
    assert len(edits) > 380


def _differ(edit: Edit, before: Mapping[str, set[str]], after: Mapping[str, set[str]]) -> bool:
    return before.get(edit.name) != after.get(edit.name)


def _run(connection: psycopg.Connection, edits: Iterable[Edit], text: Callable[[Edit], str]) -> None:
    for edit in edits:
        try:
            connection.execute(text(edit).encode())
        except psycopg.Error as error:
            pytest.fail(f"{edit.where}: {error}")


def _read(connection: psycopg.Connection) -> dict[str, set[str]]:
    return _by_name(map(repr, read_schema(connection, owners=False).objects))


def _dumped(server: TemporaryServer, major: int) -> dict[str, set[str]]:
    program = find_binaries(major).program("pg_dump")
    words = [str(program), "--schema-only", "--no-owner", "--dbname", server.url()]
    text = subprocess.run(words, capture_output=True, text=True, check=True).stdout
    return _by_name(_statements(re.sub(r"(?m)^\\.*$", "", text)))


def _statements(text: str) -> Iterable[str]:
    """Yield the statements; those that make a relation with the tablespace and access method set for them."""
    settings: dict[str, str] = {}
    for each in split_statements(text):
        statement = each.text(text)
        if statement.startswith("SET default_ta"):
            settings[statement.split()[1]] = statement
        elif re.match(r"CREATE (TABLE|MATERIALIZED|INDEX|UNIQUE)|ALTER TABLE ONLY", statement):
            yield f"{settings}{statement}"
        else:
            yield statement


def _by_name(texts: Iterable[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for text in texts:
        for name in set(_NAME.findall(text)):
            found.setdefault(name, set()).add(text)
    return found
