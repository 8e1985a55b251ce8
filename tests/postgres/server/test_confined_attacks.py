"""A stranger's branch on a temporary server: no statement of it runs a program, writes a file or has a superuser."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.core.query_plans.assumed_sizes import sized
from codezest_sql.core.query_plans.statistics import Statistics
from codezest_sql.postgres.explain.statistics import give_statistics, read_relations
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_database import TemporaryDatabase
from codezest_sql.postgres.server.temporary_server import TemporaryServer
from codezest_sql.postgres.trace.server_messages import Listener
from tests.check_project import CheckProject
from tests.postgres.server.attacks import (
    CHANGES,
    DROP_OBJECTS,
    HIJACK,
    OBJECTS,
    QUERIES,
    STATEMENTS,
    TRACE,
    tried_one_by_one,
)
from tests.projects import git

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.projects import Project


pytestmark = pytest.mark.every_postgres

DIRECT = "COPY (SELECT 'x') TO PROGRAM 'touch {marker}';\n"


@pytest.fixture
def marker(tmp_path: Path) -> Path:
    """Return the path of a file that the server's account could write."""
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    for parent in folder.parents:
        if parent.owner() == folder.owner() and parent != parent.parent:
            parent.chmod(parent.stat().st_mode | 0o711)
    return folder / "marker"


@pytest.fixture
def branch(tmp_path: Path, marker: Path, postgres_version: int) -> Project:
    """Return a project of a stranger, on this version of the server."""
    project = CheckProject(
        tmp_path / "branch", 'output = "generated"', schema=OBJECTS.replace("{marker}", str(marker))
    )
    project.project.write("0001_schema.rollback.sql", DROP_OBJECTS)
    project.project.write("0002_tries.sql", tried_one_by_one(str(marker)))
    project.project.write("0002_tries.rollback.sql", "SELECT 1;")
    project.write({"q.sql": QUERIES})
    project.project.environment["CODEZEST_PG_BINDIR"] = str(find_binaries(postgres_version).bindir)
    return project.project


@pytest.fixture
def confined(postgres_version: int) -> Iterator[TemporaryServer]:
    """Start a confined server."""
    with TemporaryServer(find_binaries(postgres_version), {}, confined=True) as server:
        yield server


def test_each_statement_that_reaches_beyond_the_database_is_refused(confined: TemporaryServer, marker: Path) -> None:
    """By itself, in a session of the role that migrates."""
    ran: list[str] = []
    with psycopg.connect(confined.url(), autocommit=True) as connection:
        for statement in STATEMENTS:
            try:
                connection.execute(statement.replace("{marker}", str(marker)).encode())
            except psycopg.Error:
                connection.execute("ROLLBACK")
            else:
                ran.append(statement)
        (superusers,) = connection.execute(
            "SELECT array_agg(rolname::text) FROM pg_roles WHERE rolsuper"
        ).fetchone() or (None,)
    assert ran == []
    assert superusers == ["codezest_superuser"]
    assert not marker.exists()


def test_a_superusers_session_runs_no_code_of_the_branch(confined: TemporaryServer, marker: Path) -> None:
    """What the branch puts before names of pg_catalog is not found by it, whatever the database's search path is."""
    with psycopg.connect(confined.url(), autocommit=True) as connection:
        connection.execute((OBJECTS + HIJACK + TRACE).replace("{marker}", str(marker)).encode())
    database = TemporaryDatabase(confined.url(), confined)
    assert database.make_role("app", named=True)
    database.let_owners_create()
    assert database.made_roles() == ("app",)
    with (
        psycopg.connect(confined.url(), autocommit=True, options="-c search_path=pg_catalog") as connection,
        confined.superuser() as admin,
    ):
        relations = sized(read_relations(connection), Statistics(), 1000)
        give_statistics(connection, relations, catalog=admin)
        Listener(connection, admin=admin)
    assert not marker.exists()


@pytest.mark.parametrize("name", ["pg_execute_server_program", "pg_other", "codezest_superuser", "codezest_owner"])
def test_no_role_of_the_server_is_given_to_who_asks(confined: TemporaryServer, name: str) -> None:
    assert not TemporaryDatabase(confined.url(), confined).make_role(name, named=True)


def test_no_command_runs_a_strangers_program(branch: Project, marker: Path) -> None:
    """The functions of triggers, defaults, indexes, policies and views try it whoever calls them."""
    git(branch.root, "init", "--quiet")
    git(branch.root, "add", "pyproject.toml")
    git(branch.root, "commit", "--quiet", "--message", "base")
    git(branch.root, "tag", "base")
    for words in (
        ["check"],
        ["check", "--plans"],
        ["generate"],
        ["migrate", "test"],
        ["review", "--base", "base"],
    ):
        outcome = branch.run(*words)
        assert "Traceback" not in outcome.err
        assert "[bug]" not in outcome.err
        assert "migration-failed" not in outcome.out + outcome.err, words
        assert "needs-superuser" not in outcome.out + outcome.err, words
        assert not marker.exists(), words
    branch.write("0003_trace.sql", TRACE)
    git(branch.root, "add", ".")
    git(branch.root, "commit", "--quiet", "--message", "objects")
    branch.write("0004_change.sql", CHANGES)
    outcome = branch.run("review", "--base", "HEAD")
    assert "migration-failed" not in outcome.out
    assert "column-rewrite" in outcome.out, outcome.out
    assert not marker.exists()


def test_a_shadow_of_a_database_runs_no_program(branch: Project, marker: Path, confined: TemporaryServer) -> None:
    """The same files were applied elsewhere."""
    branch.url = confined.url()
    branch.succeed()
    outcome = branch.migrate("verify")
    assert outcome.code == 0, outcome.out + outcome.err
    assert not marker.exists()


@pytest.mark.parametrize("words", [["check"], ["migrate", "test"], ["review"], ["generate"]])
def test_a_program_is_refused_with_its_place_and_runs_where_it_is_trusted(
    branch: Project, marker: Path, words: list[str]
) -> None:
    """So that the tests above can fail: the very statement works with --trust-migrations."""
    branch.write("0002_tries.sql", DIRECT.replace("{marker}", str(marker)))
    outcome = branch.run(*words)
    said = outcome.out + outcome.err
    assert outcome.code == 1, said
    assert "0002_tries.sql:1:1: error: " in said
    assert "--trust-migrations" in said
    assert "CODEZEST_TRUST_MIGRATIONS=1" in said
    assert not marker.exists()
    branch.run(*words, "--trust-migrations")
    assert marker.exists()
