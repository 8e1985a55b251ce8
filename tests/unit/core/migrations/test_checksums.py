"""``migrations.sum``: every change of a folder is seen, and two branches that add migrations conflict in git."""

from __future__ import annotations

import shutil
import subprocess
from typing import TYPE_CHECKING

import pytest

from codezest_sql.core.migrations.checksums import checksums, compare, read_checksums, write_checksums
from codezest_sql.core.migrations.files.folder import MigrationFolder, assemble
from codezest_sql.core.migrations.files.layout import FoundFile
from codezest_sql.errors import CodezestError, ExitCode, ProjectErrors
from tests.patience import PATIENCE
from tests.projects import Project

if TYPE_CHECKING:
    from pathlib import Path

FILES = {
    "0001_a.sql": "CREATE TABLE a (x int);",
    "0001_a.rollback.sql": "DROP TABLE a;",
    "0002_b.sql": "CREATE TABLE b (x int);",
    "0002_b.rollback.sql": "DROP TABLE b;",
    "0003_c.sql": "CREATE TABLE c (x int);",
}


def folder(files: dict[str, str]) -> MigrationFolder:
    return assemble([FoundFile(name, f"m/{name}", text.encode()) for name, text in files.items()], folder="m")


def written(files: dict[str, str]) -> str:
    return write_checksums(checksums(folder(files)))


def differences(after: dict[str, str], before: dict[str, str] = FILES) -> list[str]:
    found = folder(after)
    errors = compare(read_checksums(written(before), file="m/sum"), checksums(found), folder=found)
    assert all(error.exit_code is ExitCode.DRIFT for error in errors)
    return [f"{error.place}: {error.message}" for error in errors]


def mistakes(text: str) -> tuple[CodezestError, ...]:
    with pytest.raises(ProjectErrors) as caught:
        read_checksums(text, file="m/sum")
    return caught.value.errors


def test_what_was_written_is_read() -> None:
    assert read_checksums(written(FILES), file="m/sum") == checksums(folder(FILES))
    assert list(checksums(folder(FILES))) == list(FILES)


def test_the_text_is_the_same_for_the_same_files() -> None:
    """In whatever order the file system lists them; the last line has its end, as git likes it."""
    assert written(dict(reversed(FILES.items()))) == written(FILES)
    assert written(FILES).endswith("\n")
    assert not written(FILES).endswith("\n\n")


def test_a_file_that_did_not_change_is_no_difference() -> None:
    assert differences(FILES) == []
    assert differences({name: text.replace("\n", "\r\n") for name, text in FILES.items()}) == []


@pytest.mark.parametrize("name", FILES)
def test_an_edited_file_is_seen(name: str) -> None:
    found = differences({**FILES, name: FILES[name] + " "})
    assert found == [f"m/{name}: differs from its hash in migrations.sum: edited"]


@pytest.mark.parametrize("name", ["0001_a.rollback.sql", "0003_c.sql"])
def test_a_deleted_file_is_seen(name: str) -> None:
    left = {other: text for other, text in FILES.items() if other != name}
    assert differences(left) == [f"m/{name}: is in migrations.sum, but there is no such file: deleted"]


def test_an_added_file_is_seen() -> None:
    assert differences({**FILES, "0004_d.sql": "SELECT 4;"}) == ["m/0004_d.sql: is not in migrations.sum: added"]


def test_a_renamed_file_is_seen_as_one_change() -> None:
    after = {("0009_z.sql" if name == "0003_c.sql" else name): text for name, text in FILES.items()}
    assert differences(after) == ["m/0009_z.sql: was 0003_c.sql when migrations.sum was written: renamed"]


def test_two_files_that_changed_places_are_seen() -> None:
    after = {**FILES, "0001_a.sql": FILES["0002_b.sql"], "0002_b.sql": FILES["0001_a.sql"]}
    assert differences(after) == [
        "m/0001_a.sql: holds what 0002_b.sql held: reordered",
        "m/0002_b.sql: holds what 0001_a.sql held: reordered",
    ]


def test_a_file_that_became_a_copy_of_another_is_edited() -> None:
    assert differences({**FILES, "0002_b.rollback.sql": FILES["0001_a.rollback.sql"]}) == [
        "m/0002_b.rollback.sql: differs from its hash in migrations.sum: edited"
    ]


def test_another_order_of_the_same_files_is_seen() -> None:
    """Lines that were sorted by hand, with a total that fits."""
    found = folder(FILES)
    reordered = dict(reversed(checksums(found).items()))
    (error,) = compare(read_checksums(write_checksums(reordered), file="s"), checksums(found), folder=found)
    assert error.message.startswith("the order of the migrations is not the one in migrations.sum")
    assert error.place
    assert error.place.file == "m/migrations.sum"


def test_every_difference_has_a_way_out() -> None:
    found = folder({**FILES, "0001_a.sql": "SELECT 1;", "0004_d.sql": ""})
    for error in compare(read_checksums(written(FILES), file="s"), checksums(found), folder=found):
        assert "migrate hash" in (error.hint or "")


def test_a_sum_checked_out_with_other_line_ends_says_the_same() -> None:
    assert read_checksums(written(FILES).replace("\n", "\r\n"), file="s") == checksums(folder(FILES))


def test_a_line_that_was_edited_by_hand_does_not_fit_the_total() -> None:
    """Whoever edits a digest must run ``migrate hash``, and git shows the total too."""
    text = written(FILES)
    digest = text.splitlines()[3].rpartition(":")[2]
    (error,) = mistakes(text.replace(digest, "0" * 64))
    assert error.message.startswith("the total does not fit the lines below it")
    assert "migrate hash" in (error.hint or "")


@pytest.mark.parametrize("number", [1, 2, 5])
def test_a_line_that_was_removed_does_not_fit_the_total(number: int) -> None:
    """The total itself included."""
    lines = written(FILES).splitlines(keepends=True)
    (error,) = mistakes("".join(lines[:number] + lines[number + 1 :]))
    assert error.code == "checksum-file"


def test_lines_in_another_order_do_not_fit_the_total() -> None:
    lines = written(FILES).splitlines(keepends=True)
    assert len(mistakes("".join([*lines[:2], *reversed(lines[2:])]))) == 1


@pytest.mark.parametrize("line", ["0009_z.sql", "0009_z.sql sha256:12", "0009 z.sql sha256:" + "0" * 64, "hello"])
def test_a_line_that_was_never_written_is_told_with_its_place(line: str) -> None:
    (error,) = mistakes(f"{written(FILES)}{line}\n")
    assert str(error.place) == "m/sum:8:1"
    assert error.message == "not a line of a migrations.sum"
    assert error.source == f"  8 | {line}\n    | ^"


def test_an_empty_sum_is_a_mistake() -> None:
    """Truncated by a full disk, for one."""
    assert len(mistakes("")) == 1


@pytest.mark.parametrize("style", ["merge", "diff3", "zdiff3"])
@pytest.mark.skipif(shutil.which("git") is None, reason="no git on this machine")
def test_two_branches_that_add_migrations_conflict_in_git(tmp_path: Path, style: str) -> None:
    """Even where their files have other names, so that git itself would merge both histories silently."""

    def git(*words: str, expect: int = 0) -> str:
        identity = ("-c", "user.name=t", "-c", "user.email=t@example.com", "-c", f"merge.conflictStyle={style}")
        done = subprocess.run(
            ["git", *identity, *words], cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
        )
        assert done.returncode == expect, done.stdout + done.stderr
        return done.stdout

    project = Project(tmp_path)
    git("init", "--quiet", "--initial-branch=main")
    project.succeed("new", "base")
    git("add", ".")
    git("commit", "--quiet", "-m", "base")
    for branch in ("users", "badges"):
        git("checkout", "--quiet", "-b", branch, "main")
        project.succeed("new", f"add {branch}")
        git("add", ".")
        git("commit", "--quiet", "-m", branch)
    git("merge", "users", expect=1)
    assert git("diff", "--name-only", "--diff-filter=U").split() == ["migrations/migrations.sum"]

    told = project.fail(7, "plan")
    assert "migrations/migrations.sum:2:1: error: two branches added migrations [checksum-file]" in told
    assert 'run "codezest-sql migrate hash"' in told
    assert told.count("error:") == 1
    project.succeed("hash")
    assert len(read_checksums((project.migrations / "migrations.sum").read_text(), file="s")) == 6


def test_a_merge_driver_that_keeps_both_sides_does_not_fit_the_total() -> None:
    """``merge=union`` in .gitattributes takes the lines of both branches, and both totals."""
    ours = written({**FILES, "0004_d.sql": "SELECT 4;"}).splitlines(keepends=True)
    theirs = written({**FILES, "0004_e.sql": "SELECT 5;"}).splitlines(keepends=True)
    union = [*ours[:2], theirs[1], *ours[2:], theirs[-1]]
    (error,) = mistakes("".join(union))
    assert error.message.startswith("the total does not fit")
