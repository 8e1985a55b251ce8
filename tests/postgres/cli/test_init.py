"""``init``: what it writes works for real, what is there stays, and a failure leaves nothing behind."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml  # type: ignore[import-untyped]

from codezest_sql.actions.project.atomic_write import AllOrNothing
from codezest_sql.errors import FolderError
from tests.paths import ROOT
from tests.projects import Outcome, Project, applied, execute, git

if TYPE_CHECKING:
    from collections.abc import Iterator

MIGRATION = "sql/migrations/0001_create_notes.sql"
ALL = [
    "pyproject.toml",
    MIGRATION,
    "sql/migrations/0001_create_notes.rollback.sql",
    "sql/migrations/migrations.sum",
    "sql/queries/notes.sql",
    ".sqlfluff",
    ".github/workflows/sql.yml",
    ".env.example",
    ".gitignore",
]
TABLE = '[tool.codezest-sql]\nmigrations = "sql/migrations"\nqueries = "sql/queries"\noutput = "db"\n'


@pytest.fixture
def empty(tmp_path: Path) -> Project:
    """Return an empty folder."""
    found = Project(tmp_path)
    (tmp_path / "pyproject.toml").unlink()
    found.migrations.rmdir()
    return found


def init(project: Project, *words: str, code: int = 0) -> Outcome:
    outcome = project.run("init", *words)
    assert outcome.code == code, outcome.err + outcome.out
    return outcome


def refused(project: Project, code: int, *words: str) -> str:
    """Return what ``init`` says when it refuses; it leaves the folder as it was."""
    before = snapshot(project.root)
    told = init(project, *words, code=code).err
    assert snapshot(project.root) == before
    return told


def snapshot(root: Path) -> dict[str, bytes | None]:
    return {str(path.relative_to(root)): path.read_bytes() if path.is_file() else None for path in root.rglob("*")}


@pytest.fixture
def sqlfluff() -> Path:
    return Path(sys.executable).with_name("sqlfluff")


def test_a_new_project_migrates_proves_its_rollback_and_lints(empty: Project, database: str, sqlfluff: Path) -> None:
    outcome = init(empty)
    assert outcome.out.splitlines() == [
        *(f"wrote  {name}" for name in ALL),
        "next:",
        "  codezest-sql migrate",
        "  codezest-sql generate",
        "  codezest-sql migrate new 'what changes'",
    ]
    assert {name for name, content in snapshot(empty.root).items() if content is not None} == {*ALL}
    empty.url = database
    empty.succeed()
    assert applied(database) == ["0001_create_notes"]
    assert empty.succeed("test").out.endswith(
        "proved: 1 migration goes up, down and up again on a temporary server\n"
    )
    done = subprocess.run(
        [sqlfluff, "lint", "--processes", "1", "sql"], cwd=empty.root, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    linted = empty.run("lint", "--strict")
    assert linted.code == 0, linted.out + linted.err
    git(empty.root, "init", "--quiet")
    git(empty.root, "add", ".")
    git(empty.root, "commit", "--quiet", "--message", "begin")
    reviewed = empty.run("review", "--base", "HEAD", "--strict")
    assert reviewed.code == 0, reviewed.out + reviewed.err
    empty.succeed("new", "what changes")
    assert (empty.root / "sql/migrations/0002_what_changes.sql").exists()


def test_the_queries_run_on_the_table_of_the_migration(empty: Project, database: str) -> None:
    """Each is prepared on the server, its named parameters as numbered ones; its name and kind are those of sqlc."""
    init(empty)
    empty.url = database
    empty.succeed()
    text = (empty.root / "sql/queries/notes.sql").read_text("utf-8")
    queries = re.split(r"(?m)^-- name: ", text)[1:]
    assert len(queries) == 5
    for query in queries:
        assert re.match(r"[a-z_]+ :(one|opt|many|exec|execrows)\n-- ", query)
        body = query.partition("\n")[2].partition("\n")[2]
        for number, name in enumerate(dict.fromkeys(re.findall(r":([a-z]+)", body)), start=1):
            body = body.replace(f":{name}", f"${number}")
        execute(database, f"PREPARE q AS {body} DEALLOCATE q;")


def test_a_second_run_keeps_everything(empty: Project) -> None:
    init(empty)
    before = snapshot(empty.root)
    outcome = init(empty)
    kept = ["pyproject.toml", "sql/migrations", "sql/queries", *ALL[5:]]
    assert outcome.out.splitlines()[: len(kept)] == [f"kept  {name}" for name in kept]
    assert "wrote" not in outcome.out
    assert snapshot(empty.root) == before


def test_the_report_as_json(empty: Project) -> None:
    (empty.root / ".gitignore").write_text("dist/\n", "utf-8")
    report = init(empty, "--json", "--ci", "none").json
    assert report["root"] == str(empty.root)
    assert {"path": "pyproject.toml", "state": "wrote"} in report["files"]
    assert {"path": ".gitignore", "state": "added"} in report["files"]
    assert report["next"] == [
        "codezest-sql migrate",
        "codezest-sql generate",
        "codezest-sql migrate new 'what changes'",
    ]
    assert not (empty.root / ".github").exists()
    assert {file["state"] for file in init(empty, "--json", "--ci", "none").json["files"]} == {"kept"}


@pytest.mark.parametrize(("ci", "file"), [("github", ".github/workflows/sql.yml"), ("gitlab", ".gitlab-ci.yml")])
def test_the_file_for_ci_calls_what_there_is(empty: Project, ci: str, file: str) -> None:
    """With the versions of actions that this repository uses itself."""
    init(empty, "--ci", ci)
    text = (empty.root / file).read_text("utf-8")
    assert yaml.safe_load(text)
    commands = re.findall(r"(?m)^ +- (?:run: )?((?:pip|sqlfluff|codezest-sql|if) .*)$", text)
    base = {"github": '"origin/$GITHUB_BASE_REF" --format github', "gitlab": '"$CI_MERGE_REQUEST_DIFF_BASE_SHA"'}[ci]
    review = f"codezest-sql review --base {base}"
    assert commands == [
        'pip install "codezest-sql[embedded,lint]"',
        "codezest-sql lint" + (" --format github" if ci == "github" else ""),
        "codezest-sql migrate test --frozen",
        "codezest-sql check",
        "codezest-sql generate --check",
        review if ci == "github" else f'if [ -n "$CI_MERGE_REQUEST_DIFF_BASE_SHA" ]; then {review}; fi',
    ]
    ours = (ROOT / ".github" / "workflows" / "ci.yml").read_text("utf-8")
    assert set(re.findall(r"uses: (\S+)", text)) <= set(re.findall(r"uses: (\S+)", ours))


def test_a_folder_is_made_and_named_in_the_next_command(empty: Project) -> None:
    outcome = init(empty, "my shop/db")
    assert "wrote  my shop/db/pyproject.toml\n" in outcome.out
    assert "  cd 'my shop/db' && codezest-sql migrate\n" in outcome.out
    assert (empty.root / "my shop" / "db" / MIGRATION).exists()


@pytest.mark.parametrize("before", [b"", b"[project]\nname = 'x'\n", b"[a]", b"# \xc3\xa9\r\n[a]\r\nb = 1\r\n"])
def test_an_existing_pyproject_toml_is_only_added_to(empty: Project, before: bytes) -> None:
    file = empty.root / "pyproject.toml"
    file.write_bytes(before)
    file.chmod(0o640)
    assert "added to  pyproject.toml\n" in init(empty).out
    after = file.read_bytes()
    assert after.startswith(before)
    assert tomllib.loads(after.decode()) == {**tomllib.loads(before.decode()), **tomllib.loads(TABLE)}
    assert (b"\r\n" in after) == (b"\r\n" in before)
    assert after.count(b"\n") - after.count(b"\r\n") in {0, after.count(b"\n")}
    assert file.stat().st_mode & 0o777 == 0o640


def test_the_folders_of_an_existing_table_are_used(empty: Project) -> None:
    text = '[tool.codezest-sql]\nmigrations = "db/changes"\nqueries = "app/queries"\n'
    (empty.root / "pyproject.toml").write_text(text, "utf-8")
    outcome = init(empty)
    assert "kept   pyproject.toml\nwrote  db/changes/0001_create_notes.sql\n" in outcome.out
    assert (empty.root / "app/queries/notes.sql").exists()
    assert not (empty.root / "sql").exists()


def test_a_codezest_sql_toml_is_kept_and_no_second_table_written(empty: Project) -> None:
    (empty.root / "codezest-sql.toml").write_text('migrations = "db"\n', "utf-8")
    outcome = init(empty)
    assert "kept   codezest-sql.toml\nwrote  db/0001_create_notes.sql\n" in outcome.out
    assert not (empty.root / "pyproject.toml").exists()
    (empty.root / "pyproject.toml").write_text("[tool.codezest-sql]\n", "utf-8")
    assert "the settings are in two files" in refused(empty, 7)


def test_the_table_of_a_folder_above_is_another_project(empty: Project) -> None:
    (empty.root / "pyproject.toml").write_text('[tool.codezest-sql]\nmigrations = "elsewhere"\n', "utf-8")
    init(empty, "sub")
    assert (empty.root / "sub" / MIGRATION).exists()


def test_a_folder_with_migrations_gets_no_example(empty: Project) -> None:
    folder = empty.root / "sql" / "migrations"
    folder.mkdir(parents=True)
    (folder / "V1__other_tool.sql").write_text("SELECT 1;", "utf-8")
    outcome = init(empty)
    assert "kept   sql/migrations\n" in outcome.out
    assert "notes" not in outcome.out
    assert [path.name for path in folder.iterdir()] == ["V1__other_tool.sql"]
    assert (empty.root / "sql" / "queries").is_dir()


def test_what_is_there_is_kept_whatever_it_is(empty: Project) -> None:
    (empty.root / ".sqlfluff").write_text("[sqlfluff]\n", "utf-8")
    (empty.root / ".env.example").symlink_to("nowhere")
    (empty.root / "sql" / "migrations").mkdir(parents=True)
    (empty.root / "sql" / "migrations" / ".gitkeep").touch()
    (empty.root / "sql" / "queries").mkdir(parents=True)
    (empty.root / "sql" / "queries" / "mine.sql").touch()
    outcome = init(empty)
    for name in (".sqlfluff", ".env.example", "sql/queries"):
        assert f"kept   {name}\n" in outcome.out
    assert f"wrote  {MIGRATION}\n" in outcome.out
    assert (empty.root / ".sqlfluff").read_text("utf-8") == "[sqlfluff]\n"
    assert (empty.root / ".env.example").readlink() == Path("nowhere")


def test_settings_of_sqlfluff_in_pyproject_toml_are_not_overruled(empty: Project) -> None:
    (empty.root / "pyproject.toml").write_text('[tool.sqlfluff.core]\ndialect = "postgres"\n', "utf-8")
    assert ".sqlfluff" not in init(empty).out
    assert not (empty.root / ".sqlfluff").exists()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("dist/\n", "dist/\n.codezest/\n.env\n"),
        ("dist/", "dist/\n.codezest/\n.env\n"),
        ("/.codezest\n", "/.codezest\n.env\n"),
        ("  .env \r\n", "  .env \r\n.codezest/\r\n"),
        (".env\n.codezest/\n", ".env\n.codezest/\n"),
    ],
)
def test_gitignore_gets_the_lines_that_it_lacks(empty: Project, before: str, after: str) -> None:
    (empty.root / ".gitignore").write_bytes(before.encode())
    init(empty)
    assert (empty.root / ".gitignore").read_bytes() == after.encode()


def test_an_unusable_pyproject_toml_is_refused(empty: Project) -> None:
    file = empty.root / "pyproject.toml"
    file.write_text("[a\n", "utf-8")
    assert "pyproject.toml:1:3: error: is not valid TOML: " in refused(empty, 7)
    file.write_text("tool = { x = 1 }\n", "utf-8")
    assert "[tool.codezest-sql] cannot be added at its end" in refused(empty, 7)
    file.write_text('[tool.codezest-sql]\nmigratoins = "x"\n', "utf-8")
    assert "pyproject.toml:2:1: error: unknown setting" in refused(empty, 7)
    file.write_bytes(b"# \xff\n")
    assert "not valid UTF-8" in refused(empty, 7)


@pytest.mark.parametrize("way", ["pyproject.toml", ".gitignore"])
def test_a_folder_where_a_file_must_be_is_refused(empty: Project, way: str) -> None:
    (empty.root / way).mkdir()
    assert f"{way}: error: is not a file, and one must be there [unreadable-file]" in refused(empty, 7)


@pytest.mark.parametrize(
    ("way", "words"),
    [
        ("sql", "sql/migrations cannot be a folder: a file is in its way"),
        ("sql/migrations", "sql/migrations is a file, and a folder must be there"),
        (".github", "cannot write .github/workflows"),
    ],
)
def test_a_file_where_a_folder_must_be_is_refused(empty: Project, way: str, words: str) -> None:
    """Seen before anything is written, or found while writing: then all of it is undone."""
    (empty.root / way).parent.mkdir(exist_ok=True)
    (empty.root / way).touch()
    (empty.root / "pyproject.toml").write_text("[a]\n", "utf-8")
    assert words in refused(empty, 7)


def test_a_file_is_no_project(empty: Project) -> None:
    (empty.root / "file").touch()
    assert "file is a file, and a project is a folder [folder]" in refused(empty, 7, "file")
    assert "file is a file, and a project is a folder [folder]" in refused(empty, 7, "file/below")
    assert "is not one of" in refused(empty, 2, "--ci", "jenkins")


@contextlib.contextmanager
def unwritable(folder: Path) -> Iterator[None]:
    """Make a folder in which nobody, not even root, can make a file; skip where that needs more rights."""
    if os.geteuid() == 0:
        if not shutil.which("chattr"):
            pytest.skip("root can write everywhere without chattr (e2fsprogs)")
        flags = subprocess.run(["chattr", "+i", folder], capture_output=True, check=False)
        if flags.returncode != 0:
            pytest.skip("root can write everywhere here")
        try:
            yield
        finally:
            subprocess.run(["chattr", "-i", folder], check=True)
        return
    folder.chmod(0o500)
    try:
        yield
    finally:
        folder.chmod(0o700)


def test_an_unwritable_folder_is_told_and_nothing_is_left(empty: Project) -> None:
    with unwritable(empty.root):
        assert "cannot write " in refused(empty, 7)


def test_whatever_ends_a_run_early_undoes_it(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("old", "utf-8")
    before = snapshot(tmp_path)

    def write(stop: BaseException | None) -> None:
        with AllOrNothing() as written:
            written.create(tmp_path / "a" / "b" / "new", b"x")
            written.replace(file, b"changed")
            if stop:
                raise stop
            written.create(tmp_path / "a" / "b" / "new", b"there already")

    with pytest.raises(KeyboardInterrupt):
        write(KeyboardInterrupt())
    assert snapshot(tmp_path) == before
    with pytest.raises(FolderError, match="File exists"):
        write(None)
    assert snapshot(tmp_path) == before
