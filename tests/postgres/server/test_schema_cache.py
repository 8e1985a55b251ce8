"""A data directory that was kept is the next server's, whole or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import TemporaryServer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of what is kept, in a cache of this test alone."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    return tmp_path / "codezest-sql" / "schemas"


def start(key: str) -> TemporaryServer:
    return TemporaryServer(find_binaries(), {}, kept=key)


def make(key: str) -> None:
    """Keep a server with a table of 1,000 rows and an index."""
    with start(key) as server:
        assert not server.is_kept
        with psycopg.connect(server.url(), autocommit=True) as connection:
            connection.execute("CREATE TABLE t AS SELECT n FROM generate_series(1, 1000) AS n")
            connection.execute("CREATE UNIQUE INDEX ON t (n)")
        server.stop_and_keep(key)


def test_the_next_server_has_what_this_one_had_and_goes_on_from_there(cache: Path) -> None:
    make("a")
    assert [file.name for file in cache.iterdir()] == ["a.cluster"]
    with start("a") as server:
        assert server.is_kept
        with psycopg.connect(server.url(), autocommit=True) as connection:
            assert connection.execute("SELECT count(*), max(n) FROM t").fetchone() == (1000, 1000)
            connection.execute("INSERT INTO t VALUES (1001)")
            with pytest.raises(psycopg.errors.UniqueViolation):
                connection.execute("INSERT INTO t VALUES (7)")
            connection.execute("CREATE TABLE more (a text)")
            connection.execute("CHECKPOINT")


@pytest.mark.parametrize("damage", ["cut", "empty", "text", "longer"])
def test_a_damaged_one_is_removed_and_made_anew(cache: Path, damage: str) -> None:
    make("a")
    file = cache / "a.cluster"
    data = file.read_bytes()
    file.write_bytes({"cut": data[:-1], "empty": b"", "text": b"not at all", "longer": data + b"x"}[damage])
    make("a")
    with start("a") as server:
        assert server.is_kept


def test_only_the_last_four_are_kept_and_nothing_of_an_older_version(cache: Path) -> None:
    make("a")
    data = (cache / "a.cluster").read_bytes()
    (cache / "old").mkdir()
    (cache / "old" / "files").write_text("7")
    for name in "bcdef":
        (cache / f"{name}.cluster").write_bytes(data)
    make("g")
    found = {file.name for file in cache.iterdir()}
    assert len(found) == 4
    assert "g.cluster" in found


def test_without_a_cache_nothing_is_kept_and_all_works(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    make("a")
    make("a")
