"""Databases that are not in UTF-8: every command of ``migrate`` works in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest
from psycopg import sql

from tests.conftest import drop_database
from tests.projects import Project, execute

if TYPE_CHECKING:
    from pathlib import Path

    from tests.conftest import Server

FILES = {
    "0001_cafe.sql": "CREATE TABLE café (número int PRIMARY KEY, nom text DEFAULT 'crème', CHECK (nom <> 'brûlée'));",
    "0001_cafe.rollback.sql": "DROP TABLE café;",
    "0002_plain.sql": (
        "COMMENT ON TABLE café IS 'déjà vu'; CREATE VIEW v AS SELECT nom FROM café WHERE nom <> E'\\351'"
    ),
    "0002_plain.rollback.sql": "DROP VIEW v; COMMENT ON TABLE café IS NULL;",
}


@pytest.mark.parametrize("encoding", ["LATIN1", "WIN1252", "SQL_ASCII", "EUC_JP"])
def test_a_project_lives_in_a_database_of_another_encoding(tmp_path: Path, server: Server, encoding: str) -> None:
    """From the first migration to verify, dump, redo and down; with a client_encoding in the URL as well."""
    name = f"encoded_{encoding.lower()}"
    drop_database(server, name)
    make = sql.SQL("CREATE DATABASE {} ENCODING {} LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0")
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(make.format(sql.Identifier(name), encoding))
    url = server.url(name)
    project = Project(tmp_path, f"{url}&client_encoding={encoding}")
    files = FILES if encoding in {"LATIN1", "WIN1252"} else {k: v.replace("E'\\351'", "''") for k, v in FILES.items()}
    project.write_all(files)
    try:
        project.succeed()
        assert "2 applied, 0 pending" in project.succeed("status").out
        assert "no drift" in project.succeed("verify").out
        assert 'CREATE TABLE public."café"' in project.succeed("dump").out
        project.succeed("redo", "--yes")
        execute(f"{url}&client_encoding=UTF8", "COMMENT ON TABLE caf\u00e9 IS 'other'")
        assert "comment changed from déjà vu to other" in project.migrate("verify").out
        project.succeed("down", "--steps", "2", "--yes")
        project.succeed("baseline", "0002")
    finally:
        drop_database(server, name)


def test_bytes_of_no_encoding_are_shown_escaped(tmp_path: Path, server: Server) -> None:
    """SQL_ASCII holds any bytes: they are a difference that can be read, not the end of the command."""
    name = "encoded_bytes"
    drop_database(server, name)
    with psycopg.connect(server.url(), autocommit=True) as admin:
        admin.execute(
            f"CREATE DATABASE {name} ENCODING SQL_ASCII LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0".encode()
        )
    project = Project(tmp_path, server.url(name))
    project.write("0001_a.sql", "CREATE TABLE a (x int);")
    try:
        project.succeed()
        execute(
            f"{server.url(name)}&client_encoding=UTF8",
            "DO $$ BEGIN EXECUTE 'COMMENT ON TABLE a IS ''' || E'\\351' || ''''; END $$",
        )
        outcome = project.migrate("verify")
        assert outcome.code == 4, outcome.err
        assert (outcome.code, "comment set to \\xe9" in outcome.out) == (4, True)
        assert "the schema holds a text that is not UTF-8" in project.fail(1, "dump")
    finally:
        drop_database(server, name)
