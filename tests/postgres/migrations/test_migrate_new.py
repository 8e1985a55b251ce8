"""``migrate new``: names, numbers and headers from titles of every kind, and nothing left behind by a failure."""

from __future__ import annotations

import os
import resource
import signal
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from codezest_sql.actions.migrations.folder import write_new
from codezest_sql.core.settings import Settings
from tests.projects import Project, applied

if TYPE_CHECKING:
    from pathlib import Path

NOW = datetime(2026, 1, 31, 9, 30, 15, 123456, tzinfo=UTC)


def names(project: Project) -> set[str]:
    return {path.name for path in project.migrations.iterdir()}


def numbered(project: Project, title: str = "next one") -> str:
    """Return the id of a new migration, as of a known moment."""
    settings = Settings(str(project.root), str(project.migrations), "")
    return write_new(settings, title, now=NOW).paths[0].rpartition("/")[2].removesuffix(".sql")


def test_the_first_migration_of_a_project(tmp_path: Path) -> None:
    project = Project(tmp_path)
    outcome = project.succeed("new", "Add badges")
    assert outcome.out.splitlines() == [
        "wrote migrations/0001_add_badges.sql",
        "wrote migrations/0001_add_badges.rollback.sql",
        "wrote migrations/migrations.sum",
    ]
    assert (project.migrations / "0001_add_badges.sql").read_text() == "-- Add badges\n\n"
    rollback = (project.migrations / "0001_add_badges.rollback.sql").read_text()
    assert rollback == "-- Undoes 0001_add_badges, in reverse order.\n\n"


def test_the_next_one_depends_on_the_last(tmp_path: Path) -> None:
    """So two branches that add one each cannot be applied in two orders."""
    project = Project(tmp_path)
    project.succeed("new", "one")
    project.succeed("new", "two", "--no-transaction")
    text = (project.migrations / "0002_two.sql").read_text()
    assert text == "-- two\n-- depends: 0001_one\n-- transactional: false\n\n"


def test_what_is_written_can_be_applied_and_undone(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    for title in ("one", "two", "three"):
        project.succeed("new", title)
    project.succeed()
    assert applied(database) == ["0001_one", "0002_two", "0003_three"]
    project.succeed("down", "--steps", "3", "--yes")


def test_a_folder_that_is_missing_is_made(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.succeed("new", "one", "--migrations", "deep/er")
    assert (tmp_path / "deep" / "er" / "0001_one.sql").exists()


@pytest.mark.parametrize(
    ("present", "expected"),
    [
        (["0001_a"], "0002_next_one"),
        (["0009_a"], "0010_next_one"),
        (["9999_a"], "10000_next_one"),
        (["1_a"], "2_next_one"),
        (["007-a", "008-b"], "009_next_one"),
        (["a", "b"], "0001_next_one"),
        (["00000012_a"], "00000013_next_one"),
        (["20260130_a"], "20260131_next_one"),
        (["202601300800_a"], "202601310930_next_one"),
        (["20260130080000_a"], "20260131093015_next_one"),
        (["20260130080000000_a"], "20260131093015123_next_one"),
        (["1706693415_a"], "1706693416_next_one"),
    ],
)
def test_numbers_go_on_as_the_folder_does(tmp_path: Path, present: list[str], expected: str) -> None:
    project = Project(tmp_path)
    project.write_all({f"{name}.sql": "SELECT 1;" for name in present})
    assert numbered(project) == expected


def test_the_number_comes_after_the_greatest_whatever_runs_last(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write_all({"0001_a.sql": "-- depends: 0002_b\n", "0002_b.sql": "SELECT 1;"})
    assert numbered(project) == "0003_next_one"
    assert "-- depends: 0001_a\n" in (project.migrations / "0003_next_one.sql").read_text()


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Add badges!", "0001_add_badges"),
        ('  users\' e-mail / "phone"  ', "0001_users_e_mail_phone"),
        ("../../etc/passwd", "0001_etc_passwd"),
        ("añadir café & Größe", "0001_anadir_cafe_groe"),
        ("100% done; DROP TABLE x", "0001_100_done_drop_table_x"),
        ("$(rm -rf /) `x`", "0001_rm_rf_x"),
        ("a.rollback", "0001_a_rollback"),
        ("post-apply", "0001_post_apply"),
        ("tab\tand\nnewline", "0001_tab_and_newline"),
        ("日本 v2", "0001_v2"),
    ],
)
def test_a_title_of_any_kind_makes_a_harmless_name(tmp_path: Path, title: str, name: str) -> None:
    project = Project(tmp_path)
    project.succeed("new", "--", title)
    assert names(project) == {f"{name}.sql", f"{name}.rollback.sql", "migrations.sum"}


@pytest.mark.parametrize(
    "title",
    ["depends: 0009_x", "transactional: false", "lock-timeout: 1h", "Fix: the plan", "transactionall: x", "a::b: c"],
)
def test_a_title_that_reads_like_a_header_is_none(tmp_path: Path, title: str) -> None:
    """The file runs as every other does."""
    project = Project(tmp_path, None)
    project.succeed("new", title)
    project.succeed("new", title)
    (path,) = project.migrations.glob("0002_*[!k].sql")
    assert path.read_text() == f"-- title: {title}\n-- depends: 0001{path.stem[4:]}\n\n"


def test_a_title_that_would_break_the_comment_is_left_out(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.succeed("new", "one\nDROP TABLE users;")
    assert (project.migrations / "0001_one_drop_table_users.sql").read_text() == "\n"


@pytest.mark.parametrize("title", ["", "   ", "!?", "日本", "\udcff"])
def test_a_title_without_a_letter_is_refused(tmp_path: Path, title: str) -> None:
    project = Project(tmp_path)
    told = project.fail(2, "new", "--", title)
    assert "has no Latin letter or digit, of which a file's name is made [usage]" in told
    assert "hint: name the change: migrate new 'add badges'" in told
    assert names(project) == set()


def test_a_long_title_is_cut_to_what_a_file_system_takes(tmp_path: Path, database: str) -> None:
    project = Project(tmp_path, database)
    project.succeed("new", "x" * 500)
    assert max(map(len, names(project))) <= 255
    assert f"-- {'x' * 500}\n" in (project.migrations / f"0001_{'x' * 195}.sql").read_text()
    project.succeed()


def test_a_tampered_folder_is_not_added_to(tmp_path: Path) -> None:
    """Else the new sum would vouch for the edit."""
    project = Project(tmp_path)
    project.succeed("new", "one")
    project.succeed("hash")
    project.write("0001_one.sql", "SELECT 'edited';")
    before = names(project)
    assert "differs from its hash in migrations.sum: edited" in project.fail(4, "new", "two")
    assert names(project) == before


def test_a_folder_with_a_hostile_file_is_not_added_to(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.write("0001_x.sql", "COMMIT;")
    project.fail(7, "new", "two")
    assert names(project) == {"0001_x.sql"}
    project.write_all({"0001_x.sql": "SELECT 1;", "0002_X.SQL": "SELECT 1;"})
    project.fail(7, "new", "two")
    assert names(project) == {"0001_x.sql", "0002_X.SQL"}


# --- failures ------------------------------------------------------------------------------------------------------


def test_a_sum_that_cannot_be_written_leaves_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    (project.migrations / "migrations.sum").mkdir()
    assert "error: cannot write migrations/migrations.sum: " in project.fail(7, "new", "one")
    assert names(project) == {"migrations.sum"}


def test_a_folder_that_cannot_be_made_leaves_nothing(tmp_path: Path) -> None:
    project = Project(tmp_path)
    told = project.fail(7, "new", "one", "--migrations", "pyproject.toml/deeper")
    assert "error: cannot write in pyproject.toml/deeper: Not a directory [folder]" in told


@pytest.mark.skipif(os.geteuid() == 0, reason="root writes into every folder")
def test_an_unwritable_folder_is_told(tmp_path: Path) -> None:
    project = Project(tmp_path)
    project.migrations.chmod(0o500)
    try:
        assert "error: cannot write in migrations: Permission denied [folder]" in project.fail(7, "new", "one")
        assert names(project) == set()
    finally:
        project.migrations.chmod(0o700)


def test_a_full_disk_leaves_nothing(tmp_path: Path) -> None:
    """A limit on the size of files is the nearest to it that needs no rights: the second write meets it."""
    project = Project(tmp_path)
    project.succeed("new", "one")
    before = {path.name: path.read_bytes() for path in project.migrations.iterdir()}
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (60, hard))
    try:
        outcome = project.migrate("new", "two, which is longer than sixty bytes, so that it does not fit at all")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert outcome.code == 7
    assert "File too large [folder]" in outcome.err
    assert {path.name: path.read_bytes() for path in project.migrations.iterdir()} == before
