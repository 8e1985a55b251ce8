"""One database for a process: made once whoever asks first, closed at the end, another one after a fork."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from concurrent.futures import ThreadPoolExecutor

import pytest

from codezest_sql import get_database
from codezest_sql.errors import ConnectionUnusableError
from codezest_sql.runtime import shared_database
from tests.patience import PATIENCE


@pytest.fixture(autouse=True)
def _none_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_database, "_opened", None)


def run(program: str, database: str) -> str:
    """Run a program in a process of its own, and return what it prints."""
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)],
        env={**os.environ, "DATABASE_URL": database},
        capture_output=True,
        text=True,
        check=False,
        timeout=PATIENCE,
    )
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout


def test_all_threads_get_the_same_one(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", database)
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: get_database(), range(64)))
    assert len({id(each) for each in found}) == 1
    found[0].close()


def test_without_an_address_it_says_what_to_do_and_is_asked_again(
    database: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.chdir(str(tmp_path))
    with pytest.raises(ConnectionUnusableError, match="no database is named"):
        get_database()
    monkeypatch.setenv("DATABASE_URL", database)
    get_database().close()


def test_it_is_closed_when_the_process_ends_and_a_forked_one_has_its_own(migrated: str) -> None:
    program = """
        import os
        from codezest_sql import get_database
        from codezest_sql.platform.queries.activity import events

        ask = events.list_partition_months_left()
        parent = get_database()
        first = parent.run(ask)
        child = os.fork()
        if not child:
            own = get_database()
            os._exit(0 if own is not parent and own.run(ask) == first else 1)
        assert os.waitpid(child, 0)[1] == 0
        assert get_database() is parent and parent.run(ask) == first
        print("same")
    """
    assert run(program, migrated) == "same\n"
