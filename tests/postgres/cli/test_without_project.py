"""Outside of a project a command touches nothing but what its own words name: no file, no database, no package."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import typer.main

import codezest_sql
from codezest_sql.cli.app import app
from codezest_sql.errors import ExitCode
from codezest_sql.platform.packaged_schema import sql_folder
from codezest_sql.postgres.server.project_server import ProjectServer
from tests.projects import Project, applied, execute, objects, rows, run_in

if TYPE_CHECKING:
    from collections.abc import Iterator

# What a command must be given to be read at all.
ARGUMENTS: dict[tuple[str, ...], tuple[str, ...]] = {("migrate", "new"): ("x",), ("migrate", "baseline"): ("0001",)}
# Of these the words say all: they are about no project's files.
# `partitions` has moved: it runs nothing.
NEED_NO_PROJECT = {"init", "db", "partitions"}
BUNDLED = {
    *(("migrate", name) for name in ("", "up", "down", "status", "plan", "verify")),
    ("check",),
    ("seed",),
    ("platform", "demo"),
    ("platform", "partitions", "make"),
    ("platform", "partitions", "status"),
}


def leaves(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], frozenset[str]]]:
    """Yield every command of the tree that can run, with its options."""
    options = frozenset(option for parameter in command.params for option in parameter.opts)
    below = getattr(command, "commands", {})
    if not below or (words and command.invoke_without_command):
        yield words, options
    for name, each in below.items():
        yield from leaves(each, (*words, name))


ALL = dict(leaves(typer.main.get_command(app)))
NEEDY = {words: options for words, options in ALL.items() if words[0] not in NEED_NO_PROJECT}


def tree(folder: Path) -> dict[str, str]:
    """Return the files of a folder, with a hash of what they hold."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    }


@pytest.fixture
def package() -> Iterator[None]:
    """Compare the package and its SQL before and after."""
    places = (Path(codezest_sql.__file__).parent, sql_folder())
    before = [tree(place) for place in places]
    yield
    assert [tree(place) for place in places] == before


@pytest.fixture(params=["empty", "bare sql", "pyproject of another"])
def elsewhere(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """Make a folder that is no project."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    if request.param == "bare sql":
        for name in ("migrations/0001_stray.sql", "queries/stray.sql", "seeds/0001_stray.sql"):
            (folder / "sql" / name).parent.mkdir(parents=True)
            (folder / "sql" / name).write_text("-- name: stray :exec\nCREATE TABLE stray (x int);\n")
    elif request.param != "empty":
        (folder / "pyproject.toml").write_text("[project]\nname = 'another'\ndependencies = ['codezest-sql']\n")
    return folder


def test_the_tree_has_every_command() -> None:
    assert {("migrate",), ("migrate", "up"), ("check",), ("lint",), ("db", "reset")} <= ALL.keys()
    given = {words for words, options in ALL.items() if "--bundled" in options}
    assert {(*words, "") if words == ("migrate",) else words for words in given} == BUNDLED


@pytest.mark.usefixtures("package")
@pytest.mark.parametrize("source", ["DATABASE_URL", "DIRECT_URL", ".env", "--database-url", "none"])
def test_every_command_that_needs_a_project_says_so(elsewhere: Path, database: str, source: str) -> None:
    """And does nothing, wherever a URL comes from."""
    environment = {source: database} if source.isupper() else {}
    if source == ".env":
        (elsewhere / ".env").write_text(f"DATABASE_URL={database}\n")
    before = tree(elsewhere)
    for words, options in NEEDY.items():
        url = ("--database-url", database) if source == "--database-url" and source in options else ()
        yes = ("--yes",) if "--yes" in options else ()
        outcome = run_in(elsewhere, *words, *url, *yes, *ARGUMENTS.get(words, ()), environment=environment)
        assert outcome.code == ExitCode.PROJECT, (words, outcome)
        assert "[no-project]" in outcome.err, words
        assert "codezest-sql init" in outcome.err, words
        assert "--bundled" in outcome.err, words
        assert not outcome.out, words
    assert tree(elsewhere) == before
    assert objects(database) == set()
    assert applied(database) == []


@pytest.mark.usefixtures("package")
def test_commands_that_need_no_project_work_without_one(tmp_path: Path, database: str) -> None:
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    (folder / "0001_a.sql").write_text("CREATE TABLE a (id bigint PRIMARY KEY);\n")
    before = tree(folder)
    for words in ALL:
        assert run_in(folder, *words, "--help").code == 0, words
    assert run_in(folder, "lint", "0001_a.sql").code in {0, 1}
    assert run_in(folder, "db", "status", environment={"DATABASE_URL": database}).out.startswith("not running")
    assert run_in(folder, "db", "stop").out == "was not running\n"
    assert run_in(folder, "db", "url", environment={"DIRECT_URL": database}).out == f"{database}\n"
    assert tree(folder) == before
    assert run_in(folder, "init", "--ci", "none").code == 0
    assert (folder / "pyproject.toml").is_file()
    assert objects(database) == set()


@pytest.mark.usefixtures("package")
def test_a_folder_that_is_named_needs_no_project(tmp_path: Path, database: str) -> None:
    """For that call alone; nothing is written outside of it."""
    folder = tmp_path / "elsewhere"
    folder.mkdir()
    environment = {"DATABASE_URL": database}

    def run(*words: str) -> str:
        outcome = run_in(folder, "migrate", *words, "--migrations", "files", environment=environment)
        assert outcome.code == 0, (words, outcome)
        return outcome.out

    assert "wrote files/0001_gates.sql" in run("new", "gates")
    (folder / "files" / "0001_gates.sql").write_text("CREATE TABLE gates (id int PRIMARY KEY);\n")
    (folder / "files" / "0001_gates.rollback.sql").write_text("DROP TABLE gates;\n")
    run("hash")
    assert "0001_gates" in run("plan")
    assert "applied 0001_gates" in run("up")
    assert "0 pending" in run("status", "--check")
    run("verify")
    run("test")
    run("redo", "--yes")
    run("down", "--yes")
    run("baseline", "0001")
    assert {path.name for path in folder.iterdir()} == {"files"}
    assert applied(database) == ["0001_gates"]


def test_without_a_url_a_named_folder_starts_no_server_where_there_is_no_project(project: Path) -> None:
    """A server's data would lie in a folder that nobody has called a project."""
    (project / "files").mkdir()
    (project / "files" / "0001_a.sql").write_text("CREATE TABLE a (x int);")
    for words in (("migrate", "--migrations", "files"), ("migrate", "--bundled"), ("seed", "--bundled")):
        outcome = run_in(project, *words)
        assert outcome.code == ExitCode.PROJECT, (words, outcome)
        assert "no database is named" in outcome.err
        assert "codezest-sql db start" in outcome.err
        assert "[no-project]" in outcome.err
    assert not (project / ".codezest").exists()
    assert run_in(project, "db", "start").code == 0
    assert "(embedded server)" in run_in(project, "migrate", "--migrations", "files").out
    ProjectServer(project).stop()
    # It was started for this folder once, so it is meant.
    assert "nothing to do" in run_in(project, "migrate", "--migrations", "files").out


@pytest.mark.usefixtures("package")
def test_the_packaged_schema_is_migrated_seeded_and_checked_where_it_is_named(tmp_path: Path, database: str) -> None:
    """From a folder that is no project, where files lie that are nobody's."""
    environment = {"DATABASE_URL": database}
    elsewhere = tmp_path / "elsewhere"
    (elsewhere / "sql" / "migrations").mkdir(parents=True)
    (elsewhere / "sql" / "migrations" / "0001_stray.sql").write_text("CREATE TABLE stray (x int);")
    before = tree(elsewhere)

    def run(*words: str) -> str:
        outcome = run_in(elsewhere, *words, "--bundled", environment=environment)
        assert outcome.code == 0, (words, outcome)
        return outcome.out

    assert "0001_foundations" in run("migrate", "plan")
    assert "applied 8 migrations" in run("migrate")
    assert "nothing to do" in run("migrate", "up")
    assert "8 applied, 0 pending" in run("migrate", "status", "--check")
    run("platform", "partitions", "make")
    run("platform", "partitions", "status", "--check")
    run("migrate", "verify")
    assert "rows of reference data" in run("seed")
    assert "rows of demo data" in run("platform", "demo", "--users", "3")
    assert "all right" in run("check")
    assert "rolled back 0008_activity" in run("migrate", "down", "--yes")
    assert tree(elsewhere) == before
    assert "auth.users" in objects(database)


@pytest.mark.usefixtures("package")
def test_a_project_that_names_only_its_migrations_has_nothing_of_the_packaged_schema(
    tmp_path: Path, database: str
) -> None:
    project = Project(tmp_path, database)
    project.write_all({"0001_a.sql": "CREATE TABLE a (x int);", "0001_a.rollback.sql": "DROP TABLE a;"})
    project.succeed()
    assert objects(database) == {"public.a"}
    checked = project.run("check")
    assert (checked.code, "sql/queries is not a folder" in checked.err) == (ExitCode.PROJECT, True)
    seeded = project.run("seed")
    assert (seeded.code, "sql/seeds is not a folder" in seeded.err) == (ExitCode.PROJECT, True)
    execute(database, "CREATE SCHEMA auth")
    demo = project.run("platform", "demo")
    assert demo.code == ExitCode.PROJECT
    assert project.run("platform", "partitions", "make").code == 1
    assert rows(database, "SELECT count(*) FROM a") == [(0,)]
    listed = project.run("lint", "--format", "json")
    assert str(sql_folder()) not in listed.out


def test_a_project_without_migrations_has_no_others(tmp_path: Path, database: str) -> None:
    (tmp_path / "codezest-sql.toml").write_text('queries = "q"\n')
    outcome = run_in(tmp_path, "migrate", environment={"DATABASE_URL": database})
    assert outcome.code == ExitCode.PROJECT
    assert "the migrations folder sql/migrations does not exist" in outcome.err
    assert objects(database) == set()
    assert run_in(tmp_path, "migrate", "new", "first").out.startswith("wrote sql/migrations/0001_first.sql\n")
