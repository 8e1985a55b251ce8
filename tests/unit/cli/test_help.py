"""What the command line says on its own, how fast it starts, and how it takes a wrong word."""

from __future__ import annotations

import json
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from typer.main import get_command

import codezest_sql
from codezest_sql.cli.app import app
from tests.paths import ROOT
from tests.patience import PATIENCE
from tests.projects import Project

if TYPE_CHECKING:
    from collections.abc import Iterator


def commands(command: Any, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Yield (words, command) of a command and of all below it that the help lists."""
    yield words, command
    for name, inner in getattr(command, "commands", {}).items():
        if not inner.hidden:
            yield from commands(inner, (*words, name))


COMMANDS = dict(commands(get_command(app)))
# What needs no database has no option for one.
WITHOUT_DATABASE = {("migrate", "new"), ("migrate", "hash")}
MIGRATE = [words for words in COMMANDS if words[:1] == ("migrate",)]


def python(*words: str, cwd: Path, environment: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *words],
        cwd=cwd,
        env={**os.environ, **(environment or {})},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


HEAVY = {"psycopg", "psycopg_pool", "yoyo", "sqlparse", "sqlfluff", "rich", "dotenv", "asyncio", "pydantic"}


def label(value: object) -> str | None:
    return " ".join(value) or "codezest-sql" if isinstance(value, tuple) else None


@pytest.mark.parametrize("words", COMMANDS, ids=label)
def test_every_command_has_a_help_with_an_example(tmp_path: Path, words: tuple[str, ...]) -> None:
    outcome = Project(tmp_path).run(*words, "--help")
    assert outcome.code == 0
    assert outcome.out.startswith(f"Usage: {' '.join(('codezest-sql', *words))} ")
    example = " ".join(outcome.out.partition("\n  Example: ")[2].split())
    assert f"codezest-sql {' '.join(words)}".strip() in example
    assert not outcome.err


@pytest.mark.parametrize("words", COMMANDS, ids=label)
def test_every_option_is_explained(words: tuple[str, ...]) -> None:
    for parameter in COMMANDS[words].params:
        assert getattr(parameter, "help", None), parameter.name


@pytest.mark.parametrize("words", MIGRATE, ids=label)
def test_every_migrate_command_takes_a_folder_and_a_database(words: tuple[str, ...]) -> None:
    options = {option for parameter in COMMANDS[words].params for option in parameter.opts}
    assert "--migrations" in options
    assert ("--database-url" in options) is (words not in WITHOUT_DATABASE)


@pytest.mark.parametrize("words", MIGRATE, ids=label)
def test_every_migrate_command_that_reports_can_do_so_as_json(words: tuple[str, ...]) -> None:
    options = {option for parameter in COMMANDS[words].params for option in parameter.opts}
    # What a dump prints is SQL itself, no report.
    assert ("--json" in options) is (words not in {*WITHOUT_DATABASE, ("migrate", "dump")})


def test_the_version_is_the_packages(tmp_path: Path) -> None:
    outcome = Project(tmp_path).run("--version")
    assert (outcome.code, outcome.out) == (0, f"codezest-sql {codezest_sql.__version__}\n")


def test_alone_it_shows_its_help(tmp_path: Path) -> None:
    """To find out what a tool does must not migrate anything."""
    outcome = Project(tmp_path).run()
    assert "Usage: codezest-sql" in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("migrat",), "No such command 'migrat'"),
        (("migrate", "upp"), "No such command 'upp'"),
        (("migrate", "up", "--too", "x"), "No such option: --too"),
        (("migrate", "up", "extra"), "Got unexpected extra argument"),
        (("migrate", "up", "--to"), "Option '--to' requires an argument"),
        (("migrate", "new"), "Missing argument 'TITLE'"),
        (("migrate", "down", "--steps", "0"), "0 is not in the range x>=1"),
        (("migrate", "down", "--steps", "one"), "'one' is not a valid int"),
        (("migrate", "down", "--steps", "1", "--to", "x"), "--steps and --to exclude each other"),
        (("migrate", "repair", "--done", "--again"), "--done and --again exclude each other"),
        (("migrate", "--json", "status"), "--json has no effect before the name of a command"),
        (("migrate", "--wait", "1s", "up"), "--wait has no effect before the name of a command"),
        (("migrate", "--wait", "soon"), "--wait: 'soon' is not a duration"),
    ],
)
def test_a_wrong_word_is_told_and_exits_with_2(tmp_path: Path, words: tuple[str, ...], told: str) -> None:
    outcome = Project(tmp_path).run(*words)
    assert outcome.code == 2
    assert told in outcome.err
    assert not outcome.out or outcome.json["exit_code"] == 2


@pytest.mark.parametrize(
    "words", [("migrate", "up", "--nope", "--json"), ("migrate", "down", "--json", "--steps", "0")]
)
def test_a_wrong_word_is_told_as_json_where_json_was_asked_for(tmp_path: Path, words: tuple[str, ...]) -> None:
    outcome = Project(tmp_path).run(*words)
    assert outcome.code == 2
    assert outcome.json["exit_code"] == 2
    (error,) = outcome.json["errors"]
    assert error["code"] == "usage"
    assert error["message"]
    assert outcome.err


def test_a_title_that_reads_json_does_not_ask_for_it(tmp_path: Path) -> None:
    """What follows -- is no option."""
    outcome = Project(tmp_path).run("migrate", "new", "--migrations", "/proc/nowhere", "--", "--json")
    assert outcome.code == 7
    assert not outcome.out


@pytest.mark.parametrize(
    "words", [("--help",), ("migrate", "--help"), ("migrate", "up", "--help"), ("--version",)], ids=label
)
def test_help_loads_neither_a_driver_nor_a_linter(tmp_path: Path, words: tuple[str, ...]) -> None:
    """They cost a tenth of a second and more, which a person feels with each TAB of the completion."""
    program = "\n".join(
        [
            "import sys",
            "from codezest_sql.cli.main import run",
            f"assert run({list(words)!r}) == 0",
            f"heavy = {HEAVY!r}",
            "print(sorted(heavy & {name.partition('.')[0] for name in sys.modules}), file=sys.stderr)",
        ]
    )
    assert python("-c", program, cwd=tmp_path).stderr == "[]\n"


def test_an_application_that_imports_the_package_loads_no_command_line(tmp_path: Path) -> None:
    program = "import sys, codezest_sql; print({'typer', 'yoyo', 'psycopg'} & {*sys.modules})"
    assert python("-c", program, cwd=tmp_path).stdout == "set()\n"


@pytest.mark.parametrize("start", [["-m", "codezest_sql"], [str(ROOT / "cli.py")]], ids=["module", "cli.py"])
def test_every_way_to_start_it_is_the_same_program(tmp_path: Path, start: list[str]) -> None:
    """``python cli.py …`` in a checkout and ``python -m codezest_sql …`` are ``codezest-sql …``."""
    script = Path(sys.executable).parent / "codezest-sql"
    expected = subprocess.run([script, "migrate", "--help"], cwd=tmp_path, capture_output=True, text=True, check=True)
    done = python(*start, "migrate", "--help", cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, expected.stdout, expected.stderr)
    assert python(*start, "nope", cwd=tmp_path).returncode == 2


@pytest.mark.parametrize(
    ("shell", "mark"), [("bash", "complete -o"), ("zsh", "#compdef codezest-sql"), ("fish", "complete ")]
)
def test_a_completion_script_is_printed_for_each_shell(tmp_path: Path, shell: str, mark: str) -> None:
    done = python("-m", "codezest_sql", cwd=tmp_path, environment={"_CODEZEST_SQL_COMPLETE": f"source_{shell}"})
    assert done.returncode == 0
    assert mark in done.stdout
    assert "codezest-sql" in done.stdout


def test_the_completion_knows_the_commands(tmp_path: Path) -> None:
    done = python(
        "-m",
        "codezest_sql",
        cwd=tmp_path,
        environment={
            "_CODEZEST_SQL_COMPLETE": "complete_bash",
            "COMP_WORDS": "codezest-sql migrate st",
            "COMP_CWORD": "2",
        },
    )
    assert done.stdout.split() == ["status"]


def test_show_completion_prints_a_script(tmp_path: Path) -> None:
    """It looks at the processes above it for a shell; a test may have none."""
    done = subprocess.run(
        ["bash", "-c", f"{shlex.quote(sys.executable)} -m codezest_sql --show-completion; exit $?"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "codezest_sql_completion" in done.stdout


# --- terminals, pipes and shells ---------------------------------------------------------------------------------


def test_an_encoding_without_the_characters_of_a_message_does_not_break_it(tmp_path: Path) -> None:
    Project(tmp_path).write("0001_日本 x.sql", "")
    for encoding in ("ascii", "latin-1"):
        environment = {"PYTHONIOENCODING": f"{encoding}:strict"}
        done = python("-m", "codezest_sql", "migrate", "plan", cwd=tmp_path, environment=environment)
        assert done.returncode == 7
        assert " x.sql: error:" in done.stderr


@pytest.mark.parametrize("encoding", ["ascii:strict", "latin-1:strict", "utf-8:strict"])
def test_json_is_json_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    """Also with a file name that is not UTF-8, as a disk from another age has them."""
    project = Project(tmp_path)
    (project.migrations / os.fsdecode(b"0001_caf\xe9 \xc3\xa9.sql")).write_text("")
    done = subprocess.run(
        [sys.executable, "-m", "codezest_sql", "migrate", "plan", "--json"],
        cwd=tmp_path,
        env={**os.environ, "PYTHONIOENCODING": encoding},
        capture_output=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 7
    (error,) = json.loads(done.stdout)["errors"]
    assert error["file"] == "migrations/0001_caf\udce9 é.sql"


@pytest.mark.parametrize(
    "redirection", [">&-", "2>&-", "<&-", ">&- 2>&-", ">/dev/full"], ids=["out", "err", "in", "both", "full"]
)
def test_a_closed_or_full_stream_is_no_bug(tmp_path: Path, redirection: str) -> None:
    """Such as cron gives, or a disk."""
    if redirection == ">/dev/full" and not Path("/dev/full").exists():
        pytest.skip("no /dev/full on this system")
    Project(tmp_path)
    done = subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m codezest_sql migrate plan --json {redirection}"],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 7, done.stderr
    assert "Traceback" not in done.stderr
    assert not list(tmp_path.glob("codezest-sql-bug-*"))


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_a_result_that_cannot_be_written_is_a_failure(tmp_path: Path) -> None:
    done = subprocess.run(
        ["sh", "-c", f"{shlex.quote(sys.executable)} -m codezest_sql --version >/dev/full"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    hint = "  hint: perhaps the output could not be written\n"
    assert (done.returncode, done.stderr) == (1, f"error: No space left on device [error]\n{hint}")


def test_a_working_folder_that_is_gone_is_told(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    command = f"cd '{gone}' && rmdir '{gone}' && {shlex.quote(sys.executable)} -m codezest_sql migrate status"
    environment = {**os.environ, "PYTHONSAFEPATH": "1"}
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, timeout=PATIENCE, check=False, env=environment
    )
    assert done.returncode == 7
    assert "the working folder does not exist any more" in done.stderr


def test_what_psycopg_tells_its_log_is_not_printed_beside_our_errors(tmp_path: Path) -> None:
    program = (
        "import logging, codezest_sql.postgres.connection;"
        "logging.getLogger('psycopg').warning('error ignored');"
        "logging.getLogger('another').warning('this is printed')"
    )
    assert python("-c", program, cwd=tmp_path).stderr == "this is printed\n"


def test_other_projects_do_not_see_the_commands_of_the_platform(tmp_path: Path) -> None:
    inside = python("-m", "codezest_sql", "--help", cwd=ROOT).stdout
    outside = python("-m", "codezest_sql", "--help", cwd=tmp_path).stdout
    assert "\n  platform " in inside
    assert "platform" not in outside
    assert python("-m", "codezest_sql", "platform", "demo", "--help", cwd=tmp_path).returncode == 0
