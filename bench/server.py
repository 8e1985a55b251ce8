"""Prints how long each server of this machine takes from nothing to its first answer: python bench/server.py [N].

"cold" is the first start ever, initdb included; "warm" the median of N (default 9) starts from the cached template,
psycopg already imported; "project" a durable server's start on data that exist. The target for warm is 0.1 s.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

import psycopg

from codezest_sql.postgres.server.binaries import Binaries, all_binaries
from codezest_sql.postgres.server.project_server import ProjectServer
from codezest_sql.postgres.server.temporary_server import temporary_server


def temporary_server_seconds(binaries: Binaries) -> float:
    """Return the time from the call to the answer of SELECT 1."""
    begin = time.perf_counter()
    with temporary_server(binaries) as server, psycopg.connect(server.url()) as connection:
        connection.execute("SELECT 1")
        return time.perf_counter() - begin


def project_seconds(server: ProjectServer, major: int) -> float:
    """Return the same for the project's server, and stop it."""
    begin = time.perf_counter()
    with psycopg.connect(server.start(major=major)) as connection:
        connection.execute("SELECT 1")
        elapsed = time.perf_counter() - begin
    server.stop()
    return elapsed


def main() -> None:
    """Measure every server that is installed."""
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 9
    with tempfile.TemporaryDirectory() as folder:
        # A cache of our own, so that the first start is a cold one.
        os.environ["XDG_CACHE_HOME"] = folder
        print(f"{'':40} {'cold':>8} {'warm':>8} {'project':>8}   seconds, median of {rounds}")
        for number, binaries in enumerate(all_binaries()):
            cold = temporary_server_seconds(binaries)
            warm = statistics.median(temporary_server_seconds(binaries) for _ in range(rounds))
            os.environ["CODEZEST_PG_BINDIR"] = str(binaries.bindir)
            root = Path(folder) / f"project{number}"
            root.mkdir()
            server = ProjectServer(root)
            project_seconds(server, binaries.major)
            again = statistics.median(project_seconds(server, binaries.major) for _ in range(rounds))
            del os.environ["CODEZEST_PG_BINDIR"]
            print(f"{binaries!s:40} {cold:8.3f} {warm:8.3f} {again:8.3f}")


if __name__ == "__main__":
    main()
