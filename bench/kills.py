"""Kills deployers at random moments, prints what was left: python bench/kills.py [--rounds N] [--seed N] [--kind K].

A round is a fresh database, a folder of transactional and other migrations, one to three kills at random moments of a
run (SIGKILL, SIGTERM, pg_terminate_backend of the worker, the guard or both, SIGKILL of the whole server), and reruns
without any manual step until all is applied, or undone. After each kill ledger, journal and schema are compared, at
the end the catalog with that of an undisturbed run. Exits with 1 where anything differed.

"lock free": the longest time from a kill to the end of the dead deployer's last session. "next deployer": the longest
time from a kill to the moment when a deployer started right then has all locks, the start of Python included.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from codezest_sql.postgres.server.binaries import find_binaries
from codezest_sql.postgres.server.temporary_server import temporary_server
from tests.faults.killing import Kill, KillRange, Tally

LOCK_SECONDS = 1.0
SUCCESSOR_SECONDS = 2.0


def main() -> int:
    """Run the rounds, print the table, return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=240)
    parser.add_argument("--seed", type=int, default=random.randrange(1_000_000))
    parser.add_argument("--kind", choices=[*Kill, "all"], default="all")
    parser.add_argument("--postgres", type=int, metavar="MAJOR", help="server version (default: the newest)")
    options = parser.parse_args()
    kinds = tuple(Kill) if options.kind == "all" else (Kill(options.kind),)
    began = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="codezest-kills-")))
        binaries = find_binaries(options.postgres)
        server = stack.enter_context(temporary_server(binaries, settings={"synchronous_commit": "on"}))
        print(f"seed {options.seed}, {binaries}, {options.rounds} rounds", flush=True)
        kills = KillRange(folder, server, options.seed, own=server)
        told = 0
        for number in range(1, options.rounds + 1):
            kills.round(kinds)
            for problem in (*kills.tally.mismatches, *kills.tally.refused)[told:]:
                print(f"round {number}: {problem}", flush=True)
            told = len(kills.tally.mismatches) + len(kills.tally.refused)
            if sys.stderr.isatty():
                print(f"\r{number} of {options.rounds}", end="", file=sys.stderr, flush=True)
    print_table(kills.tally, seed=options.seed, seconds=time.monotonic() - began)
    return 1 if kills.tally.mismatches or kills.tally.refused else 0


def print_table(tally: Tally, *, seed: int, seconds: float) -> None:
    """Print what happened."""
    rows = [
        ("rounds", str(tally.rounds)),
        ("kills", str(tally.killed)),
        *((f"  {kind}", str(count)) for kind, count in tally.kills.items() if count),
        ("  while connected", str(tally.hits)),
        ("  left a file half run", str(tally.half_run)),
        ("  within a lone statement", str(tally.unfinished)),
        ("  left an INVALID index", str(tally.invalid)),
        ("came too late to kill", str(tally.missed)),
        ("mismatches", str(len(tally.mismatches))),
        ("manual unlocks or repairs", str(len(tally.refused))),
        ("slowest: lock free", f"{tally.slowest_release:.2f} s (promised: {LOCK_SECONDS:g} s)"),
        ("slowest: next deployer", f"{tally.slowest_successor:.2f} s (promised: {SUCCESSOR_SECONDS:g} s)"),
        ("seed", str(seed)),
        ("took", f"{seconds:.0f} s"),
    ]
    for name, text in rows:
        print(f"{name:<27}{text}")


if __name__ == "__main__":
    sys.exit(main())
