"""Runs random queries: python bench/nullability_fuzz.py [--count N] [--seed N] [--postgres MAJOR].

Each query is analysed and executed on random rows; a column that was verified not NULL and held a NULL is printed
with its query, and the exit code is 1.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codezest_sql.postgres.server.binaries import all_binaries, find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from tests.postgres.describe.nullability_fuzz import FuzzTally, fuzzing


def main() -> int:
    """Fuzz each version, print the table, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000, help="queries for each version")
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--postgres", type=int, metavar="MAJOR", help="one version (default: all on this machine)")
    options = parser.parse_args()
    majors = [options.postgres] if options.postgres else sorted({binaries.major for binaries in all_binaries()})
    print(f"seed {options.seed}")
    print("PostgreSQL  queries run  refused  failed   columns   verified  unsound  seconds")
    unsound = 0
    for major in majors:
        tally = FuzzTally()
        started = time.perf_counter()
        with temporary_server(find_binaries(major)) as server:
            for _ in fuzzing(server.url(), seed=options.seed, count=options.count, tally=tally):
                while len(tally.unsound) > unsound:
                    print(tally.unsound[unsound])
                    unsound += 1
        print(
            f"{major:>10}  {tally.ran:>11}  {tally.refused:>7}  {tally.failed:>6}  {tally.columns:>8}  "
            f"{tally.verified:>7}  {len(tally.unsound):>7}  {time.perf_counter() - started:>7.0f}"
        )
        if tally.unsound:
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
