"""Starts many deployers at once, again and again: python bench/deployers.py [--rounds 20] [--deployers 20].

Each round is a fresh database and a folder with two CREATE INDEX CONCURRENTLY among its files. Every file must run
exactly once and every process exit with 0. Exits with 1 where that is not so.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import psycopg

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from tests.faults.crowd import migrate_at_once, write_files
from tests.faults.deployments import Project


def main() -> int:
    """Run the rounds, print the result, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--deployers", type=int, default=20)
    options = parser.parse_args()
    problems: list[str] = []
    succeeded = waited = 0
    seconds: list[float] = []
    with (
        tempfile.TemporaryDirectory(prefix="codezest-deployers-") as folder,
        temporary_server(find_binaries(), settings={"max_connections": "200"}) as server,
    ):
        for number in range(1, options.rounds + 1):
            name = f"crowd_{number}"
            with psycopg.connect(server.url(), autocommit=True) as admin:
                admin.execute(f"CREATE DATABASE {name} STRATEGY FILE_COPY".encode())
            project = Project(Path(folder), server.url(name))
            write_files(project)
            began = time.monotonic()
            crowd = migrate_at_once(project, options.deployers)
            seconds.append(time.monotonic() - began)
            succeeded += crowd.codes.count(0)
            waited += crowd.waited
            for problem in crowd.problems:
                print(f"round {number}: {problem}", flush=True)
            problems.extend(crowd.problems)
    total = options.rounds * options.deployers
    print(f"{options.rounds} rounds of {options.deployers} deployers: {succeeded} of {total} exit with 0")
    print(f"{len(problems)} problems; {waited} waited for another; slowest round {max(seconds):.1f} s")
    return 1 if problems or succeeded != total else 0


if __name__ == "__main__":
    sys.exit(main())
