"""``codezest-sql db …`` as a user meets it: a process, its output, its exit code."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.actions.project import embedded_server
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

MAIN = "from codezest_sql.cli.main import main; main()"
COMMANDS = ("start", "stop", "status", "url", "psql", "reset")


def codezest(
    project: Path, *words: str, answer: str = "", environment: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run ``codezest-sql db`` in the project's folder."""
    return subprocess.run(
        [sys.executable, "-c", MAIN, "db", *words],
        cwd=project,
        env={**os.environ, **(environment or {})},
        input=answer,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


def succeed(project: Path, *words: str, environment: dict[str, str] | None = None) -> str:
    done = codezest(project, *words, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_of_every_command_has_an_example(command: str, tmp_path: Path) -> None:
    """As everywhere in this tool."""
    assert f"codezest-sql db {command}" in succeed(tmp_path, command, "--help") or command == "url"
    assert "Example: " in succeed(tmp_path, command, "--help")


def test_a_day_with_the_embedded_server(project: Path) -> None:
    """start, status, url, psql, stop, reset, each saying what it did."""
    assert succeed(project, "status").startswith("not running\n")
    assert re.match(r"PostgreSQL 18 started \(process \d+\)\npostgresql://", succeed(project, "start"))
    assert "is running already" in succeed(project, "start")
    status = succeed(project, "status")
    assert status.startswith("running\n")
    url = succeed(project, "url").strip()
    assert url in status
    assert succeed(project, "psql", "-AtX", "-c", "SELECT current_database()") == "codezest\n"
    assert succeed(project, "stop") == "stopped\n"
    assert succeed(project, "stop") == "was not running\n"
    assert "deleted" in succeed(project, "reset", "--yes")
    assert succeed(project, "reset", "--yes") == "there are no data to delete\n"


def test_url_and_psql_start_the_server_when_needed(project: Path) -> None:
    """So that a script needs no start before them."""
    assert succeed(project, "psql", "-AtX", "-c", "SELECT 1") == "1\n"
    succeed(project, "stop")
    assert succeed(project, "url").startswith("postgresql://postgres@/codezest?host=")
    assert embedded_server.status(project).running


def test_psql_gets_every_word_and_gives_its_exit_code(project: Path) -> None:
    """Options that codezest-sql has too are psql's here; 3 is psql's code for ON_ERROR_STOP."""
    done = codezest(project, "psql", "-AtX", "-h", "ignored", "-v", "n=a b", "-f", "-", answer="SELECT :'n';")
    assert done.stdout == "a b\n"
    assert succeed(project, "psql", "-AtX", "-d", "postgres", "-c", "SELECT current_database()") == "postgres\n"
    failed = codezest(project, "psql", "-X", "-v", "ON_ERROR_STOP=1", "-f", "-", answer="SELECT 1/0;")
    assert failed.returncode == 3
    assert "division by zero" in failed.stderr


def test_the_environment_does_not_lead_elsewhere(project: Path) -> None:
    """PGHOST and its kind are set on many machines."""
    misleading = {"PGHOST": "192.0.2.1", "PGHOSTADDR": "192.0.2.1", "PGPORT": "1", "PGUSER": "x", "PGDATABASE": "y"}
    said = succeed(project, "psql", "-AtX", "-c", "SELECT current_user", environment=misleading)
    assert said == "postgres\n"


def test_the_status_is_json_when_asked_for(project: Path) -> None:
    """With the same names, running or not."""
    before = json.loads(succeed(project, "status", "--json"))
    succeed(project, "start")
    after = json.loads(succeed(project, "status", "--json"))
    assert before.keys() == after.keys()
    assert (before["running"], after["running"]) == (False, True)
    assert before["url"] is None
    assert after["postgres_version"] == 18
    assert after["url"] == succeed(project, "url").strip()


def test_the_version_of_a_new_server_can_be_chosen(project: Path) -> None:
    """And a version that is not installed ends with 6 and the hint."""
    assert "PostgreSQL 16 started" in succeed(project, "start", "--postgres-version", "16")
    succeed(project, "reset", "--yes")
    failed = codezest(project, "start", "--postgres-version", "99")
    assert failed.returncode == 6
    assert "no PostgreSQL 99 is installed" in failed.stderr
    assert "Traceback" not in failed.stderr


def test_tcp_is_opened_by_a_port_and_reached_with_the_url_for_it(project: Path, unused_port: int) -> None:
    """For tools that know no unix sockets."""
    refused = codezest(project, "url", "--tcp")
    assert refused.returncode == 6
    assert "db start --port" in refused.stderr
    started = succeed(project, "start", "--port", str(unused_port))
    url = succeed(project, "url", "--tcp").strip()
    assert url.startswith("postgresql://postgres:")
    assert url not in started
    with psycopg.connect(url) as connection:
        assert connection.execute("SELECT inet_server_port()").fetchone() == (unused_port,)


@pytest.mark.parametrize("port", ["0", "65536", "x"])
def test_an_impossible_port_is_a_mistake_of_usage(port: str, project: Path) -> None:
    """Exit code 2."""
    assert codezest(project, "start", "--port", port).returncode == 2


def test_reset_deletes_nothing_where_nobody_can_be_asked(project: Path) -> None:
    """In a script it needs --yes."""
    succeed(project, "start")
    failed = codezest(project, "reset")
    assert failed.returncode == 2
    assert "--yes" in failed.stderr
    assert embedded_server.status(project).running


def test_a_folder_below_the_projects_root_means_the_same_server(project: Path) -> None:
    """The root is where pyproject.toml has a table for this tool."""
    (project / "pyproject.toml").write_text("[tool.codezest-sql]\n")
    below = project / "src" / "app"
    below.mkdir(parents=True)
    assert succeed(below, "url") == succeed(project, "url")
    assert not (below / ".codezest").exists()
