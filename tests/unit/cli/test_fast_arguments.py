"""A command line that is read without Typer means what it means to Typer: same function, same values."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codezest_sql.cli import app, shared_commands
from codezest_sql.cli.fast_arguments import read_plain, run_plain
from codezest_sql.cli.main import COMPLETION, run
from tests.patience import PATIENCE
from tests.projects import Project
from tests.randomised import examples

if TYPE_CHECKING:
    from collections.abc import Sequence

URL = "postgresql://nobody@localhost/nowhere"
PLAIN: tuple[tuple[str, ...], ...] = (
    (),
    ("up",),
    ("status",),
    ("--json",),
    ("--wait", "3s", "--migrations", "x y", "--database-url", URL, "--json"),
    (f"--database-url={URL}", "--migrations=a=b"),
    ("up", "--to", "0001", "--dry-run"),
    ("up", "--plan=0123456789ab", "--allow-out-of-order", "--wait=1min"),
    ("status", "--check", "--json", "--schema", "t 1"),
    ("up", "--schema=app", "--dry-run"),
    ("--bundled",),
    ("up", "--bundled", "--dry-run"),
    ("status", "--json", "--bundled"),
    ("status", "--json", "--migrations", "./é", "--check", f"--database-url={URL}"),
)
NOT_PLAIN: tuple[tuple[str, ...], ...] = (
    ("--help",),
    ("up", "-h"),
    ("down",),
    ("upp",),
    ("plan",),
    ("up", "status"),
    ("--json", "up"),
    ("--migrations", "x", "status"),
    ("up", "extra"),
    ("up", "--"),
    ("up", "--too", "x"),
    ("up", "--json=yes"),
    ("up", "--to"),
    ("up", "--to", ""),
    ("up", "--schema"),
    ("--schema", "app", "status"),
    ("up", "--to="),
    ("up", "--to", "--json"),
    ("up", "--to", "a", "--to", "b"),
    ("up", "--json", "--json"),
    ("up", "--check"),
    ("status", "--wait", "1s"),
    ("--to", "0001"),
    ("--bundled", "up"),
    ("up", "--bundled", "--bundled"),
    ("up", "--bundled=yes"),
    ("down", "--bundled"),
    ("new", "x", "--bundled"),
)


@pytest.mark.parametrize("words", PLAIN, ids=" ".join)
def test_a_plain_command_line_means_what_it_means_to_typer(
    monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    assert read_plain(("migrate", *words)) is not None
    assert_the_same(monkeypatch, ("migrate", *words))


@pytest.mark.parametrize("words", NOT_PLAIN, ids=" ".join)
def test_anything_else_is_left_to_typer(words: tuple[str, ...]) -> None:
    assert read_plain(("migrate", *words)) is None


@pytest.mark.parametrize(
    "words",
    [
        ("check",),
        ("check", "--json"),
        ("check", "--bundled", "--offline"),
        ("check", "--offline", "--annotations", "--queries", "x y", "--migrations=é"),
    ],
    ids=" ".join,
)
def test_a_plain_check_means_what_it_means_to_typer(monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]) -> None:
    assert read_plain(words) is not None
    assert_the_same(monkeypatch, words)


@pytest.mark.parametrize("words", [(), ("--version",), ("db", "start"), ("partitions",), ("--json", "migrate")])
def test_other_commands_are_left_to_typer(words: tuple[str, ...]) -> None:
    assert read_plain(words) is None


WORDS = (
    *("up", "status", "down", "x", "-x", "", "--"),
    *("--json", "--check", "--dry-run", "--allow-out-of-order", "--bundled"),
    *("--to", "--to=x", "--plan", "--wait", "--wait=1s", "--migrations", "--migrations=d"),
    *("--database-url", f"--database-url={URL}"),
)


@examples(3)
@given(st.lists(st.sampled_from(WORDS), max_size=6))
def test_what_is_read_at_all_is_read_as_by_typer(words: list[str]) -> None:
    """Whatever is typed: either Typer reads it, or it is read the same."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        if read_plain(("migrate", *words)) is not None:
            assert_the_same(monkeypatch, ("migrate", *words))


def assert_the_same(monkeypatch: pytest.MonkeyPatch, words: Sequence[str]) -> None:
    """Both ways call the same function with the same values, once, and return what it returns."""
    calls: list[tuple[str, dict[str, Any]]] = []
    for name in ("up", "status", "check"):

        def body(name: str = name, **values: Any) -> int:
            for folder in {"migrations", "queries"} & values.keys():
                values[folder] = None if values[folder] is None else Path(values[folder])
            calls.append((name, values))
            return 3

        monkeypatch.setattr(shared_commands, name, body)
    plain = read_plain(words)
    assert plain is not None
    assert run_plain(plain) == 3
    assert app.run_app(words) == 3
    assert len(calls) == 2
    assert calls[0] == calls[1]


def test_a_plain_run_loads_no_typer(tmp_path: Path) -> None:
    """Its import would be a sixth of a run that finds nothing to do; an unusable folder ends this one."""
    program = (
        "import sys; from codezest_sql.cli.main import run; "
        "assert run(['migrate', '--migrations', 'nowhere']) == 7; "
        "print({'typer', 'click', 'yoyo'} & {*sys.modules})"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.stdout == "set()\n", done.stderr
    assert "error: the migrations folder nowhere does not exist" in done.stderr


def test_a_shell_that_asks_for_completions_is_answered_by_typer(tmp_path: Path) -> None:
    """The words of the command line are then not a command to run."""
    done = subprocess.run(
        [sys.executable, "-m", "codezest_sql", "migrate"],
        cwd=tmp_path,
        env={**os.environ, COMPLETION: "complete_bash", "COMP_WORDS": "codezest-sql migrate u", "COMP_CWORD": "2"},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.stdout.split() == ["up"]


def test_a_wrong_value_is_told_the_same_way(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    outcome = Project(tmp_path).run("migrate", "--wait", "soon")
    assert outcome.code == 2
    assert "--wait: 'soon' is not a duration" in outcome.err
    assert run(["migrate", "--wait", "soon", "--wait", "soon"]) == 2
    assert capsys.readouterr().err == outcome.err
