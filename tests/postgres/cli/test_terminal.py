"""On a terminal: the question before a rollback, the line that is rewritten; and a reader that goes away."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from tests.patience import PATIENCE
from tests.projects import Project, applied

if TYPE_CHECKING:
    from pathlib import Path

COMMAND = [sys.executable, "-m", "codezest_sql", "migrate"]


# In the child: take stdin for the terminal that Ctrl-C comes from, then become the command. Without a fork of this
# process, which has threads.
TAKE_TERMINAL = (
    "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"
)


def on_a_terminal(project: Project, *words: str, question: str = "", answer: bytes = b"") -> tuple[int, str]:
    """Run a command on a terminal of its own, type ``answer`` after ``question``; return its code and output."""
    assert project.url
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *COMMAND, *words],
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": project.url, "TERM": "xterm"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    os.close(theirs)
    shown = b""
    try:
        while select.select([ours], [], [], PATIENCE)[0]:
            try:
                data = os.read(ours, 4096)
            except OSError:  # EIO: the other end is closed
                break
            shown += data
            if answer and question in shown.decode(errors="replace"):
                # Nobody types faster; a Ctrl-C between Python's last look at signals and its read would be lost.
                time.sleep(0.3)
                os.write(ours, answer)
                answer = b""
        else:
            process.kill()
    finally:
        os.close(ours)
        code = process.wait(timeout=PATIENCE)
    return code, shown.decode().replace("\r\n", "\n")


@pytest.fixture
def project(tmp_path: Path, database: str) -> Project:
    """Return a project with one migration, not applied."""
    found = Project(tmp_path, database)
    found.write_all({"0001_a.sql": "CREATE TABLE a (x int);", "0001_a.rollback.sql": "DROP TABLE a;"})
    return found


@pytest.mark.parametrize(("answer", "code"), [(b"n\n", 1), (b"\n", 1), (b"\x04", 1), (b"y\n", 0), (b"\x03", 130)])
def test_a_rollback_asks_and_only_a_yes_is_one(project: Project, database: str, answer: bytes, code: int) -> None:
    """No, an empty answer and the end of input leave everything; Ctrl-C does as well."""
    project.succeed()
    found, shown = on_a_terminal(project, "down", question="[y/N]: ", answer=answer)
    assert "Roll back 0001_a on " in shown
    assert found == code, shown
    assert applied(database) == ([] if code == 0 else ["0001_a"])
    if code == 1:
        assert "error: not confirmed: nothing was done" in shown


def test_a_terminal_sees_what_runs_and_then_that_it_is_done(project: Project, database: str) -> None:
    code, shown = on_a_terminal(project)
    assert code == 0
    assert shown.startswith("  … up   0001_a\r\x1b[2K  ✓ applied 0001_a (")
    assert applied(database) == ["0001_a"]


def test_a_failure_leaves_no_half_written_line(project: Project) -> None:
    project.write("0001_a.sql", "SELECT 1 / 0;")
    code, shown = on_a_terminal(project)
    assert code == 1
    assert shown.startswith("  … up   0001_a\r\x1b[2Kmigrations/0001_a.sql:1:1: error: division by zero")


@pytest.mark.parametrize("reader", ["head -n 1", "true"])
def test_a_reader_that_goes_away_does_not_stop_the_run(project: Project, database: str, reader: str) -> None:
    """``migrate | head`` must not leave half of the migrations out, and state that all is well."""
    names = ["0001_a", *(f"{number:04}_x" for number in range(2, 40))]
    project.write_all({f"{name}.sql": "SELECT pg_sleep(0.002);" for name in names[1:]})
    assert project.url
    command = " ".join(f"'{word}'" for word in COMMAND)
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", f"{command} | {reader}"],
        cwd=project.root,
        env={**os.environ, "DATABASE_URL": project.url},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert applied(database) == names


def test_what_a_server_says_moves_no_cursor(project: Project) -> None:
    """A NOTICE, an error and its source line may hold what a terminal obeys: escape sequences, a new direction."""
    project.write("0001_a.sql", "DO $$ BEGIN RAISE NOTICE E'\\x1b[2Jgone\\u202e\\r!'; END $$;")
    code, shown = on_a_terminal(project)
    assert code == 0
    assert "notice: \\x1b[2Jgone\\u202e\\r!" in shown
    project.write("0002_b.sql", "SELECT '\x1b]0;title\x07';\nDO $$ BEGIN RAISE EXCEPTION E'\\x1b[31mred'; END $$;")
    code, shown = on_a_terminal(project)
    assert code == 1
    assert "\\x1b[31mred" in shown
    assert "\x1b[31m" not in shown
    project.write("0002_b.sql", "SELECT '\x1b]0;title\x07' nonsense here;")
    code, shown = on_a_terminal(project)
    assert code == 1
    assert "\x1b]0" not in shown
