"""Which database a command works on, and that no password ever reaches an output, whatever the URL."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from typing import TYPE_CHECKING
from unittest import mock
from urllib.parse import urlsplit

import pytest

from codezest_sql.actions.migrations import migrate as actions
from codezest_sql.actions.project.settings import choose_database, load_settings
from codezest_sql.errors import SettingsError
from codezest_sql.postgres.server.project_server import ProjectServer
from codezest_sql.postgres.url import normalise_url
from tests.patience import PATIENCE
from tests.projects import Outcome, Project, applied

if TYPE_CHECKING:
    from pathlib import Path

SECRET = "hunter2sesame"  # a word to search all output for

# Name → (URL, exit code, part of what is said).
HOSTILE_URLS: dict[str, tuple[str, int, str]] = {
    "a host that is not there": (
        f"postgresql://me:{SECRET}@127.0.0.1:1/db",
        6,
        "cannot connect to db on 127.0.0.1:1",
    ),
    "a host without an address": (f"postgresql://me:{SECRET}@no.invalid/db", 6, "check the host's name"),
    "several hosts": (
        f"postgresql://me:{SECRET}@127.0.0.1:1,127.0.0.1:2/db",
        6,
        "cannot connect to db on 127.0.0.1,127.0.0.1:1,2",
    ),
    "another database's scheme": (f"mysql://me:{SECRET}@localhost/db", 6, "mysql:// is not PostgreSQL"),
    "no scheme": (f"me:{SECRET}@localhost/db", 6, "the database URL cannot be read"),
    "a scheme behind the password": (f"me:{SECRET}@postgresql://localhost/db", 6, "the database URL cannot be read"),
    "an @ in the password": (f"postgresql://me:a@{SECRET}@127.0.0.1:1/db", 6, "@ is %40"),
    "two @ in the password": (f"postgresql://me:a@b@{SECRET}@127.0.0.1:1/db", 6, "@ is %40"),
    "a / in the password": (f"postgresql://me:a/{SECRET}@127.0.0.1:1/db", 6, "/ is %2F"),
    "a number and a / in the password": (f"postgresql://me:12/{SECRET}@127.0.0.1:1/db", 6, "/ is %2F"),
    "a # in the password": (f"postgresql://me:a#{SECRET}@127.0.0.1:1/db", 6, "cannot connect to db on 127.0.0.1:1"),
    "a ? in the password": (f"postgresql://me:a?{SECRET}@127.0.0.1:1/db", 6, "cannot connect to db on 127.0.0.1:1"),
    "a % in the password": (f"postgresql://me:%zz{SECRET}@127.0.0.1:1/db", 6, "the database URL cannot be read"),
    "a : in the password": (f"postgresql://me:a:{SECRET}@127.0.0.1:1/db", 6, "cannot connect to db on 127.0.0.1:1"),
    "no host": (f"postgresql://me:{SECRET}", 6, "the database URL cannot be read"),
    "a port that is none": (f"postgresql://me:{SECRET}@localhost:port/db", 6, "the database URL cannot be read"),
    "a port out of range": (
        f"postgresql://me:{SECRET}@127.0.0.1:99999/db",
        6,
        "cannot connect to db on 127.0.0.1:99999",
    ),
    "an unclosed bracket": (f"postgresql://me:{SECRET}@[::1/db", 6, "the database URL cannot be read"),
    "an unknown parameter": (f"postgresql://me:{SECRET}@localhost/db?nope=1", 6, "the database URL cannot be read"),
    "the password as a parameter": (
        f"postgresql://127.0.0.1:1/db?user=me&password={SECRET}",
        6,
        "cannot connect to db on 127.0.0.1:1",
    ),
    "half a parameter": (f"postgresql://127.0.0.1/db?password=a&{SECRET}", 6, "the database URL cannot be read"),
    "keys and values": (f"host=127.0.0.1 port=1 user=me password={SECRET}", 6, "cannot connect to me on 127.0.0.1:1"),
    "a password with a space": (f"host=127.0.0.1 password=a {SECRET}", 6, "the database URL cannot be read"),
    "an unclosed quote": (f"host=127.0.0.1 password='{SECRET}", 6, "the database URL cannot be read"),
    "only the password": (SECRET, 6, "the database URL cannot be read"),
    "a pooler": (f"postgresql://me:{SECRET}@ep-x-pooler.invalid/db", 6, "is a connection pooler"),
    "control characters": (f"postgresql://me:{SECRET}@127.0.0.1:1/\x1b[2J\n", 6, "cannot connect to"),
    "a lone surrogate": (f"postgresql://me:{SECRET}@127.0.0.1:1/\udcff", 6, "the database URL cannot be read"),
    "nothing": ("", 6, "the database URL is empty"),
    "white space": ("  ", 6, "the database URL is empty"),
}


def said(outcome: Outcome) -> str:
    return outcome.out + outcome.err


@pytest.mark.parametrize("case", HOSTILE_URLS)
def test_no_output_holds_the_password_of_a_url(tmp_path: Path, case: str) -> None:
    """In words and as JSON, in every command that takes a URL."""
    url, code, told = HOSTILE_URLS[case]
    project = Project(tmp_path)
    project.write_all({"0001_a.sql": "SELECT 1;", "0001_a.rollback.sql": "SELECT 1;"})
    # A host without an address costs seconds of waiting for a resolver: two commands are enough there.
    commands = (
        [("up",), ("down", "--yes")] if ".invalid" in url else [("up",), ("down", "--yes"), ("status",), ("test",)]
    )
    for words in commands:
        outcome = project.migrate(*words, "--database-url", url)
        assert outcome.code == code, said(outcome)
        assert told in outcome.err
        assert SECRET not in said(outcome)
        assert "Traceback" not in outcome.err
        assert "hint: " in outcome.err
    outcome = project.migrate("plan", "--json", "--database-url", url)
    assert outcome.json["exit_code"] == code
    assert SECRET not in said(outcome)
    outcome = project.migrate("status", url=url or None) if url.strip() else outcome
    assert SECRET not in said(outcome)


def test_a_nul_in_a_url_is_refused(tmp_path: Path) -> None:
    """Libpq would see half of it, and take the password for a port."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_bytes(f"DATABASE_URL=postgresql://me:{SECRET}\0x@127.0.0.1:1/db\n".encode())
    outcome = project.migrate("status")
    assert outcome.code == 6
    assert "the database URL cannot be read" in outcome.err
    assert SECRET not in said(outcome)


@pytest.mark.parametrize(
    "words",
    [
        ("status",),
        ("status", "--json"),
        ("plan",),
        ("plan", "--json"),
        ("up", "--dry-run"),
        ("up",),
        ("up", "--json"),
        ("down", "--yes"),
    ],
)
def test_no_report_holds_the_password_of_a_url_that_works(
    tmp_path: Path, database: str, words: tuple[str, ...]
) -> None:
    project = Project(tmp_path, with_password(database, SECRET))
    project.write_all({"0001_a.sql": "SELECT 1;", "0001_a.rollback.sql": "SELECT 1;"})
    outcome = project.succeed(*words)
    assert SECRET not in said(outcome)
    assert urlsplit(database).path.removeprefix("/") in outcome.out


def test_a_bug_report_holds_no_password(tmp_path: Path, database: str) -> None:
    """Users are asked to attach the file to an issue."""
    project = Project(tmp_path, with_password(database, SECRET))
    project.write("0001_a.sql", "SELECT 1;")

    def broken(*_: object, **__: object) -> None:
        raise RuntimeError("something of ours broke")

    with mock.patch.object(actions, "_read", broken), mock.patch.object(tempfile, "tempdir", str(tmp_path)):
        outcome = project.migrate("status", "--json")
    assert outcome.code == 70
    assert outcome.json["errors"][0]["code"] == "bug"
    assert "error: a bug in codezest-sql: RuntimeError; details are in " in outcome.err
    (report,) = tmp_path.glob("codezest-sql-bug-*.txt")
    assert "something of ours broke" in report.read_text()
    assert SECRET not in report.read_text() + said(outcome)
    assert report.stat().st_mode & 0o077 == 0


def test_a_bug_is_shown_where_that_is_asked_for(tmp_path: Path) -> None:
    project = Project(tmp_path, environment={"CODEZEST_DEBUG": "1"})
    with mock.patch.object(actions, "status", side_effect=RuntimeError("broke")):
        outcome = project.migrate("status")
    assert outcome.code == 70
    assert "Traceback" in outcome.err


def with_password(url: str, password: str) -> str:
    """Return the URL with a password, which a server that trusts everybody does not ask for."""
    parts = urlsplit(url)
    user, _, host = parts.netloc.rpartition("@")
    return parts._replace(netloc=f"{user.partition(':')[0]}:{password}@{host}").geturl()


# --- connections that fail ---------------------------------------------------------------------------------------


def test_a_database_that_does_not_exist_is_told(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, urlsplit(database)._replace(path="/no_such_database").geturl())
    project.write("0001_a.sql", "SELECT 1;")
    told = project.fail(6)
    assert 'FATAL:  database "no_such_database" does not exist' in told
    assert "hint: create the database (codezest-sql db create) or the role first, or check the name" in told


def test_a_wrong_password_is_told_without_it(project: Path, unused_port: int) -> None:
    """Over TCP, by SCRAM, as on any real server: here the project's own with an open port."""
    server = ProjectServer(project)
    server.start(unused_port)
    right = server.tcp_url()
    password = urlsplit(right).password
    assert password
    with_files = Project(project)
    with_files.write("0001_a.sql", "SELECT 1;")

    told = with_files.fail(6, url=with_password(right, f"wrong{SECRET}"))
    assert "FATAL:  password authentication failed for user " in told
    assert "hint: check user and password" in told
    assert SECRET not in told
    without = right.replace(f":{password}@", "@")
    told = with_files.fail(6, url=without)
    assert "hint: put the password into the URL, or into PGPASSWORD or ~/.pgpass" in told
    outcome = with_files.succeed(url=right)
    assert f"on 127.0.0.1:{unused_port} (DATABASE_URL)" in outcome.out
    assert password not in said(outcome)
    with_files.environment["PGPASSWORD"] = password
    assert "1 applied, 0 pending" in with_files.succeed("status", url=without).out


@pytest.mark.parametrize(
    "scheme",
    ["postgresql", "postgres", "postgresql+psycopg", "postgresql+psycopg2", "postgresql+asyncpg", "POSTGRESQL"],
)
def test_the_spellings_of_other_tools_are_understood(tmp_path: Path, database: str, scheme: str) -> None:
    project = Project(tmp_path, database.replace("postgresql", scheme, 1))
    project.write("0001_a.sql", "SELECT 1;")
    assert "0 applied, 1 pending" in project.succeed("status").out
    assert normalise_url(project.url or "") == database


# --- which database ----------------------------------------------------------------------------------------------


def chosen(project: Project, *words: str) -> str:
    """Return which source the URL of a command comes from."""
    return str(project.succeed("status", "--json", *words, url=None).json["database"]).rpartition("(")[2].rstrip(")")


def test_the_order_of_the_sources(tmp_path: Path, database: str) -> None:
    """The option, then the environment, then .env; in each, DIRECT_URL before DATABASE_URL; empty ones are absent."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    wrong = "postgresql://127.0.0.1:1/wrong"
    env_file = tmp_path / ".env"

    env_file.write_text(f"DATABASE_URL={database}\n")
    assert chosen(project) == "DATABASE_URL of .env"
    env_file.write_text(f'DATABASE_URL={wrong}\nexport DIRECT_URL="{database}" # with a comment\n')
    assert chosen(project) == "DIRECT_URL of .env"
    env_file.write_text(f"DATABASE_URL={database}\nDIRECT_URL=\n")
    assert chosen(project) == "DATABASE_URL of .env"

    env_file.write_text(f"DATABASE_URL={wrong}\nDIRECT_URL={wrong}\n")
    project.environment = {"DATABASE_URL": database}
    assert chosen(project) == "DATABASE_URL"
    project.environment = {"DATABASE_URL": wrong, "DIRECT_URL": database}
    assert chosen(project) == "DIRECT_URL"
    project.environment = {"DATABASE_URL": database, "DIRECT_URL": ""}
    assert chosen(project) == "DATABASE_URL"

    project.environment = {"DATABASE_URL": wrong, "DIRECT_URL": wrong}
    assert chosen(project, "--database-url", database) == "--database-url"


def test_an_option_before_the_command_counts_as_well(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / "migrations").rename(tmp_path / "elsewhere")
    words = ("--database-url", database, "--migrations", "elsewhere")
    assert "(--database-url)" in project.succeed(*words, "status").out
    assert "applied 1 migration" in project.succeed(*words).out
    assert applied(database) == ["0001_a"]
    inner = ("--database-url", "postgresql://127.0.0.1:1/x", "status", "--database-url", database)
    assert "1 applied" in project.succeed(*inner, "--migrations", "elsewhere").out


def test_an_env_file_that_is_no_text_is_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_bytes(b"DATABASE_URL=\xff\xfe\n")
    assert ".env: error: cannot be read: UnicodeDecodeError [unreadable-file]" in project.fail(7, "status")


def test_a_byte_order_mark_of_an_env_file_hides_no_url(tmp_path: Path, database: str) -> None:
    """It would be a part of the name, and the embedded server would take the place of the database that is meant."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbf" + f"DATABASE_URL={database}\r\n".encode())
    assert "(DATABASE_URL of .env)" in project.succeed("status", url=None).out


def test_an_env_file_that_is_none_is_not_passed_over(tmp_path: Path) -> None:
    """But a folder of that name is a virtual environment."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    env = tmp_path / ".env"
    env.symlink_to("nowhere")
    assert ".env: error: cannot be read: " in project.fail(7, "status", url=None)
    env.unlink()
    os.mkfifo(env)
    assert ".env: error: is not a file [unreadable-file]" in project.fail(7, "status", url=None)
    env.unlink()
    env.mkdir()
    assert choose_database(None, root=tmp_path).url is None


@pytest.mark.parametrize("line", ["DATABASE_URL='postgresql://u:swordfish@h/x", 'export DIRECT_URL="postgresql://x'])
def test_an_env_file_whose_url_is_not_closed_is_not_passed_over(tmp_path: Path, line: str) -> None:
    """The embedded server would take the place of the database that is meant."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_text(f"=also broken\n{line}\n")
    said = project.fail(7, "status")
    assert ".env:2:1: error: expected NAME=value" in said
    assert "swordfish" not in said


@pytest.mark.parametrize(
    "written",
    ['[tool."codezest-sql"]\n', "[ tool . codezest-sql ]\n", "[tool]\ncodezest-sql = {", "tool.codezest-sql."],
)
def test_a_project_is_one_however_its_table_is_written(tmp_path: Path, written: str) -> None:
    """Else the settings of a folder above it could take their place."""
    setting = 'migrations = "own"'
    text = f"{written}{setting}}}\n" if written.endswith("{") else f"{written}{setting}\n"
    (tmp_path / "pyproject.toml").write_text(text)
    assert load_settings(start=tmp_path).migrations == str(tmp_path / "own")


def test_a_table_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text("[tool]\ncodezest-sql = 3\n")
    with pytest.raises(SettingsError, match="must be a table"):
        load_settings(start=tmp_path)


def test_a_dollar_in_a_password_of_an_env_file_is_no_variable(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_text(f"DATABASE_URL={with_password(database, 'a$HOME${PATH}b')}\n")
    outcome = project.succeed("status", url=None)
    assert "DATABASE_URL of .env" in outcome.out


def test_the_env_file_is_that_of_the_project(tmp_path: Path, database: str) -> None:
    """Found from a folder below it, as the settings are."""
    project = Project(tmp_path)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / ".env").write_text(f"DATABASE_URL={database}\n")
    done = subprocess.run(
        [sys.executable, "-m", "codezest_sql", "migrate", "status"],
        cwd=project.migrations,
        env={name: value for name, value in os.environ.items() if not name.endswith("_URL")},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "0 applied, 1 pending" in done.stdout
    assert "(DATABASE_URL of .env)" in done.stdout


def test_without_a_url_the_embedded_server_of_the_project_is_used(project: Path) -> None:
    """On a fresh machine the main job runs, with nothing configured; and again, with nothing left to do."""
    with_files = Project(project)
    with_files.write_all({"0001_a.sql": "CREATE TABLE a (x int);", "0001_a.rollback.sql": "DROP TABLE a;"})
    outcome = with_files.succeed(url=None)
    assert "✓ applied 0001_a" in outcome.out
    assert "(embedded server)" in outcome.out
    assert "nothing to do" in with_files.succeed(url=None).out
    assert "1 applied, 0 pending" in with_files.succeed("status", "--check", url=None).out
    assert (project / ".codezest").is_dir()


def test_the_embedded_server_is_not_started_for_files_that_cannot_run(project: Path) -> None:
    with_files = Project(project)
    with_files.write("0001_a.sql", "SELECT 'it;")
    with_files.fail(7, url=None)
    assert not (project / ".codezest").exists()


# --- settings ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[tool.codezest-sql\n", "pyproject.toml:1:19: error: is not valid TOML: "),
        ("[tool.codezest-sql]\nmigration = 'x'\n", "pyproject.toml:2:1: error: unknown setting 'migration'"),
        ("[tool]\ncodezest-sql = 7\n# tool.codezest-sql", "pyproject.toml: error: codezest-sql must be a table"),
        ("[tool.codezest-sql]\nx = '\xff'\n".encode("latin-1").decode("latin-1"), "unknown setting 'x'"),
    ],
)
def test_a_mistake_in_the_settings_is_told(tmp_path: Path, text: str, told: str) -> None:
    project = Project(tmp_path)
    (tmp_path / "pyproject.toml").write_text(text)
    assert told in project.fail(7, "status")


def test_settings_that_are_not_utf8_are_told_with_their_place(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (tmp_path / "pyproject.toml").write_bytes(b"[tool.codezest-sql]\nmigrations = 'caf\xe9'\n")
    assert "pyproject.toml:2:18: error: byte 0xe9 is not valid UTF-8" in project.fail(7, "status")


@pytest.mark.parametrize(
    "text", ["tool = 3 # tool.codezest-sql", "[[tool]]\nx = 'tool.codezest-sql'", "# tool.codezest-sql"]
)
def test_a_file_of_another_kind_is_no_project(tmp_path: Path, database: str, text: str) -> None:
    """Then only --migrations names files to run."""
    project = Project(tmp_path, database)
    project.write("0001_a.sql", "SELECT 1;")
    (tmp_path / "pyproject.toml").write_text(text)
    assert "[no-project]" in project.fail(7, "status")
    assert "0001_a" in project.succeed("status", "--migrations", "migrations").out
