"""Every command line in README.md and docs/ is run, and prints what the document says.

``make docs`` (UPDATE_DOCS=1) writes what was printed into the documents instead: read it before you commit it.
"""

from __future__ import annotations

import itertools
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from codezest_sql.cli.pages.commands import commands
from codezest_sql.errors import ExitCode
from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.project_server import ProjectServer
from codezest_sql.postgres.url import describe_url
from tests.conftest import create_database, drop_database
from tests.docs_sessions import (
    EXAMPLE_HOST,
    EXAMPLE_URL,
    Command,
    File,
    Session,
    difference,
    matches,
    sessions,
    with_output,
)
from tests.paths import ROOT
from tests.patience import PATIENCE

if TYPE_CHECKING:
    import re
    from collections.abc import Iterator

    from tests.conftest import Server

DOCUMENTS = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))
UPDATE = bool(os.environ.get("UPDATE_DOCS"))
SESSIONS = tuple(
    session
    for document in DOCUMENTS
    for session in sessions(document.read_text("utf-8"), document=str(document.relative_to(ROOT)))
)
REFUSED = {
    # Nothing is open in a database where every migration succeeded.
    "codezest-sql migrate repair --done": ExitCode.USAGE,
    # --yes names the database of the example; that of the checkout has another name.
    "codezest-sql db drop --yes app_test": ExitCode.USAGE,
}
# Makes a checkout the clone of a repository, for the examples that compare it with what was released.
PUSHED = (
    "git init --quiet && git add . && git -c user.name=Someone -c user.email=someone@example.com"
    " commit --quiet --message Release && git update-ref refs/remotes/origin/main HEAD"
)

_numbers = itertools.count(1)


class Shell:
    """Runs commands in a folder of their own, as a person would who reads the document."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.folder = folder
        self._server = server
        self._databases: dict[str, str] = {}
        self._exports = ""
        self._status = 0

    def run(self, command: str) -> tuple[int, tuple[str, ...]]:
        """Run one command line in sh; return its exit code and the lines of both streams, as they came."""
        command = EXAMPLE_URL.sub(self._real_url, command)
        done = subprocess.run(
            ["sh", "-c", f"{self._exports}(exit {self._status})\n{command}"],
            cwd=self.folder,
            env=self._environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        self._status = done.returncode
        if command.startswith("export "):
            self._exports += f"{command}\n"
        return done.returncode, tuple(self._neutral(done.stdout).splitlines())

    def write(self, file: File) -> None:
        """Write what the document tells the reader to write."""
        path = self.folder / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a" if file.append else "w", encoding="utf-8") as opened:
            opened.write(file.text)

    def drop_databases(self) -> None:
        """Drop the databases that the commands worked on."""
        for name in self._databases.values():
            drop_database(self._server, name)

    def _real_url(self, match: re.Match[str]) -> str:
        """Return the URL of a database of our own for one on the host of the examples; made at its first mention."""
        driver, name = match.groups(default="")
        if name not in self._databases:
            self._databases[name] = f"docs_{os.getpid()}_{next(_numbers)}"
            create_database(self._server, self._databases[name])
        real = self._server.url(self._databases[name])
        return shlex.quote(real.replace("postgresql://", f"postgresql{driver}://", 1))

    def _neutral(self, text: str) -> str:
        """Return what was printed without the paths of this machine and the addresses of its databases."""
        for name, real in self._databases.items():
            text = text.replace(describe_url(self._server.url(real)), f"{name} on {EXAMPLE_HOST}")
        return text.replace(str(self.folder), "…")

    def _environment(self) -> dict[str, str]:
        """Return an environment with codezest-sql and a psql, and without that of a make that runs the tests."""
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
        programs = f"{Path(sys.executable).parent}:{find_binaries().bindir}"
        return {**inherited, "PATH": f"{programs}:{os.environ['PATH']}", "TZ": "UTC"}


def copy_checkout(folder: Path) -> None:
    """Make a checkout of what ``make migrate`` needs, with a program that means the one of ``make setup``."""
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, folder)
    shutil.copytree(ROOT / "sql", folder / "sql")
    # The generated code is inside the package: the whole of it, since `python -m` finds the copy first.
    shutil.copytree(ROOT / "codezest_sql", folder / "codezest_sql", ignore=shutil.ignore_patterns("__pycache__"))
    programs = folder / ".venv" / "bin"
    programs.mkdir(parents=True)
    program = programs / "codezest-sql"
    program.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m codezest_sql "$@"\n')
    program.chmod(0o755)
    (folder / ".venv" / ".ready").touch()


@pytest.fixture
def shell(server: Server) -> Iterator[Shell]:
    """Make an empty folder and a shell in it; its embedded server, if a command starts one, is stopped afterwards."""
    with ExitStack() as stack:
        # A short path: the folder of the socket is inside, as the documents show it.
        outside = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="docs-", dir="/tmp")))
        folder = outside / "project"
        folder.mkdir()
        stack.callback(ProjectServer(folder).stop)
        found = Shell(folder, server)
        stack.callback(found.drop_databases)
        yield found


@pytest.mark.parametrize("session", SESSIONS, ids=lambda session: f"{session.document}:{session.title}")
def test_each_command_line_of_the_documents_prints_what_they_say(session: Session, shell: Shell) -> None:
    if session.kind == "checkout":
        copy_checkout(shell.folder)
    printed: dict[int, tuple[str, ...]] = {}
    failed: tuple[Command, int] | None = None
    for number, step in enumerate(session.steps):
        if isinstance(step, File):
            shell.write(step)
            continue
        if failed and step.text != "echo $?":
            break
        status, output = shell.run(step.text)
        failed = (step, status) if status else None
        if not matches(step.output, output):
            printed[number] = output
            if not UPDATE:
                pytest.fail(
                    f"{session.document}:{step.line}: $ {step.text}\n{difference(step.output, output)}", pytrace=False
                )
    if printed:
        accept(session, printed)
    if failed:
        command, status = failed
        pytest.fail(
            f"{session.document}:{command.line}: exit code {status} of: {command.text}\n"
            "a command that fails is followed by: $ echo $?",
            pytrace=False,
        )


def accept(session: Session, printed: dict[int, tuple[str, ...]]) -> None:
    """Write what was printed into the document, from the end of the session on: lines above keep their numbers."""
    path = ROOT / session.document
    text = path.read_text("utf-8")
    # Sessions before this one may have moved its lines meanwhile.
    steps = sessions(text, document=session.document)[session.number].steps
    for number, output in sorted(printed.items(), reverse=True):
        command = steps[number]
        assert isinstance(command, Command)
        text = with_output(text, command, output)
    path.write_text(text, "utf-8")


def test_the_example_of_every_command_works(shell: Shell, unused_port: int) -> None:
    """What ``--help`` shows as an example can be typed as it is."""
    copy_checkout(shell.folder)
    status, output = shell.run(f"{PUSHED} && codezest-sql migrate")
    assert status == 0, output
    wrong = []
    for command in commands():
        if command.name == "codezest-sql db start":
            shell.run("codezest-sql db stop")
        if command.name == "codezest-sql db create":
            shell.drop_databases()
        example = command.example.replace("postgresql://me@localhost/", "postgresql://deploy@db.example.com/")
        status, output = shell.run(example.replace("5432", str(unused_port)))
        if status != REFUSED.get(command.example, ExitCode.DONE):
            wrong.append((command.example, status, output))
    assert wrong == []
