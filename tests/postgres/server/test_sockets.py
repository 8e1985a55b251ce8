"""Where sockets go, and the URLs that lead to them."""

from __future__ import annotations

import os
from pathlib import Path

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict
from yoyo.connections import parse_uri

from codezest_sql.errors import ServerError
from codezest_sql.postgres.server.project_server import ProjectServer
from codezest_sql.postgres.server.sockets import fits_socket, socket_directory, socket_url, tcp_url


def own(preferred: Path) -> Path:
    return socket_directory(preferred, owner=os.geteuid(), group=os.getegid())


def test_a_socket_url_says_all_that_libpq_would_take_from_the_environment() -> None:
    """Host, port, user and database; the folder's odd characters survive."""
    assert conninfo_to_dict(socket_url("/tmp/a b%c+d/é", "my db/x")) == {
        "user": "postgres",
        "dbname": "my db/x",
        "host": "/tmp/a b%c+d/é",
        "port": "5432",
    }


def test_a_socket_url_means_the_same_to_yoyo() -> None:
    """The parser is its own, and it decodes a plus sign as a space."""
    parsed = parse_uri(socket_url("/tmp/a b+c", "codezest").replace("postgresql:", "postgresql+psycopg:"))
    assert (parsed.username, parsed.hostname, parsed.database) == ("postgres", None, "codezest")
    assert dict(parsed.args) == {"host": "/tmp/a b+c", "port": "5432"}


def test_a_tcp_url_keeps_an_odd_password() -> None:
    """Passwords of ours are plain, but the URL does not depend on that."""
    assert conninfo_to_dict(tcp_url("p@ss/w:rd", "codezest", 6000)) == {
        "user": "postgres",
        "password": "p@ss/w:rd",
        "host": "127.0.0.1",
        "port": "6000",
        "dbname": "codezest",
    }


@pytest.mark.parametrize(
    ("folder", "fits"),
    [
        ("/tmp/" + "x" * 83, True),  # 88 bytes and /.s.PGSQL.65535: 103
        ("/tmp/" + "x" * 84, False),
        ("/tmp/" + "é" * 42, False),  # bytes count, not characters
        ("/tmp/one,two", False),
        ('/tmp/a"b', False),
        ("/tmp/a\nb", False),
        ("/tmp/a b", True),
    ],
)
def test_a_socket_path_must_be_short_and_plain(folder: str, *, fits: bool) -> None:
    """103 bytes is what macOS takes; a comma separates hosts."""
    assert fits_socket(Path(folder)) is fits


def test_a_long_path_gets_a_short_private_folder_that_stays_the_same(tmp_path: Path) -> None:
    """The URL in somebody's .env must still be right after the next start."""
    long = tmp_path / ("x" * 120)
    short = own(long)
    try:
        assert fits_socket(short)
        assert short.stat().st_mode & 0o777 == 0o700
        assert own(long) == short
        assert own(tmp_path / ("y" * 120)) != short
    finally:
        short.rmdir()
        own(tmp_path / ("y" * 120)).rmdir()


@pytest.mark.parametrize("trap", ["open to all", "symbolic link", "file"])
def test_a_short_name_that_somebody_else_has_taken_is_not_used(trap: str, tmp_path: Path) -> None:
    """The name can be guessed, so its owner, its mode and its kind are looked at."""
    long = tmp_path / ("x" * 120)
    guessed = own(long)
    guessed.rmdir()
    if trap == "open to all":
        guessed.mkdir()
        guessed.chmod(0o777)
    elif trap == "symbolic link":
        guessed.symlink_to(tmp_path)
    else:
        guessed.touch()
    try:
        chosen = own(long)
        assert chosen != guessed
        assert chosen.stat().st_mode & 0o777 == 0o700
        chosen.rmdir()
    finally:
        if guessed.is_dir() and not guessed.is_symlink():
            guessed.rmdir()
        else:
            guessed.unlink()


@pytest.mark.parametrize("name", ["x" * 120, "one, two", "a b+c%d é"], ids=["long", "comma", "odd"])
def test_a_project_at_any_path_can_be_served(name: str, tmp_path: Path) -> None:
    """And stopping it leaves nothing in /tmp."""
    root = tmp_path / name
    root.mkdir()
    server = ProjectServer(root)
    with psycopg.connect(server.start()) as connection:
        row = connection.execute("SHOW data_directory").fetchone()
        assert row == (str(root / ".codezest" / "data"),)
        sockets = Path(connection.info.host)
    assert server.stop()
    assert not sockets.exists()
    (server.status().data / "global" / "pg_control").unlink()
    with pytest.raises(ServerError):
        server.start()
    assert not sockets.exists()
