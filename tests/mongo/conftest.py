"""A document store: a real MongoDB where MONGODB_URI names one, else nx-27017, which speaks its protocol over TCP.

nx-27017 enforces no validator and deletes nothing by age: what is sent for these is looked at instead.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

from tests.patience import PATIENCE

pymongo = pytest.importorskip("pymongo", reason="pymongo is not installed: pip install codezest-sql[mongo]")

if TYPE_CHECKING:
    from collections.abc import Iterator

_numbers = count(1)


@pytest.fixture(scope="session")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return where the store is."""
    given = os.environ.get("MONGODB_URI")
    if given:
        yield given
        return
    pytest.importorskip("nx_27017", reason="no MONGODB_URI is given, and nx-27017 is not installed")
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    folder = tmp_path_factory.mktemp("nx")
    log = (folder / "log").open("wb")
    words = ["-m", "nx_27017.nx_27017", "--db", "memory", "--host", "127.0.0.1", "-p", str(port)]
    # Of its own: by default one runs on a machine, and another worker's, or checkout's, would end at once.
    words += ["--pid-file", str(folder / "pid"), "--log-file", str(folder / "nx.log")]
    with log, subprocess.Popen([sys.executable, *words], stdout=log, stderr=log) as server:
        try:
            _await(port, server)
            yield f"mongodb://127.0.0.1:{port}/"
        finally:
            server.kill()


def _await(port: int, server: subprocess.Popen[bytes]) -> None:
    began = time.monotonic()
    while time.monotonic() - began < PATIENCE:
        if server.poll() is not None:
            pytest.fail(f"nx-27017 ended with {server.returncode}")
        try:
            socket.create_connection(("127.0.0.1", port), PATIENCE).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    pytest.fail("nx-27017 does not listen")


@pytest.fixture
def uri(address: str) -> Iterator[str]:
    """Return the address of an empty database."""
    name = f"codezest_test_{os.getpid()}_{next(_numbers)}"
    base, _, options = address.partition("?")
    where = base.split("//", 1)[1].partition("/")[0]
    found = f"mongodb://{where}/{name}" + (f"?{options}" if options else "")
    yield found
    client: Any = pymongo.MongoClient(found)
    client.drop_database(name)
    client.close()
