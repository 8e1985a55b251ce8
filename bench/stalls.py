"""Measures how long a reader stalls behind a migration that waits for its lock: python bench/stalls.py [--rounds 10].

The promise: lock_timeout and 50 ms. An open transaction holds the table; an ALTER queues behind it again and again,
and a reader queues behind the ALTER. Prints the worst and the median of the reader's slowest read in each round.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

sys.path.insert(0, str(Path(__file__).parent.parent))

import psycopg

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from tests.faults.deployments import Project

LOCK_TIMEOUT = 0.2


def slowest_read(url: str, folder: Path) -> float:
    """Return the slowest read, in seconds, while one migration waits and gives up its lock for 1.5 s."""
    project = Project(folder, url, lock_timeout=f"{LOCK_TIMEOUT:g}s", lock_retry="1500ms")
    project.write("0001_column", "ALTER TABLE t ADD COLUMN b int;")
    slowest = 0.0
    with psycopg.connect(url, autocommit=True) as reader, project.held_open("TABLE t"), project.start() as running:
        while not running.ended:
            began = time.monotonic()
            reader.execute("SELECT count(*) FROM t")
            slowest = max(slowest, time.monotonic() - began)
            time.sleep(0.002)
    return slowest


def main() -> None:
    """Run the rounds and print the result."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=10)
    rounds = parser.parse_args().rounds
    found = []
    with temporary_server(find_binaries()) as server, tempfile.TemporaryDirectory() as folder:
        for number in range(rounds):
            name = f"stall_{number}"
            with psycopg.connect(server.url(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name}".encode())
            with psycopg.connect(server.url(name), autocommit=True) as connection:
                connection.execute("CREATE TABLE t (a int)")
            found.append(slowest_read(server.url(name), Path(folder) / name))
    beyond = [1000 * (each - LOCK_TIMEOUT) for each in found]
    print(f"slowest read beyond lock_timeout ({1000 * LOCK_TIMEOUT:g} ms), {rounds} rounds:")
    print(f"median {median(beyond):+.0f} ms, worst {max(beyond):+.0f} ms; promised: 50 ms")


if __name__ == "__main__":
    main()
