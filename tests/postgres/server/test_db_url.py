"""``db url|psql|create|drop`` are about the database that every command means; the rest about the embedded server."""

from __future__ import annotations

import json
import os
import pty
import shutil
import subprocess
import sys
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

import psycopg
import pytest

from codezest_sql.actions.project import embedded_server
from codezest_sql.actions.project.settings import DatabaseChoice
from codezest_sql.postgres.server.project_server import ProjectServer
from tests.conftest import drop_database
from tests.patience import PATIENCE
from tests.projects import Outcome, execute, role_of, rows, run_in

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.conftest import Server

MAIN = "from codezest_sql.cli.main import main; main()"
PASSWORD = "swordfish"


def with_name(url: str, name: str) -> str:
    """Return a URL of another database of the same server."""
    return urlunsplit(urlsplit(url)._replace(path=f"/{name}"))


def with_password(url: str) -> str:
    """Return a URL with a password, which a server that trusts everybody does not ask for."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user or 'postgres'}:{PASSWORD}@{host}"))


def exists(url: str, name: str) -> bool:
    return bool(rows(url, f"SELECT 1 FROM pg_database WHERE datname = '{name}'"))


def process(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run ``codezest-sql db WORDS`` as a process, which psql takes the place of."""
    keep = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DIRECT_URL"}}
    return subprocess.run(
        [sys.executable, "-c", MAIN, "db", *words],
        cwd=folder,
        env={**keep, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def typed(folder: Path, answer: str, *words: str, **environment: str) -> tuple[int, str]:
    """Run ``codezest-sql db WORDS`` on a terminal, type an answer, and return exit code and what was printed."""
    keep = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "DIRECT_URL"}}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [sys.executable, "-c", MAIN, "db", *words],
        cwd=folder,
        env={**keep, "PAGER": "cat", "TERM": "dumb", **environment},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    ) as child:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        said = b""
        try:
            while part := os.read(ours, 4096):
                said += part
        except OSError:  # the other end is closed
            pass
        os.close(ours)
        return child.wait(300), said.decode()


@pytest.fixture
def new_name(server: Server) -> Iterator[str]:
    """Give the name of a database that is not there, and drop what the test makes of it."""
    name = f'new "{os.getpid()}" é'
    yield name
    drop_database(server, name)


def run(folder: Path, *words: str, url: str = "", **environment: str) -> Outcome:
    return run_in(folder, "db", *words, environment={**({"DATABASE_URL": url} if url else {}), **environment})


# --- which database ----------------------------------------------------------------------------------------------


def test_the_url_is_chosen_as_for_every_command(tmp_path: Path, database: str) -> None:
    other, third, fourth = (with_name(database, name) for name in ("other", "third", "fourth"))
    (tmp_path / "codezest-sql.toml").touch()
    (tmp_path / ".env").write_text(f"DATABASE_URL={fourth}\n")
    assert run(tmp_path, "url").out == f"{fourth}\n"
    (tmp_path / ".env").write_text(f"DATABASE_URL={fourth}\nDIRECT_URL={third}\n")
    assert run(tmp_path, "url").out == f"{third}\n"
    assert run(tmp_path, "url", url=other).out == f"{other}\n"
    assert run(tmp_path, "url", url=third, DIRECT_URL=other).out == f"{other}\n"
    assert run(tmp_path, "url", "--database-url", database, url=third).out == f"{database}\n"
    assert run(tmp_path, "url", url=database.replace("postgresql:", "postgres+psycopg:")).out == f"{database}\n"
    below = tmp_path / "src"
    below.mkdir()
    assert run(below, "url").out == f"{third}\n"
    assert not (tmp_path / ".codezest").exists()


def test_psql_goes_where_migrate_goes(tmp_path: Path, database: str) -> None:
    (tmp_path / "codezest-sql.toml").touch()
    query = ("-AtX", "-c", "SELECT current_database()")
    name = rows(database, "SELECT current_database()")[0][0]
    assert process(tmp_path, "psql", *query, DATABASE_URL=database).stdout == f"{name}\n"
    assert process(tmp_path, "psql", "--database-url", database, *query).stdout == f"{name}\n"
    (tmp_path / ".env").write_text(f"DIRECT_URL={database}\n")
    assert process(tmp_path, "psql", *query, DATABASE_URL=with_name(database, "nowhere")).returncode != 0
    assert process(tmp_path, "psql", *query, PGDATABASE="nowhere", PGPORT="1").stdout == f"{name}\n"
    # psql's own -d stays on that server.
    assert process(tmp_path, "psql", "-d", "postgres", *query).stdout == "postgres\n"
    assert not (tmp_path / ".codezest").exists()


def test_the_prompt_of_psql_says_where_one_is(tmp_path: Path, database: str) -> None:
    (tmp_path / ".env").write_text(f"DATABASE_URL={database}\n")
    name = rows(database, "SELECT current_database()")[0][0]
    code, said = typed(tmp_path, "\\q", "psql", "-X", "--no-readline")
    assert code == 0, said
    assert f"(DATABASE_URL of .env) {name} on " in said


def test_a_password_is_in_no_word_that_other_users_can_read(tmp_path: Path, database: str) -> None:
    url = with_password(database)
    command = embedded_server.psql(tmp_path, DatabaseChoice(url, "DATABASE_URL"), ["-c", "x"])
    assert not [word for word in command.words if PASSWORD in word]
    assert dict(command.environment)["PGPASSWORD"] == PASSWORD
    said = process(tmp_path, "psql", "-AtX", "-c", "SELECT 1", DATABASE_URL=url)
    assert said.stdout == "1\n", said.stderr
    for words in (["create"], ["drop", "--yes", "x"], ["reset", "--yes"], ["drop"]):
        outcome = run(tmp_path, *words, url=url)
        assert outcome.code != 0
        assert PASSWORD not in outcome.out + outcome.err, words


@pytest.mark.parametrize("words", [["url"], ["psql"], ["create"], ["drop", "--yes", "x"]])
def test_a_url_that_cannot_be_read_is_refused(tmp_path: Path, words: list[str]) -> None:
    """And never shown, nor taken for the embedded server's."""
    for url in (f"mysql://u:{PASSWORD}@h/x", f"postgresql://u:{PASSWORD}@x@h/x", f"postgresql://u:{PASSWORD}/x@h/x"):
        outcome = run(tmp_path, *words, url=url)
        assert outcome.code == 6, (url, outcome)
        assert PASSWORD not in outcome.out + outcome.err
    (tmp_path / ".env").write_text(f"DATABASE_URL='postgresql://u:{PASSWORD}@h/x\n")
    outcome = run(tmp_path, *words)
    assert (outcome.code, ".env:1:1" in outcome.err, PASSWORD in outcome.err) == (7, True, False)
    assert run(tmp_path, words[0], "--database-url", "", *words[1:]).code == 6
    assert not (tmp_path / ".codezest").exists()


# --- create and drop ---------------------------------------------------------------------------------------------


@pytest.mark.every_postgres
def test_create_makes_the_database_of_the_url_and_drop_takes_it_away(
    tmp_path: Path, server: Server, new_name: str
) -> None:
    url = server.url(new_name)
    missing = run(tmp_path, "drop", "--yes", new_name, url=url)
    assert (missing.code, "[database-missing]" in missing.err) == (1, True)
    made = run(tmp_path, "create", url=url)
    assert made.code == 0, made.err
    assert made.out.startswith(f"created {new_name} on ")
    assert made.out.endswith("(DATABASE_URL)\n")
    execute(url, "CREATE TABLE a (x int)")
    again = run(tmp_path, "create", "--database-url", url)
    assert (again.code, "[database-exists]" in again.err) == (1, True)
    with psycopg.connect(url):
        used = run(tmp_path, "drop", "--yes", new_name, url=url)
    assert (used.code, "[database-in-use]" in used.err, "1 other session" in used.err) == (1, True, True)
    for words in (["drop"], ["drop", "--yes", "another"], ["drop", "--yes", new_name.upper()]):
        refused = run(tmp_path, *words, url=url)
        assert (refused.code, new_name in refused.err) == (2, True), words
    assert rows(url, "SELECT count(*) FROM a") == [(0,)]
    gone = run(tmp_path, "drop", "--yes", new_name, url=url)
    assert (gone.code, gone.out.startswith(f"dropped {new_name} on ")) == (0, True), gone.err
    assert not exists(server.url(), new_name.replace("'", "''"))


def test_drop_asks_for_the_name(tmp_path: Path, server: Server, new_name: str) -> None:
    url = server.url(new_name)
    assert run(tmp_path, "create", url=url).code == 0
    for answer in ("y", "yes", new_name[:-1], "\nno"):
        code, said = typed(tmp_path, answer, "drop", DATABASE_URL=url)
        assert code != 0
        assert "Type its name to confirm" in said
        assert exists(server.url(), new_name)
    code, said = typed(tmp_path, new_name, "drop", DATABASE_URL=url)
    assert code == 0, said
    assert not exists(server.url(), new_name)


@pytest.mark.parametrize("name", ["postgres", "template0", "template1"])
def test_the_servers_own_databases_are_never_dropped(tmp_path: Path, server: Server, name: str) -> None:
    outcome = run(tmp_path, "drop", "--yes", name, url=server.url(name))
    assert (outcome.code, "is never dropped" in outcome.err) == (2, True)
    assert exists(server.url(), name)


def test_a_template_is_not_dropped(tmp_path: Path, server: Server, database: str) -> None:
    name = str(rows(database, "SELECT current_database()")[0][0])
    execute(server.url(), f'ALTER DATABASE "{name}" IS_TEMPLATE true')
    try:
        outcome = run(tmp_path, "drop", "--yes", name, url=database)
    finally:
        execute(server.url(), f'ALTER DATABASE "{name}" IS_TEMPLATE false')
    assert (outcome.code, "is a template" in outcome.err) == (2, True)
    assert exists(server.url(), name)


@pytest.mark.parametrize("url", ["postgresql://h", "host=h user=u", "postgresql://u@h/"])
def test_only_a_database_that_is_named_is_made_or_dropped(tmp_path: Path, url: str) -> None:
    """Else the user's name would be taken, as libpq does."""
    for words in (["create"], ["drop", "--yes", "u"]):
        outcome = run(tmp_path, *words, url=url)
        assert (outcome.code, "the URL names no database" in outcome.err) == (2, True)


def test_a_name_that_the_server_would_cut_off_is_refused(tmp_path: Path, server: Server) -> None:
    for words in (["create"], ["drop", "--yes", "x" * 64]):
        outcome = run(tmp_path, *words, url=server.url("x" * 64))
        assert (outcome.code, "longer than 63 bytes" in outcome.err) == (2, True)


def test_a_role_without_the_right_is_told_which_one_it_lacks(tmp_path: Path, database: str) -> None:
    name = str(rows(database, "SELECT current_database()")[0][0])
    with role_of(database, "lowly") as url:
        refused = run(tmp_path, "create", url=with_name(url, "another"))
        assert (refused.code, "CREATEDB" in refused.err) == (6, True)
        refused = run(tmp_path, "drop", "--yes", name, url=url)
        assert (refused.code, "name its owner" in refused.err) == (6, True)
    assert exists(database, name)


def test_a_server_that_is_out_of_reach_is_told(tmp_path: Path, unused_port: int) -> None:
    for words in (["create"], ["drop", "--yes", "x"]):
        outcome = run(tmp_path, *words, url=f"postgresql://u:{PASSWORD}@127.0.0.1:{unused_port}/x")
        assert (outcome.code, PASSWORD in outcome.err) == (6, False)


def test_migrate_names_create_where_the_database_is_missing(tmp_path: Path, server: Server) -> None:
    (tmp_path / "0001_a.sql").write_text("SELECT 1;")
    outcome = run_in(tmp_path, "migrate", "--migrations", ".", "--database-url", server.url("nowhere"))
    assert (outcome.code, "codezest-sql db create" in outcome.err) == (6, True)


# --- the embedded server -----------------------------------------------------------------------------------------


def test_the_database_of_the_embedded_server_is_made_and_dropped_too(project: Path) -> None:
    assert run(project, "drop", "--yes", "codezest").code == 1
    assert not (project / ".codezest").exists()
    made = run(project, "create")
    assert (made.code, made.out.startswith("created codezest on ")) == (0, True), made.err
    assert "[database-exists]" in run(project, "create").err
    assert run(project, "drop", "--yes", "codezest").code == 0
    assert run(project, "create").code == 0
    url = run(project, "url").out.strip()
    assert rows(url, "SELECT current_database()") == [("codezest",)]


def test_reset_deletes_nothing_while_a_url_names_the_database(project: Path, database: str) -> None:
    """It must never be taken for what a URL names, nor the other way round."""
    ProjectServer(project).start()
    data = project / ".codezest" / "data"
    execute(database, "CREATE TABLE a (x int)")
    for environment in ({"DATABASE_URL": database}, {"DIRECT_URL": database}):
        refused = run(project, "reset", "--yes", **environment)
        assert (refused.code, "--embedded" in refused.err, next(iter(environment)) in refused.err) == (2, True, True)
    (project / ".env").write_text(f"DATABASE_URL={database}\n")
    refused = run(project, "reset", "--yes")
    assert (refused.code, "DATABASE_URL of .env" in refused.err) == (2, True)
    assert data.exists()
    assert run(project, "url", "--embedded").out.startswith("postgresql://postgres@/codezest?host=")
    assert run(project, "url", "--tcp").code == 2
    assert run(project, "url", "--embedded", "--database-url", database).code == 2
    assert run(project, "status").out.startswith("running\n")
    done = run(project, "reset", "--yes", "--embedded")
    assert (done.code, done.out) == (0, f"deleted {data}\n")
    assert not data.exists()
    assert rows(database, "SELECT count(*) FROM a") == [(0,)]


def test_start_stop_and_status_are_about_the_embedded_server_whatever_a_url_names(
    project: Path, database: str
) -> None:
    assert run(project, "start", url=database).code == 0
    assert run(project, "status", url=database).out.startswith("running\n")
    assert run(project, "stop", url=database).out == "stopped\n"
    assert rows(database, "SELECT 1") == [(1,)]


def test_every_server_of_this_user_is_listed(project: Path, tmp_path: Path) -> None:
    environment = {"XDG_CACHE_HOME": str(tmp_path / "cache")}
    (tmp_path / "cache").mkdir()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    assert run(elsewhere, "list", **environment).out == "no embedded server has been started\n"
    assert run(project, "start", **environment).code == 0
    listed = run(elsewhere, "list", **environment).out
    assert listed.split() == ["running", "PostgreSQL", "18", str(project)]
    assert run(project, "stop", **environment).code == 0
    (found,) = json.loads(run(elsewhere, "list", "--json", **environment).out)
    assert (found["folder"], found["running"], found["postgres_version"]) == (str(project), False, 18)
    shutil.rmtree(project / ".codezest")
    assert run(elsewhere, "list", **environment).out == "no embedded server has been started\n"
